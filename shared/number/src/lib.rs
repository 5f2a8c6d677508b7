//! Numbers: from text to an exact value and back to text, each step written once for all five tools.
//!
//! Owns the grammar of a JSON number ([`Number`]), the exact values (a [`Decimal`] of 38 digits, the short [`Fixed`] that nearly
//! all are, a [`Quantity`] that is one over another, a [`Sum`] of many; in percentile the 64-bit [`Sample`], and [`Total`]s of
//! any length), the units that may stand behind a number ([`Unit`], and every spelling of them: [`words`]), and the one printer
//! ([`decimal::write_digits`]). Refuses I/O, clocks and floating point before the last step.

pub mod decimal;
pub mod digits;
mod fixed;
pub mod natural;
mod quantity;
mod sample;
mod sum;
mod text;
mod total;
mod unit;
pub mod words;

pub use decimal::Decimal;
pub use fixed::{Fixed, append};
pub use quantity::{Quantity, TEXT_DIGITS, WIRE_DIGITS};
pub use sample::{Plain, Sample};
pub use sum::Sum;
pub use text::{Number, length};
pub use total::Total;
pub use unit::{Kind, Unit};
