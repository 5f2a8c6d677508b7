//! What `--as KEY=TYPE` makes of a value: text, numbers, truth values, bytes, and durations in one exact unit.
//!
//! Owns which types there are and what each makes of a text; refuses to round: what does not come out exactly does not fit.
//! Durations are read in `duration.rs`; what of the line belongs to a value is found in `behind.rs`.

mod behind;
mod decimal;
mod duration;

use crate::record::units::unit_words::{self, size, spelling};
use decimal::Decimal;

/// The type that `--as` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conversion {
    /// Text, whatever it looks like.
    Text,
    /// A number.
    Num,
    /// An integer.
    Int,
    /// True or false.
    Bool,
    /// A size in bytes.
    Bytes,
    /// A share in percent: `99.5%`.
    Percent,
    /// A duration in this unit.
    Time(Unit),
}

/// A unit of time: its suffix, and how many nanoseconds it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    suffix: &'static str,
    nanoseconds: u128,
}

const UNITS: [Unit; 7] = [
    Unit { suffix: "ns", nanoseconds: 1 },
    Unit { suffix: "us", nanoseconds: 1_000 },
    Unit { suffix: "ms", nanoseconds: 1_000_000 },
    Unit { suffix: "s", nanoseconds: 1_000_000_000 },
    Unit { suffix: "min", nanoseconds: 60_000_000_000 },
    Unit { suffix: "hours", nanoseconds: 3_600_000_000_000 },
    Unit { suffix: "days", nanoseconds: 86_400_000_000_000 },
];

impl Conversion {
    /// The type that a word names.
    pub fn parse(word: &str) -> Result<Self, String> {
        let unit = |suffix: &str| UNITS.into_iter().find(|unit| unit.suffix == suffix);
        Ok(match word {
            "text" => Conversion::Text,
            "num" => Conversion::Num,
            "int" => Conversion::Int,
            "bool" => Conversion::Bool,
            "bytes" => Conversion::Bytes,
            "pct" => Conversion::Percent,
            "m" => Conversion::Time(UNITS[4]),
            "h" => Conversion::Time(UNITS[5]),
            "d" => Conversion::Time(UNITS[6]),
            _ => Conversion::Time(
                unit(word).ok_or("wanted text, num, int, bool, bytes, pct, or a unit of time: ns us ms s m h d")?,
            ),
        })
    }

    /// What is added to the name of a key, with its underscore.
    pub fn suffix(self) -> &'static str {
        match self {
            Conversion::Bytes => "_bytes",
            Conversion::Percent => "_pct",
            Conversion::Time(unit) => match unit.suffix {
                "ns" => "_ns",
                "us" => "_us",
                "ms" => "_ms",
                "s" => "_s",
                "min" => "_min",
                "hours" => "_hours",
                _ => "_days",
            },
            _ => "",
        }
    }

    /// What a value should have been, for the message that it is not.
    pub fn wanted(self) -> &'static str {
        match self {
            Conversion::Text => "text",
            Conversion::Num => "a number",
            Conversion::Int => "an integer from -2^63 to 2^64-1",
            Conversion::Bool => "true or false",
            Conversion::Bytes => "a size like 12kB or 1.5MiB that is a whole number of bytes",
            Conversion::Percent => "a share like 99.5%",
            Conversion::Time(_) => "a duration like 12ms or 1m30.5s that the unit holds exactly",
        }
    }

    /// Whether a whole number as it stands is surely what it is converted to.
    pub fn keeps(self, number: &[u8]) -> bool {
        let is_plain = matches!(number, [b'0'] | [b'0', b'.', ..] | [b'1'..=b'9', ..]) && number.len() <= 17;
        let dots = number.iter().filter(|&&byte| byte == b'.').count();
        match self {
            Conversion::Num => is_plain && dots <= 1 && number.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.')),
            Conversion::Int => is_plain && number.iter().all(u8::is_ascii_digit),
            _ => false,
        }
    }

    /// Appends the JSON that `text` is under this type; false, with `out` as it was, where it does not fit.
    /// [`Conversion::Text`] is the caller's: it fits always.
    pub fn convert(self, text: &[u8], out: &mut Vec<u8>) -> bool {
        let start = out.len();
        let fits = std::str::from_utf8(text).ok().and_then(|text| self.write(text.trim(), out)).is_some();
        if !fits {
            out.truncate(start);
        }
        fits
    }

    /// The unit that a number alone has by the name of its key, where that is of the same kind as this type and another one:
    /// `took_s=12` under `--as took_s=ms` is 12000. `""` is one that cannot be written.
    pub fn own_unit(self, key: &[u8]) -> Option<&'static str> {
        let own = unit_words::of_name(std::str::from_utf8(key).ok()?)?;
        let is_other = match self {
            Conversion::Time(unit) => spelling(own).is_some_and(|(_, nanoseconds)| nanoseconds != unit.nanoseconds),
            Conversion::Bytes => !own.is_empty() && size(own).is_some(),
            Conversion::Percent => own.is_empty(),
            _ => false,
        };
        is_other.then_some(own)
    }

    /// Whether a number alone under this key may be in any unit where others of the key have one: of bytes it is bytes, as
    /// `ls -h` writes them.
    pub fn doubts_bare(self, key: &[u8]) -> bool {
        let is_named = || std::str::from_utf8(key).is_ok_and(|key| unit_words::of_name(key).is_some());
        match self {
            Conversion::Time(_) => !is_named(),
            Conversion::Percent => !is_named() && !key.ends_with(b"pct") && !key.ends_with(b"percent"),
            _ => false,
        }
    }

    /// Whether a value is a number alone, or else has a unit, where that is asked; `None` for a 0, which is the same in each.
    pub fn form(self, key: &[u8], value: &[u8]) -> Option<bool> {
        if self.doubts_bare(key) { is_bare(value) } else { None }
    }

    /// Whether values of this type may have a unit.
    pub fn has_unit(self) -> bool {
        matches!(self, Conversion::Bytes | Conversion::Percent | Conversion::Time(_))
    }

    fn write(self, text: &str, out: &mut Vec<u8>) -> Option<()> {
        let without;
        let text = match thousands(text) {
            Some(text) => {
                without = text;
                &without
            }
            None => text,
        };
        match self {
            Conversion::Text => None,
            Conversion::Num => number(text, out),
            Conversion::Int => {
                let start = out.len();
                number(text, out)?;
                let digits = &out[start..];
                let whole = digits.iter().all(|byte| matches!(byte, b'-' | b'0'..=b'9'));
                (whole && crate::record::number::is_number(digits)).then_some(())
            }
            Conversion::Bool => {
                const YES: [&str; 6] = ["true", "yes", "on", "t", "y", "1"];
                const NO: [&str; 6] = ["false", "no", "off", "f", "n", "0"];
                let is = |words: [&str; 6]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
                let word: &[u8] = if is(YES) {
                    b"true"
                } else if is(NO) {
                    b"false"
                } else {
                    return None;
                };
                out.extend_from_slice(word);
                Some(())
            }
            Conversion::Bytes => {
                let (negative, text) = sign(text);
                let (amount, rest) = Decimal::leading(text)?;
                let factor = size(rest.trim_start())?;
                let bytes = amount.times(factor)?.reduced();
                (bytes.places == 0).then_some(())?;
                bytes.write(negative, out);
                Some(())
            }
            Conversion::Percent => number(text.strip_suffix('%').unwrap_or(text).trim_end(), out),
            Conversion::Time(unit) => {
                let (negative, text) = sign(text);
                let total = match duration::clock(text).or_else(|| duration::iso(text)) {
                    Some(seconds) => seconds.times(1_000_000_000)?.divided(unit.nanoseconds)?,
                    None => duration::duration(text, unit)?,
                };
                total.write(negative, out);
                Some(())
            }
        }
    }
}

/// A number as Europe writes it, `1.234,5`, with what stands behind it, as `1234.5`; `None` where it is none.
pub fn european(text: &[u8]) -> Option<Vec<u8>> {
    let sign = text.iter().take_while(|byte| matches!(byte, b'-' | b'+')).count().min(1);
    let is_part = |byte: &&u8| byte.is_ascii_digit() || matches!(byte, b'.' | b',');
    let length = text[sign..].iter().take_while(is_part).count();
    let (number, behind) = text[sign..].split_at(length);
    // Hours and dates are no numbers.
    if behind.iter().any(|byte| matches!(byte, b',' | b'.') || byte.is_ascii_digit() && length > 0) {
        return (!number.iter().any(|byte| matches!(byte, b',' | b'.'))).then(|| text.to_vec());
    }
    let mut parts = number.split(|&byte| byte == b',');
    let (whole, fraction) = (parts.next()?, parts.next());
    if parts.next().is_some() || fraction.is_some_and(|fraction| fraction.is_empty() || fraction.contains(&b'.')) {
        return None;
    }
    let groups: Vec<&[u8]> = whole.split(|&byte| byte == b'.').collect();
    if groups.len() > 1 && !(is_first_group(groups[0]) && groups[1..].iter().all(|group| group.len() == 3)) {
        return None;
    }
    let mut plain = text[..sign].to_vec();
    plain.extend(groups.concat());
    if let Some(fraction) = fraction {
        plain.push(b'.');
        plain.extend_from_slice(fraction);
    }
    plain.extend_from_slice(behind);
    Some(plain)
}

/// Whether a number whose thousands are parted may begin with these digits.
fn is_first_group(digits: &[u8]) -> bool {
    (1..=3).contains(&digits.len()) && digits.first() != Some(&b'0')
}

/// Whether a value is a number alone, or else has a unit; `None` for a 0, which is the same in each.
pub(crate) fn is_bare(value: &[u8]) -> Option<bool> {
    let value = value.trim_ascii();
    match is_number_alone(value) {
        true if !value.iter().any(|byte| matches!(byte, b'1'..=b'9')) => None,
        is_alone => Some(is_alone),
    }
}

/// Whether a value is a number to the end, so that its unit may stand behind it: `1.2`, `1,234`, `1.5e-3`.
pub(in crate::record) fn is_number_alone(value: &[u8]) -> bool {
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit() || b".,-+".contains(byte)).count();
    let (number, rest) = value.split_at(digits);
    let power = match rest {
        [] => return !number.is_empty(),
        [b'e' | b'E', b'+' | b'-', power @ ..] | [b'e' | b'E', power @ ..] => power,
        _ => return false,
    };
    !number.is_empty() && !power.is_empty() && power.iter().all(u8::is_ascii_digit)
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// A number as people write it (`+5`, `007`, `.5`, `5.`), in JSON's grammar, its other digits unchanged.
fn number(text: &str, out: &mut Vec<u8>) -> Option<()> {
    let (negative, text) = sign(text);
    let whole = text.bytes().take_while(u8::is_ascii_digit).count();
    let (integer, rest) = text.split_at(whole);
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count()),
        None => ("", rest),
    };
    if integer.is_empty() && fraction.is_empty() {
        return None;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(())?;
    } else if !rest.is_empty() {
        return None;
    }
    if negative {
        out.push(b'-');
    }
    let integer = integer.trim_start_matches('0');
    out.extend_from_slice(if integer.is_empty() { b"0" } else { integer.as_bytes() });
    if !fraction.is_empty() {
        out.push(b'.');
        out.extend_from_slice(fraction.as_bytes());
    }
    out.extend_from_slice(rest.as_bytes());
    Some(())
}

/// `1,234,567.8` without its commas, which part thousands; `None` where there are none, or others.
fn thousands(text: &str) -> Option<String> {
    if !text.contains(',') {
        return None;
    }
    let number = text.strip_prefix(['-', '+']).unwrap_or(text);
    let end = number.find(|letter: char| !letter.is_ascii_digit() && letter != ',').unwrap_or(number.len());
    let mut groups = number[..end].split(',');
    // Of `0,500` the comma begins a fraction, as half of the world writes it.
    let fits = is_first_group(groups.next()?.as_bytes()) && groups.all(|group| group.len() == 3);
    fits.then(|| text.replacen(&number[..end], &number[..end].replace(',', ""), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn convert(word: &str, text: &str) -> Option<String> {
        let mut out = Vec::new();
        Conversion::parse(word).unwrap().convert(text.as_bytes(), &mut out).then(|| String::from_utf8(out).unwrap())
    }

    #[test]
    fn commas_that_begin_a_fraction() {
        for (text, expected) in [
            ("12,5", Some("12.5")),
            ("1.234,56", Some("1234.56")),
            ("-1.234.567", Some("-1234567")),
            ("1,5s", Some("1.5s")),
            ("1.234,5 ms", Some("1234.5 ms")),
            ("12", Some("12")),
            ("12ms", Some("12ms")),
            ("1.5", None),
            ("1,234,5", None),
            ("1,", None),
            ("12,3.4", None),
            ("0.500", None),
            ("0,500", Some("0.500")),
        ] {
            let got = european(text.as_bytes()).map(|text| String::from_utf8(text).unwrap());
            assert_eq!(got.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn sizes_numbers_and_truths() {
        for (word, text, expected) in [
            ("bytes", "12kB", "12000"),
            ("bytes", "1.5MiB", "1572864"),
            ("bytes", "14MB", "14000000"),
            ("bytes", "7", "7"),
            ("num", "+5", "5"),
            ("num", "007", "7"),
            ("num", ".5", "0.5"),
            ("num", "-5.", "-5"),
            ("num", "1e10", "1e10"),
            ("num", "18446744073709551616", "18446744073709551616"),
            ("int", "007", "7"),
            ("int", "-9", "-9"),
            ("num", "1,234,567.8", "1234567.8"),
            ("pct", "99.5%", "99.5"),
            ("pct", "99.5 %", "99.5"),
            ("bytes", "12 kB", "12000"),
            ("bytes", "12 Kbytes", "12000"),
            ("bytes", "1 Byte", "1"),
            ("bool", "YES", "true"),
            ("bool", "0", "false"),
        ] {
            assert_eq!(convert(word, text).as_deref(), Some(expected), "{text} as {word}");
        }
        for (word, text) in [
            ("bytes", "1.5"),
            ("bytes", "12ms"),
            ("bytes", "12 kb"),
            ("bytes", "12 mb"),
            ("num", "abc"),
            ("num", "99.5%"),
            ("num", "5 %"),
            ("int", "5%"),
            ("num", "1,23"),
            ("num", "0,500"),
            ("int", "-012,345"),
            ("bytes", "0,500 kB"),
            ("num", "1.234,56"),
            ("num", ""),
            ("num", "1e"),
            ("num", "0x1f"),
            ("int", "5.0"),
            ("int", "18446744073709551616"),
            ("bool", "maybe"),
        ] {
            assert_eq!(convert(word, text), None, "{text} as {word}");
        }
    }
}
