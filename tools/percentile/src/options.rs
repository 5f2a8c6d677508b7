//! What other modules are asked to do: the shapes and words of options that more than one of them needs.
//!
//! A leaf: it knows the arithmetic, and none of the modules that do the work.

use expr::{Aggregate, Path, Unit};
use schema::{Object, Value};

use crate::groups::Ending;
use crate::stats::definitions::{Level, Method, Percentile};
use number::Sample;
use number::natural::{Natural, quotient};

/// More threads than this may not be asked for.
pub const MOST_THREADS: usize = 64;

/// What stands in front of the groups of a window.
pub const KEYS: [&str; 2] = ["window", "late"];

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

/// What `--expect` says of the sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Expected {
    /// Nothing.
    #[default]
    Any,
    /// So many.
    Count(usize),
    /// These, and no others.
    Names(Vec<String>),
    /// Those that a file names, one a line.
    File(String),
}

/// More names than this a range does not stand for.
const RANGE: u64 = 1_000_000;

impl Expected {
    /// Reads a count, a comma list of names and ranges `web[01..40]`, or `@FILE`.
    ///
    /// # Errors
    /// What was wanted.
    pub fn parse(text: &str) -> Result<Expected, String> {
        if let Ok(count) = text.parse() {
            return Ok(Expected::Count(count));
        }
        if let Some(file) = text.strip_prefix('@') {
            return Ok(Expected::File(file.to_owned()));
        }
        let mut names = Vec::new();
        for name in text.split(',') {
            names.extend(range(name.trim())?);
        }
        if names.iter().any(String::is_empty) {
            return Err("wanted names like web1,web2 or web[01..40], a count, or @FILE".to_owned());
        }
        Ok(Expected::Names(names))
    }

    /// The names of a file, where one is to be read.
    ///
    /// # Errors
    /// The file cannot be read, or names nothing.
    pub fn resolve(self) -> Result<Expected, String> {
        let Expected::File(path) = self else { return Ok(self) };
        let text = std::fs::read_to_string(&path).map_err(|error| format!("@{path}: {error}"))?;
        let mut names = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            names.extend(range(line)?);
        }
        if names.is_empty() { Err(format!("@{path}: the file names no source")) } else { Ok(Expected::Names(names)) }
    }

    /// Whether the sources are those that are expected.
    ///
    /// # Errors
    /// `missing-source` or `unexpected-source`, in words.
    pub fn check(&self, sources: &[String]) -> Result<(), String> {
        match self {
            Expected::Any | Expected::File(_) => Ok(()),
            Expected::Count(count) if *count == sources.len() => Ok(()),
            Expected::Count(count) => {
                let code = if sources.len() < *count { "missing-source" } else { "unexpected-source" };
                Err(format!("{code}: {} sources where {count} are expected: {}", sources.len(), few(sources)))
            }
            Expected::Names(names) => {
                let there: std::collections::BTreeSet<&String> = sources.iter().collect();
                let wanted: std::collections::BTreeSet<&String> = names.iter().collect();
                let absent: Vec<&String> = wanted.difference(&there).copied().collect();
                if !absent.is_empty() {
                    return Err(format!("missing-source: {}", few(&absent)));
                }
                let more: Vec<&String> = there.difference(&wanted).copied().collect();
                if more.is_empty() { Ok(()) } else { Err(format!("unexpected-source: {}", few(&more))) }
            }
        }
    }
}

/// The names that `web[01..40]` stands for, with as many digits as are written; any other text stands for itself.
fn range(text: &str) -> Result<Vec<String>, String> {
    let parts = || {
        let (before, rest) = text.split_once('[')?;
        let (inside, after) = rest.split_once(']')?;
        let (from, to) = inside.split_once("..")?;
        let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        (are_digits(from) && are_digits(to)).then_some((before, from, to, after))
    };
    let Some((before, from, to, after)) = parts() else { return Ok(vec![text.to_owned()]) };
    let wrong = || format!("{text:?}: wanted a range like web[01..40] of at most 1,000,000 names");
    let (first, last): (u64, u64) = (from.parse().map_err(|_| wrong())?, to.parse().map_err(|_| wrong())?);
    if last < first || last - first >= RANGE {
        return Err(wrong());
    }
    let width = from.len();
    Ok((first..=last).map(|number| format!("{before}{number:0width$}{after}")).collect())
}

/// At most five names, and how many more there are.
pub fn few<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<&str> = names.iter().take(5).map(T::as_ref).collect();
    let more = if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
    format!("{}{more}", shown.join(", "))
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
    let mut total = expr::Decimal::ZERO;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let (digits, tail) = rest.split_at(end);
        let tail = tail.trim_start_matches(' ');
        let end = tail.find(|letter: char| letter.is_ascii_digit()).unwrap_or(tail.len());
        let (written, tail) = tail.split_at(end);
        let unit = Unit::from_written(written).filter(|unit| unit.kind() == wanted.kind())?;
        total = total.plus(expr::Decimal::parse(digits)?.times(unit.factor())?)?;
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
    fn ranges_and_counts() {
        let names = |text: &str| {
            Expected::parse(text).map(|expected| match expected {
                Expected::Names(names) => names.join(" "),
                other => format!("{other:?}"),
            })
        };
        assert_eq!(names("web[08..11]").as_deref(), Ok("web08 web09 web10 web11"));
        assert_eq!(names("a, b[1..2].x").as_deref(), Ok("a b1.x b2.x"));
        assert_eq!(names("web[1]").as_deref(), Ok("web[1]"));
        assert_eq!(names("3").as_deref(), Ok("Count(3)"));
        assert!(names("w[2..1]").is_err() && names("w[1..2000000]").is_err() && names("a,,b").is_err());
        let there: Vec<String> = (1..=9).map(|number| format!("web{number}")).collect();
        let check =
            |text: &str| Expected::parse(text).unwrap().check(&there).unwrap_or_else(|reason| panic!("{reason}"));
        check("web[1..9]");
        check("9");
        let refused = |text: &str| Expected::parse(text).unwrap().check(&there).unwrap_err();
        assert_eq!(
            refused("8"),
            "unexpected-source: 9 sources where 8 are expected: web1, web2, web3, web4, web5 and 4 more"
        );
        assert_eq!(refused("web[1..17]"), "missing-source: web10, web11, web12, web13, web14 and 3 more");
        assert_eq!(refused("web[1..8]"), "unexpected-source: web9");
    }

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
