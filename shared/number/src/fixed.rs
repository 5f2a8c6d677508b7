//! Short decimals: what nearly all numbers are, in 64 bits.
//!
//! Owns the fast reading, comparing and writing of them. Refuses every longer number: that is [`Decimal`]'s, which says the
//! same in its wider way.

use crate::Decimal;

/// A short decimal, as nearly all are: a whole number, and how many of its digits stand behind the point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fixed {
    /// The whole number that its digits are without their point, with its sign.
    pub digits: i64,
    /// How many of them stand behind the point.
    pub places: u32,
}

/// How many characters a number has at most whose digits are surely a short one.
const LONGEST: usize = 16;
/// A byte of each of eight.
const ONES: u64 = u64::MAX / 255;

/// The powers of ten that fit.
const POWERS: [i64; 19] = {
    let mut powers = [1; 19];
    let mut place = 1;
    while place < powers.len() {
        powers[place] = 10 * powers[place - 1];
        place += 1;
    }
    powers
};

impl Fixed {
    /// Zero.
    pub const ZERO: Fixed = Fixed { digits: 0, places: 0 };

    /// The number without an exponent that `text` begins with: its length, and what it is if it is a short one.
    ///
    /// Eight bytes are looked at together, and the digits among them multiplied out in three steps (Lemire, "Number
    /// parsing at a gigabyte per second"); what is longer goes the plain way.
    #[inline]
    pub fn scan(text: &[u8]) -> Option<(usize, Option<Fixed>)> {
        let sign = usize::from(text.first() == Some(&b'-'));
        let unsigned = text.get(sign..)?;
        let Some(eight) = unsigned.first_chunk::<8>() else { return Fixed::scan_plainly(text) };
        let word = u64::from_le_bytes(*eight) ^ (ONES * u64::from(b'0'));
        // The high bit of each byte that is no digit: above 9 once the zero is taken off.
        let others = ((word & (ONES * 0x7f)).wrapping_add(ONES * 0x76) | word) & (ONES << 7);
        let whole = (others.trailing_zeros() / 8) as usize;
        let leading_zero = eight.first() == Some(&b'0') && whole > 1;
        if whole == 0 || leading_zero {
            return None;
        }
        let (digits, length, places) = if eight.get(whole) != Some(&b'.') {
            (word, whole, 0)
        } else {
            let end = ((others & (others - 1)).trailing_zeros() / 8) as usize;
            if end == 8 {
                return Fixed::scan_plainly(text);
            }
            let places = end - whole - 1;
            if places == 0 {
                return None;
            }
            // The point is taken out: the bytes behind it move up.
            let front = (1 << (8 * whole)) - 1;
            ((word & front) | ((word >> 8) & !front), end, places)
        };
        if length == 8 {
            return Fixed::scan_plainly(text);
        }
        let count = length - usize::from(places > 0);
        let mut sum = digits << (64 - 8 * count);
        sum = (sum & (ONES * 0x0f)).wrapping_mul((10 << 8) | 1) >> 8;
        sum = (sum & 0x00ff_00ff_00ff_00ff).wrapping_mul((100 << 16) | 1) >> 16;
        sum = (sum & 0x0000_ffff_0000_ffff).wrapping_mul((10_000 << 32) | 1) >> 32;
        let digits = if sign == 1 { -(sum as i64) } else { sum as i64 };
        Some((sign + length, Some(Fixed { digits, places: places as u32 })))
    }

    /// The same, byte by byte.
    fn scan_plainly(text: &[u8]) -> Option<(usize, Option<Fixed>)> {
        let digits = |from: usize| text.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
        let sign = usize::from(text.first() == Some(&b'-'));
        let whole = digits(sign);
        if whole == 0 || (whole > 1 && text.get(sign) == Some(&b'0')) {
            return None;
        }
        let mut length = sign + whole;
        if text.get(length) == Some(&b'.') {
            let places = digits(length + 1);
            if places == 0 {
                return None;
            }
            length += 1 + places;
        }
        Some((length, text.get(..length).and_then(Fixed::read)))
    }

    /// Reads a plain number of at most 16 characters; `None` for every other one.
    pub fn read(text: &[u8]) -> Option<Fixed> {
        if text.len() > LONGEST {
            return None;
        }
        let (negative, unsigned) = match text {
            [b'-', rest @ ..] => (true, rest),
            _ => (false, text),
        };
        let mut digits: i64 = 0;
        let mut places = 0;
        let mut behind = 0;
        for &byte in unsigned {
            let digit = byte.wrapping_sub(b'0');
            if digit < 10 {
                digits = digits * 10 + i64::from(digit);
                places += behind;
            } else if byte == b'.' {
                behind = 1;
            } else {
                return None;
            }
        }
        Some(Fixed { digits: if negative { -digits } else { digits }, places })
    }

    /// Both as whole numbers of the same number of decimals.
    #[inline]
    pub fn aligned(self, other: Fixed) -> Option<(i64, i64, u32)> {
        let places = self.places.max(other.places);
        let scaled = |short: Fixed| short.digits.checked_mul(*POWERS.get((places - short.places) as usize)?);
        Some((scaled(self)?, scaled(other)?, places))
    }

    /// Appends it as `Decimal` is displayed.
    ///
    /// Eight digits are told apart together, in three steps: the turned way of `scan`.
    #[inline]
    pub fn write(self, out: &mut Vec<u8>) {
        let magnitude = self.digits.unsigned_abs();
        if magnitude >= 100_000_000 || self.places > 8 {
            return self.write_plainly(out);
        }
        // Four digits in each half, then two in each quarter, then one in each byte, the first one lowest.
        let halves = (magnitude / 10_000) | ((magnitude % 10_000) << 32);
        let hundreds = (halves.wrapping_mul(10_486) >> 20) & 0x7f_0000_007f;
        let quarters = hundreds | (halves.wrapping_sub(hundreds.wrapping_mul(100)) << 16);
        let tens = (quarters.wrapping_mul(103) >> 10) & 0x000f_000f_000f_000f;
        let digits = tens | (quarters.wrapping_sub(tens.wrapping_mul(10)) << 8);
        // Zeros at the end of what is behind the point are not shown.
        let zeros = (digits.leading_zeros() / 8).min(self.places);
        let places = self.places - zeros;
        if places > 6 {
            return self.write_plainly(out);
        }
        let digits = digits.checked_shl(8 * zeros).unwrap_or(0);
        let shown = (8 - digits.trailing_zeros() / 8).max(places + 1);
        let text = (digits | (ONES * u64::from(b'0'))) >> (8 * (8 - shown));
        if self.digits < 0 {
            out.push(b'-');
        }
        let whole = shown - places;
        let start = out.len();
        out.extend_from_slice(&text.to_le_bytes());
        out.truncate(start + whole as usize);
        if places > 0 {
            out.push(b'.');
            out.extend_from_slice(&(text >> (8 * whole)).to_le_bytes());
            out.truncate(start + shown as usize + 1);
        }
    }

    /// The same, digit by digit.
    fn write_plainly(mut self, out: &mut Vec<u8>) {
        while self.places > 0 && self.digits % 10 == 0 {
            self.digits /= 10;
            self.places -= 1;
        }
        // Smaller numbers are displayed with an exponent, and longer ones are rare.
        if let Some(decimal) = Decimal::new(i128::from(self.digits), -(self.places as i32)) {
            decimal.write(out);
        }
    }
}

/// Appends a few bytes: eight at a time, since a call costs more.
#[inline]
pub fn append(few: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    match (few.first_chunk::<4>(), few.last_chunk::<4>()) {
        (Some(first), Some(last)) if few.len() <= 8 => {
            let (first, last) = (u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last)));
            out.extend_from_slice(&(first | (last << (8 * (few.len() - 4)))).to_le_bytes());
            out.truncate(start + few.len());
        }
        (None, _) => few.iter().for_each(|byte| out.push(*byte)),
        _ => out.extend_from_slice(few),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Number;

    #[test]
    fn scans_what_the_plain_way_scans() {
        let mut random = testkit::Random::new(21);
        for _ in 0..testkit::times(2_000_000) {
            let mut text = Vec::new();
            for _ in 0..random.below(24) {
                let letters: &[u8] =
                    if random.once_in(12) { b"eE+-., }\"\x00\x7f\x80\xff:;/" } else { b"0123456789.9876543210" };
                text.push(*random.pick(letters));
            }
            if random.once_in(4) {
                text.insert(0, b'-');
            }
            let scanned = Fixed::scan(&text);
            let shown = String::from_utf8_lossy(&text).into_owned();
            assert_eq!(scanned, Fixed::scan_plainly(&text), "{shown:?}");
            let Some((length, short)) = scanned else { continue };
            let number = std::str::from_utf8(&text[..length]).unwrap();
            assert!(Number::parse(number).is_some(), "{shown:?}");
            assert_eq!(short, Fixed::read(number.as_bytes()), "{shown:?}");
            assert_eq!(short.is_some(), length <= LONGEST, "{shown:?}");
        }
    }

    #[test]
    fn writes_what_decimals_are_displayed_as() {
        let mut random = testkit::Random::new(22);
        for round in 0..testkit::times(2_000_000) {
            let digits =
                if round < 20_000 { round as i64 - 10_000 } else { (random.bits() >> random.below(64)) as i64 };
            let short = Fixed { digits, places: random.below(18) as u32 };
            let mut written = b"x".to_vec();
            short.write(&mut written);
            let decimal = Decimal::new(i128::from(digits), -(short.places as i32)).unwrap();
            assert_eq!(String::from_utf8_lossy(&written), format!("x{decimal}"), "{short:?}");
        }
    }

    #[test]
    fn appends_all_lengths() {
        for length in 0..20u8 {
            let few: Vec<u8> = (0..length).collect();
            let mut out = b"front".to_vec();
            append(&few, &mut out);
            assert_eq!(out, [b"front", few.as_slice()].concat());
        }
    }

    #[test]
    fn numbers_of_other_kinds_are_not_scanned() {
        for text in ["", "-", ".5", "01", "-01.5", "1.", "1.x", "00000000", "-.5", "x", "1.,,,,,,,", "12345678.", "٣"]
        {
            assert_eq!(Fixed::scan(text.as_bytes()), None, "{text:?}");
        }
        for (text, length) in
            [("0", 1), ("1e5", 1), ("-0.50,", 5), ("1.2.3", 3), ("123456789012345678", 18), ("1234567.8", 9)]
        {
            assert_eq!(Fixed::scan(text.as_bytes()).map(|(length, _)| length), Some(length), "{text:?}");
        }
    }
}
