//! Blocks of records, one a line: the fields, the groups, the weight, and what is missing or invalid.
//!
//! Owns what becomes of a record. The strict JSON reader decides what one is; lines of a shape it has passed before
//! are read by `shapes.rs`. Refuses to average: a record that holds finished percentiles is not mergeable.

use expr::{Claims, Order, Path, Reading};
use filter::{Error, Filter, begins_as_seal};
use schema::shapes::{Run, Span, Spans, Taken};
use schema::{Code, List, OUR_KEYS, Object, Value, json};

use crate::groups::Groups;
use crate::groups::doubt::{Found, Kind, NO_LIMIT};
use crate::groups::shared::Store;
use crate::plan::Plan;
use crate::read::blocks::{Block, Finding, LineLimit, Problem, Report, Segment, Worker};
use crate::read::key::{doubted, no_time};
use crate::read::left_out::leave_out;
use crate::read::shapes::Scanner;
use crate::stats::certain::Tally;
use number::Sample;

/// Reads records into groups of its own.
pub struct Fields<'p> {
    plan: &'p Plan,
    /// The longest line.
    limit: LineLimit,
    /// Whether every value that is no number is a finding.
    strict: bool,
    /// Which input is being read, from 0.
    pub input: usize,
    /// The groups so far.
    pub groups: Groups,
    scanner: Option<Scanner>,
    store: &'p Store<'p>,
    /// Records since the memory was last looked at.
    unlooked: u64,
    /// Records of which `--where` cannot tell.
    pub unsure: u64,
    /// What the first of those lacks.
    pub cause: Option<String>,
    /// For each metric the last record that gave it a value, so that none gives it two.
    given: Vec<u64>,
    /// How many records were read the slow way.
    read: u64,
    /// The first keys of the record being read, where not all of its members were.
    keys: Option<Vec<String>>,
    /// `--stop-early`: what the samples so far decide.
    tally: Option<Tally<'p>>,
}

/// What became of a record.
pub enum Outcome {
    /// It went into the samples.
    Used,
    /// It was left out on purpose.
    Skipped,
    /// Something is wrong with it.
    Wrong(Problem, String),
}

impl Outcome {
    /// Counts a record that was read by itself; `place` is where it stands.
    pub fn count(self, place: impl FnOnce() -> String, filter: &mut Filter) -> Result<(), Error> {
        match self {
            Outcome::Used => filter.counts.used += 1,
            Outcome::Skipped => filter.counts.skipped += 1,
            Outcome::Wrong(Problem::Invalid, reason) => leave_out(place(), reason, filter)?,
            Outcome::Wrong(_, reason) => return Err(Error::data(place(), reason)),
        }
        Ok(())
    }
}

/// What a record holds for one metric.
enum Leaf<'v, 'a> {
    Value(&'v Value<'a>),
    /// The record itself doubts what stands there; whether that may be a number.
    Doubted(Code, bool),
    /// An object, which may be a number elsewhere.
    Object,
}

impl<'p> Fields<'p> {
    /// A worker that has read nothing yet.
    pub fn new(plan: &'p Plan, limit: LineLimit, strict: bool, store: &'p Store<'p>, input: usize) -> Fields<'p> {
        Fields {
            plan,
            limit,
            strict,
            input,
            groups: store.fork(),
            scanner: Scanner::new(plan, strict, None),
            store,
            unlooked: 0,
            unsure: 0,
            cause: None,
            given: Vec::new(),
            read: 0,
            keys: None,
            tally: None,
        }
    }

    /// The same worker, for records whose time is looked for, too.
    pub fn timed(self, time: &Path) -> Fields<'p> {
        Fields { scanner: Scanner::new(self.plan, self.strict, Some(time)), ..self }
    }

    /// Where the time is in the line that `bytes` begin with, if it has a shape that was learned; `spans` are those of the
    /// line before. A newline and [`schema::shapes::PADDING`] more stand behind the line.
    pub fn time_of(&mut self, bytes: &[u8], spans: &mut Spans) -> Option<Span> {
        self.scanner.as_mut()?.time(bytes, spans)
    }

    /// Takes in the line for which [`Fields::time_of`] found these spans; `None`, and nothing done, where only
    /// [`Fields::take`] can.
    pub fn take_found(&mut self, bytes: &[u8], spans: &Spans) -> Option<Outcome> {
        match self.scanner.as_mut()?.take(bytes, spans, &mut self.groups) {
            Taken::Used => Some(Outcome::Used),
            Taken::Skipped => Some(Outcome::Skipped),
            Taken::Not => None,
        }
    }

    /// Learns the shape of a line that was taken.
    pub fn learn(&mut self, line: &[u8], value: &Value<'_>) {
        if let Some(scanner) = &mut self.scanner
            && line.len() <= LEARNED
        {
            scanner.learn(line, value, self.plan, &mut self.groups);
        }
    }

    /// Takes these groups for its own from now on; gives back those that it had.
    pub fn change_groups(&mut self, groups: Groups) -> Groups {
        if let Some(scanner) = &mut self.scanner {
            scanner.forget_groups();
        }
        std::mem::replace(&mut self.groups, groups)
    }

    /// The same worker, who counts what decides.
    pub fn until(self, tally: Tally<'p>) -> Fields<'p> {
        Fields { tally: Some(tally), ..self }
    }

    /// What the samples so far decide.
    pub fn answer(&self) -> Option<bool> {
        self.tally.as_ref().and_then(Tally::answer)
    }

    /// What was counted.
    pub fn into_tally(self) -> Option<Tally<'p>> {
        self.tally
    }

    /// Takes in one record that begins at `place` (the block and the place in it).
    pub fn take(&mut self, value: &Value<'_>, place: (u64, usize)) -> Outcome {
        let plan = self.plan;
        let found = (self.input, place.0, place.1);
        let claims = value.get("@evidence").map(|_| Claims::of(value));
        let selected = self.selected(value);
        if selected == Ok(false) {
            return Outcome::Skipped;
        }
        if value.get("@state").is_some() {
            let reason = "the record is a state: read it with --merge".to_owned();
            return Outcome::Wrong(Problem::Fatal, reason);
        }
        if plan.all_fields
            && let Some(name) = finished(value)
        {
            let reason = format!(
                "not-mergeable: {name} is a finished percentile, and percentiles do not average; keep states with \
                 --state and read them with --merge (or name the field with -f)"
            );
            return Outcome::Wrong(Problem::Fatal, reason);
        }
        let weight = self.weight(value, claims.as_ref());
        if weight == Ok(0) {
            return Outcome::Skipped;
        }
        let keys: Vec<_> = plan.keys.iter().map(|key| key.of(value, claims.as_ref())).collect();
        let key: Vec<&Value<'_>> = keys.iter().map(|(key, _)| &**key).collect();
        let mut lost = keys.iter().filter_map(|(_, lost)| *lost);
        if self.strict
            && let Some((Kind::Time, code)) = lost.clone().next()
            && let Some(timing) = &plan.timing
        {
            return Outcome::Wrong(Problem::Invalid, no_time(value, &timing.path, code));
        }
        if let Err(code) = selected {
            self.unsure += 1;
            if self.cause.is_none() {
                self.cause = plan
                    .conditions
                    .iter()
                    .find(|condition| condition.answer(value).is_err())
                    .map(|condition| condition.cause(value).to_string());
            }
            let group = self.groups.place(&key);
            if matches!(code, Code::Missing | Code::Null) && !plan.no_missing {
                self.groups.undecided(group);
            } else if let Some(doubts) = self.groups.doubts(group) {
                let samples = weight.unwrap_or(NO_LIMIT);
                doubts.add((Kind::Where, code), samples, found, || code.to_string(), || None);
            }
            return Outcome::Skipped;
        }
        self.note_keys(value, found);
        let leaves = self.leaves(value, claims.as_ref());
        let group = self.groups.place(&key);
        if let (true, Some(timing)) = (plan.tells_span, &plan.timing)
            && let Ok(time) = timing.at(value, claims.as_ref())
        {
            self.groups.see(time);
        }
        let order = plan.timing.as_ref().filter(|_| plan.reads_order);
        let order = order.map_or(Order::Given, |timing| timing.order(value, claims.as_ref()));
        self.groups.record(group, &plan.aggregates, value, claims.as_ref(), order);
        if let Some((kind, code)) = lost.next()
            && let Some(doubts) = self.groups.doubts(group)
        {
            doubts.add((kind, code), NO_LIMIT, found, String::new, || None);
        }
        let count = match weight {
            Ok(count) => count,
            Err(code) => {
                let reason =
                    plan.weight.as_ref().map(|path| format!("{path} is not a whole number")).unwrap_or_default();
                if let Some(doubts) = self.groups.doubts(group) {
                    doubts.add((Kind::Weight, code), NO_LIMIT, found, || reason.clone(), || None);
                }
                return Outcome::Wrong(Problem::Invalid, format!("{reason} to weigh the record by"));
            }
        };
        let mut outcome = Outcome::Used;
        for (number, leaf) in leaves {
            let one = match leaf {
                Leaf::Value(value) => self.number(value).map(|one| one.ok_or(value)),
                Leaf::Object => {
                    if let Some(metric) = self.groups.metric(group, number) {
                        let words = || "like an object".to_owned();
                        metric.doubts().add((Kind::Object, Code::NotANumber), count, found, words, || None);
                    }
                    continue;
                }
                Leaf::Doubted(code, is_number) => {
                    if let Some(metric) = self.groups.metric(group, number) {
                        metric.uncounted |= is_number;
                        metric.doubts().add((Kind::Claim, code), count, found, || code.to_string(), || None);
                    }
                    continue;
                }
            };
            match one {
                None => {}
                Some(Ok((one, exact))) if self.groups.take(group, number, one, count) => {
                    if !exact && let Some(metric) = self.groups.metric(group, number) {
                        metric.rounded = true;
                    }
                    if exact && let Some(tally) = &mut self.tally {
                        tally.see(one);
                    }
                }
                Some(Ok(_)) => {
                    let reason = "more than 2^63 - 1 samples in one metric".to_owned();
                    return Outcome::Wrong(Problem::Fatal, reason);
                }
                Some(Err(value)) => {
                    if self.strict {
                        let name = self.groups.names.get(number).cloned().unwrap_or_default();
                        let reason = format!("{name} is {}", plan.not_this_value(value));
                        outcome = Outcome::Wrong(Problem::Invalid, reason);
                    }
                    let Some(metric) = self.groups.metric(group, number) else { continue };
                    metric.invalid += 1;
                    metric.uncounted |= matches!(value, Value::Number(_));
                    let code = if std::ptr::eq(value, AMBIGUOUS) { Code::Ambiguous } else { Code::NotANumber };
                    let hint = || Some(plan.hint(value.as_text()?.as_bytes()));
                    metric.doubts().add((Kind::Value, code), count, found, || words(value), hint);
                }
            }
        }
        outcome
    }

    /// Whether `--where` wants the record; else why that cannot be told, and that it lacks something only where nothing
    /// worse is wrong with it.
    fn selected(&self, value: &Value<'_>) -> Result<bool, Code> {
        let mut unknown: Option<Code> = None;
        for condition in &self.plan.conditions {
            match condition.answer(value) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(code) => {
                    let is_mild = |code: Code| matches!(code, Code::Missing | Code::Null);
                    let is_worse = |known: Code| (is_mild(code), code) < (is_mild(known), known);
                    if unknown.is_none_or(is_worse) {
                        unknown = Some(code);
                    }
                }
            }
        }
        unknown.map_or(Ok(true), Err)
    }

    /// How often the record counts; else why that cannot be told.
    fn weight(&self, value: &Value<'_>, claims: Option<&Claims>) -> Result<u64, Code> {
        let Some(path) = &self.plan.weight else { return Ok(1) };
        if let Some(code) = claims.and_then(|claims| doubted(claims, path)) {
            return Err(code);
        }
        match path.read(value) {
            Reading::Found(Value::Number(number)) => number.as_u64().ok_or(Code::NotANumber),
            Reading::Found(Value::Null) => Err(Code::Null),
            Reading::Found(_) => Err(Code::NotANumber),
            Reading::Missing => Err(Code::Missing),
            Reading::Ambiguous => Err(Code::Ambiguous),
        }
    }

    /// What the record holds for each metric.
    fn leaves<'v, 'a>(&mut self, value: &'v Value<'a>, claims: Option<&Claims>) -> Vec<(usize, Leaf<'v, 'a>)> {
        self.read += 1;
        let mut leaves = Vec::new();
        for (number, path) in self.plan.fields.iter().enumerate() {
            if let Some(code) = claims.and_then(|claims| doubted(claims, path)) {
                leaves.push((number, Leaf::Doubted(code, true)));
                continue;
            }
            match path.read(value) {
                Reading::Found(value) => leaves.push((number, Leaf::Value(value))),
                Reading::Missing => {}
                Reading::Ambiguous => leaves.push((number, Leaf::Value(AMBIGUOUS))),
            }
        }
        self.found_fields(value, claims, &mut leaves);
        leaves
    }

    /// Keeps the keys of the record that comes first, to name them where a field is in no record.
    fn note_keys(&mut self, value: &Value<'_>, found: Found) {
        if self.groups.first.as_ref().is_none_or(|first| found < first.0)
            && let Some(object) = value.as_object()
        {
            let keys = || object.iter().map(|(key, _)| key).filter(|key| !OUR_KEYS.contains(key));
            let keys = self.keys.take().unwrap_or_else(|| keys().take(KEYS).map(str::to_owned).collect());
            self.groups.first = Some((found, keys));
        }
    }

    /// Looks at the memory whenever it may have grown by a part of what is this worker's share.
    ///
    /// # Errors
    /// What has no room, in words.
    pub fn look(&mut self) -> Result<(), String> {
        self.unlooked += 1;
        if self.unlooked < LOOK && !self.store.is_over(self.groups.grown(self.unlooked), 8) {
            return Ok(());
        }
        self.unlooked = 0;
        self.groups.looked();
        if self.store.is_over(self.groups.bytes(), 1) {
            self.give();
        }
        self.store.full()
    }

    /// Gives what was read so far to the common store.
    pub fn give(&mut self) {
        let mine = std::mem::take(&mut self.groups);
        self.groups = self.store.merge(mine);
        if let Some(scanner) = &mut self.scanner {
            scanner.forget_groups();
        }
    }

    /// The number that a value is and whether it is exact; `None` where nothing was said, `Some(None)` where it is something else.
    fn number(&self, value: &Value<'_>) -> Option<Option<(Sample, bool)>> {
        match value {
            Value::Null => None,
            Value::Text(text) if self.plan.is_none(text.as_bytes()) => None,
            Value::Number(number) => Some(Sample::read(number.as_str().as_bytes())),
            Value::Text(text) if self.plan.unit.is_some() => Some(self.plan.number(text.as_bytes())),
            _ => Some(None),
        }
    }

    /// The fields that only the record itself tells: all numbers, or what `*` matches. What is no number there is
    /// counted too: elsewhere it may be one, and if it never is, it is no metric.
    fn found_fields<'v, 'a>(
        &mut self,
        value: &'v Value<'a>,
        claims: Option<&Claims>,
        leaves: &mut Vec<(usize, Leaf<'v, 'a>)>,
    ) {
        if !self.plan.all_fields && self.plan.wildcards.is_empty() {
            return;
        }
        let mut named = Vec::new();
        if self.plan.all_fields {
            scalar_leaves(value, &mut String::new(), &mut named);
        }
        for path in &self.plan.wildcards {
            for found in path.matches(value) {
                match found.reading {
                    Reading::Missing => {}
                    Reading::Found(value) => named.push((found.path.dotted().to_owned(), value)),
                    Reading::Ambiguous => named.push((found.path.dotted().to_owned(), AMBIGUOUS)),
                }
            }
        }
        for number in leaves.iter().map(|leaf| leaf.0) {
            mark(&mut self.given, number, self.read);
        }
        for (name, value) in named {
            if self.plan.left_out.contains(&name) {
                continue;
            }
            let number = self.groups.metric_number(&name);
            if !mark(&mut self.given, number, self.read) {
                continue;
            }
            let path = claims.and_then(|_| Path::from_keys([name]));
            let code = claims.zip(path).and_then(|(claims, path)| doubted(claims, &path));
            match code {
                Some(code) => {
                    let is_number = matches!(value, Value::Number(_) | Value::Null);
                    leaves.push((number, Leaf::Doubted(code, is_number)));
                }
                None if matches!(value, Value::Object(_)) => leaves.push((number, Leaf::Object)),
                None => leaves.push((number, Leaf::Value(value))),
            }
        }
    }

    /// Reads a line that `shapes.rs` did not take.
    fn line(&mut self, line: &[u8], place: (u64, usize)) -> Outcome {
        if line.len() > self.limit.bytes {
            return Outcome::Wrong(Problem::Malformed, format!("a record longer than {}", self.limit.by));
        }
        match self.parse(line, place) {
            Ok(value) if value.as_object().is_none() => {
                Outcome::Wrong(Problem::Malformed, format!("{} where a JSON object should be", value.kind()))
            }
            Ok(value) => {
                let outcome = self.take(&value, place);
                self.keys = None;
                if matches!(outcome, Outcome::Used | Outcome::Skipped) {
                    self.learn(line, &value);
                }
                outcome
            }
            Err(error) => Outcome::Wrong(Problem::Malformed, filter::not_a_record(&error, line)),
        }
    }

    /// Reads a line as JSON: all of it where its shape may be learned, else what is wanted.
    fn parse<'l>(&mut self, line: &'l [u8], place: (u64, usize)) -> Result<Value<'l>, json::Error> {
        if self.scanner.is_some() && line.len() <= LEARNED {
            return json::parse(line);
        }
        let found = (self.input, place.0, place.1);
        let is_first = self.groups.first.as_ref().is_none_or(|first| found < first.0);
        let mut keys = is_first.then(Vec::new);
        let wanted = &self.plan.wanted;
        let value = json::parse_only(line, &mut |key| {
            if let Some(keys) = &mut keys
                && keys.len() < KEYS
                && !OUR_KEYS.contains(&key)
            {
                keys.push(key.chars().take(KEY).collect());
            }
            wanted.of(key)
        });
        self.keys = keys;
        value
    }
}

impl Worker for Fields<'_> {
    fn block(&mut self, block: &Block) -> Report {
        let (bytes, end) = (block.padded(), block.end());
        let mut report = Report::default();
        let mut segment = Segment::default();
        let mut at = 0;
        while at < end {
            if let Some(scanner) = &mut self.scanner {
                let Run { next, records, skipped } = if self.plan.all_fields {
                    let (input, block) = (self.input, block.number());
                    let found = |at: usize| (input, block, at);
                    scanner.run_all(bytes, (at, end), self.plan, &mut self.groups, found)
                } else {
                    scanner.run(bytes, at, end, &mut self.groups)
                };
                report.newlines += records;
                report.lines += records;
                report.used += records - skipped;
                report.skipped += skipped;
                segment.records += records;
                at = next;
                if at >= end {
                    break;
                }
            }
            let length = memchr::memchr(b'\n', &bytes[at..]).unwrap_or(end - at);
            let line = &bytes[at..at + length];
            let next = (at + length + 1).min(end);
            let trimmed = line.strip_suffix(b"\r").unwrap_or(line);
            if trimmed.trim_ascii().is_empty() {
                report.newlines += 1;
                at = next;
                continue;
            }
            if begins_as_seal(trimmed) {
                segment.seal = Some(trimmed.to_vec());
                report.segments.push(std::mem::take(&mut segment));
                report.newlines += 1;
                at = next;
                continue;
            }
            segment.records += 1;
            report.lines += 1;
            match self.line(trimmed, (block.number(), at)) {
                Outcome::Used => report.used += 1,
                Outcome::Skipped => report.skipped += 1,
                Outcome::Wrong(problem, reason) => {
                    let column = match problem {
                        Problem::Malformed => json::parse_only(trimmed, &mut |_| json::Want::Nothing)
                            .err()
                            .map(|error| error.line_and_column(trimmed).1),
                        _ => None,
                    };
                    report.findings.push(Finding { line: report.newlines, column, problem, reason });
                }
            }
            report.newlines += 1;
            at = next;
            // New groups come this way: a block may hold very many.
            if self.store.is_over(self.groups.grown(0), 4) {
                self.give();
            }
        }
        report.segments.push(segment);
        self.unlooked += report.lines;
        if let Err(reason) = self.look() {
            report.findings.push(Finding { line: report.newlines, column: None, problem: Problem::Fatal, reason });
        }
        report
    }
}

/// At most so many records go by between two looks at the memory.
const LOOK: u64 = 1 << 20;

/// So many keys of a record are named at most, and so many letters of each.
const KEYS: usize = 12;
const KEY: usize = 60;

/// Longer lines than this are not alike.
const LEARNED: usize = 1 << 16;

/// Notes that this record gave a metric its value; false where it did before.
fn mark(given: &mut Vec<u64>, number: usize, record: u64) -> bool {
    if given.len() <= number {
        given.resize(number + 1, 0);
    }
    given.get_mut(number).is_some_and(|last| std::mem::replace(last, record) != record)
}

/// What stands for an ambiguous value: no record's field is this.
const AMBIGUOUS: &Value<'static> = &Value::List(List::new());

/// What a value that is no number is called, in the plural.
fn words(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => format!("text like {}", json::quote(text.as_bytes())),
        Value::Number(number) => {
            format!("like {}, which a 64-bit float cannot represent", json::quote(number.as_str().as_bytes()))
        }
        Value::List(list) if list.is_empty() => "ambiguous or empty lists".to_owned(),
        other => format!("like {}", other.kind()),
    }
}

/// The name of a finished percentile, where the record is or holds a summary of this tool.
fn finished(value: &Value<'_>) -> Option<String> {
    let object = value.as_object()?;
    let is_percentile = |key: &str| {
        let digits = key.strip_prefix('p').unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    if object.get("method").is_some_and(|method| method.as_text().is_some()) && object.get("count").is_some() {
        return object.iter().map(|(key, _)| key).find(|key| is_percentile(key)).map(str::to_owned);
    }
    object.iter().find_map(|(key, member)| Some(format!("{key}.{}", finished(member)?)))
}

/// Every value in an object and the objects in it, and those objects, by its dotted name; our five keys are left out.
fn scalar_leaves<'v, 'a>(value: &'v Value<'a>, prefix: &mut String, leaves: &mut Vec<(String, &'v Value<'a>)>) {
    let Some(object): Option<&Object<'a>> = value.as_object() else { return };
    for (key, member) in object.iter() {
        if prefix.is_empty() && OUR_KEYS.contains(&key) {
            continue;
        }
        let length = prefix.len();
        if length > 0 {
            prefix.push('.');
        }
        prefix.push_str(key);
        leaves.push((prefix.clone(), member));
        scalar_leaves(member, prefix, leaves);
        prefix.truncate(length);
    }
}
