//! The words for units of time and size, as people and programs write them behind a number.
//!
//! Owns what each spelling is worth, for logs, lengths of time on a command line and ages alike. The units that the names of metrics
//! and the bounds of thresholds have are few and strict: those are [`Unit`](crate::Unit).

/// What a length of time is written in, and how many nanoseconds one is.
pub const TIMES: [(&str, u128); 47] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("msec", 1_000_000),
    ("msecs", 1_000_000),
    ("milliseconds", 1_000_000),
    ("usec", 1_000),
    ("microseconds", 1_000),
    ("nsec", 1),
    ("nsecs", 1),
    ("nanosecond", 1),
    ("nanoseconds", 1),
    ("usecs", 1_000),
    ("microsecond", 1_000),
    ("millisecond", 1_000_000),
    ("second", 1_000_000_000),
    ("minute", 60_000_000_000),
    ("hr", 3_600_000_000_000),
    ("hrs", 3_600_000_000_000),
    ("millis", 1_000_000),
    ("micros", 1_000),
    ("nanos", 1),
    ("minutes", 60_000_000_000),
    ("w", 604_800_000_000_000),
    ("week", 604_800_000_000_000),
    ("weeks", 604_800_000_000_000),
    ("min", 60_000_000_000),
    ("mins", 60_000_000_000),
    ("m", 60_000_000_000),
    ("seconds", 1_000_000_000),
    ("secs", 1_000_000_000),
    ("sec", 1_000_000_000),
    ("s", 1_000_000_000),
    ("hours", 3_600_000_000_000),
    ("hour", 3_600_000_000_000),
    ("h", 3_600_000_000_000),
    ("days", 86_400_000_000_000),
    ("day", 86_400_000_000_000),
    ("d", 86_400_000_000_000),
    ("millisec", 1_000_000),
    ("millisecs", 1_000_000),
    ("microsec", 1_000),
    ("microsecs", 1_000),
    ("nanosec", 1),
    ("nanosecs", 1),
];

/// What a size is written in, and how many bytes one is; none at all is bytes.
pub const SIZES: [(&str, u128); 44] = [
    ("", 1),
    ("B", 1),
    ("bytes", 1),
    ("k", 1_000),
    ("K", 1_000),
    ("kB", 1_000),
    ("KB", 1_000),
    ("M", 1_000_000),
    ("MB", 1_000_000),
    ("G", 1_000_000_000),
    ("GB", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("TB", 1_000_000_000_000),
    ("Ki", 1 << 10),
    ("KiB", 1 << 10),
    ("Mi", 1 << 20),
    ("MiB", 1 << 20),
    ("Gi", 1 << 30),
    ("GiB", 1 << 30),
    ("Ti", 1 << 40),
    ("TiB", 1 << 40),
    ("kiB", 1 << 10),
    ("byte", 1),
    ("kbyte", 1_000),
    ("kbytes", 1_000),
    ("mbyte", 1_000_000),
    ("mbytes", 1_000_000),
    ("gbyte", 1_000_000_000),
    ("gbytes", 1_000_000_000),
    ("kilobyte", 1_000),
    ("kilobytes", 1_000),
    ("megabyte", 1_000_000),
    ("megabytes", 1_000_000),
    ("gigabyte", 1_000_000_000),
    ("gigabytes", 1_000_000_000),
    ("kibibytes", 1 << 10),
    ("mebibytes", 1 << 20),
    ("gibibytes", 1 << 30),
    ("terabytes", 1_000_000_000_000),
    ("octets", 1),
    ("PB", 1_000_000_000_000_000),
    ("PiB", 1 << 50),
    ("EB", 1_000_000_000_000_000_000),
    ("EiB", 1 << 60),
];

#[cfg(test)]
mod tests {
    use super::{SIZES, TIMES};
    use crate::{Decimal, Kind, Unit};

    #[test]
    fn units_of_thresholds_are_worth_the_same_here() {
        for unit in Unit::ALL.iter().filter(|unit| unit.kind() != Kind::Share) {
            let table: &[(&str, u128)] = if unit.kind() == Kind::Time { &TIMES } else { &SIZES };
            let worth = table.iter().find(|(word, _)| *word == unit.written()).map(|(_, worth)| *worth);
            assert_eq!(
                worth.map(|worth| Decimal::new(worth as i128, 0).unwrap()),
                Some(unit.factor()),
                "{}",
                unit.written()
            );
        }
    }

    #[test]
    fn no_word_stands_twice() {
        let mut words: Vec<&str> = TIMES.iter().chain(&SIZES).map(|(word, _)| *word).collect();
        words.sort_unstable();
        assert!(words.windows(2).all(|pair| pair[0] != pair[1]), "{words:?}");
    }
}
