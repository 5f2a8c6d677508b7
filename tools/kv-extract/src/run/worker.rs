//! One block in, its records out: what each thread does.
//!
//! Owns the choice between the fast scanner and the plain one, line by line; refuses I/O.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memrchr};

use crate::fast::buffer::Output;
use crate::fast::cpu::{Choice, Portable};
use crate::fast::fields::{Ask, Road};
use crate::fast::find::{self, Search};
use crate::fast::lines::{Counted, STRETCH};
use crate::fast::{Guessing, Scanner};
use crate::grammar::Format;
use crate::grammar::auto::{self, Kind, Sorter, begins_as_prose};
use crate::grammar::repeated::times_again;
use crate::grammar::table::Table;
use crate::grammar::utf16;
use crate::input::block::Block;
use crate::input::placer::{Part, What};
use crate::record::escape;
use crate::record::tally::Tally;
use crate::record::units::passed::Passed;
use crate::run::bare::Bare;
use crate::run::done::{Done, KEPT, Unsure};
use crate::run::extractor::Extractor;
use crate::run::plain::Plain;

/// How many bytes are looked through at once, if no line is longer.
const BATCH: usize = 8192;
/// How many batches of mixed lines are sorted line by line before it is tried again to do without.
const SORTED: u32 = 64;

/// Turns blocks into records.
pub struct Worker {
    extractor: Extractor,
    scanner: Scanner,
    choice: Choice,
    /// Whether the fast scanner gives the records that are asked for.
    is_plain_shape: bool,
    /// The field road, where it gives them.
    road: Option<Road>,
    limit: usize,
    may_reject: bool,
    /// Whether each line is a JSON record, whatever is asked for.
    of_records: bool,
    scratch: Vec<u8>,
    /// The lines that the fast scanner is to look at.
    ranges: Vec<Range<usize>>,
    /// Finds the lines, where they are those that hold one text.
    search: Option<Search>,
    /// Whether that text may stand in JSON with escapes, and who finds the lines with so much of it that they may hold it.
    may_be_escaped: bool,
    core: Option<Search>,
    /// Under `-f auto`: which lines are prose, and how many batches are sorted before it is tried again to do without.
    sorter: Option<Sorter>,
    sorted: u32,
    /// Under `-f auto`: the field roads of the other lines, made when the first of them comes.
    kinds: [Option<Box<Road>>; 3],
    runs: Vec<(Range<usize>, Kind)>,
    /// Which keys have numbers without a unit.
    bare: Bare,
    /// The table whose header the rows at hand are under, its number, and whether the field road takes its columns.
    table: Option<(Table, u64, bool)>,
}

impl Worker {
    /// A worker with buffers of its own.
    ///
    /// With `fast`, the fast scanner is used where it gives the records that are asked for.
    pub fn new(extractor: Extractor, choice: Choice, fast: Option<Guessing>, limit: usize, may_reject: bool) -> Self {
        let is_plain_shape = fast.is_some() && extractor.is_plain();
        let sorter = match extractor.reader.format {
            Format::Auto => Some(Sorter::default()),
            Format::Kv => Some(Sorter::of_prose()),
            _ => None,
        };
        let search = extractor.selection.single().map(|finder| Search::new(finder, choice));
        let text = extractor.selection.single().filter(|text| escape::may_be_escaped(text.needle()));
        let may_be_escaped = text.is_some();
        let core = text.as_ref().and_then(|text| escape::core(text.needle()));
        let core = core.map(|core| Search::new(memchr::memmem::Finder::new(core).into_owned(), choice));
        let road = if fast.is_some() && !is_plain_shape { Road::new(&extractor, Kind::Prose) } else { None };
        Worker {
            extractor,
            scanner: Scanner::new(fast.unwrap_or(Guessing::Never)),
            choice,
            is_plain_shape,
            road,
            limit,
            may_reject,
            of_records: false,
            scratch: Vec::new(),
            ranges: Vec::new(),
            search,
            may_be_escaped,
            core,
            sorter,
            sorted: 0,
            kinds: [None, None, None],
            runs: Vec::new(),
            bare: Bare::default(),
            table: None,
        }
    }

    /// The same where each line is a JSON record: one that is not asked for must be one all the same.
    pub fn of_records(self) -> Self {
        Worker { of_records: true, search: None, core: None, ..self }
    }

    /// Does one block; of its lines those in `parts`, where there are such.
    pub fn work(&mut self, block: &Block, parts: Option<&[Part]>, file: &str, done: &mut Done) {
        self.work_behind(None, block, parts, file, done);
    }

    /// Knows of which keys numbers had units before: whether they have numbers without one is looked for from now on.
    pub fn know(&mut self, before: &Passed) {
        self.bare.know(before);
    }

    /// Does a block once more in which units do not compare with those `before`: each line the plain way, which says so in
    /// the records.
    #[cold]
    pub fn again(&mut self, before: &Passed, block: &Block, parts: Option<&[Part]>, file: &str, done: &mut Done) {
        self.work_behind(Some(before), block, parts, file, done);
    }

    fn work_behind(
        &mut self,
        before: Option<&Passed>,
        block: &Block,
        parts: Option<&[Part]>,
        file: &str,
        done: &mut Done,
    ) {
        done.clear();
        self.scanner.memory.tally = Tally::default();
        self.extractor.record.tally = Tally::default();
        self.extractor.record.repeated = None;
        self.extractor.record.passed.clear();
        if let Some(before) = before {
            self.extractor.record.passed.include(before);
        }
        self.scanner.memory.passed.clear();
        if let Some(road) = &mut self.road {
            road.tally = Tally::default();
            road.forget_units();
        }
        for road in self.kinds.iter_mut().flatten() {
            road.tally = Tally::default();
            road.forget_units();
        }
        if let Some(header) = &block.header {
            if self.table.as_ref().is_none_or(|(_, number, _)| *number != header.number) {
                let takes = self.road.as_mut().is_some_and(|road| road.set_columns(&header.names, header.delimiter));
                self.table = Some((Table::under(header), header.number, takes));
            }
        } else {
            self.table = None;
        }
        let takes_columns = self.table.as_ref().is_none_or(|(_, _, takes)| *takes);
        // A line of UTF-16 is for the plain way, which tells it. Hardly any block has a zero.
        let is_odd = match &self.search {
            Some(_) => find::has_one_of(self.choice, block.lines(), [0, 0x1B]),
            None => find::has(self.choice, block.lines(), 0),
        };
        let has_zeros = is_odd && find::has(self.choice, block.lines(), 0);
        // A message that is no text is not found by a search. What journalctl writes is objects alone.
        let hides = self.search.is_some()
            && self.extractor.reader.format.reads_records()
            && block.lines().first() == Some(&b'{')
            && memchr::memmem::find(block.lines(), auto::MESSAGE).is_some()
            && block.lines().split(|&byte| byte == b'\n').any(|line| auto::hidden_message(line).is_some());
        // Nor is a text with colours in it, or with escapes.
        let hides = hides
            || has_zeros
            || self.search.is_some() && {
                let lines = block.lines();
                let has = |byte| find::has(self.choice, lines, byte);
                is_odd && has(0x1B)
                    || (self.may_be_escaped || lines.first() == Some(&b'{'))
                        && has(b'\\')
                        && escape::written_escape(lines).is_some()
            };
        // What stands in JSON may be written with a backslash: then the lines that may hold it are looked at one by one.
        let is_escaped =
            self.search.is_some() && self.may_be_escaped && !hides && find::has(self.choice, block.lines(), b'\\');
        let hides = hides || is_escaped && self.core.is_none();
        let Worker { extractor, scanner, choice, is_plain_shape, road, limit, may_reject, scratch, .. } = self;
        let Done { output, rejected, unknown, failed, unsure, .. } = &mut *done;
        // A line longer than a stretch is always for the plain scanner, which looks at the limit.
        let fast =
            (*is_plain_shape || road.is_some()) && *limit >= STRETCH && takes_columns && before.is_none() && !has_zeros;
        let unselected = extractor.selection.is_empty();
        let plain = Plain {
            extractor,
            scratch,
            block,
            file,
            limit: *limit,
            may_reject: *may_reject,
            of_records: self.of_records,
            unsure,
            rejected,
            unknown,
            failed,
            table: self.table.as_mut().map(|(table, ..)| table),
            counted: (block.start, 0),
        };
        let mut lines = Lines {
            plain,
            scanner,
            choice: *choice,
            road: road.as_mut(),
            kinds: &mut self.kinds,
            search: if is_escaped { self.core.as_mut() } else { self.search.as_mut() }.filter(|_| !hides),
            is_escaped,
            sorter: self.sorter.as_ref(),
            sorted: &mut self.sorted,
            ranges: &mut self.ranges,
            runs: &mut self.runs,
            fast,
            has_zeros,
            unselected,
            counted: Counted::default(),
            chosen: 0,
            plain_used: 0,
            plain_lines: 0,
            taken_back: None,
            output,
        };
        match parts {
            None => lines.work(block.start..block.end),
            Some(parts) => parts.iter().for_each(|part| lines.part(part)),
        }
        let used = lines.counted.records + lines.plain_used;
        let taken_back = lines.taken_back.unwrap_or(0);
        let again = lines.taken_back.is_some();
        let all_counted = fast && unselected && lines.plain_lines == 0 && parts.is_none();
        let counted = lines.counted.lines;
        let chosen = lines.chosen;
        let tally = self.extractor.record.tally;
        let search = if is_escaped { &self.core } else { &self.search };
        if self.scratch.capacity() > KEPT {
            self.scratch = Vec::new();
        }
        done.used = used - taken_back;
        done.again = again;
        done.repeated = self.extractor.record.repeated.take();
        done.passed.include(&self.scanner.memory.passed);
        done.passed.include(&self.extractor.record.passed);
        done.newlines = match &done.failed {
            // Lines behind the one that failed were not read.
            Some(told) => told.line + 1,
            None if let (Some(search), None, false) = (search, parts, hides) => search.lines(),
            // The scanner meets every newline anyway.
            None if all_counted => counted,
            None => block.newlines.unwrap_or_else(|| memchr_iter(b'\n', block.lines()).count() as u64),
        };
        done.lines = if self.of_records && done.failed.is_none() { block.records } else { done.newlines };
        done.tally = self.scanner.memory.tally;
        done.tally.include(tally);
        let kinds = self.kinds.iter().flatten().map(|road| &**road);
        for road in self.road.iter().chain(kinds) {
            done.tally.include(road.tally);
            done.passed.include(&road.units_of);
        }
        if fast {
            let is_whole = unselected && parts.is_none();
            let caches =
                self.road.iter().chain(self.kinds.iter().flatten().map(|road| &**road)).map(|road| road.keys());
            let is_template = matches!(self.extractor.reader.format, Format::Template(_));
            let caches = caches.chain([&self.scanner.memory.keys]);
            self.bare.look(block.lines(), caches, (is_whole, is_template), &mut done.passed);
        }
        if matches!(self.extractor.reader.format, Format::Auto | Format::Kv | Format::Template(_)) && !self.of_records {
            done.tally.again = times_again(block.lines());
        }
        // Where a line failed the others were not read, and nothing is told of them.
        done.tally.unpaired = 0;
        if !self.extractor.selection.any.is_empty() && done.failed.is_none() {
            done.tally.unpaired = chosen.saturating_sub(used + done.rejected.len() as u64);
        }
    }
}

/// The lines of one block at work.
struct Lines<'a> {
    plain: Plain<'a>,
    scanner: &'a mut Scanner,
    choice: Choice,
    road: Option<&'a mut Road>,
    kinds: &'a mut [Option<Box<Road>>; 3],
    search: Option<&'a mut Search>,
    /// Whether what that finds only may be asked for.
    is_escaped: bool,
    sorter: Option<&'a Sorter>,
    sorted: &'a mut u32,
    /// The lines that the fast scanner is to look at.
    ranges: &'a mut Vec<Range<usize>>,
    runs: &'a mut Vec<(Range<usize>, Kind)>,
    fast: bool,
    /// Whether there are zero bytes, as UTF-16 has them.
    has_zeros: bool,
    /// Whether `-m` and `-v` choose nothing.
    unselected: bool,
    /// What the fast ways counted, and what the plain one did.
    counted: Counted,
    /// Lines that hold what `-m` asks for.
    chosen: u64,
    plain_used: u64,
    plain_lines: u64,
    /// How many records of the block came before the last line behind which all begins again.
    taken_back: Option<u64>,
    output: &'a mut Output,
}

impl Lines<'_> {
    /// Those of one part.
    fn part(&mut self, part: &Part) {
        if self.plain.failed.is_some() {
            return;
        }
        let line = part.range.start;
        match &part.what {
            What::Inside => self.work(part.range.clone()),
            What::Again => {
                self.output.truncate(0);
                self.taken_back = Some(self.counted.records + self.plain_used);
            }
            What::Settled(settled) => self.plain.unsure.push(Unsure::Settled(*settled)),
            What::Refused(reason) => {
                self.plain.reject(line, reason.clone(), self.plain.may_reject);
            }
            What::Unsure(inside) => {
                let text = self.plain.block.bytes.get(part.range.clone()).unwrap_or_default();
                if !self.plain.takes(text.strip_suffix(b"\n").unwrap_or(text)) {
                    return;
                }
                let before = self.output.len();
                if !self.plain.record(line, part.range.end.saturating_sub(1), self.output) {
                    return;
                }
                self.plain.note_unsure(line, *inside);
                if *inside {
                    self.plain_used += 1;
                } else {
                    self.output.truncate(before);
                }
            }
        }
    }

    /// Whole lines that are asked for, as far as their time goes.
    fn work(&mut self, lines: Range<usize>) {
        let block = self.plain.block;
        if let Some(search) = &mut self.search {
            search.begin(lines.start);
        }
        let mut length = 0;
        let mut at = lines.start;
        while self.plain.failed.is_none() {
            let next = match self.search.as_mut() {
                Some(search) => {
                    let Some(line) = search.next(&block.bytes, lines.end) else { break };
                    at = line.start;
                    line.end
                }
                None if at >= lines.end => break,
                None if self.unselected => stretch_end(block, at, lines.end),
                None => memchr(b'\n', &block.bytes[at..lines.end]).map_or(lines.end, |step| at + step + 1),
            };
            let stretch = at..next;
            let line = &block.bytes[stretch.clone()];
            let is_found = self.search.is_some() && !self.is_escaped;
            let takes = is_found || self.unselected || self.plain.takes(line);
            // It may hold what is asked for.
            let takes = takes || self.has_zeros && utf16::is_line(line.strip_suffix(b"\n").unwrap_or(line));
            self.chosen += u64::from(takes);
            if length + stretch.len() > BATCH {
                self.scan();
                length = 0;
            }
            if takes && self.fast && stretch.len() <= STRETCH {
                length += stretch.len();
                self.gather(stretch);
            } else if takes {
                self.scan();
                self.each_plainly(stretch);
            } else if self.plain.of_records {
                self.check(stretch);
            }
            at = next;
        }
        self.scan();
    }

    /// A line that is not asked for must be a record all the same.
    fn check(&mut self, line: Range<usize>) {
        let bytes = &self.plain.block.bytes;
        let end = line.end - 1;
        let is_cr = end > line.start && bytes.get(end - 1) == Some(&b'\r');
        let is_read = line.len() <= STRETCH
            && self
                .road
                .as_mut()
                .is_some_and(|road| road.reads(self.choice, bytes, line.start, end - usize::from(is_cr)));
        if !is_read {
            // What came before it is told before it.
            self.scan();
            self.plain.check(line.start, end);
        }
    }

    fn gather(&mut self, lines: Range<usize>) {
        match self.ranges.last_mut() {
            Some(last) if last.end == lines.start => last.end = lines.end,
            _ => self.ranges.push(lines),
        }
    }

    /// Looks through the lines that were gathered.
    fn scan(&mut self) {
        let Some(first) = self.ranges.first() else { return };
        let Some(sorter) = self.sorter else { return self.scan_prose() };
        *self.sorted = self.sorted.saturating_sub(1);
        // Most lines of prose tell by how they begin; where it is not prose, each line is looked at first.
        if *self.sorted == 0
            && !sorter.is_of_prose()
            && begins_as_prose::<Portable>(&self.plain.block.bytes, first.start)
        {
            let before = self.counted;
            if self.try_prose(Some(sorter)) {
                let [lines, others] = [self.counted.lines - before.lines, self.counted.others - before.others];
                if 8 * others > lines {
                    *self.sorted = SORTED;
                }
                return;
            }
            *self.sorted = SORTED;
        }
        self.sort(sorter);
    }

    /// Those that are prose.
    fn scan_prose(&mut self) {
        if !self.ranges.is_empty() {
            self.try_prose(None);
        }
    }

    /// Those that are prose, but for lines that do not begin so, where there is a `sorter`; false, with nothing done, where
    /// others may be among them.
    fn try_prose(&mut self, sorter: Option<&Sorter>) -> bool {
        let bytes = &self.plain.block.bytes;
        let mut others = Others { plain: &mut self.plain, kinds: self.kinds, sorter, choice: self.choice };
        let done = match self.road.as_mut() {
            Some(road) => road.lines(self.choice, bytes, self.ranges, sorter, self.output, &mut others),
            None => {
                let one = |from: usize, to: usize, is_other: bool, output: &mut Output| {
                    if is_other { others.other(from, to, output) } else { others.plain(from, to, output) }
                };
                self.scanner.lines(self.choice, bytes, self.ranges, sorter, self.output, one)
            }
        };
        let Some(done) = done else { return false };
        self.counted.include(done);
        self.ranges.clear();
        true
    }

    /// Every line the plain way.
    fn each_plainly(&mut self, lines: Range<usize>) {
        self.plain_lines += 1;
        self.plain_used += self.plain.each_line(lines.start, lines.end, self.output);
    }

    /// Does the lines that were gathered, each as what it seems to be.
    fn sort(&mut self, sorter: &Sorter) {
        let mut runs = std::mem::take(self.runs);
        for range in self.ranges.drain(..) {
            sorter.runs(&self.plain.block.bytes, range, |run, kind| runs.push((run, kind)));
        }
        for (run, kind) in runs.drain(..) {
            if kind == Kind::Prose {
                self.gather(run);
                continue;
            }
            // What stands before it is written first.
            self.scan_prose();
            if self.plain.failed.is_some() {
                break;
            }
            match road_of(self.kinds, kind, self.plain.extractor) {
                Some(road) => {
                    let ranges = std::slice::from_ref(&run);
                    let bytes = &self.plain.block.bytes;
                    let done = road.lines(self.choice, bytes, ranges, None, self.output, &mut self.plain);
                    self.counted.include(done.unwrap_or_default());
                }
                None => self.each_plainly(run),
            }
        }
        self.scan_prose();
        *self.runs = runs;
    }
}

/// The field road of this kind of lines, if there is one.
fn road_of<'a>(roads: &'a mut [Option<Box<Road>>; 3], kind: Kind, extractor: &Extractor) -> Option<&'a mut Road> {
    let at = match kind {
        Kind::Object => 0,
        Kind::Request => 1,
        Kind::Pairs => 2,
        Kind::Prose | Kind::Odd => return None,
    };
    let place = roads.get_mut(at)?;
    if place.is_none() {
        *place = Road::new(extractor, kind).map(Box::new);
    }
    place.as_deref_mut()
}

/// What is asked for the lines of prose among which there may be others.
struct Others<'a, 'b> {
    plain: &'a mut Plain<'b>,
    kinds: &'a mut [Option<Box<Road>>; 3],
    sorter: Option<&'a Sorter>,
    choice: Choice,
}

impl Ask for Others<'_, '_> {
    fn plain(&mut self, start: usize, end: usize, output: &mut Output) -> bool {
        self.plain.record(start, end, output)
    }

    fn other(&mut self, start: usize, end: usize, output: &mut Output) -> bool {
        let bytes = &self.plain.block.bytes;
        let line = bytes.get(start..end).unwrap_or_default();
        let kind = self.sorter.map_or(Kind::Odd, |sorter| sorter.plain_kind(line));
        match road_of(self.kinds, kind, self.plain.extractor) {
            Some(road) => {
                let line = start..end + 1;
                road.lines(self.choice, bytes, std::slice::from_ref(&line), None, output, self.plain)
                    .is_some_and(|done| done.records > 0)
            }
            None => self.plain.record(start, end, output),
        }
    }

    fn failed(&self) -> bool {
        self.plain.failed()
    }

    fn unknown(&mut self, start: usize) {
        self.plain.unknown(start);
    }

    fn source(&mut self, start: usize) -> (&str, u64, Option<u64>) {
        self.plain.source(start)
    }
}

/// Behind the last whole line of a stretch that begins at `at`; of one line, if it is longer.
fn stretch_end(block: &Block, at: usize, end: usize) -> usize {
    let limit = end.min(at + BATCH);
    match memrchr(b'\n', &block.bytes[at..limit]) {
        Some(step) => at + step + 1,
        None => memchr(b'\n', &block.bytes[limit..end]).map_or(end, |step| limit + step + 1),
    }
}
