//! Short decimals: what nearly all numbers are, in 64 bits.
//!
//! Owns the fast reading, comparing and writing of them. Refuses every longer number: that is `Decimal`'s, which says the
//! same in its wider way.

/// A short decimal, as nearly all are: a whole number, and how many of its digits stand behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Short {
    pub digits: i64,
    pub places: u32,
}

impl Short {
    /// Reads a plain number of at most 16 characters; `None` for every other one.
    pub(crate) fn read(text: &[u8]) -> Option<Short> {
        if text.len() > 16 {
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
        Some(Short { digits: if negative { -digits } else { digits }, places })
    }

    /// Both as whole numbers of the same number of decimals.
    pub(crate) fn aligned(self, other: Short) -> Option<(i64, i64, u32)> {
        let places = self.places.max(other.places);
        let scaled = |short: Short| short.digits.checked_mul(10i64.checked_pow(places - short.places)?);
        Some((scaled(self)?, scaled(other)?, places))
    }

    /// Appends it as `Decimal` is displayed; false where that is not in plain digits.
    pub(crate) fn write(mut self, out: &mut Vec<u8>) -> bool {
        while self.places > 0 && self.digits % 10 == 0 {
            self.digits /= 10;
            self.places -= 1;
        }
        // Smaller numbers are displayed with an exponent.
        if self.places > 6 {
            return false;
        }
        let mut text = [0u8; 24];
        let mut at = text.len();
        let mut rest = self.digits.unsigned_abs();
        let mut count = 0;
        while rest > 0 || count <= self.places {
            if count == self.places && count > 0 {
                at -= 1;
                if let Some(letter) = text.get_mut(at) {
                    *letter = b'.';
                }
            }
            at -= 1;
            if let Some(letter) = text.get_mut(at) {
                *letter = b'0' + (rest % 10) as u8;
            }
            rest /= 10;
            count += 1;
        }
        if self.digits < 0 {
            at -= 1;
            if let Some(letter) = text.get_mut(at) {
                *letter = b'-';
            }
        }
        out.extend_from_slice(text.get(at..).unwrap_or_default());
        true
    }
}
