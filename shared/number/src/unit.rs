//! Units: of metrics by the suffix of their name, of bounds by the letters that touch the number (DESIGN sec. 5).
//!
//! Owns the table below. Refuses to guess: a name without a suffix of the table has no unit. Suffixes of two letters and more
//! are also read at the end of a name in camelCase: `errorPct`, `latencyMs`, `sizeBytes` (but not `latencyMin`, a minimum).
//!
//! | kind | in a name | after a number |
//! |---|---|---|
//! | time | `_ns _us _ms _s _seconds _min _minutes _hours _days` | `ns us ms s m h d` |
//! | size | `_bytes _kb _mb _gb _tb _kib _mib _gib _tib` | `B kB MB GB TB KiB MiB GiB TiB` |
//! | share | `_pct _percent _ratio _ppm` | `%` `pct` `ppm` |
//! | none | `count missing samples passes fails`, and whatever is `_per_…` | the multipliers `k M G` |

use crate::Decimal;

/// What a unit measures. Only units of one kind convert into each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// From nanoseconds to days
    Time,
    /// Bytes, by thousands and by 1024
    Size,
    /// A part of a whole: ratio, percent, parts per million
    Share,
}

impl Kind {
    /// The kind in words, for messages: `a time`, `a size`, `a share`.
    pub fn words(self) -> &'static str {
        match self {
            Kind::Time => "a time",
            Kind::Size => "a size",
            Kind::Share => "a share",
        }
    }
}

macro_rules! units {
    ($($unit:ident, $kind:ident, $name:literal, $written:literal, $digits:literal e $exponent:literal, $doc:literal;)*) => {
        /// A unit of time, size or share.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Unit { $(#[doc = $doc] $unit),* }

        impl Unit {
            /// Every unit.
            pub const ALL: &'static [Unit] = &[$(Unit::$unit),*];

            /// The unit's name in a check: `us`, `bytes`, `pct`.
            pub fn name(self) -> &'static str {
                match self { $(Unit::$unit => $name),* }
            }

            /// How the unit is written after a number: `us`, `B`, `%`; `""` for a ratio, which is the plain number.
            pub fn written(self) -> &'static str {
                match self { $(Unit::$unit => $written),* }
            }

            /// What it measures.
            pub fn kind(self) -> Kind {
                match self { $(Unit::$unit => Kind::$kind),* }
            }

            /// How many nanoseconds, bytes or wholes one of it is.
            pub fn factor(self) -> Decimal {
                let (digits, exponent): (i128, i32) = match self { $(Unit::$unit => ($digits, $exponent)),* };
                Decimal::new(digits, exponent).unwrap_or(Decimal::ONE)
            }
        }
    };
}

units! {
    Nanosecond, Time, "ns", "ns", 1 e 0, "ns";
    Microsecond, Time, "us", "us", 1 e 3, "us";
    Millisecond, Time, "ms", "ms", 1 e 6, "ms";
    Second, Time, "s", "s", 1 e 9, "s";
    Minute, Time, "min", "m", 60 e 9, "min";
    Hour, Time, "h", "h", 3600 e 9, "h";
    Day, Time, "d", "d", 86400 e 9, "d";
    Byte, Size, "bytes", "B", 1 e 0, "bytes";
    Kilobyte, Size, "kB", "kB", 1 e 3, "1000 bytes";
    Megabyte, Size, "MB", "MB", 1 e 6, "1000 kB";
    Gigabyte, Size, "GB", "GB", 1 e 9, "1000 MB";
    Terabyte, Size, "TB", "TB", 1 e 12, "1000 GB";
    Kibibyte, Size, "KiB", "KiB", 1024 e 0, "1024 bytes";
    Mebibyte, Size, "MiB", "MiB", 1048576 e 0, "1024 KiB";
    Gibibyte, Size, "GiB", "GiB", 1073741824 e 0, "1024 MiB";
    Tebibyte, Size, "TiB", "TiB", 1099511627776 e 0, "1024 GiB";
    Percent, Share, "pct", "%", 1 e -2, "hundredths";
    Ratio, Share, "ratio", "", 1 e 0, "a fraction of one";
    PartPerMillion, Share, "ppm", "ppm", 1 e -6, "millionths";
}

/// Suffixes of names, those first that end in another.
const SUFFIXES: [(&str, Unit); 25] = [
    ("milliseconds", Unit::Millisecond),
    ("microseconds", Unit::Microsecond),
    ("nanoseconds", Unit::Nanosecond),
    ("seconds", Unit::Second),
    ("minutes", Unit::Minute),
    ("percent", Unit::Percent),
    ("hours", Unit::Hour),
    ("bytes", Unit::Byte),
    ("ratio", Unit::Ratio),
    ("days", Unit::Day),
    ("min", Unit::Minute),
    ("kib", Unit::Kibibyte),
    ("mib", Unit::Mebibyte),
    ("gib", Unit::Gibibyte),
    ("tib", Unit::Tebibyte),
    ("pct", Unit::Percent),
    ("ppm", Unit::PartPerMillion),
    ("ns", Unit::Nanosecond),
    ("us", Unit::Microsecond),
    ("ms", Unit::Millisecond),
    ("kb", Unit::Kilobyte),
    ("mb", Unit::Megabyte),
    ("gb", Unit::Gigabyte),
    ("tb", Unit::Terabyte),
    ("s", Unit::Second),
];

impl Unit {
    /// The unit that a name's suffix says: `p99_us`, `cpu_pct`; `None` where it says none.
    ///
    /// `latency_ms_min` is a minimum in milliseconds, not minutes; `bytes_per_s` is a rate and has no unit here.
    pub fn of_name(name: &str) -> Option<Unit> {
        // Prometheus puts the unit before what is counted: `process_cpu_seconds_total`. How many there are has none.
        let name = ["_total", "_sum"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        let parted = name.rsplit_once('_');
        let Some((_, unit)) = parted.and_then(|(_, suffix)| SUFFIXES.iter().find(|(text, _)| *text == suffix)) else {
            return Unit::of_camel_case(name);
        };
        let (stem, suffix) = parted?;
        if stem == "per" || stem.ends_with("_per") {
            return None;
        }
        match unit {
            Unit::Minute if suffix == "min" => Unit::of_name(stem).or(Some(Unit::Minute)),
            unit => Some(*unit),
        }
    }

    /// The unit at the end of a name in camelCase: `errorPct`, `p99Ms`, `rssMB`; `None` where a word there is none.
    fn of_camel_case(name: &str) -> Option<Unit> {
        let bytes = name.as_bytes();
        let begins = |at: usize| {
            let before = at.checked_sub(1).and_then(|before| bytes.get(before));
            bytes.get(at).is_some_and(u8::is_ascii_uppercase)
                && before.is_some_and(|before| before.is_ascii_lowercase() || before.is_ascii_digit())
        };
        let start = (1..bytes.len()).rev().find(|&at| begins(at))?;
        let (stem, word) = name.split_at_checked(start)?;
        if word.len() < 2 || word.eq_ignore_ascii_case("min") || stem.ends_with("Per") || stem == "per" {
            return None;
        }
        SUFFIXES.iter().find(|(text, _)| text.eq_ignore_ascii_case(word)).map(|(_, unit)| *unit)
    }

    /// The unit of a metric by the steps of its path, the last first.
    pub fn of_steps<'a>(steps: impl DoubleEndedIterator<Item = &'a str>) -> Option<Unit> {
        for (place, step) in steps.rev().enumerate() {
            if place == 0 && matches!(step, "count" | "missing" | "samples" | "passes" | "fails") {
                return None;
            }
            if let Some(unit) = Unit::of_name(step) {
                return Some(unit);
            }
        }
        None
    }

    /// The unit written after a number: `ms`, `KiB`, `%`, `pct`.
    pub fn from_written(text: &str) -> Option<Unit> {
        match text {
            "" => None,
            "pct" => Some(Unit::Percent),
            _ => Unit::ALL.iter().copied().find(|unit| unit.written() == text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_names() {
        for (name, unit) in [
            ("p99_us", "us"),
            ("uptime_pct", "pct"),
            ("rss_mib", "MiB"),
            ("wait_min", "min"),
            ("latency_ms_min", "ms"),
            ("took_seconds", "s"),
            ("error_ratio", "ratio"),
            ("process_cpu_seconds_total", "s"),
            ("op_milliseconds_sum", "ms"),
            ("node_memory_bytes_total", "bytes"),
            ("errorPct", "pct"),
            ("p99Ms", "ms"),
            ("latencyMS", "ms"),
            ("sizeBytes", "bytes"),
            ("rssMB", "MB"),
            ("http_errorPct", "pct"),
        ] {
            assert_eq!(Unit::of_name(name).map(Unit::name), Some(unit), "{name}");
        }
        for name in [
            "p99",
            "status",
            "ms",
            "bytes_per_s",
            "http_2xx",
            "5xx_rate",
            "a_h",
            "op_seconds_count",
            "op_seconds_bucket",
            "reqs_total",
            "latencyMin",
            "paramS",
            "numVMs",
            "numItems",
            "reqPerMs",
            "MS",
            "Pct",
        ] {
            assert_eq!(Unit::of_name(name), None, "{name}");
        }
        assert_eq!(Unit::of_steps(["latency_ms", "p99"].into_iter()), Some(Unit::Millisecond));
        assert_eq!(Unit::of_steps(["latency_ms", "count"].into_iter()), None);
    }

    #[test]
    fn written_units_read_back() {
        for unit in Unit::ALL.iter().filter(|unit| **unit != Unit::Ratio) {
            assert_eq!(Unit::from_written(unit.written()), Some(*unit));
        }
        assert_eq!(Unit::from_written("mb"), None);
    }
}
