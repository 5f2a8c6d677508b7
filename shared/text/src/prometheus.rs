//! The text exposition of Prometheus (0.0.4), with the quoted UTF-8 names of Prometheus 3, and OpenMetrics 1.0.
//!
//! Owns the grammar of a line and what is true within a histogram or a summary. Sources: prometheus.io/docs/instrumenting/
//! exposition_formats, the OpenMetrics specification, and prometheus/common's parser, which allows blanks wherever two
//! tokens meet.

use std::borrow::Cow;

/// What a `# TYPE` line says of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only counts upwards.
    Counter,
    /// It goes up and down: `gauge`, `info`, `stateset`.
    Gauge,
    /// Buckets, a sum and a count, all of which count upwards.
    Histogram,
    /// Quantiles, and a sum and a count that count upwards.
    Summary,
    /// A histogram of what is there now.
    GaugeHistogram,
    /// `untyped`, `unknown`, or a word that is none of these.
    Unknown,
}

impl Kind {
    /// The kind that a word of a `# TYPE` line names.
    pub fn from_word(word: &str) -> Kind {
        match word {
            "counter" => Kind::Counter,
            "gauge" | "info" | "stateset" => Kind::Gauge,
            "histogram" => Kind::Histogram,
            "summary" => Kind::Summary,
            "gaugehistogram" => Kind::GaugeHistogram,
            _ => Kind::Unknown,
        }
    }

    /// Which samples a family of this kind has: the ends of their names, and whether those only count upwards.
    pub fn samples(self) -> &'static [(&'static str, bool)] {
        match self {
            // Before OpenMetrics a counter's family has the whole name, with `_total`.
            Kind::Counter => &[("", true), ("_total", true)],
            Kind::Gauge => &[("", false), ("_info", false)],
            Kind::Histogram | Kind::Summary => &[("_bucket", true), ("_count", true), ("_sum", true), ("", false)],
            Kind::GaugeHistogram => &[("_bucket", false), ("_gcount", false), ("_gsum", false)],
            Kind::Unknown => &[],
        }
    }
}

/// One sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample<'a> {
    /// The metric.
    pub name: Cow<'a, str>,
    /// Its labels, in the order they are written.
    pub labels: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// The value as written: a number, or one of Go's words for NaN and the infinities.
    pub value: &'a str,
    /// The time as written: milliseconds, or in OpenMetrics seconds, since 1970.
    pub time: Option<&'a str>,
    /// Whether an exemplar follows, which only OpenMetrics has.
    pub exemplar: bool,
}

/// What a line is.
#[derive(Clone, Debug, PartialEq)]
pub enum Line<'a> {
    /// Blank, a comment, or `# HELP`.
    Nothing,
    /// `# TYPE`: the family and its kind.
    Type(Cow<'a, str>, Kind),
    /// `# UNIT`, which only OpenMetrics has.
    Unit,
    /// `# EOF`, the end of an OpenMetrics scrape.
    End,
    /// A sample.
    Sample(Sample<'a>),
}

/// Reads one line, without its newline.
///
/// # Errors
/// The line is neither a comment nor a sample; the message says what was wanted.
pub fn line(text: &str) -> Result<Line<'_>, &'static str> {
    let text = text.trim_matches([' ', '\t', '\r']);
    if text.is_empty() {
        return Ok(Line::Nothing);
    }
    if let Some(comment) = text.strip_prefix('#') {
        let mut words = comment.trim_start_matches([' ', '\t']);
        return Ok(match take_word(&mut words) {
            "EOF" => Line::End,
            "UNIT" => Line::Unit,
            "TYPE" => match take_name(&mut words) {
                Some(name) => Line::Type(name, Kind::from_word(take_word(&mut words))),
                None => Line::Nothing,
            },
            _ => Line::Nothing,
        });
    }
    sample(text).map(Line::Sample).ok_or("wanted NAME{LABELS} VALUE")
}

/// Whether a text begins as a scrape does: with what only a scrape has, or with a sample behind plain comments.
pub fn begins(text: &str) -> bool {
    for text in text.lines() {
        let comment = text.trim_start().starts_with('#');
        return match line(text) {
            Ok(Line::Nothing) if comment && text.trim_start_matches(['#', ' ', '\t']).starts_with("HELP ") => true,
            Ok(Line::Nothing) => continue,
            // A colon is legal in a name, but a list of `name: value` is no scrape.
            Ok(Line::Sample(sample)) => !sample.name.ends_with(':'),
            Ok(_) => true,
            Err(_) => false,
        };
    }
    false
}

fn take_word<'a>(text: &mut &'a str) -> &'a str {
    let end = text.find([' ', '\t']).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    *text = rest.trim_start_matches([' ', '\t']);
    word
}

/// A name, plain or in quotes.
fn take_name<'a>(text: &mut &'a str) -> Option<Cow<'a, str>> {
    if text.starts_with('"') {
        let (name, rest) = quoted(text)?;
        *text = rest.trim_start_matches([' ', '\t']);
        return Some(name);
    }
    match take_word(text) {
        "" => None,
        word => Some(Cow::Borrowed(word)),
    }
}

/// Whether a text may be a name without quotes. Letters beyond ASCII are taken, though Prometheus wants quotes there.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':') || byte > 0x7f)
        && !text.starts_with(|first: char| first.is_ascii_digit())
}

fn sample(text: &str) -> Option<Sample<'_>> {
    let blank = [' ', '\t'];
    let end = text.find(['{', ' ', '\t'])?;
    let (plain, rest) = text.split_at(end);
    let mut name = Cow::Borrowed(plain);
    let mut labels = Vec::new();
    let rest = match rest.trim_start_matches(blank).strip_prefix('{') {
        None => rest,
        Some(inside) => {
            let (quoted_name, found, behind) = braces(inside)?;
            if let Some(quoted_name) = quoted_name {
                if !plain.is_empty() {
                    return None;
                }
                name = quoted_name;
            }
            labels = found;
            behind
        }
    };
    if matches!(name, Cow::Borrowed(_)) && std::ptr::eq(name.as_ref(), plain) && !is_name(plain) {
        return None;
    }
    let rest = rest.trim_start_matches(blank);
    // An exemplar stands behind a `#`.
    let (rest, exemplar) = match rest.split_once('#') {
        Some((before, _)) => (before, true),
        None => (rest, false),
    };
    let mut words = rest.split([' ', '\t']).filter(|word| !word.is_empty());
    let value = words.next()?;
    let time = words.next();
    let number = |text: &str| text.parse::<f64>().is_ok();
    if words.next().is_some() || !number(value) || !time.is_none_or(number) {
        return None;
    }
    Some(Sample { name, labels, value, time, exemplar })
}

/// A name in quotes, the labels, and what follows the brace.
type Braces<'a> = (Option<Cow<'a, str>>, Vec<(Cow<'a, str>, Cow<'a, str>)>, &'a str);

/// What stands between the braces: `"name",label="value",…}`, a label's name in quotes or not.
fn braces(text: &str) -> Option<Braces<'_>> {
    let blank = [' ', '\t'];
    let mut name = None;
    let mut labels = Vec::new();
    let mut rest = text.trim_start_matches(blank);
    loop {
        if let Some(behind) = rest.strip_prefix('}') {
            return Some((name, labels, behind));
        }
        if rest.starts_with('"') {
            let (word, behind) = quoted(rest)?;
            let behind = behind.trim_start_matches(blank);
            match behind.strip_prefix('=') {
                Some(behind) => {
                    let (value, behind) = quoted(behind.trim_start_matches(blank))?;
                    labels.push((word, value));
                    rest = behind;
                }
                None if name.is_none() && !word.is_empty() => {
                    name = Some(word);
                    rest = behind;
                }
                None => return None,
            }
        } else {
            let (label, behind) = rest.split_once('=')?;
            let label = label.trim_matches(blank);
            if !is_name(label) {
                return None;
            }
            let (value, behind) = quoted(behind.trim_start_matches(blank))?;
            labels.push((Cow::Borrowed(label), value));
            rest = behind;
        }
        rest = rest.trim_start_matches(blank);
        rest = match rest.strip_prefix(',') {
            Some(behind) => behind.trim_start_matches(blank),
            None if rest.starts_with('}') => rest,
            None => return None,
        };
    }
}

/// The text in quotes that `text` begins with, and what follows it. `\n`, `\\` and `\"` are escapes; another letter
/// behind a backslash stands for both.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let body = text.strip_prefix('"')?;
    let plain = body.find(['"', '\\'])?;
    if body[plain..].starts_with('"') {
        return Some((Cow::Borrowed(&body[..plain]), &body[plain + 1..]));
    }
    let mut value = String::new();
    let mut letters = body.char_indices();
    loop {
        match letters.next()? {
            (at, '"') => return Some((Cow::Owned(value), &body[at + 1..])),
            (_, '\\') => match letters.next()?.1 {
                'n' => value.push('\n'),
                letter @ ('\\' | '"') => value.push(letter),
                letter => value.extend(['\\', letter]),
            },
            (_, letter) => value.push(letter),
        }
    }
}

/// A bucket of a histogram or a quantile of a summary: its bound (`le`, `quantile`) and its value.
pub type Rung = (f64, f64);

/// How far two quantiles of a sketch may lie the wrong way round, as a share: each is rounded to its accuracy, but for 0
/// and 1, which are the minimum and the maximum themselves.
const SKETCH: f64 = 0.01;

/// The first two neighbours of which the higher is less, in rungs sorted by bound: a bucket counts all that is in the
/// ones below it, and no quantile is less than a lower one.
pub fn disorder(rungs: &[Rung], quantiles: bool) -> impl Iterator<Item = (Rung, Rung)> {
    rungs.windows(2).filter_map(move |pair| {
        let [low, high] = *pair else { return None };
        let allowed = if quantiles { SKETCH } else { 1e-9 };
        let close = (high.1 - low.1).abs() <= allowed * high.1.abs().max(low.1.abs());
        (high.1 < low.1 && !close).then_some((low, high))
    })
}

/// Whether the highest bucket disagrees with the count of all samples: the one without a bound counts all, and no other
/// counts more than all.
pub fn uncounted(highest: Rung, count: f64) -> bool {
    let part = highest.0.is_finite() && highest.1 < count;
    let close = (highest.1 - count).abs() <= 1e-9 * highest.1.abs().max(count.abs());
    !part && !close
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match line(text) {
            Ok(Line::Sample(sample)) => {
                let labels: Vec<String> = sample.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
                let time = sample.time.map_or(String::new(), |time| format!("@{time}"));
                let exemplar = if sample.exemplar { "#" } else { "" };
                format!("{}[{}]{}{time}{exemplar}", sample.name, labels.join(","), sample.value)
            }
            Ok(Line::Type(name, kind)) => format!("{name} is {kind:?}"),
            Ok(other) => format!("{other:?}"),
            Err(_) => "-".to_owned(),
        }
    }

    #[test]
    fn lines_of_all_kinds() {
        for (text, wanted) in [
            ("up 1", "up[]1"),
            ("  \tup\t1  \r", "up[]1"),
            ("up{} 1", "up[]1"),
            ("up {a = \"x\" , b=\"y\",} 1 1395066363000", "up[a=x,b=y]1@1395066363000"),
            ("up{a=\"x\"}1", "up[a=x]1"),
            ("a:b{c=\"\\\\d\\n\\\"e\\\"\\q\"} +Inf", "a:b[c=\\d\n\"e\"\\q]+Inf"),
            ("up{a=\"x # y\"} 1 # {id=\"z\"} 0.6 1520879608", "up[a=x # y]1#"),
            ("{\"http.server.requests\",method=\"get\"} 5", "http.server.requests[method=get]5"),
            ("{\"my metric\"} NaN", "my metric[]NaN"),
            ("up{\"label.name\"=\"x\"} 1", "up[label.name=x]1"),
            ("{method=\"get\",\"http.server\"} 5", "http.server[method=get]5"),
            ("# TYPE a counter", "a is Counter"),
            ("#  TYPE  \"a b\"  histogram", "a b is Histogram"),
            ("# TYPE a other", "a is Unknown"),
            ("# HELP a TYPE b counter", "Nothing"),
            ("# made by cron", "Nothing"),
            ("# UNIT a seconds", "Unit"),
            ("# EOF", "End"),
            ("", "Nothing"),
            ("up", "-"),
            ("up{a=\"x} 1", "-"),
            ("up{a=x} 1", "-"),
            ("up 1 2 3", "-"),
            ("up one", "-"),
            ("1up 1", "-"),
            ("up{\"name\"} 1", "-"),
            ("{\"a\",\"b\"} 1", "-"),
            ("{\"a\":1}", "-"),
            ("{a=\"x\"} 1", "-"),
            ("{} 1", "-"),
        ] {
            assert_eq!(shown(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_begins_as_a_scrape() {
        for text in ["# made by cron\nup 1\n", "\n  up 1\n", "# HELP a b\n", "# EOF\n", "{\"a.b\"} 1\n"] {
            assert!(begins(text), "{text}");
        }
        for text in ["Name: 5\n", "# a page\n", "it went well\n", "{\"a\":1}\n", ""] {
            assert!(!begins(text), "{text}");
        }
    }

    #[test]
    fn what_is_true_within_a_family() {
        let found = |rungs: &[Rung], quantiles| disorder(rungs, quantiles).count();
        assert_eq!(found(&[(0.1, 5.0), (1.0, 3.0), (f64::INFINITY, 9.0)], false), 1);
        assert_eq!(found(&[(0.5, 100.0), (0.9, 99.5)], true), 0);
        assert_eq!(found(&[(0.5, 100.0), (0.9, 98.0)], true), 1);
        // The quantile of 1 is the maximum itself: those below it are rounded past it, but no further than 1 %.
        assert_eq!(found(&[(0.9, 100.0), (1.0, 99.5)], true), 0);
        assert_eq!(found(&[(0.9, 100.0), (1.0, 98.0)], true), 1);
        assert!(uncounted((f64::INFINITY, 8.0), 9.0) && uncounted((1.0, 10.0), 9.0));
        assert!(!uncounted((1.0, 8.0), 9.0) && !uncounted((f64::INFINITY, 9.0), 9.0));
    }
}
