//! The lines that begin with `#` in the extended log format of W3C, as IIS, CloudFront and Tomcat write it: `#Fields: date time …`.
//!
//! Owns what they say of the zone of the times below them. The standard has those in GMT: <https://www.w3.org/TR/WD-logfile.html>.

/// What the directives of a file said so far.
#[derive(Clone, Debug, Default)]
pub struct Directives {
    /// Whether the columns have a time of day, and none has its zone.
    has_time: bool,
    /// `#Time Format: Local`, as the firewall of Windows has it.
    is_local: bool,
}

impl Directives {
    /// Takes a line that begins with `#`; most are no directive.
    pub fn take(&mut self, line: &[u8]) {
        if let Some(names) = line.strip_prefix(b"#Fields:") {
            let has = |wanted: &[u8]| names.split(u8::is_ascii_whitespace).any(|name| name == wanted);
            // Flash Media Server has a column for the zone, since its times are local.
            self.has_time = has(b"time") && !has(b"tz");
        } else if let Some(format) = line.strip_prefix(b"#Time Format:") {
            self.is_local = !matches!(format.trim_ascii(), b"UTC" | b"GMT");
        }
    }

    /// Whether times below them are of UTC where they name no zone.
    pub fn are_of_utc(&self) -> bool {
        self.has_time && !self.is_local
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_directives_say_of_times() {
        for (lines, expected) in [
            (&["#Fields: date time c-ip"][..], true),
            (&["#Software: Microsoft Internet Information Services 10.0", "#Fields: time c-ip"], true),
            (&["#Fields:\tdate\ttime\tx"], true),
            (&["#Time Format: UTC", "#Fields: date time"], true),
            (&["#Time Format: Local", "#Fields: date time action"], false),
            (&["#Fields: x-event date time tz"], false),
            (&["#Fields: date-time,client-ip"], false),
            (&["#Fields: date time-taken"], false),
            (&["#fields\tts\tuid"], false),
            (&["# Fields: date time", "#Date: 2026-03-05 20:32:12"], false),
            (&["#Fields: date time", "#Fields: a b"], false),
            (&[], false),
        ] {
            let mut directives = Directives::default();
            lines.iter().for_each(|line| directives.take(line.as_bytes()));
            assert_eq!(directives.are_of_utc(), expected, "{lines:?}");
        }
    }
}
