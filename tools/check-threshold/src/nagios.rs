//! Nagios ranges (`--warning 10:20 --critical @~:5`), read strictly and turned into thresholds.
//!
//! Owns the grammar of the plugin guidelines and its canonical form. Refuses what seven implementations read
//! differently: an empty text, `~` at the end, a start above its end, blanks, hexadecimal.

use std::fmt;

use expr::{Decimal, Path, Threshold};

/// A range: it alerts outside itself, or inside with `@`; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    start: Option<Decimal>,
    end: Option<Decimal>,
    inside: bool,
}

impl Range {
    /// Reads a range: `[@][START:][END]`, where START is a number or `~`.
    pub fn parse(text: &str) -> Result<Range, String> {
        let (inside, rest) = match text.strip_prefix('@') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (start, end) = match rest.split_once(':') {
            None if rest.is_empty() => return Err("wanted a range like 10, 10:, ~:10, 10:20 or @10:20".to_owned()),
            None => (Some(Decimal::ZERO), Some(number(rest)?)),
            Some(("", "")) => return Err("a range has an end or a start".to_owned()),
            Some((start, end)) => {
                let start = match start {
                    "" => Some(Decimal::ZERO),
                    "~" => None,
                    number_text => Some(number(number_text)?),
                };
                (start, if end.is_empty() { None } else { Some(number(end)?) })
            }
        };
        if start.is_none() && end.is_none() {
            return Err(format!("the range is everything: it {} alerts", if inside { "always" } else { "never" }));
        }
        if let (Some(low), Some(high)) = (start, end)
            && low > high
        {
            return Err(format!("the start {low} is above the end {high}"));
        }
        Ok(Range { start, end, inside })
    }

    /// Whether other readers take the text for another range: `:10` is 0:10 here, and from minus infinity to some.
    pub fn is_doubtful(text: &str) -> bool {
        text.strip_prefix('@').unwrap_or(text).starts_with(':')
    }

    /// The threshold on `metric` that is violated where the range alerts; `word` is `warning` or `critical`.
    pub fn threshold(&self, metric: &Path, word: &str, clause: &str) -> Result<Threshold, expr::Error> {
        let good = match (self.start, self.end, self.inside) {
            (Some(low), Some(high), false) => format!("{metric} in {}..{}", plain(low), plain(high)),
            (Some(low), Some(high), true) => format!("not {metric} in {}..{}", plain(low), plain(high)),
            (Some(low), None, false) => format!("{metric} >= {}", plain(low)),
            (Some(low), None, true) => format!("{metric} < {}", plain(low)),
            (None, Some(high), false) => format!("{metric} <= {}", plain(high)),
            (None, Some(high), true) => format!("{metric} > {}", plain(high)),
            (None, None, _) => format!("{metric} == {metric}"),
        };
        Threshold::parse(&format!("{metric} {word} {self}: {good}{clause}"))
    }
}

/// A number in full, which the language of thresholds reads back.
fn plain(number: Decimal) -> String {
    number.to_string()
}

fn number(text: &str) -> Result<Decimal, String> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    // Zeros before a number mean nothing here: 010 is ten, as six of seven implementations read it.
    let digits = unsigned.trim_start_matches('0');
    let digits =
        if digits.starts_with(|first: char| first.is_ascii_digit()) { digits.to_owned() } else { format!("0{digits}") };
    let sign = if unsigned.len() < text.len() { "-" } else { "" };
    let well_formed = unsigned.starts_with(|first: char| first.is_ascii_digit());
    let read = if well_formed { Decimal::parse(&format!("{sign}{digits}")) } else { None };
    read.ok_or_else(|| match text {
        "~" => "~ goes only before the colon".to_owned(),
        _ => format!("{text:?} is not a number"),
    })
}

/// The canonical form: the shortest text that reads as the same range.
impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.inside {
            f.write_str("@")?;
        }
        match (self.start, self.end) {
            (Some(Decimal::ZERO), Some(end)) => write!(f, "{end}"),
            (start, end) => {
                match start {
                    Some(start) => write!(f, "{start}:")?,
                    None => f.write_str("~:")?,
                }
                end.map_or(Ok(()), |end| write!(f, "{end}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use schema::{Status, json};

    fn outside(name: &str) -> Vec<Vec<String>> {
        let text = testkit::outside(&format!("cases/{name}.tsv")).unwrap_or_default();
        text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
    }

    /// Rows in which ours is not what that upstream does, and why.
    const DIVERGENT: [(&str, &str); 2] = [
        ("1:12%%", "its parser stops at the first letter; a range is read to its end here, as Perl, Go and Python do"),
        ("", "an empty text is a mistake (guideline rule 7): one implementation reads it as 0:infinity"),
    ];

    #[test]
    fn the_table_of_ranges() {
        let rows = outside("nagios-range-parse");
        for row in &rows {
            let range = Range::parse(&row[0]);
            if DIVERGENT.iter().any(|(text, _)| *text == row[0]) {
                assert!(range.is_err(), "{row:?}");
                continue;
            }
            assert_eq!(range.is_ok(), row[1] == "1", "{row:?}: {range:?}");
            let Ok(range) = range else { continue };
            let end = |text: &str| Decimal::parse(text);
            assert_eq!((range.start, range.end, range.inside), (end(&row[2]), end(&row[3]), row[4] == "1"), "{row:?}");
            if let Some(canonical) = row[5].strip_prefix("canonical form ") {
                assert_eq!(range.to_string(), canonical);
            }
            if row[5].starts_with("String() round-trips") {
                assert_eq!(range.to_string(), row[0]);
            }
            assert_eq!(Range::parse(&range.to_string()), Ok(range));
        }
        assert!(rows.is_empty() || rows.len() == 45, "{}", rows.len());
    }

    fn alerts(range: &str, value: &str) -> Option<bool> {
        let range = Range::parse(range).unwrap();
        let threshold = range.threshold(&Path::parse("x").unwrap(), "critical", "").unwrap();
        // JSON wants a digit before the point.
        let value = match value.trim_start_matches('-').starts_with('.') {
            true => value.replacen('.', "0.", 1),
            false => value.to_owned(),
        };
        let text = format!("{{\"x\":{value}}}");
        let record = json::parse(text.as_bytes()).unwrap();
        match threshold.checks(&record, "", None).remove(0).status {
            Status::Pass => Some(false),
            Status::Fail => Some(true),
            _ => None,
        }
    }

    #[test]
    fn the_table_of_values() {
        let rows = outside("nagios-range-check");
        for row in &rows {
            // Doubles take these two for equal; they are not, and here numbers are exact.
            let exact = row[0] == "12345678901234567890:" && row[1] == "1.2345678901234567e+19";
            assert_eq!(alerts(&row[0], &row[1]), Some((row[2] == "1") != exact), "{row:?}");
        }
        assert!(rows.is_empty() || rows.len() == 169, "{}", rows.len());
    }

    #[test]
    fn the_table_of_states() {
        let rows = outside("nagios-status");
        for row in &rows {
            if row[3] == "UNKNOWN" {
                // Not a range, or not a number: a usage error, or INCONCLUSIVE.
                assert!(Range::parse(&row[0]).is_err() || Range::parse(&row[1]).is_err(), "{row:?}");
                continue;
            }
            let x = Path::parse("x").unwrap();
            let mut thresholds = expr::Thresholds::new();
            if !row[1].is_empty() {
                thresholds.push(Range::parse(&row[1]).unwrap().threshold(&x, "critical", "").unwrap());
            }
            if !row[0].is_empty() {
                thresholds.push(Range::parse(&row[0]).unwrap().threshold(&x, "warning", " else warn").unwrap());
            }
            let text = format!("{{\"x\":{}}}", row[2]);
            let record = json::parse(text.as_bytes()).unwrap();
            let checks = expr::Judge::new(&thresholds, None, expr::Missing::Inconclusive).record(&record, "");
            let wanted = match row[3].as_str() {
                "OK" => Status::Pass,
                "WARNING" => Status::Warn,
                "CRITICAL" => Status::Fail,
                other => panic!("{other}"),
            };
            assert_eq!(Status::all(checks.iter().map(|check| check.status)), wanted, "{row:?}");
        }
        assert!(rows.is_empty() || rows.len() == 65, "{}", rows.len());
    }

    /// Texts that seven implementations read differently: the answer here, and why.
    #[test]
    fn where_implementations_differ() {
        for text in ["", ":", "~", "10:~", "20:10", "@", "0x10", "10abc", "10 : 20", "~:", "+5", "1.:2", ".5"] {
            assert!(Range::parse(text).is_err(), "{text}: strict, since a slip must not become another range");
        }
        assert_eq!(Range::parse(":10").unwrap().to_string(), "10");
        assert!(Range::is_doubtful(":10"), "told, since many expect it to begin at minus infinity");
        assert_eq!(alerts("10", "10"), Some(false), "both ends belong to the range");
        assert_eq!(alerts("~:2", "2"), Some(false));
        assert_eq!(alerts("@~:10", "-5"), Some(true), "inside from minus infinity");
        assert_eq!(Range::parse("010:").unwrap().to_string(), "10:", "never octal");
        assert_eq!(Range::parse("1e3").unwrap().to_string(), "1000");
        assert_eq!(alerts("-5.5:-1.5", "-2.5"), Some(false));
        for range in ["10:20", "@10:20"] {
            assert_eq!(alerts(range, "\"NaN\""), None, "NaN is no number: INCONCLUSIVE");
        }
    }
}
