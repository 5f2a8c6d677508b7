//! What `--as KEY=TYPE` makes of a value: text, numbers, truth values, bytes, and durations in one exact unit.
//!
//! Owns arithmetic on decimal digits; refuses to round: what does not come out exactly does not fit.

use crate::record::unit_words::{
    self, DOUBTFUL, PERCENT, blanks, is_unit, is_unit_byte, size, spelling, word_at, word_behind,
};

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

    /// Whether values of this type may have a unit.
    pub fn has_unit(self) -> bool {
        matches!(self, Conversion::Bytes | Conversion::Percent | Conversion::Time(_))
    }

    /// How much of what stands behind `value`, from `from` on, belongs to it: its unit, a blank behind a number (`1.2 s`),
    /// and of a time the smaller units behind it (`1m 30s`, `1 min 30 s`). A unit of another kind, one that may mean two
    /// things, and a number that lacks its unit (`5 min 30`) are taken too, so that the value does not fit.
    pub fn unit_behind(self, line: &[u8], value: &[u8], from: usize) -> usize {
        if matches!(self, Conversion::Num | Conversion::Int) {
            // `5 %` is no 5.
            let gap = blanks(line, from);
            let is_percent = gap > 0 && is_number_alone(value) && word_at(line, from + gap) == Some(PERCENT);
            return if is_percent { gap + PERCENT.len() } else { 0 };
        }
        if !self.has_unit() {
            return 0;
        }
        let mut end = from;
        if let Some(more) = self.goes_on(line, value, from) {
            return more;
        }
        let mut unit = if is_number_alone(value) {
            let gap = blanks(line, end);
            // `12 (ms)` is not read, and not taken for a number without a unit either.
            if let Some(b'(' | b'[') = line.get(end + gap)
                && let Some(word) = word_at(line, end + gap + 1)
                && matches!(line.get(end + gap + 1 + word.len()), Some(b')' | b']'))
                && (self.knows(word) || DOUBTFUL.contains(&word))
            {
                return gap + word.len() + 2;
            }
            let Some(word) = word_at(line, end + gap).filter(|_| gap > 0) else { return 0 };
            // Behind a tab or several blanks a letter may be a column of its own.
            let may_be_foreign = line.get(end..end + gap) == Some(b" ") || word.len() > 1;
            let is_foreign = may_be_foreign && (is_unit(word.as_bytes()) || DOUBTFUL.contains(&word));
            if !self.knows(word) && !is_foreign {
                return 0;
            }
            end += gap + word.len();
            word
        } else {
            let letters = value.iter().rev().take_while(|byte| is_unit_byte(**byte)).count();
            let (_, unit) = value.split_at(value.len() - letters);
            let Ok(unit) = std::str::from_utf8(unit) else { return 0 };
            unit
        };
        // `1m 30s`: numbers with smaller and smaller units are one duration.
        while let (Conversion::Time(_), Some((_, size))) = (self, spelling(unit)) {
            // `1 hour, 2 minutes`
            let comma = usize::from(line.get(end) == Some(&b','));
            let Some([b' ', rest @ ..]) = line.get(end + comma..) else { break };
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
            if !rest.first().is_some_and(u8::is_ascii_digit) {
                break;
            }
            let behind = end + comma + 1 + digits;
            if line.get(behind) == Some(&b':') && line.get(behind + 1).is_some_and(u8::is_ascii_digit) {
                // `3 days, 4:05` is not read, and not cut short either.
                return behind - from;
            }
            let next = word_at(line, behind).map(|word| (word, 0)).or_else(|| Some((word_behind(line, behind)?, 1)));
            let Some((word, blank)) = next else {
                let is_part =
                    comma == 0 && size >= MINUTE && rest.iter().take_while(|b| b.is_ascii_digit()).count() < 3;
                return if is_part { behind - from } else { end - from };
            };
            if spelling(word).is_none_or(|(_, smaller)| smaller >= size) {
                break;
            }
            end = behind + blank + word.len();
            unit = word;
        }
        end - from
    }

    /// How much stands behind a number that is only the beginning of what was measured: thousands behind a blank
    /// (`1 000 ms`), a range, a list or an error (`12 - 15 s`, `12, 15 s`, `12 +/- 3 s`), the unit of hours and minutes
    /// (`1:05 h`). It does not fit then.
    fn goes_on(self, line: &[u8], value: &[u8], from: usize) -> Option<usize> {
        let unit_at =
            |at: usize| word_at(line, at + blanks(line, at)).filter(|word| self.knows(word) || DOUBTFUL.contains(word));
        if value.contains(&b':') && value.iter().all(|byte| byte.is_ascii_digit() || b":.".contains(byte)) {
            let word = unit_at(from).filter(|_| blanks(line, from) > 0)?;
            return Some(blanks(line, from) + word.len());
        }
        if !is_number_alone(value) {
            return None;
        }
        let gap = blanks(line, from);
        let rest = line.get(from + gap..)?;
        const SIGNS: [&[u8]; 13] = [
            b"+/-",
            b"+-",
            "\u{b1}".as_bytes(),
            b"-",
            "\u{2013}".as_bytes(),
            b"to ",
            b"/",
            b"..",
            b"and ",
            b"or ",
            b"~",
            b"x ",
            b"&",
        ];
        // `12, 15 ms` are two, of which the unit may be that of both.
        let is_list = gap == 0 && rest.starts_with(b", ");
        let sign =
            if is_list { 2 } else { SIGNS.iter().find(|sign| rest.starts_with(sign)).map_or(0, |sign| sign.len()) };
        let mut end = from + gap + sign;
        end += blanks(line, end);
        let number = line.get(end..)?;
        let digits = number.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
        let is_group = digits == 3 && gap == 1 && value.len() <= 3 && !value.contains(&b'.') && !value.contains(&b',');
        if gap == 0 && !is_list
            || digits == 0
            || !number.first().is_some_and(u8::is_ascii_digit)
            || (sign == 0 && !is_group)
        {
            return None;
        }
        end += digits;
        let word = unit_at(end)?;
        Some(end + blanks(line, end) + word.len() - from)
    }

    /// Whether a word is a unit of this kind.
    fn knows(self, word: &str) -> bool {
        match self {
            Conversion::Time(_) => spelling(word).is_some(),
            Conversion::Bytes => !word.is_empty() && size(word).is_some(),
            Conversion::Percent => word == "%",
            _ => false,
        }
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
                let total = match clock(text).or_else(|| iso(text)) {
                    Some(seconds) => seconds.times(1_000_000_000)?.divided(unit.nanoseconds)?,
                    None => duration(text, unit)?,
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
    if groups.len() > 1 && !((1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3)) {
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

/// Nanoseconds.
const MINUTE: u128 = 60_000_000_000;

/// Whether a value is a number to the end, so that its unit may stand behind it: `1.2`, `1,234`, `1.5e-3`.
pub(super) fn is_number_alone(value: &[u8]) -> bool {
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
    let first = groups.next()?;
    let fits = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    fits.then(|| text.replacen(&number[..end], &number[..end].replace(',', ""), 1))
}

/// `0:00:57.876` and `01:02`: hours, minutes and seconds, in seconds.
fn clock(text: &str) -> Option<Decimal> {
    if !text.contains(':') {
        return None;
    }
    let (days, text) = match text.split_once('-') {
        Some((days, text)) if !days.is_empty() && days.bytes().all(|byte| byte.is_ascii_digit()) => {
            (days.parse().ok()?, text)
        }
        _ => (0_u128, text),
    };
    let parts: Vec<&str> = text.split(':').collect();
    let (hours, minutes, seconds) = match parts.as_slice() {
        [hours, minutes, seconds] => (hours.parse::<u128>().ok()?, minutes, seconds),
        [minutes, seconds] if days == 0 => (0, minutes, seconds),
        _ => return None,
    };
    let is_pair = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = seconds.split('.').next()?;
    (is_pair(whole) && whole < "60" && (is_pair(minutes) || parts.len() == 2)).then_some(())?;
    let minutes: u128 = minutes.parse().ok()?;
    (minutes < 60 || parts.len() == 2).then_some(())?;
    let (seconds, rest) = Decimal::leading(seconds)?;
    rest.is_empty().then_some(())?;
    let before = days.checked_mul(86_400)?.checked_add(hours.checked_mul(3600)?)?.checked_add(minutes * 60)?;
    Decimal { digits: before, places: 0 }.plus(seconds)
}

/// `PT1M30S`, `P1DT2H`, in seconds. Months and years have no length.
fn iso(text: &str) -> Option<Decimal> {
    let mut rest = text.strip_prefix('P')?;
    let mut total = Decimal { digits: 0, places: 0 };
    let (mut in_time, mut any) = (false, false);
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix('T') {
            (in_time, rest) = (!in_time && !behind.is_empty(), behind);
            in_time.then_some(())?;
            continue;
        }
        let (amount, behind) = Decimal::leading(rest)?;
        let seconds = match (behind.chars().next()?, in_time) {
            ('W', false) => 604_800,
            ('D', false) => 86_400,
            ('H', true) => 3600,
            ('M', true) => 60,
            ('S', true) => 1,
            _ => return None,
        };
        total = total.plus(amount.times(seconds)?)?;
        any = true;
        rest = behind.get(1..)?;
    }
    any.then_some(total)
}

/// `1m30.5s` in `unit`. A number without a unit is in `unit` already.
fn duration(text: &str, unit: Unit) -> Option<Decimal> {
    let (amount, rest) = Decimal::leading(text)?;
    if rest.is_empty() {
        return Some(amount.reduced());
    }
    if let Some((power, "")) = exponent(rest) {
        return Some(amount.shifted(power)?.reduced());
    }
    let mut total = Decimal { digits: 0, places: 0 };
    let mut rest = text;
    let mut larger = u128::MAX;
    while !rest.is_empty() {
        let (mut amount, mut behind) = Decimal::leading(rest)?;
        if let Some((power, after)) = exponent(behind) {
            (amount, behind) = (amount.shifted(power)?, after);
        }
        let behind = behind.trim_start();
        let letters = behind
            .find(|letter: char| letter.is_ascii_digit() || letter == '.' || letter == ' ')
            .unwrap_or(behind.len());
        let (name, behind) = behind.split_at(letters);
        let name = if behind.starts_with(' ') { name.strip_suffix(',').unwrap_or(name) } else { name };
        let (_, nanoseconds) = spelling(name)?;
        // `12ms,13ms` are two durations, and a fraction stands at the end alone.
        (nanoseconds < larger && (behind.is_empty() || amount.places == 0)).then_some(())?;
        larger = nanoseconds;
        total = total.plus(amount.times(nanoseconds)?)?;
        rest = behind.trim_start();
    }
    total.divided(unit.nanoseconds)
}

/// `e-3`, and what follows.
fn exponent(text: &str) -> Option<(i32, &str)> {
    let rest = text.strip_prefix(['e', 'E'])?;
    let (negative, digits) = match rest.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, rest.strip_prefix('+').unwrap_or(rest)),
    };
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    let power: i32 = digits.get(..length).filter(|digits| !digits.is_empty() && digits.len() <= 2)?.parse().ok()?;
    Some((if negative { -power } else { power }, digits.get(length..)?))
}

/// A decimal: digits, of which the last `places` stand behind the point.
#[derive(Clone, Copy)]
struct Decimal {
    digits: u128,
    places: u32,
}

impl Decimal {
    /// The decimal that `text` begins with, and what is behind it.
    fn leading(text: &str) -> Option<(Decimal, &str)> {
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

    fn times(self, factor: u128) -> Option<Decimal> {
        Some(Decimal { digits: self.digits.checked_mul(factor)?, ..self })
    }

    fn plus(self, other: Decimal) -> Option<Decimal> {
        let places = self.places.max(other.places);
        let widened = |decimal: Decimal| decimal.digits.checked_mul(10_u128.checked_pow(places - decimal.places)?);
        Some(Decimal { digits: widened(self)?.checked_add(widened(other)?)?, places })
    }

    /// The exact quotient, if there is one.
    fn divided(mut self, mut divisor: u128) -> Option<Decimal> {
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
    fn shifted(self, power: i32) -> Option<Decimal> {
        if power < 0 {
            let places = self.places.checked_add(power.unsigned_abs())?;
            return (places <= 38).then_some(Decimal { places, ..self });
        }
        self.times(10_u128.checked_pow(power.unsigned_abs())?)
    }

    fn reduced(mut self) -> Decimal {
        while self.places > 0 && self.digits.is_multiple_of(10) {
            self.digits /= 10;
            self.places -= 1;
        }
        self
    }

    fn write(self, negative: bool, out: &mut Vec<u8>) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(word: &str, text: &str) -> Option<String> {
        let mut out = Vec::new();
        Conversion::parse(word).unwrap().convert(text.as_bytes(), &mut out).then(|| String::from_utf8(out).unwrap())
    }

    #[test]
    fn durations_are_exact() {
        for (unit, text, expected) in [
            ("us", "12ms", "12000"),
            ("us", "1m30.5s", "90500000"),
            ("ms", "360.541µs", "0.360541"),
            ("ms", "360.541us", "0.360541"),
            ("ms", "12", "12"),
            ("ms", "12.50", "12.5"),
            ("s", "1h 2m 3s", "3723"),
            ("m", "90s", "1.5"),
            ("h", "45m", "0.75"),
            ("d", "6h", "0.25"),
            ("ns", "-1.5us", "-1500"),
            ("s", "0ms", "0"),
            ("s", "1ns", "0.000000001"),
            ("ms", "2 seconds", "2000"),
            ("d", "86400s", "1"),
            ("s", "0:00:57.876", "57.876"),
            ("ms", "00:01:02", "62000"),
            ("s", "1:02", "62"),
            ("s", "1-02:03:04", "93784"),
            ("s", "PT1M30S", "90"),
            ("m", "P1DT2H", "1560"),
            ("ms", "1.5e-3s", "1.5"),
            ("d", "2w", "14"),
            ("ms", "12 msec", "12"),
            ("ms", "1,234", "1234"),
            ("ms", "1,234.5 s", "1234500"),
            ("s", "1 min 30 s", "90"),
            ("s", "1 hour, 2 minutes", "3720"),
            ("ms", "12 MS", "12"),
            ("s", "3 Secs", "3"),
            ("ms", "12 microsec", "0.012"),
        ] {
            assert_eq!(convert(unit, text).as_deref(), Some(expected), "{text} as {unit}");
        }
        for (unit, text) in [
            ("s", "1:2:3"),
            ("s", "00:61"),
            ("s", "P1M"),
            ("s", "PT"),
            ("ms", "1,5"),
            ("ms", "1.234,5"),
            ("m", "1s"),
            ("ms", ""),
            ("ms", "abc"),
            ("ms", "12x"),
            ("ms", "1m2"),
            ("ms", "12ms,13ms"),
            ("ms", "12ms 13ms"),
            ("ms", "1.5s 200ms"),
            ("ms", "1 000 ms"),
            ("ms", "1:05 h"),
            ("ms", "ms"),
            ("d", "1ms"),
        ] {
            assert_eq!(convert(unit, text), None, "{text} as {unit}");
        }
    }

    #[test]
    fn units_that_belong_to_a_value() {
        for (word, line, expected) in [
            ("ms", "12 ms", " ms"),
            ("s", "1m 30s", " 30s"),
            ("s", "1m 30s left", " 30s"),
            ("s", "1 min 30 s", " min 30 s"),
            ("s", "1d 2h 3m 4s", " 2h 3m 4s"),
            ("s", "30s 1m", ""),
            ("s", "5s 12 retries", ""),
            ("s", "1 hour, 2 minutes, 3 users", " hour, 2 minutes"),
            ("s", "3 days, 4:05", " days, 4"),
            ("s", "5 s, 3 kB", " s"),
            ("s", "5 retries", ""),
            ("s", "5 s=3", ""),
            ("s", "5 MB", " MB"),
            ("bytes", "5 ms", " ms"),
            ("bytes", "12 kb", " kb"),
            ("bytes", "12 Kbytes", " Kbytes"),
            ("num", "12 ms", ""),
            ("num", "12 %", " %"),
            ("int", "12\t% x", "\t%"),
            ("num", "12 % x", " %"),
            ("num", "12 %x", ""),
            ("pct", "12 %", " %"),
            ("ms", "0:01 ms", " ms"),
            ("ms", "1:05 h", " h"),
            ("ms", "1:05 x", ""),
            ("ms", "1 000 ms", " 000 ms"),
            ("ms", "1 000 users", ""),
            ("ms", "12 200 OK", ""),
            ("ms", "12 +/- 3 s", " +/- 3 s"),
            ("ms", "12 - 15 s", " - 15 s"),
            ("ms", "12 - 15 users", ""),
            ("ms", "12 - done", ""),
            ("ms", "12 S", " S"),
            ("ms", "12 %", " %"),
            ("ms", "12 microsec", " microsec"),
            ("ms", "12 cycles", " cycles"),
            ("bytes", "12 pages", " pages"),
            ("bytes", "12 PB", " PB"),
            ("ms", "12  ms", "  ms"),
            ("ms", "12\tms", "\tms"),
            ("ms", "12\tMB x", "\tMB"),
            ("ms", "12\tM x", ""),
            ("ms", "1.5e-3 s", " s"),
            ("s", "5 min 30", " min 30"),
            ("s", "5 min 30 status=200", " min 30"),
            ("s", "5m 30", " 30"),
            ("s", "5 min 200", " min"),
            ("s", "5 min 2 users", " min"),
            ("s", "12 ms 200", " ms"),
        ] {
            let conversion = Conversion::parse(word).unwrap();
            let value = line.find([' ', '\t']).unwrap_or(line.len());
            let length = conversion.unit_behind(line.as_bytes(), &line.as_bytes()[..value], value);
            assert_eq!(&line[value..value + length], expected, "{line} as {word}");
        }
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
