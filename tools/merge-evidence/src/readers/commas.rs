//! Decimal commas in the text of a tool that ran under another locale: `51,41ms`.
//!
//! A comma is read where it can only be one thing; a number that can be read in two ways stays as it is, so that its
//! reader finds none there, and is named.

use schema::Code;

use crate::facts::Facts;
use crate::quantity;
use crate::readers::load::{UNMEASURED, UNSAID};

/// A text without commas in its numbers.
pub struct Plain<'t> {
    /// The text.
    pub text: String,
    /// The first number that can be read in two ways, with its line.
    pub odd: Option<(usize, &'t str)>,
}

/// The text with a point in each number that has a comma; `None` where there is no such number.
pub fn plain(text: &str) -> Option<Plain<'_>> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b',', bytes)
        .any(|at| at > 0 && bytes[at - 1].is_ascii_digit() && bytes.get(at + 1).is_some_and(u8::is_ascii_digit))
        .then_some(())?;
    let mut plain = Plain { text: String::with_capacity(text.len()), odd: None };
    for (number, line) in text.split_inclusive('\n').enumerate() {
        // What stands between blanks and brackets, with these.
        for word in
            line.split_inclusive(|letter: char| letter.is_whitespace() || matches!(letter, '(' | ')' | '[' | ']'))
        {
            let end = word
                .find(|letter: char| !letter.is_ascii_digit() && !matches!(letter, ',' | '.'))
                .unwrap_or(word.len());
            let digits = word[..end].trim_end_matches([',', '.']);
            let rest = &word[digits.len()..];
            // A unit, and nothing else of a name or an address, may stand behind it.
            let unit = rest.trim_end().trim_end_matches(['(', ')', '[', ']', ',', ';', '%']);
            let known = digits.contains(',')
                && unit.len() <= 4
                && unit.chars().all(|letter| letter.is_alphabetic() || letter == '/');
            match quantity::decimal(digits).filter(|_| known) {
                Some(number) => plain.text.push_str(number.as_str()),
                None => {
                    if known {
                        plain.odd.get_or_insert((number + 1, digits));
                    }
                    plain.text.push_str(digits);
                }
            }
            plain.text.push_str(rest);
        }
    }
    Some(plain)
}

/// Names the number that can be read in two ways as the reason of what has none.
pub fn name(facts: &mut Facts<'_>, odd: Option<(usize, &str)>) {
    let Some((line, digits)) = odd else { return };
    for doubt in &mut facts.doubts {
        if [UNSAID, UNMEASURED].contains(&doubt.detail.as_str()) {
            doubt.code = Code::NotANumber;
            let detail = format!("{digits} in line {line}: the comma may be a decimal point or group digits");
            doubt.detail = detail;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;
    use crate::readers;

    #[test]
    fn a_comma_that_can_only_be_a_decimal_point_is_one() {
        let read = |text: &str| {
            plain(text).map(|plain| (plain.text, plain.odd.map(|(line, digits)| (line, digits.to_owned()))))
        };
        assert_eq!(read("3 a, b 4, 5\n"), None);
        let (text, odd) = read("  Latency    51,41ms    7,01ms\n tps = 1.234,5 (with x)\n (0,000%) 0,12, 9\n").unwrap();
        assert_eq!(text, "  Latency    51.41ms    7.01ms\n tps = 1234.5 (with x)\n (0.000%) 0.12, 9\n");
        assert_eq!(odd, None);
        let (text, odd) = read("a\nrate 12,345 req/s\nhttp://a/1,5 x1,5 1,5/2\n").unwrap();
        assert_eq!(text, "a\nrate 12,345 req/s\nhttp://a/1,5 x1,5 1,5/2\n");
        assert_eq!(odd, Some((2, "12,345".to_owned())));
    }

    #[test]
    fn a_report_of_another_locale_is_the_same_or_unknown() {
        for name in ["wrk/ok.txt", "hey/ok.txt", "ab/mix.txt", "h2load/ok.txt", "pgbench/run.txt", "sysbench/cpu.txt"] {
            let text = std::fs::read_to_string(testkit::root().join("testdata/merge-evidence").join(name)).unwrap();
            let mut locale = text.clone();
            for (at, _) in text.match_indices('.') {
                let digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
                if digit(at - 1) && digit(at + 1) {
                    locale.replace_range(at..=at, ",");
                }
            }
            let read = |text: &str| {
                let reading = readers::read(text.as_bytes(), None, false).unwrap();
                (test::text(&reading.facts), test::doubts(&reading.facts))
            };
            let ((known, doubts), (other, odd)) = (read(&text), read(&locale));
            if odd.iter().any(|doubt| doubt.contains("the comma may be")) {
                continue;
            }
            assert_eq!((known, doubts), (other, odd), "{name}");
        }
        let text = "Running 2s test @ http://a/\n  1 threads and 2 connections\n  Thread Stats   Avg      Stdev     Max   +/- Stdev\n    Latency    12,345ms    7.01ms  64.01ms   64.10%\n    Req/Sec    37.90      4.46    40.00     95.00%\n  78 requests in 2.08s, 9.66KB read\nRequests/sec:     37.43\nTransfer/sec:      4.64KB\n";
        let reading = readers::read(text.as_bytes(), None, false).unwrap();
        let doubts = test::doubts(&reading.facts);
        assert!(
            doubts.contains(
                &"latency/mean_ms: not-a-number: 12,345 in line 4: the comma may be a decimal point or group digits"
                    .to_owned()
            ),
            "{doubts:?}"
        );
    }
}
