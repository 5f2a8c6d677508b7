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
    /// It goes up and down.
    Gauge,
    /// Labels that describe something: its value is always 1.
    Info,
    /// A series a state: 1 for those that are on, 0 for the others.
    StateSet,
    /// Buckets, a sum and a count, all of which count upwards.
    Histogram,
    /// Quantiles, and a sum and a count that count upwards.
    Summary,
    /// A histogram of what is there now.
    GaugeHistogram,
    /// `untyped` or `unknown`.
    Unknown,
}

impl Kind {
    /// The kind that a word of a `# TYPE` line names, in any case.
    pub fn from_word(word: &str) -> Option<Kind> {
        Some(match word.to_ascii_lowercase().as_str() {
            "counter" => Kind::Counter,
            "gauge" => Kind::Gauge,
            "info" => Kind::Info,
            "stateset" => Kind::StateSet,
            "histogram" => Kind::Histogram,
            "summary" => Kind::Summary,
            "gaugehistogram" | "gauge_histogram" => Kind::GaugeHistogram,
            "untyped" | "unknown" => Kind::Unknown,
            _ => return None,
        })
    }

    /// Which samples a family of this kind has: the ends of their names, and whether those only count upwards.
    pub fn samples(self) -> &'static [(&'static str, bool)] {
        match self {
            // Before OpenMetrics a counter's family has the whole name, with `_total`.
            Kind::Counter => &[("", true), ("_total", true)],
            Kind::Gauge | Kind::Info | Kind::StateSet => &[("", false), ("_info", false)],
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
    /// What it has that only OpenMetrics has.
    pub open_metrics: Option<OpenMetrics>,
    /// Whether a label has an escape that the older format does not have: OpenMetrics keeps both its letters.
    pub odd_escape: bool,
}

/// What only OpenMetrics has in the line of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMetrics {
    /// An exemplar behind the value.
    Exemplar,
    /// A time in seconds, with a fraction.
    Seconds,
}

impl Sample<'_> {
    /// What is wrong with the bound of a bucket (`le` of a sample `…_bucket`): it is no number.
    pub fn odd_bound(&self) -> Option<String> {
        let bound = self.labels.iter().find(|(name, _)| name == "le").filter(|_| self.name.ends_with("_bucket"))?;
        (!is_bound(&bound.1)).then(|| format!("le={}: the bound of a bucket is a number", quote(&bound.1)))
    }
}

/// Whether a text is the bound of a bucket: a number, or an infinity.
pub fn is_bound(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(|bound| !bound.is_nan())
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.escape_debug())
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
/// The line is neither a comment nor a sample, or names a type that there is not; the message says what was wanted.
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
            "TYPE" => kind(words)?,
            _ => Line::Nothing,
        });
    }
    sample(text).map(Line::Sample)
}

/// What stands behind `# TYPE`. Where the line ends before its kind, it is a comment.
fn kind(mut words: &str) -> Result<Line<'_>, &'static str> {
    if words.is_empty() {
        return Ok(Line::Nothing);
    }
    let plain = !words.starts_with('"');
    let name = take_name(&mut words).filter(|name| !plain || is_name(name)).ok_or("wanted # TYPE NAME KIND")?;
    if words.is_empty() {
        return Ok(Line::Nothing);
    }
    let kind = Kind::from_word(words.trim_end());
    kind.map(|kind| Line::Type(name, kind)).ok_or("wanted a type: counter, gauge, histogram, summary, untyped …")
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
        let (name, rest, _) = quoted(text).filter(|(_, _, odd)| !odd)?;
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

fn sample(text: &str) -> Result<Sample<'_>, &'static str> {
    let wanted = "wanted NAME{LABELS} VALUE";
    let blank = [' ', '\t'];
    let end = text.find(['{', ' ', '\t']).ok_or(wanted)?;
    let (plain, rest) = text.split_at(end);
    let mut name = Cow::Borrowed(plain);
    let mut labels = Labels::default();
    let mut rest = match rest.trim_start_matches(blank).strip_prefix('{') {
        None => rest,
        Some(inside) => {
            labels = braces(inside, true).ok_or(wanted)?;
            labels.behind
        }
    };
    match labels.name {
        Some(quoted) if plain.is_empty() => name = quoted,
        None if is_name(plain) => {}
        _ => return Err(wanted),
    }
    let mut names: Vec<&str> = labels.list.iter().map(|(name, _)| name.as_ref()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err("a label appears twice");
    }
    if names.binary_search(&"__name__").is_ok() {
        return Err("the label __name__ is reserved: the name comes before the labels");
    }
    rest = rest.trim_start_matches(blank);
    let number = |text: &str| text.parse::<f64>().is_ok();
    let value = Some(take_word(&mut rest)).filter(|value| number(value)).ok_or(wanted)?;
    let time = (!rest.is_empty() && !rest.starts_with('#')).then(|| take_word(&mut rest));
    if !time.is_none_or(is_time) {
        return Err("wanted a timestamp after the value");
    }
    let mut open_metrics = time.filter(|time| time.contains('.')).map(|_| OpenMetrics::Seconds);
    if !rest.is_empty() {
        rest.strip_prefix('#').ok_or(wanted)?;
        exemplar(rest).ok_or("wanted an exemplar after the value: # {LABELS} VALUE")?;
        open_metrics = Some(OpenMetrics::Exemplar);
    }
    Ok(Sample { name, labels: labels.list, value, time, open_metrics, odd_escape: labels.odd_escape })
}

fn is_time(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// Reads an exemplar, `# {LABELS} VALUE [TIME]`.
fn exemplar(text: &str) -> Option<()> {
    let blank = [' ', '\t'];
    let inside = text.strip_prefix('#')?.strip_prefix(blank)?.trim_start_matches(blank).strip_prefix('{')?;
    let labels = braces(inside, false)?;
    let mut rest = labels.behind.strip_prefix(blank)?.trim_start_matches(blank);
    let value = take_word(&mut rest).parse::<f64>().is_ok();
    let time = rest.is_empty() || is_time(take_word(&mut rest));
    (value && time && rest.is_empty()).then_some(())
}

/// What stands between the braces, and what follows them.
#[derive(Default)]
struct Labels<'a> {
    /// The name of the metric, in quotes.
    name: Option<Cow<'a, str>>,
    list: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    odd_escape: bool,
    behind: &'a str,
}

/// Reads `"name",label="value",…}`, a label's name in quotes or not; `named` says whether the metric's may be there.
fn braces(text: &str, named: bool) -> Option<Labels<'_>> {
    let blank = [' ', '\t'];
    let mut labels = Labels::default();
    let mut rest = text.trim_start_matches(blank);
    loop {
        if let Some(behind) = rest.strip_prefix('}') {
            labels.behind = behind;
            return Some(labels);
        }
        let label = if rest.starts_with('"') {
            // In a name no other escape is known: OpenMetrics has no names in quotes.
            let (word, behind, _) = quoted(rest).filter(|(_, _, odd)| !odd)?;
            rest = behind.trim_start_matches(blank);
            if !rest.starts_with('=') && named && labels.name.is_none() && !word.is_empty() {
                labels.name = Some(word);
                None
            } else {
                Some(word)
            }
        } else {
            let (label, _) = rest.split_once('=')?;
            rest = rest.strip_prefix(label)?;
            Some(label.trim_matches(blank)).filter(|label| is_name(label)).map(Cow::Borrowed).map(Some)?
        };
        if let Some(label) = label {
            let (value, behind, odd) = quoted(rest.strip_prefix('=')?.trim_start_matches(blank))?;
            labels.list.push((label, value));
            labels.odd_escape |= odd;
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

/// The text in quotes that `text` begins with, what follows it, and whether it has another escape than `\n`, `\\` and
/// `\"`: a letter behind a backslash that stands for both.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str, bool)> {
    let body = text.strip_prefix('"')?;
    let plain = body.find(['"', '\\'])?;
    if body[plain..].starts_with('"') {
        return Some((Cow::Borrowed(&body[..plain]), &body[plain + 1..], false));
    }
    let mut value = String::new();
    let mut odd = false;
    let mut letters = body.char_indices();
    loop {
        match letters.next()? {
            (at, '"') => return Some((Cow::Owned(value), &body[at + 1..], odd)),
            (_, '\\') => match letters.next()?.1 {
                'n' => value.push('\n'),
                letter @ ('\\' | '"') => value.push(letter),
                letter => {
                    odd = true;
                    value.extend(['\\', letter]);
                }
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
                let exemplar = if sample.open_metrics == Some(OpenMetrics::Exemplar) { "#" } else { "" };
                let exemplar = format!("{exemplar}{}", if sample.odd_escape { "\\" } else { "" });
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
            ("a:b{c=\"\\\\d\\n\\\"e\\\"\\q\"} +Inf", "a:b[c=\\d\n\"e\"\\q]+Inf\\"),
            ("up{a=\"x # y\"} 1 # {id=\"z\"} 0.6 1520879608", "up[a=x # y]1#"),
            ("{\"http.server.requests\",method=\"get\"} 5", "http.server.requests[method=get]5"),
            ("{\"my metric\"} NaN", "my metric[]NaN"),
            ("up{\"label.name\"=\"x\"} 1", "up[label.name=x]1"),
            ("{method=\"get\",\"http.server\"} 5", "http.server[method=get]5"),
            ("# TYPE a counter", "a is Counter"),
            ("#  TYPE  \"a b\"  histogram", "a b is Histogram"),
            ("# TYPE a COUNTER", "a is Counter"),
            ("# TYPE a gauge_histogram", "a is GaugeHistogram"),
            ("# TYPE a untyped", "a is Unknown"),
            ("# TYPE", "Nothing"),
            ("# TYPE a", "Nothing"),
            ("# TYPE a other", "-"),
            ("# TYPE a counter gauge", "-"),
            ("# TYPE a-b counter", "-"),
            ("# TYPE \"a\\t\" counter", "-"),
            ("# HELP a TYPE b counter", "Nothing"),
            ("# made by cron", "Nothing"),
            ("# UNIT a seconds", "Unit"),
            ("# EOF", "End"),
            ("", "Nothing"),
            ("up", "-"),
            ("up{a=\"x} 1", "-"),
            ("up{a=x} 1", "-"),
            ("up 1 2 3", "-"),
            ("up 1 NaN", "-"),
            ("up 1 Inf", "-"),
            ("up{a=\"1\",b=\"2\",a=\"1\"} 1", "-"),
            ("up{__name__=\"x\"} 1", "-"),
            ("up{a=\"1\"} 1 2.5", "up[a=1]1@2.5"),
            ("up 1 # {} 2", "up[]1#"),
            ("up 1 # {a=\"\\d\"} 2 3", "up[]1#"),
            ("up 1 #", "-"),
            ("up 1# {} 1", "-"),
            ("up 1 #{} 1", "-"),
            ("up 1 # {}1", "-"),
            ("up 1 # {} 1 NaN", "-"),
            ("up 1 # {} 0x1", "-"),
            ("up 1 # {\"a\"} 1", "-"),
            ("up 1 # a=\"b\"} 1", "-"),
            ("{\"a\\t\"} 1", "-"),
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
    fn the_bound_of_a_bucket_is_a_number() {
        for (text, odd) in [
            ("h_bucket{le=\"0.5\"} 1", false),
            ("h_bucket{le=\"+Inf\"} 1", false),
            ("h_bucket{le=\"bla\"} 1", true),
            ("h_bucket{le=\"0x1p-3\"} 1", true),
            ("h_bucket{le=\"NaN\"} 1", true),
            ("h{le=\"bla\"} 1", false),
            ("h_bucket 1", false),
        ] {
            let Ok(Line::Sample(sample)) = line(text) else { panic!("{text}") };
            assert_eq!(sample.odd_bound().is_some(), odd, "{text}");
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
