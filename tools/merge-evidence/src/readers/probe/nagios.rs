//! The output of a Nagios plugin: a state, a text, and performance data behind a bar.
//!
//! The state is what the first line says; the exit status, which is the plugin's real answer, is not in the output. The
//! grammar is that of the Monitoring Plugins Development Guidelines: `'label'=value[UOM];[warn];[crit];[min];[max]`.

use schema::{Code, Number, Object, Value};

use crate::facts::Failure;
use crate::facts::{Builder, Content, Doubt, Facts};
use crate::quantity;

const STATES: [&str; 4] = ["OK", "WARNING", "CRITICAL", "UNKNOWN"];

/// Whether a text is the output of a plugin: a state in its first words, and performance data in its first line.
pub fn fits(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    let Some((said, data)) = first.split_once('|') else { return false };
    state(said).is_some() && !data.trim().is_empty() && first_item(data.trim_start()).is_some()
}

/// Whether a text is the output of a plugin without performance data: its first words name a state. Other texts begin so,
/// too, so that it has to be insisted on.
pub fn is_plain(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    !first.contains('|') && state(first).is_some()
}

/// The state that the first words of a line name.
fn state(text: &str) -> Option<&'static str> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.take(4).find_map(|word| STATES.into_iter().find(|state| *state == word))
}

/// Whether a line of longer output is the status line of another plugin that is not content: `HTTP CRITICAL - …`, or any with
/// performance data of its own. `CRITICAL: 0` is a count.
fn contradicts(line: &str) -> bool {
    let bad = |text: &str| state(text).is_some_and(|state| state != "OK");
    let words = || line.split_whitespace();
    let place = words().take(2).position(|word| STATES.contains(&word.trim_end_matches([':', ',', '-'])));
    let status = place.is_some_and(|place| {
        let mut rest = words().skip(place);
        let word = rest.next().unwrap_or_default();
        let mut said = rest.skip_while(|next| *next == "-");
        let said = said.next().unwrap_or_default();
        let ended = word.ends_with([':', '-']) || words().nth(place + 1) == Some("-");
        bad(word) && ended && !said.starts_with(|first: char| first.is_ascii_digit())
    });
    status || bad(line.split('|').next().unwrap_or_default()) && fits(line)
}

/// Reads the output of a plugin: `{"state":"OK","ok":true,"text":"…","rta":{"value_ms":0.8,"warn":"3000",…}}`.
///
/// # Errors
/// Performance data that is malformed.
pub fn read(text: &str) -> Result<Facts<'static>, Failure> {
    let mut facts = Facts { format: "nagios", ..Facts::default() };
    let first = text.lines().next().unwrap_or_default();
    let (said, data) = first.split_once('|').unwrap_or((first, ""));
    let mut report = Builder::default();
    match state(said) {
        Some(state) => {
            report.put("state", state);
            report.put("ok", Value::Bool(state == "OK"));
        }
        None => {
            for key in ["state", "ok"] {
                report.put(key, Value::Null);
                facts.doubts.push(Doubt::new(&[key], Code::Missing, "the first line names no state"));
            }
        }
    }
    if state(said) == Some("OK")
        && let Some((number, line)) = text.lines().enumerate().skip(1).find(|(_, line)| contradicts(line))
    {
        let detail = format!("line {} is a status of its own, and says otherwise: {}", number + 1, line.trim());
        facts.doubts.extend(["state", "ok"].map(|key| Doubt::new(&[key], Code::Inconsistent, detail.clone())));
    }
    report.put("text", said.trim().to_owned());
    // Behind a second bar, in the lines of longer output, there may be more.
    let more = text.lines().skip(1).collect::<Vec<_>>().join(" ");
    let more = more.split_once('|').map_or("", |(_, data)| data);
    for data in [data, more] {
        let mut rest = data.trim();
        while !rest.is_empty() {
            let Some((label, item, behind)) = first_item(rest) else {
                let reason = format!("{} is not performance data", schema::json::quote(rest.as_bytes()));
                return Err(Failure { place: Some((1, 1)), reason });
            };
            let (value, mut doubt) = measured(item);
            if behind.trim().is_empty() && !text.ends_with('\n') && may_go_on(item) {
                let steps: Vec<&str> =
                    value.as_object().into_iter().flat_map(|value| value.iter()).map(|(key, _)| key).take(1).collect();
                let detail = "the text ends within it, without a newline: it may have been cut short";
                doubt.get_or_insert_with(|| Doubt::new(&steps, Code::Missing, detail));
            }
            if !report.put(label.clone(), value) {
                facts.doubts.push(Doubt::new(&[&label], Code::Ambiguous, "two figures have this label"));
            }
            facts.doubts.extend(doubt.map(|doubt| doubt.under(&label)));
            rest = behind.trim_start();
        }
    }
    facts.content = Content::One(Value::Object(report.build()));
    Ok(facts)
}

/// The label, the figures and what follows the first item; a label in quotes may hold blanks, and `''` is a quote.
fn first_item(text: &str) -> Option<(String, &str, &str)> {
    let (label, rest) = match text.strip_prefix('\'') {
        Some(quoted) => {
            let mut label = String::new();
            let mut rest = quoted;
            loop {
                let (before, behind) = rest.split_once('\'')?;
                label.push_str(before);
                match behind.strip_prefix('\'') {
                    Some(more) => {
                        label.push('\'');
                        rest = more;
                    }
                    None => break (label, behind.strip_prefix('=')?),
                }
            }
        }
        None => {
            let (label, rest) = text.split_once('=')?;
            (label.to_owned(), rest)
        }
    };
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let plain = !label.is_empty() && !label.contains(['=', '|']) && (text.starts_with('\'') || !label.contains(' '));
    let item = rest.get(..end)?;
    // A number does not end in its point: it was cut.
    let figure = item.split(';').next().unwrap_or_default();
    let number = !figure.ends_with('.')
        && item.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '.' | 'U'));
    (plain && number).then(|| (label, item, rest.get(end..).unwrap_or_default()))
}

/// Whether a figure at the end of a text may be the beginning of another: `0.0` of `0.004s`, `12K` of `12KB`.
fn may_go_on(item: &str) -> bool {
    let unit = item.trim_start_matches(|letter: char| letter.is_ascii_digit() || matches!(letter, '-' | '+' | '.'));
    !item.contains(';') && matches!(unit, "" | "u" | "m" | "n" | "K" | "M" | "G" | "T")
}

/// `0.8ms;3000;5000;0;`: the figure with its unit in its name, the ranges as they are written.
fn measured(item: &str) -> (Value<'static>, Option<Doubt>) {
    let mut parts = item.split(';');
    let figure = parts.next().unwrap_or_default();
    let digits = figure.trim_end_matches(|letter: char| letter.is_ascii_alphabetic() || letter == '%');
    let unit = figure.get(digits.len()..).unwrap_or_default();
    let (name, places) = match unit {
        "" => ("value", 0),
        "s" => ("value_ms", quantity::SECONDS),
        "ms" => ("value_ms", 0),
        "us" => ("value_ms", -3),
        "ns" => ("value_ms", quantity::NANOSECONDS),
        "%" => ("value_pct", 0),
        "B" => ("value_bytes", 0),
        "c" => ("value_total", 0),
        // KB, MB … are of 1000 or of 1024, as the plugin likes.
        _ => ("value", 0),
    };
    let mut members = Object::new();
    let number = Number::parse(digits.to_owned()).or_else(|| digits.parse::<f64>().ok().and_then(Number::from_f64));
    let doubt = number.is_none().then(|| {
        let detail =
            if figure == "U" { "the plugin could not measure it".to_owned() } else { format!("it is {figure}") };
        Doubt::new(&[name], Code::NotANumber, detail)
    });
    members.insert(name, number.map_or(Value::Null, |number| Value::Number(number.shifted(places))));
    if name == "value" && !unit.is_empty() && unit != "U" {
        members.insert("unit", unit.to_owned());
    }
    for (key, part) in ["warn", "crit", "minimum", "maximum"].into_iter().zip(parts) {
        if !part.is_empty() {
            members.insert(key, part.to_owned());
        }
    }
    (Value::Object(members), doubt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    #[test]
    fn states_and_figures() {
        let text = "PING OK - Packet loss = 0%, RTA = 0.80 ms|rta=0.800000ms;3000.0;5000.0;0.0 pl=0%;80;100;0 'free space'=5MB;;@1:2 up=U\n";
        assert!(fits(text));
        let facts = read(text).unwrap();
        assert_eq!(
            test::text(&facts),
            r#"{"state":"OK","ok":true,"text":"PING OK - Packet loss = 0%, RTA = 0.80 ms","rta":{"value_ms":0.8,"warn":"3000.0","crit":"5000.0","minimum":"0.0"},"pl":{"value_pct":0,"warn":"80","crit":"100","minimum":"0"},"free space":{"value":5,"unit":"MB","crit":"@1:2"},"up":{"value":null}}"#
        );
        assert_eq!(test::doubts(&facts), ["up/value: not-a-number: the plugin could not measure it"]);
        assert!(!fits("it is OK | grep x\n") && !fits("a|b\n"));
    }

    #[test]
    fn a_figure_that_was_cut_is_no_figure() {
        let doubts = |data: &str| read(&format!("HTTP OK: 200|{data}")).map(|facts| test::doubts(&facts).len()).ok();
        for (data, wanted) in [
            ("time=0.0", Some(1)),
            ("time=0.004s size=12K", Some(1)),
            ("time=0.004m", Some(1)),
            ("load1=0.5;;;0 load5=0.", None),
            ("load1=0.5;;;0 load5=0.\n", None),
            ("load1=0.5;;;0 load5=", None),
            ("time=0.004s;;;0.00", Some(0)),
            ("time=0.004s", Some(0)),
            ("time=0.004ms size=850B", Some(0)),
            ("time=0.0\n", Some(0)),
            ("up=U\n", Some(1)),
        ] {
            assert_eq!(doubts(data), wanted, "{data:?}");
        }
    }

    #[test]
    fn without_performance_data_it_is_insisted_on() {
        let insisted = crate::readers::Format::from_word("nagios");
        for (text, ok) in
            [("OK - all fine\n", "true"), ("PING CRITICAL - no answer\n", "false"), ("UNKNOWN\n", "false")]
        {
            let reading = crate::readers::read(text.as_bytes(), insisted, false).unwrap();
            assert!(test::text(&reading.facts).contains(&format!(r#""ok":{ok}"#)), "{text}");
            assert!(crate::readers::read(text.as_bytes(), None, false).is_err(), "{text}");
        }
        for text in ["", "check_x: line 3: foo: not found\n", "it went well\n", "OK - fine | x\n"] {
            assert!(crate::readers::read(text.as_bytes(), insisted, false).is_err(), "{text}");
        }
    }

    #[test]
    fn a_second_status_line_is_heard() {
        let doubted = |more: &str| {
            let facts = read(&format!("DISK OK - free: 5 GB | /=5GB\n{more}\n")).unwrap();
            facts.doubts.iter().filter(|doubt| doubt.code == Code::Inconsistent).count()
        };
        for more in [
            "HTTP CRITICAL - Socket timeout after 10 seconds",
            "CRITICAL: connection refused",
            "PING WARNING - Packet loss = 20%|pl=20%",
            "all is well\nUNKNOWN - no answer",
        ] {
            assert_eq!(doubted(more), 2, "{more}");
        }
        for more in
            ["HTTP OK: 200 - 0.1 s", "CRITICAL: 0, WARNING: 0", "WARNING - 0 of 5", "no CRITICAL disks", "OK - b"]
        {
            assert_eq!(doubted(more), 0, "{more}");
        }
        // Of the first that is critical nothing is doubted.
        assert!(read("HTTP CRITICAL - x | t=1s\nDISK CRITICAL - y\n").unwrap().doubts.is_empty());
    }
}
