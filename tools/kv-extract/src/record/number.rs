//! Which bare words are numbers: JSON's grammar, and a value that no reader will round.
//!
//! Owns one question on bytes; the digits themselves are copied, never computed with.

/// Whether a bare value is a number whose text can be copied into JSON.
///
/// An integer from -2^63 to 2^64-1, or a decimal of at most 17 significant digits between 1e-307 and 1e308 (or zero)
/// which, where it has an exponent, has a `.` or a signed exponent: `12e45` may be a hash.
pub fn is_number(text: &[u8]) -> bool {
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, text),
    };
    let whole = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (integer, rest) = digits.split_at(whole);
    if integer.is_empty() || (integer.len() > 1 && integer.first() == Some(&b'0')) {
        return false;
    }
    if rest.is_empty() { fits_integer(negative, integer) } else { is_decimal(integer, rest) }
}

fn fits_integer(negative: bool, digits: &[u8]) -> bool {
    let largest: &[u8] = if negative { b"9223372036854775808" } else { b"18446744073709551615" };
    // Texts of one length compare as their numbers do.
    digits.len() < largest.len() || (digits.len() == largest.len() && digits <= largest)
}

fn is_decimal(integer: &[u8], rest: &[u8]) -> bool {
    let (fraction, rest) = match rest.split_first() {
        Some((b'.', rest)) => match rest.iter().take_while(|byte| byte.is_ascii_digit()).count() {
            0 => return false,
            length => rest.split_at(length),
        },
        _ => (&[] as &[u8], rest),
    };
    let exponent = match rest.split_first() {
        None => 0,
        Some((b'e' | b'E', rest)) => {
            let (sign, digits) = match rest.split_first() {
                Some((b'-', digits)) => (-1, digits),
                Some((b'+', digits)) => (1, digits),
                _ => (0, rest),
            };
            if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) || (sign == 0 && fraction.is_empty()) {
                return false;
            }
            // Beyond any range that is taken the exponent may as well stop growing.
            let size = digits.iter().fold(0_i64, |sum, digit| (sum * 10 + i64::from(digit - b'0')).min(1 << 40));
            if sign < 0 { -size } else { size }
        }
        Some(_) => return false,
    };
    in_range(integer, fraction, exponent)
}

/// Whether a decimal has at most 17 significant digits and lies between 1e-307 and 1e308, or is zero.
fn in_range(integer: &[u8], fraction: &[u8], exponent: i64) -> bool {
    let digits = || integer.iter().chain(fraction);
    let zeros = digits().take_while(|&&digit| digit == b'0').count();
    let significant = integer.len() + fraction.len() - zeros;
    if significant == 0 {
        return true;
    }
    // The number is d.ddd times ten to the `power`.
    let power = exponent.saturating_add(integer.len() as i64 - 1 - zeros as i64);
    let largest = || digits().skip(zeros).enumerate().all(|(at, &digit)| digit == if at == 0 { b'1' } else { b'0' });
    significant <= 17 && power >= -307 && (power < 308 || (power == 308 && largest()))
}
