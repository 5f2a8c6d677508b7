//! Lines in which syslog says that a message came again, without writing it: `last message repeated 25 times`, `message repeated
//! 3 times: [ boom]`.
//!
//! Owns how often that was; whose message it was, the line before tells, or the line itself.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// How often a message came again that syslog did not write again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeated {
    /// The message of the line before, so many times more.
    Before(u64),
    /// The message in the line itself, so many times in all.
    Shown(u64),
}

/// Made once: to make it takes more than to search a line.
static WORDS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("message repeated "));

/// What a line says of a message that came again, if it does.
pub fn repeated(line: &[u8]) -> Option<Repeated> {
    let at = WORDS.find(line)?;
    let rest = line.get(at + WORDS.needle().len()..)?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, behind) = rest.split_at(digits);
    let times: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let behind = behind.strip_prefix(b" time")?;
    let behind = behind.strip_prefix(b"s").unwrap_or(behind);
    let before = line.get(..at)?;
    if before.ends_with(b"last ") || before.ends_with(b"Last ") {
        let is_all = behind.trim_ascii().iter().all(|byte| b"-.\"'})]".contains(byte));
        return is_all.then_some(Repeated::Before(times));
    }
    let is_begun = before.trim_ascii_end().last().is_none_or(|byte| b":-|>\"]".contains(byte));
    (is_begun && behind.starts_with(b": [")).then_some(Repeated::Shown(times))
}

/// How often messages came again in some lines without being written.
pub fn times_again(lines: &[u8]) -> u64 {
    let line = |at: usize| {
        let start = memchr::memrchr(b'\n', lines.get(..at)?).map_or(0, |newline| newline + 1);
        let end = memchr::memchr(b'\n', lines.get(at..)?).map_or(lines.len(), |step| at + step);
        lines.get(start..end)
    };
    let times = |line: &[u8]| match repeated(line) {
        Some(Repeated::Before(times)) => times,
        Some(Repeated::Shown(times)) => times.saturating_sub(1),
        None => 0,
    };
    WORDS.find_iter(lines).filter_map(line).map(times).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_messages_that_came_again() {
        for (line, expected) in [
            ("Mar  5 20:32:12 h last message repeated 25 times", Some(Repeated::Before(25))),
            ("Mar  5 20:32:12 h last message repeated 1 time", Some(Repeated::Before(1))),
            ("Mar  5 20:32:12 h --- last message repeated 2 times ---", Some(Repeated::Before(2))),
            ("{\"message\":\"last message repeated 2 times\"}", Some(Repeated::Before(2))),
            ("Mar  5 20:32:12 h app[7]: message repeated 3 times: [ ERROR boom]", Some(Repeated::Shown(3))),
            ("Mar  5 20:32:12 h app: last message repeated 3 times by the user bob", None),
            ("the message repeated 3 times", None),
            ("the message repeated 3 times: [a]", None),
            ("message repeated often", None),
            ("message repeated 3 timers: [a]", None),
            ("message repeated 99999999999999999999 times: [a]", None),
            ("", None),
        ] {
            assert_eq!(repeated(line.as_bytes()), expected, "{line}");
        }
    }
}
