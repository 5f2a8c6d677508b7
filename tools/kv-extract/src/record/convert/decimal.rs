//! A decimal of digits alone: what a duration or a size is computed with.
//!
//! Owns exact arithmetic; what does not come out exactly is none.

/// A decimal: digits, of which the last `places` stand behind the point.
#[derive(Clone, Copy)]
pub(super) struct Decimal {
    pub(super) digits: u128,
    pub(super) places: u32,
}

impl Decimal {
    /// The decimal that `text` begins with, and what is behind it.
    pub(super) fn leading(text: &str) -> Option<(Decimal, &str)> {
        let mut decimal = Decimal { digits: 0, places: 0 };
        let (mut point, mut any) = (false, false);
        let mut length = 0;
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' => {
                    decimal.digits = decimal.digits.checked_mul(10)?.checked_add(u128::from(byte - b'0'))?;
                    decimal.places += u32::from(point);
                    any = true;
                }
                b'.' if !point => point = true,
                _ => break,
            }
            length += 1;
        }
        any.then_some((decimal, &text[length..]))
    }

    pub(super) fn times(self, factor: u128) -> Option<Decimal> {
        Some(Decimal { digits: self.digits.checked_mul(factor)?, ..self })
    }

    pub(super) fn plus(self, other: Decimal) -> Option<Decimal> {
        let places = self.places.max(other.places);
        let widened = |decimal: Decimal| decimal.digits.checked_mul(10_u128.checked_pow(places - decimal.places)?);
        Some(Decimal { digits: widened(self)?.checked_add(widened(other)?)?, places })
    }

    /// The exact quotient, if there is one.
    pub(super) fn divided(mut self, mut divisor: u128) -> Option<Decimal> {
        while divisor.is_multiple_of(10) {
            divisor /= 10;
            self.places += 1;
        }
        while !self.digits.is_multiple_of(divisor) {
            // Ten helps with a divisor's twos and fives; one with a three left in it never divides.
            self.digits = self.digits.checked_mul(10)?;
            self.places += 1;
            if self.places > 60 {
                return None;
            }
        }
        self.digits /= divisor;
        Some(self.reduced())
    }

    /// Times ten to this power.
    pub(super) fn shifted(self, power: i32) -> Option<Decimal> {
        if power < 0 {
            let places = self.places.checked_add(power.unsigned_abs())?;
            return (places <= 38).then_some(Decimal { places, ..self });
        }
        self.times(10_u128.checked_pow(power.unsigned_abs())?)
    }

    pub(super) fn reduced(mut self) -> Decimal {
        while self.places > 0 && self.digits.is_multiple_of(10) {
            self.digits /= 10;
            self.places -= 1;
        }
        self
    }

    pub(super) fn write(self, negative: bool, out: &mut Vec<u8>) {
        if negative && self.digits != 0 {
            out.push(b'-');
        }
        let start = out.len();
        let (mut rest, mut written) = (self.digits, 0);
        // The last digit first.
        while rest > 0 || written <= self.places {
            if written == self.places && self.places > 0 {
                out.push(b'.');
            }
            out.push(b'0' + (rest % 10) as u8);
            rest /= 10;
            written += 1;
        }
        out[start..].reverse();
    }
}
