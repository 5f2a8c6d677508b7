//! What could not be read, or only doubted, and how many samples that may have been.
//!
//! Owns the reasons, their order and their words; `stats/interval.rs` says how far they may have moved a figure. A doubt is
//! counted, never dropped: two lists merge to the same whatever their order.

use schema::{Code, Number, Object, Value};

/// So many samples that nobody can say how many: a record whose weight could not be read.
pub const NO_LIMIT: u64 = u64::MAX;

/// What it is that cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A value that is no number; under `--no-missing` one that is not there.
    Value,
    /// A value that the record itself doubts under `@evidence`.
    Claim,
    /// A record whose weight is no whole number.
    Weight,
    /// A record without a time, which may belong to any window.
    Time,
    /// A record of which `--where` cannot tell.
    Where,
    /// A record of which a formula of `-b` cannot tell the group.
    Group,
    /// A sample that was not read: the answer was certain before, or it never came.
    Rest,
    /// An object, where nobody asked for this field: it is no number where other records have one.
    Object,
}

impl Kind {
    /// Every kind and its word in a state.
    pub const ALL: [(Kind, &'static str); 8] = [
        (Kind::Value, "value"),
        (Kind::Claim, "claim"),
        (Kind::Weight, "weight"),
        (Kind::Time, "time"),
        (Kind::Where, "where"),
        (Kind::Group, "group"),
        (Kind::Rest, "rest"),
        (Kind::Object, "object"),
    ];
}

/// Where something was found: the input, the block, and the place in the block. What comes first is the smallest.
pub type Found = (usize, u64, usize);

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What cannot be told.
    pub kind: Kind,
    /// Why.
    pub code: Code,
    /// In how many records.
    pub records: u64,
    /// How many samples they may have been, [`NO_LIMIT`] at most.
    pub samples: u64,
    /// Where the first of them was found, and what it is in words: `text like "87ms"`.
    pub first: (Found, String),
    /// `read them with --unit ms`, where that would help.
    pub hint: Option<String>,
}

/// All reasons, one a kind and code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubts(Vec<Doubt>);

impl Doubts {
    /// Counts one more record; its words are made only where it is the first.
    pub fn add(
        &mut self,
        (kind, code): (Kind, Code),
        samples: u64,
        place: Found,
        words: impl FnOnce() -> String,
        hint: impl FnOnce() -> Option<String>,
    ) {
        match self.0.iter_mut().find(|doubt| (doubt.kind, doubt.code) == (kind, code)) {
            Some(doubt) => {
                doubt.records = doubt.records.saturating_add(1);
                doubt.samples = doubt.samples.saturating_add(samples);
                if place < doubt.first.0 {
                    doubt.first = (place, words());
                    doubt.hint = hint();
                }
            }
            None => self.put(Doubt { kind, code, records: 1, samples, first: (place, words()), hint: hint() }),
        }
    }

    /// Takes in one reason and all it counts.
    pub fn put(&mut self, more: Doubt) {
        match self.0.iter_mut().find(|doubt| (doubt.kind, doubt.code) == (more.kind, more.code)) {
            Some(doubt) => {
                doubt.records = doubt.records.saturating_add(more.records);
                doubt.samples = doubt.samples.saturating_add(more.samples);
                if more.first < doubt.first {
                    doubt.first = more.first;
                    doubt.hint = more.hint;
                }
            }
            None => {
                self.0.push(more);
                self.0.sort_by_key(|doubt| (doubt.code, doubt.kind));
            }
        }
    }

    /// Every reason, those of the first code first.
    pub fn iter(&self) -> impl Iterator<Item = &Doubt> {
        self.0.iter()
    }

    /// How many records there are of a kind.
    pub fn records(&self, kind: Kind) -> u64 {
        self.0.iter().filter(|doubt| doubt.kind == kind).map(|doubt| doubt.records).fold(0, u64::saturating_add)
    }

    /// About how many bytes it takes up besides itself.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(|doubt| size_of::<Doubt>() + doubt.first.1.len() + 64).sum()
    }
}

impl Doubt {
    /// As a state has it.
    pub fn value(&self) -> Object<'static> {
        let mut object = Object::new();
        let kind = Kind::ALL.into_iter().find(|(kind, _)| *kind == self.kind);
        object.insert("kind", kind.map_or("value", |(_, word)| word));
        object.insert("code", self.code.name());
        object.insert("records", self.records);
        let samples = (self.samples != NO_LIMIT).then_some(self.samples);
        object.insert("samples", samples.map_or(Value::Null, Value::from));
        object.insert("first", self.first.1.clone());
        object
    }

    /// What a state has.
    pub fn read(value: &Value<'_>) -> Option<Doubt> {
        let text = |key: &str| value.get(key).and_then(Value::as_text);
        let whole = |value: &Value<'_>| value.as_number().and_then(Number::as_u64);
        let word = text("kind")?;
        Some(Doubt {
            kind: Kind::ALL.into_iter().find(|(_, known)| *known == word)?.0,
            code: text("code").map(|name| Code::from_name(name).unwrap_or(Code::UnknownStatus))?,
            records: whole(value.get("records")?)?,
            samples: match value.get("samples")? {
                Value::Null => NO_LIMIT,
                samples => whole(samples)?,
            },
            first: ((0, 0, 0), text("first")?.to_owned()),
            hint: None,
        })
    }

    /// The reason in words: `2 values are text like "timeout"`.
    pub fn detail(&self) -> String {
        let words = &self.first.1;
        let one = self.records == 1;
        let (records, values) = (grouped(self.records), if one { "value is" } else { "values are" });
        let of_records = |verb: &str, verbs: &str| {
            format!("{} {}", if one { "record" } else { "records" }, if one { verb } else { verbs })
        };
        match (self.kind, self.code) {
            (Kind::Value, Code::Missing) => {
                format!("{records} {} no number there (--no-missing)", of_records("has", "have"))
            }
            (Kind::Value | Kind::Object, _) => format!("{records} {values} {words}"),
            (Kind::Claim, code) => {
                format!("{records} {values} {code} in {}", if one { "its record" } else { "their records" })
            }
            (Kind::Weight, _) => format!("{records} {} no weight: {words}", of_records("has", "have")),
            (Kind::Time, code) => {
                let windows = if one { "its window is" } else { "their windows are" };
                format!("{records} {} no time ({code}), so {windows} unknown", of_records("has", "have"))
            }
            (Kind::Group, code) => {
                format!("the group of {records} {} is not known ({code})", if one { "record" } else { "records" })
            }
            (Kind::Rest, _) => words.clone(),
            (Kind::Where, _) => {
                format!(
                    "--where is undecidable for {records} {}: {words}",
                    of_records("that may count", "that may count")
                )
            }
        }
    }
}

/// A count with commas: `1,994`.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How many samples may be missing from the figures of a metric, and why.
#[derive(Clone, Debug)]
pub struct Reach {
    /// The first of the codes.
    pub code: Code,
    /// All reasons in words.
    pub detail: String,
    /// How many samples of unknown value there may be beside those that were read; [`NO_LIMIT`] at most.
    pub lost: u64,
    /// How many of those may not be samples at all, so that the count is not known either.
    pub uncounted: u64,
}

impl Reach {
    /// What the doubts of a metric and of its group come to; `None` where there are none.
    pub fn of<'d>(doubts: impl Iterator<Item = &'d Doubts>) -> Option<Reach> {
        let mut all = Doubts::default();
        doubts.flat_map(Doubts::iter).for_each(|doubt| all.put(doubt.clone()));
        let sum = |wanted: fn(Kind) -> bool| {
            all.iter().filter(|doubt| wanted(doubt.kind)).map(|doubt| doubt.samples).fold(0, u64::saturating_add)
        };
        let details: Vec<String> = all.iter().map(Doubt::detail).collect();
        Some(Reach {
            code: all.iter().next()?.code,
            detail: details.join("; "),
            lost: sum(|_| true),
            uncounted: sum(|kind| !matches!(kind, Kind::Value | Kind::Object)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_gives_the_same_in_any_order() {
        let one = |place, words: &str| {
            let mut doubts = Doubts::default();
            doubts.add((Kind::Value, Code::NotANumber), 2, (0, place, 0), || words.to_owned(), || None);
            doubts.add((Kind::Claim, Code::Stale), 1, (0, place, 0), || words.to_owned(), || None);
            doubts
        };
        let merged = |mut a: Doubts, b: Doubts| {
            b.iter().for_each(|doubt| a.put(doubt.clone()));
            a
        };
        let (a, b) = (one(1, "text like \"a\""), one(2, "text like \"b\""));
        assert_eq!(merged(a.clone(), b.clone()), merged(b.clone(), a.clone()));
        let both = merged(a, b);
        let reach = Reach::of(std::iter::once(&both)).unwrap();
        assert_eq!((reach.code, reach.lost, reach.uncounted), (Code::NotANumber, 6, 2));
        assert_eq!(reach.detail, "2 values are text like \"a\"; 2 values are stale in their records");
    }

    #[test]
    fn no_limit_stays_without_limit() {
        let mut doubts = Doubts::default();
        for _ in 0..3 {
            doubts.add((Kind::Weight, Code::NotANumber), NO_LIMIT, (0, 0, 0), String::new, || None);
        }
        assert_eq!(Reach::of(std::iter::once(&doubts)).map(|reach| reach.lost), Some(NO_LIMIT));
    }
}
