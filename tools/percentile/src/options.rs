//! What other modules are asked to do: the shapes and words of options that more than one of them needs.
//!
//! A leaf: it knows the arithmetic, and none of the modules that do the work.

use expr::{Aggregate, Path, Unit};
use schema::{Object, Value};

use crate::groups::Ending;
use crate::stats::definitions::{Level, Method, Percentile};
use number::natural::{Natural, quotient};
use number::words::{SIZES, TIMES};
use number::{Kind, Sample};

/// More threads than this may not be asked for.
pub const MOST_THREADS: usize = 64;

/// What stands in front of the groups of a window.
pub const KEYS: [&str; 3] = ["window", "window_s", "late"];

/// What of a metric is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The percentiles.
    pub percentiles: Vec<Percentile>,
    /// Their definition.
    pub method: Method,
    /// Whether the sum is.
    pub sum: bool,
    /// At what level the limits of the percentiles are.
    pub sure: Option<Level>,
    /// Whether the samples are lower edges of HdrHistogram's buckets.
    pub buckets: bool,
    /// What `--expected-interval` corrected them by.
    pub interval: Option<Sample>,
}

/// How the summaries of a group stand in its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The one summary is the record.
    Bare,
    /// Each summary stands under its field's name.
    Named,
}

/// What makes states mergeable: how they were read.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// The paths of the groups.
    pub by: Vec<String>,
    /// The fields; none where every number was one.
    pub fields: Option<Vec<String>>,
    /// Everything else that changes samples: the unit, the weight, the expected interval, the kind of input.
    pub reading: Object<'static>,
}

impl Parameters {
    /// As a state has them.
    pub fn value(&self) -> Object<'static> {
        let texts = |list: &[String]| list.iter().map(|text| Value::from(text.clone())).collect::<Vec<_>>();
        let mut object = Object::new();
        object.insert("by", texts(&self.by));
        object.insert("fields", self.fields.as_ref().map_or(Value::Null, |fields| texts(fields).into()));
        for (key, value) in self.reading.iter() {
            object.insert(key.to_owned(), value.clone());
        }
        object
    }

    /// What a state has.
    pub fn read(value: &Value<'_>) -> Option<Parameters> {
        let object = value.as_object()?;
        let texts = |value: &Value<'_>| {
            value.as_list()?.iter().map(|text| text.as_text().map(str::to_owned)).collect::<Option<Vec<String>>>()
        };
        let fields = match object.get("fields")? {
            Value::Null => None,
            list => Some(texts(list)?),
        };
        let mut reading = object.clone().into_owned();
        reading.remove("by");
        reading.remove("fields");
        Some(Parameters { by: texts(object.get("by")?)?, fields, reading })
    }

    /// What `-a` was; `None` where that is no list of aggregates.
    pub fn aggregates(&self) -> Option<Vec<Aggregate>> {
        let Some(texts) = self.reading.get("aggregates") else { return Some(Vec::new()) };
        texts.as_list()?.iter().map(|text| Aggregate::parse(text.as_text()?).ok()).collect()
    }

    /// The width of the windows in nanoseconds; none where there are no windows.
    pub fn window(&self) -> Option<i64> {
        let width = self.reading.get("window_ns")?.as_number()?.as_i64()?;
        (width > 0 && self.by.first().is_some_and(|name| name == KEYS[0])).then_some(width)
    }

    /// The fields with a name of their own; none where every number was one.
    pub fn named(&self) -> impl Iterator<Item = &String> {
        self.fields.iter().flatten().filter(|field| !is_wildcard(field))
    }

    /// The fields with `*` or `**` in them.
    pub fn wildcards(&self) -> Vec<Path> {
        let texts = self.fields.iter().flatten().filter(|field| is_wildcard(field));
        texts.filter_map(|text| Path::parse(text).ok()).collect()
    }

    /// How reading ends; `wildcards` are those of these.
    pub fn ending<'p>(&self, wildcards: &'p [Path]) -> Ending<'p> {
        Ending {
            named: self.named().count(),
            asked: wildcards.iter().filter_map(Path::last_name).collect(),
            no_missing: self.reading.get("no_missing") == Some(&Value::Bool(true)),
            weighed: self.reading.get("weight").is_some(),
        }
    }
}

/// Whether a field as a state has it is a path with a wildcard.
fn is_wildcard(field: &str) -> bool {
    field.contains('*') && Path::parse(field).is_ok_and(|path| path.has_wildcard())
}

/// Reads `3/8`.
///
/// # Errors
/// What was wanted.
pub fn split(text: &str) -> Result<(u64, u64), String> {
    let wanted = || "wanted K/N, as 3/8: the third of eight parts".to_owned();
    let (part, parts) = text.split_once('/').ok_or_else(wanted)?;
    let (part, parts) = (part.parse().map_err(|_| wanted())?, parts.parse().map_err(|_| wanted())?);
    if parts > PARTS || !(1..=parts).contains(&part) { Err(wanted()) } else { Ok((part, parts)) }
}

/// More parts than this no input is cut into.
const PARTS: u64 = 1 << 24;

/// Reads `12ms`, `1m30.5s` in the unit that is wanted: exactly, or as the nearest double where no decimal is exact.
pub fn with_unit(text: &str, wanted: Unit) -> Option<(Sample, bool)> {
    let (negative, mut rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    rest = rest.strip_prefix('+').filter(|_| !negative).unwrap_or(rest);
    let mut total = expr::Decimal::ZERO;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let (digits, tail) = rest.split_at(end);
        let tail = tail.trim_start_matches(' ');
        let end = tail.find(|letter: char| letter.is_ascii_digit()).unwrap_or(tail.len());
        let (written, tail) = tail.split_at(end);
        let digits = if digits.starts_with('.') { format!("0{digits}") } else { digits.to_owned() };
        total = total.plus(expr::Decimal::parse(&digits)?.times(worth(written.trim_end_matches(' '), wanted)?)?)?;
        rest = tail;
    }
    let (digits, divisor) = (total.digits().unsigned_abs(), wanted.factor());
    let parts = u128::try_from(divisor.digits()).ok()?;
    let exponent = total.exponent() - divisor.exponent();
    // A decimal that ends is found within the divisor's twos and fives; 40 of them are 2^40, a tebibyte.
    let exact = (0..=40u32).find_map(|zeros| {
        let scaled = digits.checked_mul(10u128.checked_pow(zeros)?)?;
        (scaled % parts == 0).then(|| (scaled / parts, exponent - zeros as i32))
    });
    let sign = if negative { "-" } else { "" };
    let size = match exact {
        Some((digits, exponent)) => return Sample::read(format!("{sign}{digits}e{exponent}").as_bytes()),
        None => {
            let (above, below) = (Natural::from(digits), Natural::from(parts));
            let power = Natural::power_of_ten(exponent.unsigned_abs());
            if exponent < 0 {
                quotient(&above, &below.times_natural(&power))
            } else {
                quotient(&above.times_natural(&power), &below)
            }
        }
    };
    Some((Sample::from_f64(if negative { -size } else { size })?, false))
}

/// What a unit behind a number is worth, in whatever spelling programs write it: `µs`, `msec`, `Ki`; none where it is of another kind
/// than the one that is wanted.
fn worth(written: &str, wanted: Unit) -> Option<expr::Decimal> {
    if let Some(unit) = Unit::from_written(written) {
        return (unit.kind() == wanted.kind()).then(|| unit.factor());
    }
    let words: &[(&str, u128)] = match wanted.kind() {
        Kind::Time => &TIMES,
        Kind::Size => &SIZES,
        Kind::Share => &[],
    };
    let (_, worth) = words.iter().find(|(word, _)| !word.is_empty() && *word == written)?;
    expr::Decimal::new(i128::try_from(*worth).ok()?, 0)
}

/// Reads `90s`, `1m`, `1h30m` as nanoseconds.
pub fn width(text: &str) -> Result<i64, String> {
    let wanted = || "wanted a time like 30s, 1m or 1h".to_owned();
    let (one, _) = with_unit(text, Unit::Nanosecond).ok_or_else(wanted)?;
    one.at_scale(0).filter(|width| *width > 0).ok_or_else(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        let read = |text: &str, unit| with_unit(text, unit).map(|(one, _)| one.number().to_string());
        for (text, unit, wanted) in [
            ("12ms", Unit::Millisecond, Some("12")),
            ("1.5s", Unit::Millisecond, Some("1500")),
            ("1m30.5s", Unit::Microsecond, Some("90500000")),
            ("-3us", Unit::Millisecond, Some("-0.003")),
            ("1s", Unit::Minute, Some("0.016666666666666666")),
            ("1536B", Unit::Kibibyte, Some("1.5")),
            ("12 ms", Unit::Millisecond, Some("12")),
            ("250\u{b5}s", Unit::Millisecond, Some("0.25")),
            ("1m0.25\u{3bc}s", Unit::Millisecond, Some("60000.00025")),
            ("12 msec", Unit::Millisecond, Some("12")),
            ("1h 30 min", Unit::Minute, Some("90")),
            (".5s", Unit::Millisecond, Some("500")),
            ("+5ms", Unit::Millisecond, Some("5")),
            ("512Mi", Unit::Gibibyte, Some("0.5")),
            ("3 KB", Unit::Kilobyte, Some("3")),
            ("512Mi", Unit::Millisecond, None),
            ("-+5ms", Unit::Millisecond, None),
            ("5.s", Unit::Millisecond, None),
            ("5k", Unit::Percent, None),
            ("12ms", Unit::Byte, None),
            ("ms", Unit::Millisecond, None),
            ("12", Unit::Millisecond, None),
            ("1.2.3ms", Unit::Millisecond, None),
            ("12msx", Unit::Millisecond, None),
        ] {
            assert_eq!(read(text, unit).as_deref(), wanted, "{text}");
        }
    }
}
