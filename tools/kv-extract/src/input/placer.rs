//! Which lines of a block lie in the window of time, decided in their order, before threads work on them.
//!
//! Owns the short way to a line's time: its stamp, or the value of its time key, of the minute at hand. Every other line is
//! placed by [`Window::place`](crate::input::window::Window::place), which knows all cases.

use std::ops::Range;

use filter::{Event, Unread};
use memchr::{memchr, memchr_iter};

use crate::fast::cpu::Choice;
use crate::fast::fields::Road;
use crate::grammar::Format;
use crate::grammar::auto::Kind;
use crate::input::block::Block;
use crate::input::unit::{Content, Unit};
use crate::input::window::Settled;
use crate::record::Misfit;
use crate::run::extractor::Extractor;

/// Some lines of a block, and what is known of their time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where they stand among the block's bytes.
    pub range: Range<usize>,
    /// What is known.
    pub what: What,
}

/// What is known of the time of some lines. Those outside the window are in no part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// They lie in the window.
    Inside,
    /// One line: whether it is taken to lie in the window, until a later one tells.
    Unsure(bool),
    /// One line whose time cannot be told, for this reason.
    Refused(Misfit),
    /// One line behind which all begins again: what came before it is not asked for.
    Again,
    /// No line: what became of those that were not sure.
    Settled(Settled),
}

/// Places the lines of one block after the other.
pub struct Placer {
    choice: Choice,
    /// The time key's value in an object.
    objects: Option<Road>,
    /// The same among pairs.
    pairs: Option<Road>,
    limit: usize,
    /// Whether each line is a JSON record, or rejected.
    of_records: bool,
    /// Whether pairs are looked for in prose, in which JSON hides some.
    of_prose: bool,
}

impl Placer {
    /// For the lines that `extractor` reads; those longer than `limit` are no units.
    pub fn new(extractor: &Extractor, choice: Choice, limit: usize, of_records: bool) -> Placer {
        let road = |kind: Kind| Road::of_times(extractor, kind).filter(|_| choice.is_fast());
        let (objects, pairs) = match extractor.reader.format {
            Format::Auto => (road(Kind::Object), road(Kind::Pairs)),
            Format::Json => (road(Kind::Object), None),
            Format::Kv | Format::Logfmt => (None, road(Kind::Prose)),
            _ => (None, None),
        };
        let of_prose = matches!(extractor.reader.format, Format::Kv);
        Placer { choice, objects, pairs, limit, of_records, of_prose }
    }

    /// The parts of `block`, which is of this file, with what is to be told in between.
    pub fn cut(&mut self, block: &Block, file: &str, extractor: &mut Extractor, parts: &mut Vec<Part>) {
        parts.clear();
        let end = block.end;
        if let Some(settled) = extractor.window.as_mut().and_then(|window| window.enter(file)) {
            parts.push(Part { range: block.start..block.start, what: What::Settled(settled) });
        }
        let lines = block.lines();
        let has_escape = memchr(0x1B, lines).is_some();
        let reads_records = extractor.reader.format.reads_records();
        let mut start = block.start;
        for (index, newline) in memchr_iter(b'\n', lines).enumerate() {
            let newline = block.start + newline;
            let line = start..newline;
            start = newline + 1;
            let text = block.bytes.get(line.clone()).unwrap_or_default();
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            let is_unit = line.len() <= self.limit;
            let window = extractor.window.as_mut().filter(|_| !self.of_records && is_unit);
            let place = match window.and_then(|window| window.place_line(text)) {
                // What is wrong with it is told where it is read; it is no unit that has a time.
                _ if !is_unit => Some(true),
                Some(inside) => Some(inside),
                None if has_escape && memchr(0x1B, text).is_some() => None,
                None => self.by_key(block, line.start, text, extractor),
            };
            match place {
                Some(true) => {
                    inside(parts, line.start..start);
                    continue;
                }
                Some(false) => continue,
                None if reads_records && filter::begins_as_seal(text) => continue,
                None => {}
            }
            let number = block.number + index as u64;
            let range = line.start..start.min(end);
            let mut offset = Some(block.offset + (line.start - block.start) as u64);
            let mut content = Content::Line;
            if self.of_records {
                match (Unread { text, file, line: number }).read() {
                    _ if text.trim_ascii().is_empty() => continue,
                    Event::Record(record) => (content, offset) = (Content::Value(record.value), None),
                    // What is wrong with it is told where it is read.
                    _ => {
                        inside(parts, range);
                        continue;
                    }
                }
            }
            let unit = Unit { text, file, number, offset, lines: 1, content };
            match extractor.place(&unit) {
                Err(reason) => parts.push(Part { range, what: What::Refused(reason) }),
                Ok(placed) => {
                    if let Some(settled) = placed.settled {
                        parts.push(Part { range: range.start..range.start, what: What::Settled(settled) });
                    }
                    match placed.sure {
                        true if placed.inside => inside(parts, range),
                        true => {}
                        false => parts.push(Part { range, what: What::Unsure(placed.inside) }),
                    }
                }
            }
        }
    }

    /// Whether a line lies in the window that has no stamp and whose preferred time key says so.
    fn by_key(&mut self, block: &Block, start: usize, text: &[u8], extractor: &mut Extractor) -> Option<bool> {
        let window = extractor.window.as_mut()?;
        // An object, and a line whose first word is a pair, begin with no stamp and have none behind a prefix.
        let road = match text {
            [b'{', b'"', ..] => self.objects.as_mut(),
            _ if self.of_prose && memchr::memmem::find(text, b"{\"").is_some() => None,
            _ if window.is_strict() || begins_with_pair(text) => self.pairs.as_mut(),
            _ => None,
        }?;
        let value = road.first_wanted(self.choice, &block.bytes, start, start + text.len())?;
        window.place_value(text, value)
    }
}

/// Lines in the window, which may go on those before.
fn inside(parts: &mut Vec<Part>, range: Range<usize>) {
    match parts.last_mut() {
        Some(Part { range: last, what: What::Inside }) if last.end == range.start => last.end = range.end,
        _ => parts.push(Part { range, what: What::Inside }),
    }
}

/// Whether a line's first word is a key and its sign: then it is no stamp, and no prefix of one.
pub(in crate::input) fn begins_with_pair(text: &[u8]) -> bool {
    let key = text.iter().take(64).take_while(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(byte)).count();
    text.first().is_some_and(u8::is_ascii_lowercase) && text.get(key) == Some(&b'=')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fast::masks::MARGIN;
    use crate::fast::oracle::{extractor, line};
    use crate::input::window::Window;
    use crate::tests::{Seeded, rounds};
    use jiff::tz::TimeZone;
    use time::Clock;

    /// A line of a log, most of them with a time near the edges of the window.
    fn log_line(format: &str, random: &mut Seeded) -> Vec<u8> {
        let minute = random.below(3);
        let second = random.below(61);
        let stamp = match random.below(24) {
            0 => format!("2026-03-05 20:{minute:02}:{second:02}"),
            1 => format!("[2026-03-05T20:{minute:02}:{second:02}.25Z]"),
            2 => format!("2026-03-05T20:{minute:02}:{second:02}+01:00"),
            3 => format!("17727427{minute}{}", second % 10),
            4 => format!("{minute}:{second:02}:12"),
            _ => format!("2026-03-05T20:{minute:02}:{second:02}.{}Z", random.below(1_000)),
        };
        let mut text = match random.below(20) {
            0 => "    at main.rs:7".to_owned(),
            1 => "java.lang.IllegalStateException: x".to_owned(),
            2 => "no time here a=1".to_owned(),
            3 => line(format, random),
            4 => format!("\u{1b}[32m{stamp}\u{1b}[0m INFO a=1"),
            5 => String::new(),
            _ => match format {
                "json" => {
                    let key = ["time", "ts", "msg", "@timestamp", "date"][random.below(5)];
                    let rest = if random.below(9) == 0 { line(format, random) } else { "{\"b\":1}".to_owned() };
                    format!("{{\"a\":{},\"{key}\":\"{stamp}\",\"c\":{rest}}}", random.below(9))
                }
                "logfmt" => format!("level=info time={stamp} a={}", random.below(9)),
                _ => format!("{stamp} INFO a={} ts=2026-03-05T20:00:07Z", random.below(9)),
            },
        };
        if random.below(30) == 0 {
            text = text.replace('"', "");
        }
        if random.below(20) == 0 {
            text.push('\r');
        }
        text.into_bytes()
    }

    type Placed = Vec<(Option<Settled>, Result<Option<bool>, Misfit>, bool)>;

    /// What is told of each line: what is settled before it, whether it is inside, and whether that is sure.
    fn by_parts(parts: &[Part], ends: &[usize]) -> Placed {
        let mut parts = parts.iter().peekable();
        let mut placed = Vec::new();
        for &end in ends {
            let mut settled = None;
            while let Some(Part { what: What::Settled(found), range }) = parts.peek()
                && range.start < end
            {
                settled = Some(*found);
                parts.next();
            }
            let Some(part) = parts.peek().filter(|part| part.range.start < end) else {
                placed.push((settled, Ok(Some(false)), true));
                continue;
            };
            placed.push(match &part.what {
                What::Refused(reason) => (settled, Err(reason.clone()), true),
                What::Unsure(inside) => (settled, Ok(Some(*inside)), false),
                _ => (settled, Ok(Some(true)), true),
            });
            if part.range.end <= end {
                parts.next();
            }
        }
        placed
    }

    #[test]
    fn parts_are_what_the_window_says_of_each_line() {
        let choice = Choice::fastest();
        let limits: [&[Option<&str>]; 4] = [
            &[Some("2026-03-05T20:01:07.5Z"), None],
            &[None, Some("2026-03-05T20:01:30Z")],
            &[Some("2026-03-05T20:00:40Z"), Some("2026-03-05T20:02:00Z")],
            &[None, None],
        ];
        let mut quickly = 0_u64;
        for seed in 0..rounds(2_000) {
            let mut random = Seeded(seed);
            let format = ["kv", "json", "logfmt", "auto"][random.below(4)];
            let [since, until] = limits[random.below(4)] else { continue };
            let key = [None, None, None, Some("ts")][random.below(4)];
            let make = || {
                let mut made = extractor(&[("from", format)]);
                let clock = Clock::new(TimeZone::UTC, "2026-03-06T00:00:00Z".parse().unwrap());
                let limit = |text: Option<&str>| text.map(|text| text.parse().unwrap());
                made.window = Some(Window::new(limit(*since), limit(*until), key, clock));
                made
            };
            let (mut plain, mut fast) = (make(), make());
            let mut placer = Placer::new(&fast, choice, 1 << 20, false);
            for number in 0..3 {
                let kind = if format == "auto" { ["kv", "json", "logfmt"][random.below(3)] } else { format };
                let mut bytes = vec![b'\n'; MARGIN];
                let mut lines = Vec::new();
                for _ in 0..random.below(12) {
                    let line = log_line(kind, &mut random);
                    bytes.extend_from_slice(&line);
                    bytes.push(b'\n');
                    lines.push((bytes.len() - line.len() - 1, bytes.len()));
                }
                let end = bytes.len();
                bytes.extend_from_slice(&[b'"'; MARGIN + 1]);
                let block =
                    Block { bytes, start: MARGIN, end, offset: 0, number: 1, records: 0, newlines: None, header: None };
                let file = if number == 2 { "b" } else { "a" };
                let mut parts = Vec::new();
                placer.cut(&block, file, &mut fast, &mut parts);
                let ends: Vec<usize> = lines.iter().map(|line| line.1).collect();
                let got = by_parts(&parts, &ends);
                let mut expected: Placed = Vec::new();
                for (index, &(start, end)) in lines.iter().enumerate() {
                    let text = &block.bytes[start..end - 1];
                    let text = text.strip_suffix(b"\r").unwrap_or(text);
                    let (line, content) = (index as u64 + 1, Content::Line);
                    if matches!(format, "json" | "auto") && filter::begins_as_seal(text) {
                        expected.push((None, Ok(Some(false)), true));
                        continue;
                    }
                    let unit = Unit { text, file, number: line, offset: Some(0), lines: 1, content };
                    let by_calendar = {
                        let without = crate::record::escape::plain(text, &mut plain.plain);
                        plain.window.as_mut().unwrap().place(&unit, without, &mut plain.reader)
                    };
                    expected.push(match by_calendar {
                        Err(reason) => (None, Err(reason), true),
                        Ok(placed) => (placed.settled, Ok(Some(placed.inside)), placed.sure),
                    });
                }
                let shown = || format!("seed {seed} {format}\n{}", String::from_utf8_lossy(block.lines()));
                assert_eq!(got, expected, "{}", shown());
                let (one, other) = (plain.window.as_ref().unwrap(), fast.window.as_ref().unwrap());
                assert_eq!((one.last(), one.own()), (other.last(), other.own()), "{}", shown());
                assert_eq!(format!("{:?}", one.unstamped), format!("{:?}", other.unstamped), "{}", shown());
                quickly += fast.window.as_ref().map_or(0, Window::placed_quickly);
            }
        }
        assert!(quickly > 1_000, "{quickly}");
    }
}
