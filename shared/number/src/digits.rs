//! Numbers of a few digits read from one machine word, eight bytes at a time.
//!
//! Owns the arithmetic on words; anything it is not sure of is `None` and left to [`Sample::parse`](crate::Sample::parse),
//! its oracle. Method: Mycroft's zero-byte test (1987), eight digits by three multiplications (Lemire, 2018).

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;
const DIGIT: u64 = 0x3030_3030_3030_3030;

/// The first eight bytes, the first one lowest.
#[inline(always)]
pub fn word(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk::<8>().map(|chunk| u64::from_le_bytes(*chunk))
}

/// The high bit of each byte that equals `byte`; true of the lowest such byte, not to be trusted above it.
#[inline(always)]
pub fn equal(word: u64, byte: u8) -> u64 {
    let different = word ^ (ONES * byte as u64);
    different.wrapping_sub(ONES) & !different & HIGH
}

/// The high bit of each byte that is no digit; exact in every byte.
#[inline(always)]
pub fn no_digits(word: u64) -> u64 {
    let value = word ^ DIGIT;
    (((value & !HIGH) + ONES * 0x76) | value) & HIGH
}

/// The number that the first `length` bytes of `word` (1 to 7) are: its digits and how many follow the point.
///
/// `None` where they are not a plain JSON number without sign and exponent.
#[inline(always)]
pub fn plain(word: u64, length: u32) -> Option<(u32, u32)> {
    // The text at the upper end of the word, zero bytes below.
    let text = word << (64 - 8 * length);
    let point = equal(text, b'.');
    let first = word as u8;
    if point == 0 {
        // A leading zero stands alone.
        if first == b'0' && length > 1 {
            return None;
        }
        return digits(text, length).map(|value| (value, 0));
    }
    let place = point.trailing_zeros() / 8;
    let fraction = 7 - place;
    let whole = length - 1 - fraction;
    if fraction == 0 || whole == 0 || first == b'0' && whole != 1 {
        return None;
    }
    // The bytes below the point move up over it.
    let below = text & ((1 << (8 * place)) - 1);
    let above = text & (!0xff << (8 * place));
    digits(above | below << 8, length - 1).map(|value| (value, fraction))
}

/// As [`plain`], for 1 to 16 bytes in two words.
#[inline]
pub fn plain_long(low: u64, high: u64, length: u32) -> Option<(u64, u32)> {
    let text = (u128::from(low) | u128::from(high) << 64) << (128 - 8 * length);
    let points = (equal(text as u64, b'.'), equal((text >> 64) as u64, b'.'));
    let first = low as u8;
    let place = match points {
        (0, 0) => {
            if first == b'0' && length > 1 {
                return None;
            }
            return long_digits(text, length).map(|value| (value, 0));
        }
        (0, upper) => 8 + upper.trailing_zeros() / 8,
        (lower, _) => lower.trailing_zeros() / 8,
    };
    let fraction = 15 - place;
    let whole = length - 1 - fraction;
    if fraction == 0 || whole == 0 || first == b'0' && whole != 1 {
        return None;
    }
    let below = text & ((1 << (8 * place)) - 1);
    let above = text & (!0xff << (8 * place));
    long_digits(above | below << 8, length - 1).map(|value| (value, fraction))
}

/// The number that the upper `length` bytes of `text` (1 to 16) are, all of them digits; the bytes below are zero.
#[inline]
fn long_digits(text: u128, length: u32) -> Option<u64> {
    let filler = (u128::from(DIGIT) << 64 | u128::from(DIGIT)).checked_shr(8 * length).unwrap_or(0);
    let text = text | filler;
    let (low, high) = (text as u64, (text >> 64) as u64);
    if no_digits(low) | no_digits(high) != 0 {
        return None;
    }
    Some(u64::from(eight(low)) * 100_000_000 + u64::from(eight(high)))
}

/// The number that the upper `length` bytes of `text` (1 to 7) are, all of them digits; the bytes below are zero.
#[inline(always)]
fn digits(text: u64, length: u32) -> Option<u32> {
    let text = text | DIGIT >> (8 * length);
    if no_digits(text) != 0 {
        return None;
    }
    Some(eight(text))
}

/// The number that eight digits are.
#[inline(always)]
pub fn eight(text: u64) -> u32 {
    let value = text & 0x0f0f_0f0f_0f0f_0f0f;
    let value = (value * 10).wrapping_add(value >> 8);
    const PAIRS: u64 = 0x0000_00ff_0000_00ff;
    let upper = (value & PAIRS).wrapping_mul(0x000f_4240_0000_0064);
    let lower = ((value >> 16) & PAIRS).wrapping_mul(0x0000_2710_0000_0001);
    (upper.wrapping_add(lower) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sample;

    fn check(text: &str) {
        let mut bytes = text.as_bytes().to_vec();
        bytes.extend_from_slice(b"\n9.9.9999");
        let got = plain(word(&bytes).unwrap(), text.len() as u32);
        let exact = Sample::parse(text.as_bytes());
        let long = plain_long(word(&bytes).unwrap(), 0x3939_3939_2e39_2e0a, text.len() as u32);
        assert_eq!(long, got.map(|(value, places)| (u64::from(value), places)), "{text}");
        match got {
            Some((value, places)) => {
                assert_eq!(Some(Sample::new(i64::from(value), -(places as i16))), exact, "{text}");
            }
            None => assert!(exact.is_none() || text.contains(['-', 'e', 'E']), "{text}"),
        }
    }

    #[test]
    fn long_ones_agree_too() {
        let mut seed = 5u64;
        for _ in 0..200_000 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let mut text = (seed >> (seed % 40)).to_string();
            text.truncate(1 + (seed >> 7) as usize % 16);
            let at = (seed >> 13) as usize % 18;
            if at < text.len() && text.len() < 16 {
                text.insert(at, if seed >> 60 == 3 { '-' } else { '.' });
            }
            let mut bytes = text.clone().into_bytes();
            bytes.extend_from_slice(b"\n5.5.5.555555555555555");
            let length = text.len() as u32;
            let got = plain_long(word(&bytes).unwrap(), word(&bytes[8..]).unwrap(), length);
            let exact = Sample::parse(text.as_bytes());
            let got = got.map(|(value, places)| Sample::new(value as i64, -(places as i16)));
            assert_eq!(got, exact.filter(|_| !text.starts_with('-')), "{text}");
        }
    }

    #[test]
    fn agrees_with_the_plain_reader() {
        for text in
            ["0", "7", "12.345", "0.001", "00", "01", "0.0", ".5", "5.", "1.2.3", "1e5", "-1", "9999999", "123.456"]
        {
            check(text);
        }
        let letters = b"0123456789.0123456789.-e+x\r \x80";
        let mut seed = 11u64;
        for _ in 0..400_000 {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let mut rest = seed >> 20;
            let length = 1 + rest % 7;
            rest /= 7;
            let mut text = Vec::new();
            for _ in 0..length {
                text.push(letters[(rest % 27) as usize]);
                rest /= 27;
            }
            if let Ok(text) = std::str::from_utf8(&text) {
                check(text);
            }
        }
    }
}
