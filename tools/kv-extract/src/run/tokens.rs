//! `--first-of`, `--last-of`, `--count-of`: one record of what stands in the first or last line of each token, and
//! how many lines hold it.
//!
//! Owns which line a name stands for; the line that holds the token decides, pairs or not: an older line would be
//! evidence of something else.

use std::borrow::Cow;

use filter::{Error, Filter};
use memchr::memmem::Finder;
use schema::{Object, Value, json};

use crate::fast::cpu::Choice;
use crate::fast::find;
use crate::grammar::auto::{self, Hidden};
use crate::grammar::repeated::{Repeated, repeated};
use crate::grammar::{Format, frames, utf16};
use crate::input::Input;
use crate::input::backward::Tail;
use crate::input::unit::{self, Flow, Unit};
use crate::input::window::Settled;
use crate::near::Near;
use crate::options::Threads;
use crate::record::{display, doubts, escape};
use crate::run::extractor::{Chosen, Extractor, Kept, Outcome};
use crate::run::latest::Latest;
use crate::run::{Edge, chosen, each, end, last, may_conclude, read};

/// Which line of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The first one.
    First,
    /// The last one.
    Last,
    /// None: how many there are.
    Count,
}

/// One name, its token, and what was found.
#[derive(Clone, Debug)]
pub struct Pick {
    name: String,
    /// The token.
    pub token: Finder<'static>,
    /// Which line.
    pub which: Which,
    found: Option<Found>,
    count: u64,
    /// Lines that hold the token and of which it cannot be told whether they are among those asked for.
    doubtful: u64,
    /// How often a message that holds the token came again without being written, as syslog says.
    again: u64,
    /// Lines that hold the token and whose time is not settled.
    waiting: u64,
    /// Whether the line that decides may be another one: one whose time is not settled, or that nobody can tell.
    may_be_other: bool,
    is_doubtful: bool,
    /// Lines that may be meant where none holds the token.
    near: Near,
}

#[derive(Clone, Debug, Default)]
struct Found {
    json: Vec<u8>,
    /// The unit it stands in, and how many lines of it nobody has counted as used.
    unit: u64,
    lines: u64,
}

impl Pick {
    /// Reads `NAME=TEXT`; TEXT may hold `=`.
    pub fn parse(which: Which, text: &str) -> Result<Pick, String> {
        match text.split_once('=') {
            Some((name, token)) if !name.is_empty() && !token.is_empty() => Ok(Pick {
                name: name.to_owned(),
                token: crate::input::selection::finder(token),
                which,
                found: None,
                count: 0,
                doubtful: 0,
                again: 0,
                waiting: 0,
                may_be_other: false,
                is_doubtful: false,
                near: Near::new(token),
            }),
            _ => Err("wanted NAME=TEXT, like latency=LATENCY_METRICS".to_owned()),
        }
    }

    /// The name it is written under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this line's record may be wanted.
    pub fn wants(&self, line: &[u8]) -> bool {
        (self.which != Which::First || self.found.is_none()) && self.token.find(line).is_some()
    }

    /// Takes the record of unit number `unit`, which holds the token and has `lines` that are not counted as used.
    pub fn take(&mut self, json: &[u8], unit: u64, lines: u64) {
        let found = self.found.get_or_insert_default();
        found.json.clear();
        found.json.extend_from_slice(json);
        (found.unit, found.lines) = (unit, lines);
    }

    /// Forgets what was found: the part of the log that is asked for begins here.
    pub fn restart(&mut self) {
        self.found = None;
        (self.count, self.doubtful, self.again, self.waiting) = (0, 0, 0, 0);
        (self.may_be_other, self.is_doubtful) = (false, false);
        self.near.clear();
    }

    /// Whether no line so far holds it.
    fn is_none(&self) -> bool {
        self.count + self.doubtful + self.again + self.waiting == 0
    }

    /// What waited is settled: counted where it lies in the window, or never to be known.
    fn settle(&mut self, settled: Settled, inside: bool) {
        let waiting = std::mem::take(&mut self.waiting);
        let may_be_other = std::mem::take(&mut self.may_be_other);
        match settled {
            Settled::AsThought | Settled::Misread if inside => {
                self.count += waiting;
                // The last one that waited is the one that was taken, and whatever is in doubt stands before it.
                self.is_doubtful &= !(may_be_other && self.which == Which::Last);
            }
            Settled::AsThought | Settled::Misread => {}
            Settled::Unknown | Settled::Ahead => {
                self.doubtful += waiting;
                self.is_doubtful |= may_be_other;
            }
        }
    }
}

/// How many lines were looked at: those that are sure, and those whose time is not settled.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    sure: Part,
    waiting: Part,
    /// Whether those that wait were taken to lie in the window.
    inside: bool,
    /// Lines of unknown time.
    unknown: Part,
}

/// Lines, those that are chosen among them, and those of which it cannot be told.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    lines: u64,
    matched: u64,
    doubtful: u64,
}

impl Part {
    fn add(&mut self, other: Part) {
        self.lines += other.lines;
        self.matched += other.matched;
        self.doubtful += other.doubtful;
    }
}

impl Tally {
    /// Where a unit is counted.
    fn part(&mut self, chosen: Chosen) -> &mut Part {
        if chosen.sure {
            return &mut self.sure;
        }
        self.inside = chosen.inside;
        &mut self.waiting
    }

    /// What waited is settled.
    fn settle(&mut self, settled: Option<Settled>, picks: &mut [Pick]) {
        let Some(settled) = settled else { return };
        let waiting = std::mem::take(&mut self.waiting);
        match settled {
            Settled::AsThought | Settled::Misread if self.inside => self.sure.add(waiting),
            Settled::AsThought | Settled::Misread => {}
            Settled::Unknown | Settled::Ahead => self.unknown.add(waiting),
        }
        for pick in picks {
            pick.settle(settled, self.inside);
        }
    }

    /// What is said of it in the record.
    fn looked(&self, chooses: bool) -> Looked {
        let Tally { sure, unknown, .. } = self;
        Looked {
            lines: Some(sure.lines),
            unknown: unknown.lines,
            matched: (chooses && sure.lines > 0).then_some(sure.matched),
            doubtful: sure.doubtful + unknown.matched + unknown.doubtful,
        }
    }
}

/// The line before the one at hand, for syslog's `last message repeated 25 times`.
#[derive(Default)]
struct Before {
    /// Whether anything is counted.
    is_needed: bool,
    text: Vec<u8>,
    file: String,
    /// Whether it was among those that are counted, where that was looked at.
    is_chosen: Option<bool>,
}

impl Before {
    /// What the unit at hand says of messages that came again. Unless it speaks of the line before, it takes its place.
    fn enter(&mut self, unit: &Unit<'_>) -> Option<Repeated> {
        if !self.is_needed {
            return None;
        }
        if self.file != unit.file {
            unit.file.clone_into(&mut self.file);
            self.text.clear();
            self.is_chosen = None;
        }
        let again = repeated(unit.text);
        if !matches!(again, Some(Repeated::Before(_))) {
            self.text.clear();
            self.text.extend_from_slice(unit.text);
            self.is_chosen = None;
        }
        again
    }
}

/// What a pick takes of a line: its record, the number of its unit, and how many lines of that nobody has counted as used.
type Taken = (Vec<u8>, u64, u64);

/// One record of the first and last lines and the counts of tokens.
pub fn pick(
    picks: &mut [Pick],
    input: &mut Input,
    extractor: &mut Extractor,
    threads: Threads,
    filter: &mut Filter,
) -> Result<(), Error> {
    if from_end(picks, input, extractor, threads, filter)? {
        return Ok(());
    }
    // What is set belongs to the one record, not to each of those in it.
    let set = std::mem::take(&mut extractor.shape.set);
    let mut out = Vec::new();
    let (mut units, mut tally) = (0, Tally::default());
    let choice = Choice::fastest();
    let of_records = extractor.chooses() && !extractor.selects_lines_alone();
    let are_escaped = picks.iter().any(|pick| escape::may_be_escaped(pick.token.needle()));
    let of_pick = |pick: &Pick| if pick.which == Which::Last { Latest::new(input, extractor) } else { None };
    let mut before = Before { is_needed: picks.iter().any(|pick| pick.which == Which::Count), ..Before::default() };
    let mut latest: Vec<Option<Latest<Taken>>> = picks.iter().map(of_pick).collect();
    each(input, extractor, filter, |edge, unit, extractor, filter| {
        filter.counts.skipped += unit.lines;
        units += 1;
        match edge {
            Edge::Inside => {}
            Edge::Before => return Ok(Flow::Continue(())),
            Edge::Here => {
                tally = Tally::default();
                filter.counts.skipped += std::mem::take(&mut filter.counts.used);
                picks.iter_mut().for_each(Pick::restart);
                latest.iter_mut().flatten().for_each(Latest::forget);
                before = Before { is_needed: before.is_needed, ..Before::default() };
                return Ok(Flow::Continue(()));
            }
        }
        // That a journal has no entries is no entry.
        if frames::is_frame(unit.text) {
            return Ok(Flow::Continue(()));
        }
        let again = before.enter(&unit);
        let Some(chosen) = chosen(extractor, &unit, filter)? else { return Ok(Flow::Continue(())) };
        tally.settle(chosen.settled, picks);
        if !chosen.inside && chosen.sure {
            return Ok(Flow::Continue(()));
        }
        let mut found = Cow::Borrowed(unit.text);
        if unit.text.first() == Some(&b'{') && extractor.reader.format.reads_records() {
            match auto::hidden_message(unit.text) {
                // It may hold any of the tokens.
                Some(Hidden::Lost) => {
                    extractor.refuse(&unit, "malformed", auto::LOST);
                    unit::reject(filter, &unit.place(), auto::LOST, unit.lines)?;
                    filter.counts.skipped -= unit.lines;
                    return Ok(Flow::Continue(()));
                }
                Some(Hidden::Bytes(text)) => found = Cow::Owned([unit.text, b" ", &text].concat()),
                None => {}
            }
        }
        // What was cut off, or is in another encoding, may be any of the tokens.
        let refused = match extractor.reader.format {
            _ if utf16::is_line(unit.text) => Some(utf16::REASON),
            Format::Auto => auto::cut_short(choice, escape::plain(unit.text, &mut extractor.plain)),
            _ => None,
        };
        if let Some(reason) = refused {
            extractor.refuse(&unit, "malformed", reason);
            unit::reject(filter, &unit.place(), reason, unit.lines)?;
            filter.counts.skipped -= unit.lines;
            return Ok(Flow::Continue(()));
        }
        // Colours may stand within a token, but hardly any line has them.
        let mut plain = Cow::Borrowed(unit.text);
        if find::has_either(choice, &found, [0x1B, b'\\']) {
            let mut buffer = Vec::new();
            let searched = escape::searched(&found, &mut buffer);
            if searched.len() < found.len() {
                plain = Cow::Owned(searched.to_vec());
                found = Cow::Owned([&found, b"\n".as_slice(), searched].concat());
            }
            if are_escaped && picks.iter().any(|pick| escape::may_hide(&found, pick.token.needle())) {
                found = escape::with_unescaped(found);
            }
        }
        let part = tally.part(chosen);
        part.lines += unit.lines;
        if let Some(Repeated::Before(times)) = again {
            let is_chosen = before.is_chosen.unwrap_or_else(|| extractor.selects(&before.text));
            for pick in picks.iter_mut().filter(|pick| pick.which == Which::Count && pick.wants(&before.text)) {
                pick.again += if is_chosen { times } else { 0 };
            }
        }
        if !chosen.selected {
            return Ok(Flow::Continue(()));
        }
        let is_picked = picks.iter().any(|pick| pick.which != Which::Count && pick.wants(&found));
        let outcome = if of_records || is_picked {
            out.clear();
            Some(read(extractor, &unit, &mut out, filter)?)
        } else {
            None
        };
        let kept = if of_records { extractor.keeps(outcome) } else { Kept::Yes };
        match kept {
            Kept::Yes => part.matched += unit.lines,
            Kept::CannotTell => part.doubtful += unit.lines,
            Kept::No => {}
        }
        // What a template does not fit may be what is counted; only what is asked of records chooses among lines.
        let counts = if extractor.chooses_records() { kept } else { Kept::Yes };
        if !matches!(again, Some(Repeated::Before(_))) {
            before.is_chosen = Some(counts != Kept::No);
        }
        let more = if let Some(Repeated::Shown(times)) = again { times.saturating_sub(1) } else { 0 };
        let mut counted = false;
        for pick in picks.iter_mut().filter(|pick| pick.which == Which::Count) {
            if !pick.wants(&found) {
                if counts != Kept::No && pick.is_none() {
                    pick.near.look(choice, &plain);
                }
                continue;
            }
            match counts {
                Kept::No => continue,
                _ if !chosen.sure => pick.waiting += 1,
                Kept::Yes => pick.count += 1,
                Kept::CannotTell => pick.doubtful += 1,
            }
            pick.again += more;
            counted |= counts == Kept::Yes && chosen.sure;
        }
        if counted {
            filter.counts.used += unit.lines;
            filter.counts.skipped -= unit.lines;
        }
        if outcome == Some(Outcome::Rejected) {
            let place = if counted { &mut filter.counts.used } else { &mut filter.counts.skipped };
            *place -= unit.lines;
        }
        if !is_picked {
            return Ok(Flow::Continue(()));
        }
        if !chosen.sure {
            // What it says is kept where it is taken to be in the window; that it may be otherwise, in any case.
            for pick in picks.iter_mut().filter(|pick| pick.which != Which::Count && pick.wants(&found)) {
                pick.may_be_other = true;
            }
            if !chosen.inside {
                return Ok(Flow::Continue(()));
            }
        }
        if outcome != Some(Outcome::Record) {
            // The token's line has nothing to say, and no older one may speak in its place.
            out.clear();
            out.extend_from_slice(b"{}");
        }
        for (pick, latest) in picks.iter_mut().zip(&mut latest) {
            if pick.which == Which::Count || !pick.wants(&found) {
                continue;
            }
            let lines = if counted || outcome == Some(Outcome::Rejected) { 0 } else { unit.lines };
            pick.take(&out, units, lines);
            if let Some(latest) = latest {
                latest.enter(unit.file, extractor);
                latest.take((out.clone(), units, lines), &unit, extractor);
            }
            if chosen.sure && pick.which == Which::Last {
                // Whatever is in doubt stands before it.
                (pick.may_be_other, pick.is_doubtful) = (false, false);
            }
        }
        Ok(Flow::Continue(()))
    })?;
    for (pick, latest) in picks.iter_mut().zip(latest) {
        if let Some((json, unit, lines)) = latest.and_then(|latest| latest.end(extractor, filter)) {
            pick.take(&json, unit, lines);
        }
    }
    let used = used(picks);
    filter.counts.used += used;
    filter.counts.skipped -= used;
    tally.settle(end(extractor), picks);
    let looked = tally.looked(extractor.chooses());
    if looked.lines != Some(0) {
        for pick in picks.iter().filter(|pick| pick.which == Which::Count && pick.is_none()) {
            if let Some((_, reason)) = pick.near.doubt(pick.token.needle()) {
                filter.note("spelling", format!("--count-of {}", pick.name), reason);
            } else if let Some((lines, reason)) = pick.near.told(pick.token.needle()) {
                filter.note("spelling", format!("--count-of {}", pick.name), reason);
                filter.tell("other_case", lines);
            }
        }
    }
    if !may_conclude(input, extractor, filter)? {
        return Ok(());
    }
    let people = filter.people();
    filter.built(|out| write(picks, looked, &set, people, out))
}

/// `--last-of`, read backward; false where that does not give it.
fn from_end(
    picks: &mut [Pick],
    input: &Input,
    extractor: &mut Extractor,
    threads: Threads,
    filter: &mut Filter,
) -> Result<bool, Error> {
    if picks.iter().any(|pick| pick.which != Which::Last) || !extractor.selection.is_empty() {
        return Ok(false);
    }
    let Some(opened) = last::open(input, extractor, filter)? else { return Ok(false) };
    let mut tail = Tail::new(&opened, threads, filter);
    if tail.ends_with_seal()? {
        return last::forward(&opened);
    }
    let tokens: Vec<Finder<'static>> = picks.iter().map(|pick| pick.token.clone()).collect();
    let size = tail.size()?;
    let hits = tail.last_hits(size, &tokens)?;
    if tail.may_hide() {
        return last::forward(&opened);
    }
    filter.counts.backward = true;
    let set = std::mem::take(&mut extractor.shape.set);
    let mut out = Vec::new();
    for (pick, hit) in picks.iter_mut().zip(hits) {
        let Some(hit) = hit else { continue };
        let line = tail.line(hit)?;
        out.clear();
        if last::read(extractor, &tail, &line, &mut out, filter)? != Outcome::Record {
            // The token's line has nothing to say, and no older one may speak in its place.
            out.clear();
            out.extend_from_slice(b"{}");
        }
        pick.take(&out, line.start, 0);
    }
    let people = filter.people();
    filter.built(|out| write(picks, Looked::default(), &set, people, out))?;
    Ok(true)
}

/// How many lines stand in the record that were not counted already.
pub fn used(picks: &[Pick]) -> u64 {
    let found = picks.iter().filter_map(|pick| pick.found.as_ref());
    let mut units: Vec<(u64, u64)> = found.map(|found| (found.unit, found.lines)).collect();
    units.sort_unstable();
    units.dedup_by_key(|(unit, _)| *unit);
    units.iter().map(|(_, lines)| lines).sum()
}

/// How many lines there were.
#[derive(Clone, Copy, Debug, Default)]
pub struct Looked {
    /// Those looked at: in the window of time, behind the marker. `None` where the input was read backward.
    pub lines: Option<u64>,
    /// Of those, the ones that `-m`, `-v`, `--where`, `--having` and `--parse` choose; `None` where none is given.
    pub matched: Option<u64>,
    /// Lines of which it cannot be told whether they are in the window.
    pub unknown: u64,
    /// Lines of which it cannot be told whether they are chosen.
    pub doubtful: u64,
}

/// Appends the one record; `set` are the keys of `--set`; `people`: as text for people.
pub fn write(picks: &[Pick], looked: Looked, set: &[(Vec<u8>, Vec<u8>)], people: bool, out: &mut Vec<u8>) {
    let record = out.len();
    let mut evidence = Object::new();
    out.push(b'{');
    let start = out.len();
    let key = |name: &[u8], out: &mut Vec<u8>| {
        if out.len() > start {
            out.push(b',');
        }
        escape::write(name, out);
        out.push(b':');
    };
    let is_set = |name: &[u8]| set.iter().any(|(key, _)| key == name);
    for pick in picks.iter().filter(|pick| !is_set(pick.name.as_bytes())) {
        match (&pick.found, pick.which) {
            // No line was looked at: then nothing is known of how many there are.
            (_, Which::Count) if looked.lines != Some(0) => {
                key(pick.name.as_bytes(), out);
                escape::write_count(pick.count, out);
                doubt(&pick.name, pick.count, (pick.doubtful, pick.again), &mut evidence);
                if pick.is_none()
                    && let Some((lines, detail)) = pick.near.doubt(pick.token.needle())
                {
                    let mut entry = doubts::unknown(&doubts::step(&pick.name), "ambiguous", detail);
                    if let (Value::Object(entry), Some(lines)) = (&mut entry, lines) {
                        entry.insert("low", 0);
                        entry.insert("high", lines);
                    }
                    doubts::push(&mut evidence, "unknown", entry);
                }
            }
            (Some(found), _) => {
                key(pick.name.as_bytes(), out);
                if pick.is_doubtful {
                    let detail = "another line, whose time is unknown, may be the one asked for";
                    let entry = doubts::unknown(&doubts::step(&pick.name), "missing", detail);
                    doubts::push(&mut evidence, "unknown", entry);
                }
                write_found(&found.json, &pick.name, &mut evidence, out);
            }
            _ => {}
        }
    }
    for (name, count, doubtful) in
        [("lines", looked.lines, looked.unknown), ("matched", looked.matched, looked.doubtful)]
    {
        if let Some(count) = count
            && !is_set(name.as_bytes())
        {
            key(name.as_bytes(), out);
            escape::write_count(count, out);
            doubt(name, count, (doubtful, 0), &mut evidence);
        }
    }
    for (name, json) in set {
        key(name, out);
        out.extend_from_slice(json);
    }
    if !evidence.is_empty() {
        key(doubts::KEY.as_bytes(), out);
        json::write_object(&evidence, out);
    }
    out.push(b'}');
    if people {
        display::rewrite(out, record);
    }
}

/// Where some lines cannot be told, a count lies between those that are sure and all of them; so it does where syslog says that
/// messages came `again` so many times.
fn doubt(name: &str, sure: u64, (doubtful, again): (u64, u64), evidence: &mut Object<'static>) {
    if doubtful + again == 0 {
        return;
    }
    let lines = if doubtful == 1 { "line" } else { "lines" };
    let detail = match (doubtful, again) {
        (doubtful, 0) => format!("undecided for {doubtful} {lines}"),
        (0, again) => format!("the log says that such messages came {again} more times, without lines of their own"),
        (doubtful, again) => {
            format!("undecided for {doubtful} {lines}, and the log says that such messages came {again} more times")
        }
    };
    let doubtful = doubtful + again;
    let mut entry = doubts::unknown(&doubts::step(name), "missing", detail);
    if let Value::Object(entry) = &mut entry {
        entry.insert("low", sure);
        entry.insert("high", sure + doubtful);
    }
    doubts::push(evidence, "unknown", entry);
}

/// Appends the record of a line; what it says of itself goes to what all of it says.
fn write_found(found: &[u8], name: &str, evidence: &mut Object<'static>, out: &mut Vec<u8>) {
    let doubts = memchr::memmem::find(found, doubts::KEY.as_bytes()).and_then(|_| json::parse(found).ok());
    match doubts {
        Some(Value::Object(record)) => {
            let mut record = record.into_owned();
            doubts::lift(&mut record, name, evidence);
            json::write_object(&record, out);
        }
        _ => out.extend_from_slice(found),
    }
}
