//! What the user said, made to work: contradictions refused, times placed, the state read.
//!
//! Owns what stands between the command line and the passes, and what is told after them.

use std::sync::{Arc, Mutex, PoisonError};

use filter::{Error, Filter, MAX_RAW_LINE};
use jiff::tz::TimeZone;
use schema::{Object, json};
use time::{Clock, limit};

use crate::flags::Config;
use crate::grammar::prose::Grammar;
use crate::grammar::{Format, PairReader};
use crate::hint;
use crate::input::Input;
use crate::input::join::Joins;
use crate::input::order;
use crate::input::source::Sources;
use crate::input::window::Window;
use crate::options::Threads;
use crate::record::Record;
use crate::rejects::Rejects;
use crate::resume::Resume;
use crate::run;
use crate::run::extractor::{Extractor, Extras};
use crate::run::tokens::{Pick, Which};
use crate::stages::Stages;

/// What is to be done.
pub struct Asked {
    /// `--first-of`, `--last-of`, `--count-of`
    pub picks: Vec<Pick>,
    /// `--first`
    pub first: bool,
    /// `--last`
    pub last: bool,
    /// What is read.
    pub input: Input,
    /// What is done to each unit.
    pub extractor: Extractor,
    /// `--threads`
    pub threads: Threads,
    stats: bool,
    /// `--try-parse`
    pub tries: bool,
}

impl Config {
    /// Makes it work.
    pub fn settle(mut self, filter: &mut Filter) -> Result<Asked, Error> {
        if self.first && self.last || (self.first || self.last) && !self.picks.is_empty() {
            return Err(Error::usage("--first, --last and the options ending in -of exclude each other"));
        }
        if let Some(template) = self.template.take() {
            if self.format_given {
                return Err(Error::usage("--parse and -f exclude each other"));
            }
            self.format = Format::Template(template);
        }
        if !self.header.is_empty() && !self.format_given {
            self.format = Format::Csv;
        }
        let rows = matches!(self.format, Format::Csv | Format::Tsv);
        if !self.header.is_empty() && !rows {
            return Err(Error::usage("--header goes with csv and tsv"));
        }
        if self.record_start.is_some() && (rows || self.resume.is_some()) {
            return Err(Error::usage("--record-start goes neither with csv and tsv nor with --resume"));
        }
        if !self.rotated.is_empty() && self.resume.is_none() {
            return Err(Error::usage("--rotated goes with --resume"));
        }
        if self.resume.is_some() {
            if self.files.is_empty() || self.files.iter().any(|file| file.as_os_str() == "-") {
                return Err(Error::usage("--resume wants a FILE: standard input has no place to keep"));
            }
            let has_header = rows && self.header.is_empty();
            if has_header || self.first {
                let what = if has_header { "the header of csv and tsv" } else { "--first" };
                return Err(Error::usage(format!("--resume does not go with {what}")));
            }
        }
        if self.cut.is_some() {
            self.may_cut(rows)?;
        }
        let reads_times = self.since.is_some() || self.until.is_some() || self.stamp.is_some();
        let reads_times = reads_times || self.stages.is_some();
        let says_how = self.time_key.is_some() || self.zone.is_some() || self.time_format.is_some();
        if (says_how || self.date_order.is_some() || self.date.is_some()) && !reads_times {
            return Err(Error::usage(
                "--time, --tz, --time-format, --date-order and --date want --since, --until, --stamp or --stage-from",
            ));
        }
        let written = [
            ("-o", filter.options.output.as_deref()),
            ("--rejects", self.rejects.as_deref()),
            ("--resume", self.resume.as_deref()),
        ];
        filter::refuse_same(&written, self.files.iter().chain(&self.stages).map(|path| &**path))?;
        // A record too is a line here: what it takes in memory is bounded by its length.
        filter.options.max_line.get_or_insert(MAX_RAW_LINE);
        let (mut window, clock) = self.window(filter)?.unzip();
        let mut extras = Extras::default();
        if let (Some(path), Some(clock)) = (&self.stages, &clock) {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(|error| Error::io(&*name, &error))?;
            extras.stages = Some(Stages::parse(&text, clock).map_err(|reason| Error::data(&*name, reason))?);
        }
        let clock_of_files = clock.clone();
        // Lines of several files are compared by their times, also where nothing else asks for those.
        let is_last = self.last || self.picks.iter().any(|pick| pick.which == Which::Last);
        if is_last && self.files.len() > 1 {
            extras.clock = match clock {
                Some(clock) => Some(clock),
                None => Some(Clock::new(own_zone(), filter.now())),
            };
        }
        if let Some(path) = &self.rejects {
            extras.rejects = Some(Arc::new(Mutex::new(Rejects::open(path)?)));
        }
        let resume = self.resume.as_deref().map(|state| Resume::read(state, self.rotated)).transpose()?;
        let resumes = resume.is_some();
        self.files = filter.each_once(self.files);
        let only_files = self.commands.is_empty();
        let sealed_records = self.commands.is_empty() && resume.is_none() && self.cut.is_none();
        let mut sources = match (self.cut, self.files.first()) {
            (Some(cut), Some(file)) => Sources::of_cut(file, cut),
            _ => Sources::new(&self.files, &self.commands, resume),
        };
        sources.reads_pages = matches!(self.format, Format::Template(_));
        if let Some(window) = &mut window
            && sources.is_one_log()
        {
            window.of_one_log();
        }
        if let Some(window) = &window {
            sources.note_above(&window.above);
        }
        if self.files.is_empty() {
            self.files.push("-".into());
        }
        let mut grammar = Grammar::new(&self.separators, self.colon);
        if self.shape.long_keys {
            grammar = grammar.with_long_keys();
        }
        let mut reader = PairReader::new(grammar, self.format);
        reader.header = self.header;
        let joins = match self.record_start {
            Some(start) => Joins::Records(start),
            None if matches!(reader.format, Format::Auto | Format::Kv) => Joins::Containers,
            None => Joins::None,
        };
        let mut extractor = Extractor {
            selection: self.selection,
            window,
            stamp: self.stamp.map(String::into_bytes),
            reader,
            shape: self.shape,
            conditions: self.conditions,
            source: self.source,
            strict: filter.sealing(),
            // What is picked is put together before it is shown.
            people: filter.people() && self.picks.is_empty(),
            extras,
            record: Record::default(),
            plain: Vec::new(),
        };
        // What is first, or behind the last marker, depends on which file comes first.
        let is_in_order =
            self.first || self.after_last.is_some() || self.picks.iter().any(|pick| pick.which == Which::First);
        if is_in_order && !resumes && self.files.len() > 1 {
            let clock = match clock_of_files {
                Some(clock) => clock,
                None => Clock::new(own_zone(), filter.now()),
            };
            order::check(&self.files, self.time_key.as_deref(), &clock, &mut extractor.reader)?;
        }
        if let (Some(cut), Some(file)) = (self.cut, self.files.first()) {
            run::head::learn(&mut extractor, file, cut);
        }
        let input = Input {
            files: self.files,
            sources,
            sealed_records,
            only_files,
            resumes,
            joins,
            after_last: self.after_last,
            inside: false,
        };
        Ok(Asked {
            picks: self.picks,
            first: self.first,
            last: self.last,
            input,
            extractor,
            threads: self.threads,
            stats: self.stats,
            tries: self.tries,
        })
    }

    /// Whether each line of the file is read by itself, so that a part of it can be: else an error.
    fn may_cut(&self, rows: bool) -> Result<(), Error> {
        let picks = self.picks.iter().any(|pick| !matches!(pick.which, Which::Count));
        let times = self.since.is_some() || self.until.is_some() || self.stamp.is_some() || self.stages.is_some();
        for (is_asked, what) in [
            (rows, "csv and tsv: a row may go on over several lines"),
            (self.record_start.is_some(), "--record-start: a record may lie in two parts"),
            (times, "--since, --until, --stamp and --stage-from: a line without a time has that of its neighbours"),
            (self.after_last.is_some(), "--after-last, which looks at the whole file"),
            (self.first || self.last || picks, "--first and --last, which look at the whole file"),
            (self.resume.is_some(), "--resume"),
            (!self.commands.is_empty(), "--command"),
            (self.source, "--source: lines are numbered from the file's start"),
        ] {
            if is_asked {
                return Err(Error::usage(format!("--range and --part do not go with {what}")));
            }
        }
        match self.files.as_slice() {
            [file] if file.as_os_str() != "-" => Ok(()),
            _ => Err(Error::usage("--range and --part want one FILE")),
        }
    }

    fn window(&self, filter: &mut Filter) -> Result<Option<(Window, Clock)>, Error> {
        if self.since.is_none() && self.until.is_none() && self.stamp.is_none() && self.stages.is_none() {
            return Ok(None);
        }
        let zone = match &self.zone {
            None => own_zone(),
            Some(name) => TimeZone::get(name).map_err(|_| {
                let name = json::quote(name.as_bytes());
                Error::usage(format!("--tz: {name}: wanted a zone like Europe/Berlin or UTC"))
            })?,
        };
        let mut clock = Clock::new(zone, filter.now());
        clock.order = self.date_order;
        clock.format.clone_from(&self.time_format);
        if let Some(date) = &self.date {
            let wanted =
                || Error::usage(format!("--date: {}: wanted a day like 2026-03-05", json::quote(date.as_bytes())));
            clock.base = Some(date.parse().map_err(|_| wanted())?);
        }
        let place = |name: &str, text: &Option<String>| {
            let read = |text: &String| {
                limit(text, &clock)
                    .map_err(|reason| Error::usage(format!("--{name}: {}: {reason}", json::quote(text.as_bytes()))))
            };
            text.as_ref().map(read).transpose()
        };
        let (since, until) = (place("since", &self.since)?, place("until", &self.until)?);
        if let (Some(since), Some(until)) = (since, until)
            && since >= until
        {
            return Err(Error::usage(format!(
                "--until: {until} is not after --since, {since}: no line can be between them"
            )));
        }
        let mut window = Window::new(since, until, self.time_key.as_deref(), clock.clone());
        if self.since.as_deref().is_some_and(|since| time::ago(since, clock.now).is_some()) {
            window.of_the_last_while(filter.options.now.is_none());
        }
        window.look_into(self.shape.inner.as_deref());
        Ok(Some((window, clock)))
    }
}

impl Asked {
    /// Why there is no record, where nothing was wrong with what was read.
    fn silence(&self, counts: filter::Counts) -> Option<String> {
        let window = self.extractor.window.as_ref().filter(|window| window.chooses() && window.has_time());
        match window {
            Some(window) if window.unstamped.outside < counts.lines => {
                let inside = counts.lines - window.unstamped.outside;
                let lines = if inside == 1 { "the line".to_owned() } else { format!("{inside} lines") };
                Some(format!("no record from {lines} in the window"))
            }
            Some(window) => {
                let last = window.last().map_or(String::new(), |last| format!(": the last one is from {last}"));
                Some(format!("no line is in the window{last}"))
            }
            None if counts.backward => Some(hint::nothing(None, &self.input.files, (None, false), &self.extractor)),
            None if counts.lines == 0 && counts.unfinished == 0 => Some("there is no line in it".to_owned()),
            None => None,
        }
    }

    /// After the passes: keeps the places of `--resume`, and tells what was seen.
    pub fn finish(mut self, filter: &mut Filter) -> Result<(), Error> {
        let tally = self.extractor.record.tally;
        if tally.reserved > 0 {
            let reason = format!(
                "{} pairs left out: their keys are ours (@source @evidence @record @state @seal)",
                tally.reserved
            );
            filter.note("reserved key", "input", reason);
        }
        if let Some(key) = &self.extractor.record.repeated {
            let key = json::quote(key.as_bytes());
            let times = if tally.repeated == 1 { "once".to_owned() } else { format!("{} times", tally.repeated) };
            let reason = format!(
                "a line has the key {key} twice with different values, and the last is kept ({times}); --dup says which, \
                 --long-keys keeps the words before a key"
            );
            filter.note("repeated key", "input", reason);
        }
        // Of the start of a file of which this is a part, nothing is told.
        let passed = &self.extractor.record.passed;
        if tally.passed + tally.mixed > 0
            && let Some(reason) = passed.told(tally.passed)
        {
            filter.note("passed unit", "input", reason);
        }
        if tally.mixed > 0
            && let Some(reason) = passed.told_typed(&self.extractor.shape.types)
        {
            filter.note("mixed units", "input", reason);
        }
        if let Some(reason) = self.extractor.record.passed.told_lists(tally.listed) {
            filter.note("several values", "input", reason);
        }
        if let Some(reason) = self.extractor.record.passed.told_hiding(tally.hiding) {
            filter.note("pairs in a value", "input", reason);
        }
        if tally.again > 0 {
            let times = if tally.again == 1 { "once more".to_owned() } else { format!("{} times more", tally.again) };
            let reason = format!(
                "syslog says that messages came {times} than they are written (message repeated): their figures count once"
            );
            filter.note("messages again", "input", reason);
        }
        if self.picks.is_empty() {
            // What is picked says itself what of it is in doubt.
            filter.counts.doubtful = tally.doubtful;
        }
        // Where records are chosen by what is in them, those that were left out are no surprise.
        let chooses = self.extractor.chooses_records() || self.extractor.shape.narrows() || !self.picks.is_empty();
        let unpaired = if chooses { 0 } else { tally.unpaired };
        for (name, count) in [
            ("undecided", tally.undecided),
            ("unfit", tally.unfit),
            ("repeated", tally.repeated),
            ("units_passed", tally.passed),
            ("units_mixed", tally.mixed),
            ("listed", tally.listed),
            ("hiding", tally.hiding),
            ("objects", tally.objects),
            ("replaced", tally.replaced),
            ("embedded", tally.embedded),
            ("unpaired", unpaired),
            ("messages_again", tally.again),
        ] {
            filter.tell(name, count);
        }
        if unpaired > 0 {
            let all = filter.counts.used + unpaired;
            let lines = if all == 1 {
                "1 line that -m chose has".to_owned()
            } else {
                format!("{unpaired} of {all} lines that -m chose have")
            };
            let reason =
                format!("{lines} no pairs, and no record: --stamp, --shape or --parse makes one, --count-of counts");
            filter.note("no pairs", "input", reason);
        }
        if let Some(window) = &self.extractor.window {
            let unstamped = &window.unstamped;
            filter.tell("outside", unstamped.outside);
            filter.tell("without_time", unstamped.between);
            filter.tell("continued", unstamped.continued);
            filter.tell("ahead", unstamped.ahead);
            if unstamped.of_utc {
                let reason = "times below #Fields are read as UTC, as the extended log format of W3C has them; where yours are \
                              local, --time-format '%Y-%m-%d %H:%M:%S' says so";
                filter.note("W3C", "input", reason);
            }
            if unstamped.fallen > 0 {
                let reason = "a time falls by more than two hours: midnight may have been passed, and what follows may be of a \
                              day later than --date says; read each day with its own --date";
                filter.note("midnight", "input", reason);
            }
            if unstamped.ahead > 0 && !self.picks.is_empty() {
                let lines = if unstamped.ahead == 1 {
                    "1 line is".to_owned()
                } else {
                    format!("{} lines are", unstamped.ahead)
                };
                filter.note(
                    "ahead",
                    "input",
                    format!("{lines} later than now: its clock or its zone is another one; --tz says which"),
                );
            }
        }
        if let Some(stages) = &self.extractor.extras.stages {
            filter.tell("without_stage", stages.outside);
            filter.tell("in_two_stages", stages.overlapping);
            if stages.outside + stages.overlapping > 0 {
                let reason = format!(
                    "{} lines lie in no stage and {} in more than one; they have no stage",
                    stages.outside, stages.overlapping
                );
                filter.note("stage", "--stage-from", reason);
            }
        }
        if let Some(rejects) = &self.extractor.extras.rejects {
            let mut rejects = rejects.lock().unwrap_or_else(PoisonError::into_inner);
            rejects.finish()?;
            filter.tell(&format!("kept in {}", rejects.name()), rejects.count);
        }
        if tally.unclosed > 0 && !self.extractor.strict {
            let values = if tally.unclosed == 1 {
                "1 value begins with a quote that nothing closes, and is".to_owned()
            } else {
                format!("{} values begin with a quote that nothing closes, and are", tally.unclosed)
            };
            let reason = format!("{values} all the rest of the line: pairs in it are not read");
            filter.note("open quote", "input", reason);
        }
        if tally.replaced > 0 {
            let values =
                if tally.replaced == 1 { "1 value has".to_owned() } else { format!("{} values have", tally.replaced) };
            let reason = format!(
                "{values} bytes that are not UTF-8, each written as U+FFFD: what differs in them alone is alike; iconv -f LATIN1 -t \
                 UTF-8, or the log's own encoding, keeps them"
            );
            filter.note("not utf-8", "input", reason);
        }
        if tally.spread > 0 {
            let lines = if tally.spread == 1 {
                "1 line is a lone bracket or a list".to_owned()
            } else {
                format!("{} lines are a lone bracket or a list", tally.spread)
            };
            filter.note("json over lines", "input", format!("{lines}: JSON over several lines is read by -f json"));
        }
        if tally.objects > 0 {
            let lines = if tally.objects == 1 {
                "1 line is a JSON object".to_owned()
            } else {
                format!("{} lines are JSON objects", tally.objects)
            };
            filter.note("json line", "input", format!("{lines}, which -f kv does not read: -f auto does"));
        }
        if tally.embedded > 0 {
            let lines = if tally.embedded == 1 {
                "1 line has a JSON object inside that is".to_owned()
            } else {
                format!("{} lines have a JSON object inside that is", tally.embedded)
            };
            let reason = format!(
                "{lines} no value of a key, which is not read: a template such as --parse '{{level:word}} {{rest}}' with --in \
                 rest reads it"
            );
            filter.note("json inside", "input", reason);
        }
        let counts = filter.counts;
        let (stream, is_whole) = match &self.input.sources.sample {
            Some((text, is_whole)) => (Some(text.as_slice()), *is_whole),
            None => (None, false),
        };
        if let Some(reason) = hint::header(&self.input.files, stream, &self.extractor) {
            filter.note("header", "input", reason);
        }
        // Where a window is asked for, that is what chooses.
        let chooses = self.extractor.window.as_ref().is_some_and(Window::chooses) || !self.picks.is_empty();
        let chooses = chooses || self.tries;
        let is_told = tally.objects > 0 || unpaired > 0 || (counts.lines > 0 && tally.embedded == counts.lines);
        if is_told && counts.used == 0 {
            // That was told.
        } else if !chooses && counts.lines > 0 && counts.used == 0 && counts.rejected == 0 && !counts.backward {
            filter.note(
                "no record",
                "input",
                hint::nothing(Some(counts.lines), &self.input.files, (stream, is_whole), &self.extractor),
            );
        } else if counts.used == 0
            && counts.rejected == 0
            && !self.input.resumes
            && self.picks.is_empty()
            && !self.tries
        {
            // Nothing is no news only where it was looked for.
            if let Some(reason) = self.silence(counts) {
                filter.note("no record", "input", reason);
            }
        } else if counts.lines > 0 && !counts.backward && !self.input.resumes && (is_whole || stream.is_none()) {
            for told in hint::missing(&self.input.files, stream, &self.extractor) {
                let (place, reason) = told.split_once(": ").unwrap_or(("input", &told));
                filter.note("no such key", place, reason);
            }
        }
        if tally.doubtful > 0 {
            let keys = hint::condition_keys(&self.extractor).join(" or ");
            let lines = if tally.doubtful == 1 { "1 line".to_owned() } else { format!("{} lines", tally.doubtful) };
            let reason = format!("in {lines} {keys} is of another type than what it is compared with");
            filter.note("type of a key", "--where", reason);
        }
        if self.stats {
            let mut stats = Object::new();
            let counts = filter.counts;
            for (name, count) in [
                ("lines", counts.lines),
                ("used", counts.used),
                ("skipped", counts.skipped),
                ("rejected", counts.rejected),
                ("unfinished", counts.unfinished),
                ("pairs", tally.pairs),
                ("duplicates", tally.duplicates),
                ("unclosed", tally.unclosed),
                ("replaced", tally.replaced),
                ("reserved", tally.reserved),
                ("unfit", tally.unfit),
                ("undecided", tally.undecided),
                ("doubtful", tally.doubtful),
                ("repeated", tally.repeated),
                ("units_passed", tally.passed),
            ] {
                stats.insert(name, count);
            }
            if let Some(window) = &self.extractor.window {
                let unstamped = &window.unstamped;
                stats.insert("outside", unstamped.outside);
                stats.insert("without_time", unstamped.between);
                stats.insert("continued", unstamped.continued);
            }
            let mut line = Vec::new();
            json::write_object(&stats, &mut line);
            filter.say(&String::from_utf8_lossy(&line));
        }
        if let Some(window) = &self.extractor.window {
            window.may_conclude(filter.counts.lines)?;
            if !window.chooses() && !window.has_time() && filter.counts.lines > 0 {
                let reason =
                    "no line has a time that can be read; --time KEY names the key of one, --time-format its form";
                filter.note("no time", "input", reason);
            }
            let unstamped = &window.unstamped;
            if let (true, Some(key)) = (unstamped.spread > 0, &self.extractor.stamp) {
                let (place, reason) = unstamped.first_spread.split_once(": ").unwrap_or_default();
                let key = String::from_utf8_lossy(key);
                let more = if unstamped.spread == 1 {
                    format!("there is no {key}")
                } else {
                    format!("{} such lines have no {key}", unstamped.spread)
                };
                filter.note("no instant", place, format!("{reason}; {more}"));
            }
            if unstamped.unreadable > 0 {
                let lines = if unstamped.unreadable == 1 { "line has" } else { "lines have" };
                let reason = format!(
                    "{} {lines} a time that is not understood; --time-format says how it is written",
                    unstamped.unreadable
                );
                filter.note("unreadable time", &unstamped.first_unreadable, reason);
            }
        }
        self.input.sources.finish(filter)
    }
}

/// The zone of this host: one that is not known where TZ says so, and UTC where nothing says any.
fn own_zone() -> TimeZone {
    let zone = TimeZone::system();
    let is_said = std::env::var_os("TZ").is_some_and(|name| !name.is_empty());
    if zone.is_unknown() && !is_said { TimeZone::UTC } else { zone }
}
