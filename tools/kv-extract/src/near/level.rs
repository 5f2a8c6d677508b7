//! How grave a line is, as many programs write it: `level=error`, `[error]`, `Error: boom`, and `ERR` for `ERROR`.
//!
//! Owns where in a line its level stands, and which words are one level. Refuses words within a sentence: `0 errors`, `no error`,
//! `the error handler`, `"error":null`.

use crate::fast::cpu::Choice;
use crate::fast::find;
use crate::near::{before_sign, colour_at_end, is_word, places, without_colours};

/// The words of each level.
const LEVELS: [&[&str]; 13] = [
    &["error", "err", "erro"],
    &["warning", "warn", "wrn"],
    &["critical", "crit"],
    &["fatal", "ftl"],
    &["emergency", "emerg"],
    &["alert"],
    &["panic"],
    &["severe"],
    &["fail"],
    &["notice"],
    &["info", "information", "inf"],
    &["debug", "dbg"],
    &["trace", "trc", "verbose"],
];

/// How many lines are looked at for the way in which a log writes its levels.
const LEARNED: u32 = 256;
/// How much of a line may stand before its level.
const FAR: usize = 200;

/// Where a word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// As a line's level.
    Level,
    /// Somewhere else.
    Elsewhere,
}

/// Where a word stands, before the way of the log is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    Level,
    /// First, behind what is no sentence, and before a blank: a level where the log's others stand so, too.
    First(Case),
    No,
}

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Lower,
    Upper,
    Mixed,
}

/// A level that is looked for.
#[derive(Clone, Debug)]
pub struct Level {
    words: &'static [&'static str],
    /// The word that was asked for, in lower case.
    asked: String,
    probes: Vec<[u8; 3]>,
    /// How loggers of one letter, and those that count in tens, write it.
    short: Option<(u8, &'static [u8])>,
    /// Lines that begin with one of the words, by how it is written, and whether other levels of the log stand so.
    first: [u64; 3],
    styles: [bool; 3],
    learned: u32,
}

impl Level {
    /// The level that this word is.
    pub fn of(word: &[u8]) -> Option<Level> {
        let asked = std::str::from_utf8(word).ok()?.to_ascii_lowercase();
        let words = LEVELS.into_iter().find(|words| words.contains(&asked.as_str()))?;
        let mut probes: Vec<[u8; 3]> = words.iter().filter_map(|word| word.as_bytes().first_chunk().copied()).collect();
        probes.dedup();
        let short: Option<(u8, &[u8])> = match words.first() {
            Some(&"error") => Some((b'E', b"{\"level\":50,")),
            Some(&"warning") => Some((b'W', b"{\"level\":40,")),
            Some(&"fatal") => Some((b'F', b"{\"level\":60,")),
            _ => None,
        };
        Some(Level { words, asked, probes, short, first: [0; 3], styles: [false; 3], learned: 0 })
    }

    /// The level that a key and its value say.
    pub fn of_pair(key: &[u8], value: &[u8]) -> Option<Level> {
        if is_level_key(key) { Level::of(value) } else { None }
    }

    /// Forgets the lines so far, but not the way of the log.
    pub fn clear(&mut self) {
        self.first = [0; 3];
    }

    /// Lines that begin with the level, as others of the log begin with theirs.
    pub fn first_words(&self) -> u64 {
        self.first.iter().zip(self.styles).filter(|(_, is_so)| *is_so).map(|(lines, _)| lines).sum()
    }

    /// Whether this line begins with another level: then that is the way of the log.
    pub fn learn(&mut self, line: &[u8]) {
        if self.learned >= LEARNED {
            return;
        }
        self.learned += 1;
        let other = words(line.get(..FAR).unwrap_or(line)).find(|(_, word)| is_level(word));
        if let Some((at, word)) = other
            && !self.is_it(word)
            && !self.styles[case(word) as usize]
            && let Stand::First(case) = stand(line, at, word)
        {
            self.styles[case as usize] = true;
        }
    }

    fn is_it(&self, word: &[u8]) -> bool {
        self.words.iter().any(|one| word.eq_ignore_ascii_case(one.as_bytes()))
    }

    /// Whether a word in capitals is another level: then that is the line's.
    fn is_another(&self, word: &[u8]) -> bool {
        is_level(word) && !self.is_it(word) && word.iter().all(u8::is_ascii_uppercase)
    }

    /// Where the line has the level, if it has it.
    pub fn place(&mut self, choice: Choice, line: &[u8]) -> Option<(Place, usize, usize)> {
        if let Some((letter, number)) = self.short
            && let Some((at, length)) = short_level(line, letter, number)
            && !words(line.get(..FAR).unwrap_or(line)).any(|(_, word)| self.is_another(word))
        {
            return Some((Place::Level, at, length));
        }
        if !self.probes.iter().any(|probe| find::any_case(choice, line, *probe)) {
            return None;
        }
        let mut elsewhere = None;
        for word in self.words {
            for at in places(line, word.as_bytes()).filter(|&at| is_word(line, at, word.len())) {
                let here = line.get(at..at + word.len())?;
                match stand(line, at, here) {
                    Stand::Level => return Some((Place::Level, at, word.len())),
                    Stand::First(case) => {
                        self.first[case as usize] += 1;
                        return Some((Place::Elsewhere, at, word.len()));
                    }
                    Stand::No if *word == self.asked => elsewhere = Some((Place::Elsewhere, at, word.len())),
                    Stand::No => {}
                }
            }
        }
        elsewhere
    }
}

/// Where a line has its level as one letter before its time, or as this number of a JSON object.
fn short_level(line: &[u8], letter: u8, number: &[u8]) -> Option<(usize, usize)> {
    match line.first()? {
        b'{' => line.starts_with(number).then(|| (1, number.len() - 2)),
        b'[' => is_letter_first(line.get(1..)?, letter).then_some((1, 1)),
        first => (*first == letter && is_letter_first(line, letter)).then_some((0, 5)),
    }
}

/// Whether a line begins with the letter of its level and a time: `E0305 20:32:12.345678 1 main.go:7] boom`, and in a bracket
/// `E 260305 20:32:12 web:1`.
fn is_letter_first(line: &[u8], letter: u8) -> bool {
    let Some(rest) = line.strip_prefix(&[letter]) else { return false };
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let date = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'-').count();
    let clock = rest.get(date + 1..date + 9).unwrap_or_default();
    let is_clock = clock.len() == 8
        && clock.iter().enumerate().all(|(at, byte)| if at % 3 == 2 { *byte == b':' } else { byte.is_ascii_digit() });
    matches!((digits, date), (4 | 6 | 8, _) | (_, 10)) && rest.get(date) == Some(&b' ') && is_clock
}

fn is_level(word: &[u8]) -> bool {
    LEVELS.iter().flat_map(|words| words.iter()).any(|level| word.eq_ignore_ascii_case(level.as_bytes()))
}

fn is_same(one: &[u8], other: &[u8]) -> bool {
    let is_one_of =
        |words: &&&[&str], word: &[u8]| words.iter().any(|level| word.eq_ignore_ascii_case(level.as_bytes()));
    LEVELS.iter().find(|words| is_one_of(words, one)).is_some_and(|words| is_one_of(&words, other))
}

/// Whether a key says how grave a line is: `level`, `log.level`, `severity_text`, `@l`.
fn is_level_key(key: &[u8]) -> bool {
    let start = key.iter().rposition(|byte| *byte == b'.').map_or(0, |dot| dot + 1);
    let key: Vec<u8> =
        key.get(start..).unwrap_or_default().iter().filter(|byte| !b"_-".contains(byte)).copied().collect();
    let keys = ["level", "lvl", "loglevel", "levelname", "severity", "severitytext", "sev", "@l", "@level"];
    keys.iter().any(|known| key.eq_ignore_ascii_case(known.as_bytes()))
}

/// The words of a line, and where they begin.
fn words(line: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"_-./".contains(&byte);
    let mut next = 0;
    let words = line.split(move |&byte| !is_part(byte)).map(move |word| {
        next += word.len() + 1;
        (next - 1 - word.len(), word)
    });
    words.filter(|(_, word)| !word.is_empty())
}

/// How a word is written.
fn case(word: &[u8]) -> Case {
    let has = |is: fn(&u8) -> bool| word.iter().any(is);
    match (has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase)) {
        (true, false) => Case::Lower,
        (false, true) => Case::Upper,
        _ => Case::Mixed,
    }
}

/// Whether the word there is the value of a key that says how grave a line is.
fn is_of_level_key(line: &[u8], at: usize, length: usize) -> bool {
    let Some(before) = before_sign(line, at) else { return false };
    let is_key = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.@".contains(byte);
    let key = before.iter().rposition(|byte| !is_key(byte)).map_or(0, |last| last + 1);
    let is_end = line.get(at + length).is_none_or(|byte| b" \t\"'\\,;}])|&\r\n".contains(byte));
    is_end && is_level_key(before.get(key..).unwrap_or_default())
}

/// What stands before the word, from where the text of its line begins: within JSON, that of its message.
fn head(line: &[u8], at: usize) -> Option<&[u8]> {
    let head = line.get(..at)?;
    if memchr::memmem::find(head, b"{\"").is_none() {
        return Some(head);
    }
    let starts = [
        "\"log\":\"",
        "\"message\":\"",
        "\"msg\":\"",
        "\"MESSAGE\":\"",
        "\"log\": \"",
        "\"message\": \"",
        "\"msg\": \"",
    ];
    let ends = starts.iter().filter_map(|start| Some(memchr::memmem::rfind(head, start.as_bytes())? + start.len()));
    head.get(ends.max()?..)
}

fn stand(line: &[u8], at: usize, word: &[u8]) -> Stand {
    if is_of_level_key(line, at, word.len()) {
        return Stand::Level;
    }
    let Some(head) = head(line, at).filter(|head| head.len() <= FAR && is_prefix(head)) else { return Stand::No };
    let is_other = |other: &[u8]| is_level(other) && !is_same(other, word);
    let of_key = |(at, other): (usize, &[u8])| is_other(other) && is_of_level_key(line, at, other.len());
    if words(head).any(|(_, other)| is_other(other)) || words(line).any(of_key) {
        return Stand::No;
    }
    let behind = without_colours(line.get(at + word.len()..).unwrap_or_default());
    let head = head.get(..head.len() - colour_at_end(head)).unwrap_or_default();
    // `ERRO[0005] boom`, `error[E0308]: boom`
    if head.is_empty() && is_numbered(behind) || is_enclosed(head, behind) {
        return Stand::Level;
    }
    match behind {
        [b':', value @ ..] if !is_nothing(value) && head.last().is_none_or(|byte| !byte.is_ascii_alphanumeric()) => {
            Stand::Level
        }
        [b' ', _, ..] if head.last().is_none_or(|byte| b" \t\"".contains(byte)) => Stand::First(case(word)),
        _ => Stand::No,
    }
}

/// Whether a number in brackets stands there, perhaps behind a letter.
fn is_numbered(behind: &[u8]) -> bool {
    let Some(inside) = behind.strip_prefix(b"[") else { return false };
    let inside = inside.strip_prefix(b"E").unwrap_or(inside);
    let digits = inside.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits > 0 && matches!(inside.get(digits..), Some([b']', b' ' | b':', ..]))
}

/// Whether a level stands in brackets, bars or tabs: `[error]`, `[core:error]`, `|Error|`, `<Error>:`.
fn is_enclosed(head: &[u8], behind: &[u8]) -> bool {
    let trimmed = behind.trim_ascii_start();
    if head.last() == Some(&b'\t') && behind.first() == Some(&b'\t') {
        return true;
    }
    let head = head.trim_ascii_end();
    match trimmed {
        [b']', ..] => {
            // A name and a colon may stand before it.
            let module = head.strip_suffix(b":").map_or(head, |head| {
                let start = head
                    .iter()
                    .rposition(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
                    .map_or(0, |last| last + 1);
                head.get(..start).unwrap_or_default()
            });
            module.strip_suffix(b"[").is_some_and(|before| !before.last().is_some_and(u8::is_ascii_alphanumeric))
        }
        [b'|', ..] => head.last().is_none_or(|byte| *byte == b'|'),
        [b'>', b':', ..] => head.last() == Some(&b'<'),
        // ClickHouse; at the start of a line it is XML.
        [b'>', b' ', ..] => head.len() > 1 && head.last() == Some(&b'<'),
        _ => false,
    }
}

/// Whether what stands before a word is no sentence: a time, a host, a thread, a program.
fn is_prefix(head: &[u8]) -> bool {
    let words: Vec<&[u8]> = head.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty()).collect();
    let is_bare = |word: &&&[u8]| {
        let is_short = word.len() <= 3 && word.first().is_some_and(u8::is_ascii_uppercase);
        let is_zone = word.len() <= 5 && word.iter().all(u8::is_ascii_uppercase);
        word.iter().all(u8::is_ascii_alphabetic) && !is_short && !is_zone
    };
    let ends_so = words.last().is_some_and(|last| is_bare(&last));
    // Behind a time a host may have a name of letters alone.
    let begins_so = words.first().is_some_and(|first| is_bare(&first));
    !begins_so && !ends_so && words.iter().filter(is_bare).count() <= 1
}

/// Whether what stands behind a colon says that there is none: `error: null`.
fn is_nothing(value: &[u8]) -> bool {
    let value = value.trim_ascii_start();
    let word = value.iter().position(|byte| !byte.is_ascii_alphanumeric()).map_or(value, |end| &value[..end]);
    let nothing = ["0", "no", "none", "null", "nil", "false", "undefined", "n", "ok", "off"];
    word.is_empty()
        && !value
            .first()
            .is_some_and(|byte| matches!(byte, b'[' | b'(' | b':' | b'/' | b'<' | b'`' | b'*' | b'$' | 0x80..))
        || nothing.iter().any(|one| word.eq_ignore_ascii_case(one.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines, each with its own log.
    fn lines(word: &str, lines: &[&str]) -> u64 {
        let mut level = Level::of(word.as_bytes()).unwrap();
        let place = |level: &mut Level, line: &str| {
            level.learn(line.as_bytes());
            level.place(Choice::fastest(), line.as_bytes()).is_some_and(|(place, ..)| place == Place::Level)
        };
        let found = lines.iter().filter(|line| place(&mut level, line)).count() as u64;
        found + level.first_words()
    }

    #[test]
    fn levels_in_any_case() {
        for line in [
            "level=error a=1",
            "level=\"Error\" a=1",
            r#"{"time":"x","level":"error","msg":"boom"}"#,
            r#"{"level": "Error"}"#,
            r#"{"log":"{\"level\":\"error\"}\n","stream":"stdout"}"#,
            r#"{"log":"2026-03-05 20:32:12 [error] boom\n","stream":"stdout"}"#,
            r#"{"severity_text":"Error"}"#,
            r#"{"log.level": "error"}"#,
            "2026/03/05 20:32:12 [error] 31#31: *1 upstream",
            "[Thu Mar 05 20:32:12.345678 2026] [core:error] [pid 12:tid 34] x",
            "2026-03-05 20:32:12.1234|Error|app|boom",
            "2026-03-05T20:32:12Z\terror\tboom",
            "Mar  5 20:32:12 myhost app[7]: error: boom",
            "error: boom",
            "Error: connect ECONNREFUSED",
            "[main] Err: boom",
            "web-1  | error: boom",
            "20:32:12.1 app[7:7] <Error>: boom",
            "[err] boom",
            "E0305 20:32:12.345678 1 main.go:7] boom",
            "E20260305 20:32:12.345678 1 main.cc:7] boom",
            "[E 260305 20:32:12 web:1] boom",
            "[E 2026-03-05 20:32:12.345 ServerApp] boom",
            r#"{"level":50,"time":1772742732345,"msg":"boom"}"#,
            "ERRO[0005] boom",
            "error[E0308]: mismatched types",
            "level=erro msg=boom",
            "Error|boom",
            "2026.03.05 20:32:12.345 [ 1 ] {} <Error> boom",
            "\x1b[31merror\x1b[39m: boom",
            "[\x1b[31;1mError\x1b[0m] boom",
            "2026-03-05 20:32:12 \x1b[31merror\x1b[39m: boom",
        ] {
            assert_eq!(lines("ERROR", &[line]), 1, "{line}");
        }
        assert_eq!(lines("WARNING", &["level=warn"]), 1);
        assert_eq!(lines("error", &["2026-03-05 INFO up", "2026-03-05 ERROR boom"]), 1);
        assert_eq!(lines("ERROR", &["10:00:00 INF up", "10:00:00 ERR boom", "10:00:00 ERR boom"]), 2);
    }

    #[test]
    fn words_that_are_none() {
        for line in [
            "0 errors found",
            "error_rate=0",
            "error=null",
            r#"{"status":200,"error":""}"#,
            r#"{"level":"info","msg":"error: none of them"}"#,
            r#"{"msg":"error: retried","level":"info"}"#,
            "INFO error handler registered",
            "2026-03-05 20:32:12 INFO [main] error: retried",
            "2026-03-05 20:32:12 [info] [error] retried",
            "GET /error HTTP/1.1",
            "error: 0",
            "Error: none",
            "last error: timeout",
            "Error handler registered",
            "2026-03-05 20:32:12 error rate is 0",
            "opened /var/log/error.log",
            "registered handlers: [error] [timeout]",
            "counts[error]=0",
            "no error",
            "run ended without error",
            "level=info err=<nil>",
            r#"{"level":"info","error":"error"}"#,
            "<error>0</error>",
            "<error> none </error>",
            "E0305 up",
            "E0305 20:32:12.1 1 main.go:7] INFO: up",
            "EXT4-fs 20:32:12",
            r#"{"level":30,"msg":"50"}"#,
            "error[0]=0",
            "itemError\x1b[0m: x",
        ] {
            assert_eq!(lines("ERROR", &[line]), 0, "{line}");
        }
        // The way of the log says that levels stand elsewhere.
        assert_eq!(lines("ERROR", &["2026-03-05 20:32:12 [info] up", "2026-03-05 20:32:13 error rate is 0"]), 0);
    }
}
