//! What stands behind a value and belongs to it: a unit a blank away, the smaller units of a duration.
//!
//! Owns how far a value goes; refuses to compute: what is taken so and cannot be read does not fit.

use super::duration::MINUTE;
use super::{Conversion, is_number_alone};
use crate::grammar::prose::is_key;
use crate::record::units::lists::{UnitKind, may_go_on, more_behind};
use crate::record::units::unit_words::{
    PERCENT, UNREAD, blanks, is_doubtful, is_unit, is_unit_byte, size, spelling, word_at, word_behind,
};

impl Conversion {
    /// How much of what stands behind `value`, from `from` on, belongs to it: its unit, a blank behind a number (`1.2 s`),
    /// and of a time the smaller units behind it (`1m 30s`, `1 min 30 s`). A unit of another kind, one that may mean two
    /// things, and a number that lacks its unit (`5 min 30`) are taken too, so that the value does not fit.
    /// The same of other values of its kind behind it (`0.100, 30.000`), since which one counts is not said.
    pub fn unit_behind(self, line: &[u8], value: &[u8], from: usize) -> usize {
        let own = self.own_behind(line, value, from);
        let glued = if own > 0 && self.has_unit() { glued(line, from + own) } else { 0 };
        if glued > 0 {
            return own + glued;
        }
        let may_be_list = matches!(self, Conversion::Num | Conversion::Int) || self.has_unit();
        if !may_be_list || !may_go_on(line, from + own) {
            return own;
        }
        let behind = match line.get(from..from + own) {
            Some(unit) if own > 0 => UnitKind::of_value(unit.trim_ascii_start()),
            _ if value == b"-" => Some(UnitKind::Nothing),
            _ => UnitKind::of_value(value),
        };
        own + behind.and_then(|behind| more_behind(line, from + own, behind)).unwrap_or(0)
    }

    /// What of it is the value itself, without others of its kind.
    pub fn own_behind(self, line: &[u8], value: &[u8], from: usize) -> usize {
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
                && (self.knows(word) || is_doubtful(word))
            {
                return gap + word.len() + 2;
            }
            let Some(word) = word_at(line, end + gap).filter(|_| gap > 0) else { return 0 };
            // Behind a tab or several blanks a letter may be a column of its own.
            let may_be_foreign = line.get(end..end + gap) == Some(b" ") || word.len() > 1;
            let is_foreign =
                may_be_foreign && (is_unit(word.as_bytes()) || is_doubtful(word) || UNREAD.contains(&word));
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
            // `1 hour, 2 minutes`, `3 seconds and 200 milliseconds`, but `12 s, 5 ms in lock` are two.
            let joint = joint(line.get(end..).unwrap_or_default(), size >= MINUTE);
            let Some([b' ', rest @ ..]) = line.get(end + joint..) else { break };
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
            if !rest.first().is_some_and(u8::is_ascii_digit) {
                break;
            }
            let behind = end + joint + 1 + digits;
            if line.get(behind) == Some(&b':') && line.get(behind + 1).is_some_and(u8::is_ascii_digit) {
                // `3 days, 4:05` is not read, and not cut short either.
                return behind - from;
            }
            let next = word_at(line, behind).map(|word| (word, 0)).or_else(|| Some((word_behind(line, behind)?, 1)));
            let Some((word, blank)) = next else {
                let is_part =
                    joint == 0 && size >= MINUTE && rest.iter().take_while(|b| b.is_ascii_digit()).count() < 3;
                return if is_part { behind - from } else { end - from };
            };
            if spelling(word).is_none_or(|(_, smaller)| smaller >= size) {
                break;
            }
            end = behind + blank + word.len();
            unit = word;
            // `2 min, 5 s in lock` may be one or two: it is taken with that word, so that it does not fit.
            if joint > 0
                && let Some(word) = word_behind(line, end)
                && matches!(word, "in" | "of" | "for" | "on" | "at" | "by" | "from" | "with" | "per")
            {
                return end + 1 + word.len() - from;
            }
        }
        end - from
    }

    /// How much stands behind a number that is only the beginning of what was measured: thousands behind a blank
    /// (`1 000 ms`), a range, a list or an error (`12 - 15 s`, `12, 15 s`, `12 +/- 3 s`), the unit of hours and minutes
    /// (`1:05 h`). It does not fit then.
    fn goes_on(self, line: &[u8], value: &[u8], from: usize) -> Option<usize> {
        let unit_at =
            |at: usize| word_at(line, at + blanks(line, at)).filter(|word| self.knows(word) || is_doubtful(word));
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
}

/// How much stands between a unit and the blank before the number with the next smaller one; a comma only where `may_part`.
fn joint(rest: &[u8], may_part: bool) -> usize {
    let comma = usize::from(may_part && rest.first() == Some(&b','));
    match rest.get(comma..) {
        Some([b' ', b'a', b'n', b'd', b' ', ..]) => comma + 4,
        _ => comma,
    }
}

/// How much of a word goes on behind a unit up to the sign of a pair: in `took=5 s.max=12` a sentence may end in `s`, or a key
/// begin with it.
fn glued(line: &[u8], end: usize) -> usize {
    let rest = line.get(end..).unwrap_or_default();
    if !matches!(rest.first(), Some(b'.' | b'-' | b'/')) {
        return 0;
    }
    let length = rest.iter().take_while(|&&byte| is_key(byte)).count();
    if rest.get(length) == Some(&b'=') { length } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("ms", "12 s, 5 ms in lock", " s"),
            ("ms", "12s, 5ms in lock", ""),
            ("ms", "12 seconds, 5 milliseconds waiting", " seconds"),
            ("ms", "12 s, 5 ms", " s, 5 ms"),
            ("ms", "12s 5ms", " 5ms"),
            ("ms", "2 min, 5 s", " min, 5 s"),
            ("ms", "2 min, 5 s left", " min, 5 s"),
            ("ms", "2 min, 5 s in lock", " min, 5 s in"),
            ("s", "1 minute and 3 seconds left", " minute and 3 seconds"),
            ("s", "1 hour, 2 minutes, and 3 seconds", " hour, 2 minutes, and 3 seconds"),
            ("s", "3s and 200ms", " and 200ms"),
            ("s", "3 s and 5 s", " s"),
            ("s", "3 s and 2 retries", " s"),
            ("s", "3 s and 200 ms in lock", " s and 200 ms in"),
            ("s", "5 retries", ""),
            ("s", "5 s=3", ""),
            ("s", "5 s.max=3", " s.max"),
            ("s", "5 s/max=3", " s/max"),
            ("s", "5 s. max=3", " s"),
            ("s", "5 s:max=3", " s"),
            ("num", "5 %.max=3", " %"),
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
            ("num", "0.100, 30.000", ", 30.000"),
            ("num", "0.1 : 30.0", " : 30.0"),
            ("int", "502, 200 x=1", ", 200"),
            ("num", "-, 0.2", ", 0.2"),
            ("num", "5, done", ""),
            ("num", "5, 3 retries", ""),
            ("s", "0.1, -", ", -"),
            ("ms", "5ms, 7ms", ", 7ms"),
            ("ms", "5 ms, 7 ms", " ms, 7 ms"),
            ("ms", "5 ms : 7 ms", " ms : 7 ms"),
            ("s", "1h, 2m", ", 2m"),
            ("pct", "5%, 7%", ", 7%"),
            ("bytes", "5kB, 7kB", ", 7kB"),
            ("ms", "5ms, 200", ""),
            ("text", "5, 7", ""),
        ] {
            let conversion = Conversion::parse(word).unwrap();
            let value = line.find(", ").into_iter().chain(line.find([' ', '\t'])).min().unwrap_or(line.len());
            let length = conversion.unit_behind(line.as_bytes(), &line.as_bytes()[..value], value);
            assert_eq!(&line[value..value + length], expected, "{line} as {word}");
        }
    }
}
