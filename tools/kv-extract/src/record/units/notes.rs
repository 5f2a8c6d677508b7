//! Doubts about the numbers of one record: a unit behind one that is not read, or a key that stands there twice.
//!
//! Owns which numbers are in doubt and what is said of them; `passed.rs` knows what other lines had.

use std::ops::Range;

use schema::{Object, Value};

use crate::grammar::prose::{self, Pair};
use crate::record::convert::{self, Conversion};
use crate::record::options::Shape;
use crate::record::units::lists::{self, UnitKind};
use crate::record::units::passed::{self, Compared};
use crate::record::units::unit_words;
use crate::record::{Doubt, RESERVED, Record, Why, doubts, escape, joined, nested, number};

/// What is said of a key that stands within the value of another one.
const HIDDEN: &str = "the line has it within the value of another key, after a comma: --pairs-by , splits it off";
/// How many pairs within one value are looked at.
const MOST_HIDDEN: usize = 16;
/// What is said of a key that stands in a line with two values.
const TWICE: &str = "the line has it twice, with different values: --dup says which one counts";

impl Record {
    /// Notes a unit behind the number of a pair that nobody asked for, where the number is kept as it stands.
    #[cold]
    pub(in crate::record) fn note_unit(&mut self, shape: &Shape, line: &[u8], pair: &Pair) {
        let name = line.get(pair.key.clone()).unwrap_or_default();
        match shape.long_keys {
            true => self.note_unit_of(shape, line, &joined(name), pair.value.clone()),
            false => self.note_unit_of(shape, line, name, pair.value.clone()),
        }
    }

    /// The same of the number under this key, which stands there.
    pub(in crate::record) fn note_unit_of(&mut self, shape: &Shape, line: &[u8], name: &[u8], number: Range<usize>) {
        let found = unit_words::unit_word(line, number.end);
        let Some(unit) = found.or_else(|| unit_words::unit_behind_bracket(line, &number)) else { return };
        let (unit, is_list) = unit_words::without_list(unit);
        // What has others behind it and no unit is noted where those are.
        if unit.is_empty() {
            return;
        }
        let value = line.get(number.clone()).unwrap_or_default();
        // `--as took=num` reads `1,234`, too.
        let is_number = || {
            let is_typed = shape.types.iter().any(|(typed, _)| typed == name);
            number::is_number(value) || is_typed && convert::is_number_alone(value)
        };
        if is_number_as_it_stands(shape, name, value) && is_number() {
            if is_list && let Some(behind) = UnitKind::of(unit).filter(|_| found.is_some()) {
                let end = number.end + unit_words::blanks(line, number.end) + unit.len();
                self.note_list(shape, line, name, number.start..end, behind);
            }
            let reason = match self.passed.add(name, unit) {
                Compared::Same => None,
                Compared::Other(first) => Some(format!("its unit is {unit}, of the first one {first}: not read")),
                Compared::Bare => Some(format!("its unit is {unit}, and the first one has none: not read")),
                Compared::Percent => Some(format!(
                    "a % follows it, which is not read: --as {}=pct reads it",
                    String::from_utf8_lossy(name)
                )),
                Compared::Unknown => Some(format!("its unit is {unit}, which is not read")),
                Compared::Touched(other) => Some(format!(
                    "its unit is {unit}, which is not read, and the first one has {other}, which is its text"
                )),
            };
            self.tally.passed += 1;
            if let Some(reason) = reason {
                self.tally.mixed += 1;
                let key = self.keep(name);
                self.doubted.push(Doubt { key, why: Why::Unit(reason) });
            }
        }
    }

    /// Notes a number that has others behind it, or a value that means none: `0.100, 30.000`, `-, 0.2`.
    pub(in crate::record) fn note_more(&mut self, shape: &Shape, line: &[u8], key: &[u8], value: Range<usize>) {
        let text = line.get(value.clone()).unwrap_or_default();
        let may_be = text.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-')
            && lists::may_go_on(line, value.end);
        let is_number = || {
            number::is_number(text)
                || shape.decimal_comma && convert::is_number_alone(text)
                || shape.none.iter().any(|none| none == text)
        };
        if may_be && is_number() {
            match shape.long_keys {
                true => self.note_list(shape, line, &joined(key), value, UnitKind::Nothing),
                false => self.note_list(shape, line, key, value, UnitKind::Nothing),
            }
        }
    }

    /// The same of the value that stands there with its unit, if others stand behind it.
    fn note_list(&mut self, shape: &Shape, line: &[u8], name: &[u8], value: Range<usize>, behind: UnitKind) {
        let Some(more) = lists::more_behind(line, value.end, behind) else { return };
        if is_kept_as_it_stands(shape, name) {
            let list =
                String::from_utf8_lossy(line.get(value.start..value.end + more).unwrap_or_default()).into_owned();
            self.tally.listed += 1;
            self.passed.add_list(name);
            let key = self.keep(name);
            self.doubted.push(Doubt { key, why: Why::List(list) });
        }
    }

    /// Notes the pairs within a value, which commas part: `took` of `name=bob,took=900` is in doubt where the line does not
    /// say it elsewhere, since nobody took it out.
    pub(in crate::record) fn note_hidden(&mut self, shape: &Shape, line: &[u8], key: &[u8], value: Range<usize>) {
        let text = line.get(value).unwrap_or_default();
        if !prose::may_hold_pair(text) {
            return;
        }
        let mut is_first = true;
        for hidden in prose::hidden_keys(text).take(MOST_HIDDEN) {
            if (shape.keep.is_empty() || shape.keep.matches(hidden)) && !shape.drop.matches(hidden) {
                if std::mem::take(&mut is_first) {
                    self.tally.hiding += 1;
                    self.passed.add_hiding(key);
                }
                let typed = shape.types.iter().find(|(typed, _)| typed == hidden);
                let suffix = typed.map_or("", |(_, conversion)| conversion.suffix());
                let suffix = if hidden.ends_with(suffix.as_bytes()) { "" } else { suffix };
                let key = self.keep(&[hidden, suffix.as_bytes()].concat());
                self.doubted.push(Doubt { key, why: Why::Hidden });
            }
        }
    }

    /// Notes a number without a unit, where others of its key may have one.
    pub(in crate::record) fn note_bare(&mut self, shape: &Shape, line: &[u8], key: &[u8], number: Range<usize>) {
        let value = line.get(number.clone()).unwrap_or_default();
        if !value.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-') {
            return;
        }
        let long;
        let mut name = key;
        if shape.long_keys {
            long = joined(key);
            name = &long;
        }
        if let Some(unit) = passed::touching(value) {
            if is_number_as_it_stands(shape, name, value)
                && let Some(first) = self.passed.add_touched(name, unit)
            {
                let reason =
                    format!("its unit is {unit}, as its text says, and that of the first one, {first}, was not read");
                self.tally.mixed += 1;
                let key = self.keep(name);
                self.doubted.push(Doubt { key, why: Why::Unit(reason) });
            }
            return;
        }
        if !passed::is_bare_number(line, number.start, number.end) || !is_number_as_it_stands(shape, name, value) {
            return;
        }
        if let Some(first) = self.passed.add_bare(name) {
            let reason = format!("it has no unit, and the first one has {first}: not read");
            self.tally.mixed += 1;
            let key = self.keep(name);
            self.doubted.push(Doubt { key, why: Why::Unit(reason) });
        }
    }

    /// Notes whether a value of the type at this place is a number alone; what is in doubt where the first one is otherwise.
    pub(in crate::record) fn note_form(&mut self, at: usize, is_bare: bool) -> Option<&'static str> {
        self.passed.add_typed(at, is_bare).then(|| {
            self.tally.mixed += 1;
            match is_bare {
                true => "it has no unit, and the first one has one",
                false => "it has a unit, and the first one has none",
            }
        })
    }

    /// The same of members inside of an object.
    pub fn note_forms(&mut self, forms: &[nested::Form]) {
        for nested::Form { at, is_bare, path } in forms {
            if let Some(reason) = self.note_form(*at, *is_bare) {
                let key = self.keep(path.as_bytes());
                self.doubted.push(Doubt { key, why: Why::Within(reason) });
            }
        }
    }

    /// Adds the keys whose values are in doubt to what the record says of itself.
    #[cold]
    pub(in crate::record) fn doubt(&mut self, line: &[u8]) {
        // What the line says elsewhere is known.
        let mut doubted = std::mem::take(&mut self.doubted);
        let has = |key| self.fields.iter().any(|field| self.bytes(field.key, line) == self.bytes(key, line));
        doubted.retain(|doubt| !matches!(doubt.why, Why::Hidden) || !has(doubt.key));
        self.doubted = doubted;
        if self.doubted.is_empty() {
            return;
        }
        let mut doubts = std::mem::take(&mut self.scratch);
        doubts.clear();
        for Doubt { key, why } in &self.doubted {
            let key = self.bytes(*key, line);
            doubts.extend_from_slice(if doubts.is_empty() { b"[{\"path\":" } else { b",{\"path\":" });
            let is_plain = || key.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') && !key.is_empty();
            match matches!(why, Why::Within(_)) || is_plain() {
                true => escape::write(key, &mut doubts),
                false => escape::write(doubts::step(&String::from_utf8_lossy(key)).as_bytes(), &mut doubts),
            };
            let list;
            let (code, detail) = match why {
                Why::Twice => ("ambiguous", TWICE),
                Why::Unit(reason) => ("unit-mismatch", reason.as_str()),
                Why::Within(reason) => ("unit-mismatch", *reason),
                Why::Hidden => ("ambiguous", HIDDEN),
                Why::List(values) => {
                    list = format!("there are several values, and nothing says which one counts: {values}");
                    ("ambiguous", list.as_str())
                }
            };
            doubts.extend_from_slice(b",\"code\":\"");
            doubts.extend_from_slice(code.as_bytes());
            doubts.extend_from_slice(b"\",\"detail\":");
            escape::write(detail.as_bytes(), &mut doubts);
            doubts.push(b'}');
        }
        doubts.push(b']');
        if self.evidence.is_empty() {
            self.evidence.extend_from_slice(b"{\"unknown\":");
            self.evidence.extend_from_slice(&doubts);
            self.evidence.push(b'}');
        } else {
            self.join_doubts(&doubts);
        }
        self.scratch = doubts;
    }

    /// Adds entries to those of a record that was read, as far as those are understood.
    pub(in crate::record) fn join_doubts(&mut self, more: &[u8]) {
        if let Ok(Value::List(more)) = schema::json::parse(more) {
            let mut doubts = Object::new();
            doubts.insert("unknown", more);
            self.join_evidence(&doubts.into());
        }
    }

    /// The same of what another record says of itself. What is not understood stays, or takes the place of all: nothing can
    /// be told then.
    pub(in crate::record) fn join_evidence(&mut self, more: &Value<'_>) {
        let own = std::mem::take(&mut self.evidence);
        let joined = match (schema::json::parse(&own), more) {
            (Ok(Value::Object(evidence)), Value::Object(more)) => doubts::joined(evidence, more),
            (Ok(Value::Object(_)), _) => more.clone(),
            (Ok(own), _) => own,
            (Err(_), _) => Value::Null,
        };
        schema::json::write(&joined, &mut self.evidence);
    }
}

/// Whether a number of this key is taken as it stands, so that its unit matters.
fn is_number_as_it_stands(shape: &Shape, name: &[u8], value: &[u8]) -> bool {
    is_kept_as_it_stands(shape, name) && !shape.none.iter().any(|none| none == value)
}

/// Whether the values of this key are kept, and numbers among them taken as they stand.
fn is_kept_as_it_stands(shape: &Shape, name: &[u8]) -> bool {
    let is_kept = (shape.keep.is_empty() || shape.keep.matches(name)) && !shape.drop.matches(name);
    let is_number = |of: Conversion| matches!(of, Conversion::Num | Conversion::Int);
    let is_otherwise = shape.text
        || shape.types.iter().any(|(typed, of)| typed == name && !is_number(*of))
        || shape.inner.as_deref() == Some(name)
        || name.starts_with(b"@") && RESERVED.contains(&name);
    is_kept && !is_otherwise
}
