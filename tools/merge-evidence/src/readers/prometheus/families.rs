//! What the type of a family says of its samples, and which of them it contradicts.
//!
//! Owns the types that a scrape gives its families (`# TYPE`). A scrape that contradicts itself is read, and what it
//! contradicts is in doubt: prometheus/common's parser refuses such a page, Prometheus itself takes it.

use std::collections::HashMap;

use schema::Code;
use text::prometheus::{self, Kind};

/// The types of a scrape's families.
#[derive(Default)]
pub struct Families {
    kinds: HashMap<String, Kind>,
    /// Families with two types, in the order of the page: what each said.
    torn: Vec<(String, String)>,
}

/// What is doubtful of a sample, and why.
pub type Fault = (Code, String);

impl Families {
    /// Takes in a `# TYPE` line. The same one again changes nothing; the last word counts.
    pub fn take(&mut self, family: &str, kind: Kind) {
        let Some(before) = self.kinds.insert(family.to_owned(), kind).filter(|before| *before != kind) else { return };
        self.torn.push((family.to_owned(), format!("{family} has two types: {} and {}", word(before), word(kind))));
    }

    /// Whether a family has a type.
    pub fn has(&self, family: &str) -> bool {
        self.kinds.contains_key(family)
    }

    /// The families with two types, and what is said of them.
    pub fn torn(&self) -> impl Iterator<Item = &(String, String)> {
        self.torn.iter()
    }

    /// The family of a sample, its kind, and the end of the sample's name that tells its part.
    fn of<'a>(&self, name: &'a str) -> Option<(&'a str, Kind, &'a str)> {
        if let Some(&kind) = self.kinds.get(name) {
            return Some((name, kind, ""));
        }
        PARTS.iter().find_map(|part| {
            let family = name.strip_suffix(part)?;
            let kind = *self.kinds.get(family)?;
            let has = *part == "_created" || kind.samples().iter().any(|(end, _)| end == part);
            has.then(|| (family, kind, name.get(family.len()..).unwrap_or_default()))
        })
    }

    /// The summary or the histogram that a sample is of.
    pub fn tail<'a>(&self, name: &'a str) -> Option<&'a str> {
        self.of(name).filter(|(_, kind, _)| matches!(kind, Kind::Summary | Kind::Histogram)).map(|(family, ..)| family)
    }

    /// What is wrong with a sample, by the type of its family.
    pub fn fault(&self, name: &str, labels: &[(String, String)], value: &str) -> Option<Fault> {
        let of = self.of(name);
        if let Some((_, said)) = of.and_then(|(family, ..)| self.torn.iter().find(|(torn, _)| torn == family)) {
            return Some((Code::Inconsistent, said.clone()));
        }
        let label = |wanted: &str| labels.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        let value = value.parse::<f64>().unwrap_or(f64::NAN);
        let inconsistent = |said: &str| Some((Code::Inconsistent, said.to_owned()));
        // Without a type the name alone tells a bucket.
        let bucket = of.map_or(name.ends_with("_bucket"), |(_, _, part)| part == "_bucket");
        if let Some(bound) = label("le").filter(|bound| bucket && !prometheus::is_bound(bound)) {
            return Some((Code::Malformed, format!("le={bound}: the bound of a bucket is a number")));
        }
        match of? {
            (_, Kind::Summary, "") => {
                let quantile = label("quantile").filter(|quantile| !prometheus::is_bound(quantile))?;
                Some((Code::Malformed, format!("quantile={quantile}: the quantile of a summary is a number")))
            }
            (_, Kind::Counter, "" | "_total") if value < 0.0 => inconsistent("a counter is never negative"),
            (_, Kind::Histogram, "_bucket" | "_count") | (_, Kind::Summary, "_count") if value < 0.0 => {
                inconsistent("a count of observations is never negative")
            }
            (_, Kind::StateSet, "") if value != 0.0 && value != 1.0 => inconsistent("a state is 0 or 1"),
            (_, Kind::Info, "" | "_info") if value != 1.0 => inconsistent("the value of an info is 1"),
            _ => None,
        }
    }
}

/// The ends of the names of a family's samples.
const PARTS: [&str; 8] = ["_bucket", "_count", "_sum", "_total", "_created", "_info", "_gcount", "_gsum"];

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Info => "info",
        Kind::StateSet => "stateset",
        Kind::Histogram => "histogram",
        Kind::Summary => "summary",
        Kind::GaugeHistogram => "gaugehistogram",
        Kind::Unknown => "untyped",
    }
}
