//! Lines that may be what a text of `--count-of` asks for, where no line holds it as it is written: `level=error` for `ERROR`,
//! `"level": "error"` for `"level":"error"`, `A` for `A|B`.
//!
//! Owns when a count of 0 is in doubt for such lines. Refuses to count them: whether they are meant is for the user to say. It is
//! fed only as long as a count is 0, and a line without three letters of the text costs one look, many bytes at a time.

mod level;
mod pattern;

use memchr::memmem::Finder;
use schema::json;

use crate::fast::cpu::Choice;
use crate::fast::find;
use level::{Level, Place};

/// How much of a spelling is shown.
const SHOWN: usize = 40;

/// What comes near a text, and how many lines did.
#[derive(Clone, Debug)]
pub struct Near {
    looks: Vec<Look>,
    /// Whether the text is a pattern, which is looked for as it stands.
    is_pattern: bool,
    /// Lines that may be meant.
    lines: u64,
    /// Lines that hold the text in another case, where that may mean anything.
    elsewhere: u64,
    /// The first spelling of either.
    spelling: Option<String>,
}

/// One way to come near.
#[derive(Clone, Debug)]
enum Look {
    /// A level, at the place of a line where its level stands.
    Level(Level),
    /// A key and its value, whatever signs and quotes are between them, in any case.
    Pair { key: Vec<u8>, value: Vec<u8>, probe: [u8; 3] },
    /// Several words in any case.
    Phrase(Vec<u8>, [u8; 3]),
    /// A word in any case, which is only told.
    Word(Vec<u8>, [u8; 3]),
    /// One of several texts.
    Parts(Vec<Finder<'static>>),
    /// A text in Latin-1, where it can be written in it, in a line that is not UTF-8.
    Bytes(Option<Finder<'static>>),
}

/// How near a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// It may be meant.
    May,
    /// It holds the text in another case.
    Elsewhere,
}

impl Near {
    /// What comes near this text.
    pub fn new(text: &str) -> Near {
        let mut looks = Vec::new();
        let is_pattern = pattern::is_pattern(text);
        if let Some(parts) = pattern::alternatives(text) {
            looks.push(Look::Parts(parts.into_iter().map(crate::input::selection::finder).collect()));
        }
        let is_sign = |letter: char| !letter.is_alphanumeric();
        let core = text.trim_matches(is_sign).as_bytes();
        let pair = pair(text);
        let level = Level::of(core).or_else(|| pair.and_then(|(key, value)| Level::of_pair(key, value)));
        let is_level = level.is_some();
        looks.extend(level.map(Look::Level));
        match (pair, probe(core)) {
            (Some((key, value)), _) => {
                if let Some(probe) = probe(value).or_else(|| probe(key)) {
                    looks.push(Look::Pair { key: key.to_vec(), value: value.to_vec(), probe });
                }
            }
            (None, _) if is_level => {}
            (None, Some(probe)) if text.trim().len() >= 8 && text.trim().contains(' ') => {
                looks.push(Look::Phrase(text.trim().as_bytes().to_vec(), probe));
            }
            (None, Some(probe)) => looks.push(Look::Word(core.to_vec(), probe)),
            (None, None) => {}
        }
        if !text.is_ascii() {
            let latin: Option<Vec<u8>> = text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect();
            looks.push(Look::Bytes(latin.map(|latin| Finder::new(&latin).into_owned())));
        }
        Near { looks, is_pattern, lines: 0, elsewhere: 0, spelling: None }
    }

    /// Looks at a line that does not hold the text.
    pub fn look(&mut self, choice: Choice, line: &[u8]) {
        let mut near: Option<(How, &[u8])> = None;
        for look in &mut self.looks {
            match look.find(choice, line) {
                Some(found) if found.0 == How::May => {
                    near = Some(found);
                    break;
                }
                found => near = near.or(found),
            }
        }
        let Some((how, spelling)) = near else { return };
        match how {
            How::May => {
                self.lines += 1;
                if self.lines == 1 {
                    self.spelling = None;
                }
            }
            How::Elsewhere => self.elsewhere += 1,
        }
        if self.spelling.is_none() {
            self.spelling = Some(json::quote(spelling.get(..SHOWN).unwrap_or(spelling)).to_string());
        }
    }

    /// Forgets the lines so far.
    pub fn clear(&mut self) {
        (self.lines, self.elsewhere, self.spelling) = (0, 0, None);
        self.looks.iter_mut().for_each(Look::clear);
    }

    /// How many lines may be meant.
    fn may_be(&self) -> u64 {
        let words = self.looks.iter().map(|look| if let Look::Level(level) = look { level.first_words() } else { 0 });
        self.lines + words.sum::<u64>()
    }

    /// Why it is in doubt that no line holds the text, and how many may, if that is known; `None` where it is not.
    pub fn doubt(&self, text: &[u8]) -> Option<(Option<u64>, String)> {
        let lines = self.may_be();
        let text = json::quote(text);
        if self.is_pattern {
            let reason = format!("no line contains {text} literally: it is plain text here, not a pattern");
            return Some((None, reason));
        }
        if lines == 0 {
            return None;
        }
        let spelling = self.spelling.as_deref().map_or(String::new(), |spelling| format!(" ({spelling})"));
        let may = if lines == 1 { "1 line may mean it".to_owned() } else { format!("{lines} lines may mean it") };
        Some((Some(lines), format!("no line contains {text} literally, and {may}{spelling}")))
    }

    /// What is only told: that the text stands in lines in another case.
    pub fn told(&self, text: &[u8]) -> Option<(u64, String)> {
        if self.elsewhere == 0 || self.may_be() > 0 || self.is_pattern {
            return None;
        }
        let spelling = self.spelling.as_deref().unwrap_or_default();
        let lines =
            if self.elsewhere == 1 { "1 line has".to_owned() } else { format!("{} lines have", self.elsewhere) };
        Some((self.elsewhere, format!("no line has {}, and {lines} {spelling}", json::quote(text))))
    }
}

impl Look {
    /// How near a line is, and what in it is.
    fn find<'l>(&mut self, choice: Choice, line: &'l [u8]) -> Option<(How, &'l [u8])> {
        let here = |at: usize, length: usize| line.get(at..at + length).unwrap_or_default();
        match self {
            Look::Level(level) => {
                level.learn(line);
                match level.place(choice, line)? {
                    (Place::Level, at, length) => Some((How::May, here(at, length))),
                    (Place::Elsewhere, at, length) => Some((How::Elsewhere, here(at, length))),
                }
            }
            Look::Pair { key, value, probe } => {
                find::any_case(choice, line, *probe).then_some(())?;
                let at = places(line, value).find(|&at| is_value_of(line, at, key))?;
                let start = line.get(..at)?.len().saturating_sub(key.len() + 8);
                Some((How::May, line.get(start..at + value.len())?))
            }
            Look::Phrase(text, probe) => {
                find::any_case(choice, line, *probe).then_some(())?;
                let at = places(line, text).next()?;
                Some((How::May, here(at, text.len())))
            }
            Look::Word(text, probe) => {
                find::any_case(choice, line, *probe).then_some(())?;
                let at = places(line, text).find(|&at| is_word(line, at, text.len()))?;
                Some((How::Elsewhere, here(at, text.len())))
            }
            // In a log whose columns are parted by bars a bar is one of those.
            Look::Parts(_) if memchr::memchr(b'|', line).is_some() => None,
            Look::Parts(parts) => {
                parts.iter().find_map(|part| Some((How::May, here(part.find(line)?, part.needle().len()))))
            }
            Look::Bytes(latin) => {
                if line.is_ascii() || std::str::from_utf8(line).is_ok() {
                    return None;
                }
                match latin {
                    Some(latin) => Some((How::May, here(latin.find(line)?, latin.needle().len()))),
                    None => Some((How::May, line)),
                }
            }
        }
    }

    fn clear(&mut self) {
        if let Look::Level(level) = self {
            level.clear();
        }
    }
}

/// The key and the value that a text names: `level=error`, `"level":"error"`.
fn pair(text: &str) -> Option<(&[u8], &[u8])> {
    let is_around = |letter: char| matches!(letter, '"' | '\'' | '\\' | ' ' | ',' | '{' | '}' | '[' | ']');
    let (key, value) = text.split_once(['=', ':'])?;
    let (key, value) = (key.trim_matches(is_around), value.trim_matches(is_around));
    let is_key = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.@".contains(&byte);
    let is_pair = !key.is_empty() && key.bytes().all(is_key) && value.starts_with(char::is_alphanumeric);
    is_pair.then_some((key.as_bytes(), value.as_bytes()))
}

/// Three bytes that stand in every spelling of a text, letters in lower case: those that seem the rarest in logs, so that few other
/// lines have them.
fn probe(text: &[u8]) -> Option<[u8; 3]> {
    // Letters as often as English has them.
    const OFTEN: &[u8] = b"etaoinsrhldcumfpgwybvkxjqz";
    let often = |byte: &u8| OFTEN.iter().position(|letter| letter.eq_ignore_ascii_case(byte)).unwrap_or(8);
    let are_plain = |three: &&[u8]| three.iter().all(u8::is_ascii_alphanumeric);
    let three = text.windows(3).filter(are_plain).max_by_key(|three| three.iter().map(often).sum::<usize>());
    three?.to_ascii_lowercase().try_into().ok()
}

/// Where a text stands in any case.
fn places<'l>(line: &'l [u8], text: &'l [u8]) -> impl Iterator<Item = usize> + 'l {
    let first = text.first().copied().unwrap_or(b' ');
    let begins = memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), line);
    begins.filter(|&at| line.get(at..at + text.len()).is_some_and(|here| here.eq_ignore_ascii_case(text)))
}

/// Whether what stands there is a word of its own.
fn is_word(line: &[u8], at: usize, length: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| line.get(before));
    let behind = line.get(at + length..).unwrap_or_default();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"_-/$@".contains(byte);
    let is_coloured = || line.get(..at).is_some_and(|before| colour_at_end(before) > 0);
    (!before.is_some_and(|byte| is_part(byte) || *byte == b'.') || is_coloured())
        && !behind.first().is_some_and(is_part)
        && !matches!(behind, [b'.', next, ..] if is_part(next))
}

/// The length of the colour sequence that a text ends with: `ESC[31m`.
fn colour_at_end(text: &[u8]) -> usize {
    const LONGEST: usize = 16;
    let Some(rest) = text.strip_suffix(b"m") else { return 0 };
    let is_inside = |byte: &&u8| byte.is_ascii_digit() || **byte == b';';
    let inside = rest.iter().rev().take(LONGEST).take_while(is_inside).count();
    let opens = rest.get(..rest.len() - inside).is_some_and(|before| before.ends_with(b"\x1b["));
    if opens { inside + 3 } else { 0 }
}

/// A text without the colour sequences that it begins with.
fn without_colours(mut text: &[u8]) -> &[u8] {
    while let Some(rest) = text.strip_prefix(b"\x1b[") {
        let inside = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
        let Some([b'm', behind @ ..]) = rest.get(inside..) else { break };
        text = behind;
    }
    text
}

/// What stands around a value and between a key and its sign.
fn is_quote_or_blank(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'\\' | b' ' | b'\t')
}

/// The text before a value, up to the end of its key; `None` where no sign stands between.
fn before_sign(line: &[u8], at: usize) -> Option<&[u8]> {
    let trimmed = |text: &'_ [u8]| text.iter().rposition(|&byte| !is_quote_or_blank(byte)).map_or(0, |last| last + 1);
    let before = line.get(..at)?;
    let before = before.get(..trimmed(before))?;
    let before = before.strip_suffix(b"=").or_else(|| before.strip_suffix(b":"))?;
    before.get(..trimmed(before))
}

/// Whether a value that begins there is one of this key.
fn is_value_of(line: &[u8], at: usize, key: &[u8]) -> bool {
    let Some(before) = before_sign(line, at) else { return false };
    before
        .len()
        .checked_sub(key.len())
        .and_then(|start| before.get(start..))
        .is_some_and(|end| end.eq_ignore_ascii_case(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many lines may be meant, and how many are told.
    fn counts(text: &str, lines: &[&[u8]]) -> (u64, u64) {
        let mut near = Near::new(text);
        lines.iter().for_each(|line| near.look(Choice::fastest(), line));
        (near.may_be(), near.told(text.as_bytes()).map_or(0, |(lines, _)| lines))
    }

    #[test]
    fn other_spellings() {
        for (text, line) in [
            ("status=500", r#"{"status":500}"#),
            ("status=500", r#"{"status": "500"}"#),
            ("\"status\":500", "Status=500"),
            ("error=true", r#"{"log":"{\"error\": true}"}"#),
            ("msg=\"Out of memory\"", "msg=\"out of memory\""),
            ("Connection refused", "dial: connection refused"),
            ("ERROR|FATAL", "FATAL x"),
            ("ERROR\\|FATAL", "ERROR x"),
            ("(a1|b1)", "x b1"),
            ("[ERROR]", "[main] ERROR: boom"),
            ("ERROR ", "level=error"),
            ("level=error", "[error] boom"),
        ] {
            assert_eq!(counts(text, &[line.as_bytes(), b"up"]), (1, 0), "{text}, {line}");
        }
        for (text, line) in [
            ("status=500", r#"{"status":200,"size":500}"#),
            ("status=500", "http_statuses: 500"),
            ("ERROR|app", "2026|INFO|app"),
            ("took=5", "took 5"),
            ("E", "e"),
            ("für", "fuer"),
            ("Connection refused", "connection reset"),
        ] {
            assert_eq!(counts(text, &[line.as_bytes()]), (0, 0), "{text}, {line}");
        }
        assert_eq!(counts("Timeout", &[b"timeout=30", b"no timeout", b"timeouts=0", b"read_timeout=5"]), (0, 2));
        assert_eq!(counts("ERROR", &[b"no error", b"0 errors"]), (0, 1));
    }

    #[test]
    fn other_encodings() {
        assert_eq!(counts("f\u{fc}r", &[b"f\xfcr", b"Gru\xdf", "Gru\u{df}".as_bytes()]), (1, 0));
        // Which bytes they would be is not known.
        assert_eq!(counts("\u{43e}\u{448}", &[b"\xee\xf8", "\u{434}".as_bytes(), b"up"]), (1, 0));
    }
}
