//! Prometheus and OpenMetrics text: one sample a line.
//!
//! Owns the JSON of a sample's parts; the grammar is `text::prometheus`. A line knows neither the type of its family nor
//! whether it is OpenMetrics, so an escape that only that has is refused.

use text::prometheus::{self, Line};

use crate::record::convert::Conversion;
use crate::record::escape;
use crate::record::number;

/// One sample, as the JSON of its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// The metric's name, as text.
    pub name: Vec<u8>,
    /// The labels, as a JSON object.
    pub labels: Vec<u8>,
    /// The value, as JSON: a number, or `"NaN"`, `"+Inf"`, `"-Inf"`.
    pub value: Vec<u8>,
    /// Milliseconds since 1970, as a JSON number; empty where the line has none.
    pub timestamp: Vec<u8>,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A sample.
    Sample,
    /// A comment, a help or type line, or blank.
    Comment,
}

impl Sample {
    /// Reads one line into this sample; `Err` says what was wanted.
    pub fn read(&mut self, line: &[u8]) -> Result<Kind, String> {
        for part in [&mut self.name, &mut self.labels, &mut self.value, &mut self.timestamp] {
            part.clear();
        }
        let text = std::str::from_utf8(line.trim_ascii()).map_err(|_| "bytes that are not UTF-8")?;
        let sample = match prometheus::line(text)? {
            Line::Sample(sample) => sample,
            Line::Nothing | Line::Type(..) | Line::Unit | Line::End => return Ok(Kind::Comment),
        };
        if sample.odd_escape {
            return Err(r#"an escape that is none of \n, \\ and \""#.to_owned());
        }
        if let Some(fault) = sample.odd_bound() {
            return Err(fault);
        }
        self.name.extend_from_slice(sample.name.as_bytes());
        for (name, value) in &sample.labels {
            self.labels.push(if self.labels.is_empty() { b'{' } else { b',' });
            escape::write(name.as_bytes(), &mut self.labels);
            self.labels.push(b':');
            escape::write(value.as_bytes(), &mut self.labels);
        }
        if self.labels.is_empty() {
            self.labels.push(b'{');
        }
        self.labels.push(b'}');
        read_value(sample.value.as_bytes(), &mut self.value)?;
        match sample.time {
            Some(time) => read_timestamp(time.as_bytes(), &mut self.timestamp).map(|()| Kind::Sample),
            None => Ok(Kind::Sample),
        }
    }
}

fn read_value(word: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
    let is = |names: &[&str]| names.iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes()));
    if is(&["NaN"]) {
        out.extend_from_slice(b"\"NaN\"");
    } else if is(&["+Inf", "Inf", "+Infinity", "Infinity"]) {
        out.extend_from_slice(b"\"+Inf\"");
    } else if is(&["-Inf", "-Infinity"]) {
        out.extend_from_slice(b"\"-Inf\"");
    } else if number::is_number(word) {
        out.extend_from_slice(word);
    } else if !Conversion::Num.convert(word, out) {
        return Err(format!("{} is not a number, NaN, +Inf or -Inf", schema::json::quote(word)));
    }
    Ok(())
}

/// Milliseconds; OpenMetrics writes seconds with a point.
fn read_timestamp(word: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
    let is_seconds = word.contains(&b'.');
    let fits = if is_seconds {
        let mut seconds = word.to_vec();
        seconds.push(b's');
        Conversion::parse("ms").is_ok_and(|milliseconds| milliseconds.convert(&seconds, out))
    } else {
        Conversion::Int.convert(word, out)
    };
    if fits { Ok(()) } else { Err(format!("{} is not a timestamp", schema::json::quote(word))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<String, String> {
        let mut sample = Sample::default();
        if sample.read(line.as_bytes())? == Kind::Comment {
            return Ok(String::new());
        }
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Ok(format!(
            "{} {} {} {}",
            text(&sample.name),
            text(&sample.labels),
            text(&sample.value),
            text(&sample.timestamp)
        ))
    }

    #[test]
    fn samples() {
        for (line, expected) in [
            ("up 1", "up {} 1 "),
            ("up{} 1 1395066363000", "up {} 1 1395066363000"),
            ("a{code=\"200\",m=\"x\\\"\\n\\\\\",} 1027 1", "a {\"code\":\"200\",\"m\":\"x\\\"\\n\\\\\"} 1027 1"),
            ("b { le = \"+Inf\" } +Inf", "b {\"le\":\"+Inf\"} \"+Inf\" "),
            ("c NaN", "c {} \"NaN\" "),
            ("c -Inf", "c {} \"-Inf\" "),
            ("d 1.458255915e9", "d {} 1.458255915e9 "),
            ("d 1e10", "d {} 1e10 "),
            ("{\"my.metric\",\"lä.bel\"=\"v\"} 5", "my.metric {\"lä.bel\":\"v\"} 5 "),
            ("e_total 17.0 1520879607.789 # {id=\"x\"} 0.67", "e_total {} 17.0 1520879607789"),
            ("# HELP a b", ""),
            ("", ""),
        ] {
            assert_eq!(read(line).as_deref(), Ok(expected), "{line}");
        }
        for line in [
            "up",
            "up x",
            "up 1 2 3",
            "a{b} 1",
            "a{b=\"c} 1",
            "{} 1",
            "a{b=\"1\",b=\"2\"} 1",
            "a 1 x",
            "a{b=\"c\" d=\"e\"} 1",
            "a{b=\"\\t\"} 1",
            "a_bucket{le=\"bla\"} 1",
            "a{__name__=\"b\"} 1",
            "# TYPE a bla",
            "a-b 1",
            "a 1 # {} x",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
