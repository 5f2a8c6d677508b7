//! The stream: records in, checks out, whatever comes.
//!
//! Owns scopes, `@record` lines, the checks of a broken stream and the outcome so far. Refuses to end without one.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use expr::{
    Baseline, Finding, Fit, Judge, Missing, Path, RECORD_ID, Reading, Rendering, Runs, Stencils, Threshold, Thresholds,
};
use filter::{CheckTable, Error, Event, Exit, Filter, Records, Require};
use schema::{Check, Code, Status, Value, json};

use crate::brief::Brief;
use crate::flags::{Config, StopEarly};
use crate::metrics;
use crate::runs::Others;
use crate::sources::Rules;

/// The id of checks about the stream itself.
const STREAM_ID: &str = "@stream";

/// Judges every record and says what all came to.
pub fn judge(config: &Config, rules: &Rules, others: &Others, filter: &mut Filter) -> Result<Status, Error> {
    let baseline = others.baseline.as_ref();
    let mut output = Output {
        status: Status::Skip,
        brief: Brief::default(),
        silent: silent(filter),
        people: filter.people() && !silent(filter),
        config,
        table: CheckTable::default(),
        failed: HashSet::new(),
    };
    let missing = config.missing.unwrap_or(Missing::Inconclusive);
    // Only a file that is not there yet leaves none.
    let first = config.optional_baseline && baseline.is_none() && others.runs.is_none();
    let mut judge = Judge::new(&rules.thresholds, baseline, missing);
    if first {
        judge = judge.before_any_baseline();
    }
    if let Some(runs) = &others.runs {
        judge = judge.over_runs(runs);
    }
    let none = Runs::with_copies(filter.options.allow_equal);
    if config.over_runs {
        judge = judge.of_runs(&none);
    }
    if let Some(history) = &others.history {
        judge = judge.with_history(history);
    }
    let mut stencils = stencils(&judge, rules, config, filter);
    let waiting = Waiting::of(config, others, filter);
    let mut bench = Bench { rules, config, baseline, missing, judge, waiting, judged: 0, advised: 0 };
    let mut last: Vec<(String, VecDeque<Value<'static>>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut records = Records::new(&config.inputs, Require::WhereSealing).each_of_them();
    let mut malformed = None;
    // Records of which --where cannot tell: why and where the first of them is, and how many.
    let mut undecided: Option<(Code, String, u64)> = None;
    let mut rejected = 0;
    let mut stopped = false;
    while let Some(next) = records.next_unread(filter)? {
        let event = match next {
            Ok(unread) => {
                if let Some(fit) = stencils.as_mut().and_then(|stencils| stencils.fit(unread.text))
                    && bench.fit(&fit, &mut output, filter)?
                {
                    stopped = output.is_decided(rules);
                    if stopped {
                        break;
                    }
                    continue;
                }
                unread.read_asked(|key| config.by.iter().any(|by| by.leads_into(key)) || bench.judge.asks(key))
            }
            Err(event) => event,
        };
        match event {
            Event::Record(record) => {
                filter.counts.lines += 1;
                if let Some(stencils) = &mut stencils {
                    stencils.learn(record.text, &record.value);
                }
                let scope = match (&config.by, &config.only) {
                    (Some(path), _) => {
                        let scope = scope_of(path, &record.value);
                        if scope.is_empty() {
                            let place = format!("{}:{}", record.file, record.line);
                            let hint = format!(
                                "nothing at {path}: the record has no scope; kv-extract --having {path} leaves out the \
                                 lines of a log that name none"
                            );
                            filter.note("scope", place, hint);
                        }
                        scope
                    }
                    (None, Some(only)) => only.clone(),
                    (None, None) => String::new(),
                };
                if config.only.as_ref().is_some_and(|only| *only != scope) {
                    filter.counts.skipped += 1;
                    continue;
                }
                bench.came(&scope);
                // What --where leaves out is counted there.
                match filter.chooses(&record.value) {
                    Ok(true) => {}
                    Ok(false) | Err(Code::Missing | Code::Null) => continue,
                    Err(code) => {
                        let place = || format!("{}:{}", record.file, record.line);
                        undecided.get_or_insert_with(|| (code, place(), 0)).2 += 1;
                        continue;
                    }
                }
                let Some(limit) = config.last else {
                    filter.counts.used += 1;
                    bench.record(&record.value, &scope, &mut output, filter)?;
                    stopped = output.is_decided(rules);
                    if stopped {
                        break;
                    }
                    continue;
                };
                let place = *places.entry(scope.clone()).or_insert(last.len());
                if place == last.len() {
                    last.push((scope, VecDeque::new()));
                }
                let Some((_, kept)) = last.get_mut(place) else { continue };
                kept.push_back(record.value.into_owned());
                if kept.len() > limit {
                    kept.pop_front();
                    filter.counts.skipped += 1;
                }
            }
            Event::Malformed { place, reason } => {
                // A record that is too long was counted, and told, where it was passed over.
                if filter.counts.rejected == rejected {
                    filter.counts.lines += 1;
                    filter.counts.rejected += 1;
                    filter.note("malformed record", &place, &reason);
                }
                let detail = format!("{place}: {reason}");
                if filter.options.allow_rejected.is_none() {
                    output.check(&stream_check(Code::Malformed, &detail), filter)?;
                }
                malformed.get_or_insert(detail);
            }
            Event::Fault { place, code, detail } => {
                filter.note("seal", &place, format!("{code}: {detail}"));
                output.check(&stream_check(code, &format!("{place}: {detail}")), filter)?;
            }
        }
        rejected = filter.counts.rejected;
    }
    for (scope, kept) in &last {
        for record in kept {
            filter.counts.used += 1;
            bench.record(record, scope, &mut output, filter)?;
        }
    }
    if stopped {
        filter.counts.stopped = filter.counts.lines;
        filter.note("stopped", "--stop-early", format!("after {} records: the answer is certain", filter.counts.lines));
    } else {
        bench.finish(&mut output, filter)?;
    }
    if let Some(grant) = &filter.options.allow_rejected
        && filter.rejects_too_much()
    {
        let (lines, first) = (filter.counts.lines, malformed.unwrap_or_default());
        let detail = format!("{rejected} of {lines} records, more than --allow-rejected {grant}; the first: {first}");
        output.check(&stream_check(Code::Malformed, &detail), filter)?;
    }
    if let Some((code, place, count)) = undecided {
        let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
        let detail = format!("--where is undecidable for {records} that may count; the first: {place}");
        output.check(&stream_check(code, &detail), filter)?;
    }
    let lost = filter.upstream().iter().find_map(schema::Seal::lost);
    if let Some(detail) = lost {
        output.check(&stream_check(Code::UpstreamRejected, &detail), filter)?;
    }
    let holes: Vec<String> = filter.upstream().iter().filter_map(schema::Seal::holes).collect();
    for words in holes {
        filter.note(
            "empty windows",
            "input",
            format!("{words}, and nothing judged them; --fill makes them windows of none"),
        );
    }
    output.show(filter)?;
    if filter.options.quiet {
        output.brief.say(output.status, filter);
    }
    Ok(output.status)
}

/// Stencils, where records can be judged without being read: by thresholds that are the same for all, one by one.
fn stencils(judge: &Judge<'_>, rules: &Rules, config: &Config, filter: &Filter) -> Option<Stencils> {
    let plain = rules.k6.is_empty()
        && config.changed.is_none()
        && config.last.is_none()
        && config.stop_early != Some(StopEarly::Decided)
        && filter.options.conditions.is_empty()
        && !rules.thresholds.is_empty();
    plain.then(|| judge.stencils(config.by.as_ref()))
}

/// The judge and what depends on the record at hand.
struct Bench<'r> {
    rules: &'r Rules,
    config: &'r Config,
    baseline: Option<&'r Baseline>,
    missing: Missing,
    judge: Judge<'r>,
    waiting: Waiting,
    judged: u64,
    /// How often a name that is near to a missing one was looked for: it takes time, and few are shown.
    advised: u32,
}

impl Bench<'_> {
    /// A record of a scope is there.
    fn came(&mut self, scope: &str) {
        self.waiting.came(scope);
    }

    fn record(
        &mut self,
        record: &Value<'_>,
        scope: &str,
        output: &mut Output<'_>,
        filter: &mut Filter,
    ) -> Result<(), Error> {
        self.judged += 1;
        if !self.config.no_record && output.is_stream() {
            write_record(|line| json::write(record, line), scope, filter)?;
        }
        let (own, compared) = self.own(record, scope)?;
        if let Err(code) = compared {
            let check = Check::inconclusive(RECORD_ID, scope, code);
            let first = self.config.optional_baseline && self.baseline.is_none();
            let skipped = Check { status: Status::Skip, code: None, reason: String::new(), ..check.clone() };
            output.check(if first { &skipped } else { &check }, filter)?;
        }
        let Bench { judge, config, advised, .. } = self;
        if !self.rules.thresholds.is_empty() {
            judge.each(record, scope, |finding| output.finding(finding, || record, config, advised, filter))?;
        }
        if !own.is_empty() || (self.rules.thresholds.is_empty() && compared.is_ok()) {
            let mut judge = Judge::new(&own, self.baseline, self.missing);
            judge.each(record, scope, |finding| output.finding(finding, || record, config, advised, filter))?;
        }
        output.show(filter)
    }

    /// The same for a record that fits a stencil; false where it has to be read first.
    fn fit(&mut self, fit: &Fit<'_>, output: &mut Output<'_>, filter: &mut Filter) -> Result<bool, Error> {
        let scope = match (&self.config.by, &self.config.only) {
            (Some(_), _) => match fit.scope() {
                Some(scope) => scope,
                None => return Ok(false),
            },
            (None, only) => only.as_deref().unwrap_or_default(),
        };
        filter.counts.lines += 1;
        if self.config.only.as_ref().is_some_and(|only| *only != scope) {
            filter.counts.skipped += 1;
            return Ok(true);
        }
        filter.counts.used += 1;
        self.judged += 1;
        self.waiting.came(scope);
        let with_record = !self.config.no_record && output.is_stream();
        if output.is_stream() && self.lines(fit, scope, with_record, output, filter)? {
            return Ok(true);
        }
        if with_record {
            write_record(|line| fit.write(line), scope, filter)?;
        }
        let Bench { judge, config, advised, .. } = self;
        judge.each_fit(fit, scope, |finding| output.finding(finding, || fit.value(), config, advised, filter))?;
        output.show(filter)?;
        Ok(true)
    }

    /// The hot case: the lines of all checks at once; false where one of them takes a closer look.
    fn lines(
        &mut self,
        fit: &Fit<'_>,
        scope: &str,
        with_record: bool,
        output: &mut Output<'_>,
        filter: &mut Filter,
    ) -> Result<bool, Error> {
        let mut status = Status::Skip;
        let judge = &mut self.judge;
        let written = filter.built_lines(|lines| {
            if with_record {
                record_line(|line| fit.write(line), scope, lines);
                lines.push(b'\n');
            }
            let (count, worst) = judge.write_fit(fit, scope, lines)?;
            status = worst;
            Some(count + u64::from(with_record))
        })?;
        output.came_to(status, filter);
        if status > Status::Pass {
            for rendering in self.judge.again(fit, scope) {
                output.name(&rendering);
            }
        }
        Ok(written)
    }

    /// The thresholds that are made for this record: k6's, and those of `--changed`, or why there are none of those.
    fn own(&self, record: &Value<'_>, scope: &str) -> Result<(Thresholds, Result<(), Code>), Error> {
        let mut own = Thresholds::new();
        let mut compared = Ok(());
        for rule in &self.rules.k6 {
            let made = rule.thresholds(record);
            for threshold in made.map_err(|error| Error::usage(format!("{}: {error}", rule.source)))? {
                own.push(threshold);
            }
        }
        if let Some(most) = &self.config.changed {
            let before = self.baseline.and_then(|baseline| baseline.evidence(scope));
            let made =
                before.map_or(Ok(Vec::new()), |before| metrics::changed(record, before, most, &self.config.better));
            let made = made.map_err(|error| Error::usage(format!("--changed: {error}")))?;
            if made.is_empty() {
                compared = Err(if before.is_some() { Code::NoChecks } else { Code::NoBaseline });
            }
            made.into_iter().for_each(|threshold| own.push(threshold));
        }
        Ok((own, compared))
    }

    fn finish(&mut self, output: &mut Output<'_>, filter: &mut Filter) -> Result<(), Error> {
        for check in self.judge.finish() {
            output.check(&check, filter)?;
        }
        // Where nothing was judged at all, that is what is told.
        for scope in self.waiting.night.iter().filter(|_| self.judged > 0) {
            for check in self.judge.vanished(scope, true) {
                output.check(&check, filter)?;
            }
        }
        for scope in self.waiting.baseline.iter().filter(|_| self.judged > 0) {
            for check in self.judge.vanished(scope, false) {
                output.check(&check, filter)?;
            }
            if self.config.changed.is_some() {
                output.check(&vanished(scope, self.missing), filter)?;
            }
        }
        let copies = self.judge.copies();
        if copies > 0 {
            filter.note("runs", "runs", format!("{copies} of them are copies of others: each run counts once"));
        }
        let compared = self.judge.comparisons();
        if compared > 1 {
            let reason = format!("{compared} comparisons: each FAIL must pass Holm's correction for all of them");
            filter.note("comparisons", "runs", reason);
        }
        if self.judged == 0 {
            for rule in &self.rules.k6 {
                let id = format!("{} {}", rule.metric, rule.source);
                output.check(&Check::inconclusive(id, "", Code::NoRecords), filter)?;
            }
            if self.config.changed.is_some() {
                output.check(&Check::inconclusive(STREAM_ID, "", Code::NoRecords), filter)?;
            }
        }
        Ok(())
    }
}

/// Where neither `--pass` nor `--fail` holds, that is what is said.
fn decide(check: &mut Check<'_>, config: &Config) {
    if config.pass.is_some() && config.fail.is_some() && check.id == "pass" && check.code == Some(Code::Violated) {
        check.code = Some(Code::Undecided);
        check.reason = format!("{}: {}", check.id, Code::Undecided);
    }
}

/// How many missing names are looked at for one that is near.
const ADVICE: u32 = 20;

/// How many letters of names of a record are listed where none is near.
const NAMED: usize = 100;

/// Among how many names of a record one that is near is looked for.
const NAMES: usize = 10_000;

/// A name that is near to one that is missing; true where one was looked for.
fn advise<'v>(check: &Check<'_>, record: impl FnOnce() -> &'v Value<'v>, filter: &mut Filter) -> bool {
    if check.code == Some(Code::WrongType) && check.op.is_empty() && !check.metric.is_empty() {
        if let Ok(path) = Path::parse(&check.metric)
            && let Reading::Found(value) = path.read(record())
        {
            let bound =
                if matches!(value, Value::Number(_)) { format!("{path} <= 200") } else { format!("{path} == \"…\"") };
            let words =
                format!("is {}, and a threshold alone must be true or false: compare it, as in {bound}", value.kind());
            filter.note("wrong type", &path, words);
        }
        return false;
    }
    if check.code != Some(Code::Missing) || check.metric.is_empty() {
        return false;
    }
    let record = record();
    let read = check.threshold.as_deref().and_then(|line| Threshold::parse(line).ok());
    let measured = |path: &Path| path.to_string() == check.metric;
    let there = |path: &Path| path.read(record) != Reading::Missing;
    if let Some(threshold) = read
        && threshold.paths().iter().any(|path| measured(path) && there(path))
    {
        // What was measured is there: it is compared with what is not. A word without its quotes looks so.
        let Some(gone) = threshold.paths().into_iter().find(|path| !path.has_wildcard() && !there(path)) else {
            // Nor is that: its source says that it is unknown.
            return false;
        };
        filter.note("missing value", gone, format!("missing; a text goes in double quotes, \"{gone}\""));
        return true;
    }
    let names = metrics::names(record, NAMES);
    let near = expr::nearest(&check.metric, names.iter().map(String::as_str));
    if let Some(near) = near.or_else(|| same_ends(&check.metric, &names)) {
        let words = if is_another_percentile(&check.metric, near) {
            format!(
                "missing, unlike {near}; say it where percentiles are made: percentile -p, k6 --summary-trend-stats"
            )
        } else {
            format!("missing; did you mean {near}?")
        };
        filter.note("missing metric", &check.metric, words);
    } else if let Some((field, last)) = check.metric.rsplit_once('.')
        && schema::counts::is_statistic(last)
        && Path::parse(field).is_ok_and(|path| matches!(path.read(record), Reading::Found(Value::Number(_))))
    {
        // Records where a summary of them should be.
        let words = format!("missing; {field} is one number of each record: percentile -f {field} summarizes it");
        filter.note("missing metric", &check.metric, words);
    } else if let Some(object) = record.as_object()
        && Path::parse(&check.metric).is_ok()
        && !schema::OUR_KEYS.iter().any(|key| check.metric.starts_with(key))
    {
        let is_k6 = object.get("metrics").is_some() && object.get("root_group").is_some();
        if is_k6 {
            let words = "missing; this is the summary of k6 as it wrote it: merge-evidence k6=FILE reads it";
            filter.note("missing metric", &check.metric, words);
        } else if !names.is_empty() {
            filter.note("missing metric", &check.metric, format!("missing; the record has {}", listed(&names)));
        }
    }
    true
}

/// The first names of a record, as many as a line has room for.
fn listed(names: &[String]) -> String {
    let mut words = String::new();
    for (place, name) in names.iter().enumerate() {
        if place > 0 && words.len() + name.len() > NAMED {
            return words + ", …";
        }
        words.push_str(if place == 0 { "" } else { ", " });
        words.push_str(name);
    }
    words
}

/// The only name that begins and ends as one that is missing: `junit.failed` of `junit.tests.failed`.
fn same_ends<'n>(missing: &str, names: &'n [String]) -> Option<&'n str> {
    let ends = |name: &'n str| (name.split('.').next(), name.rsplit('.').next());
    let (first, last) = (missing.split('.').next(), missing.rsplit('.').next());
    let mut found = names.iter().map(String::as_str).filter(|name| name.contains('.') && ends(name) == (first, last));
    found.next().filter(|name| found.all(|other| other.len() > name.len()))
}

/// Whether both are percentiles, but of other parts: a p95 is no p99 that was misspelt.
fn is_another_percentile(one: &str, other: &str) -> bool {
    let part = |name: &str| {
        let name = name.rsplit('.').next().unwrap_or(name);
        let digits = || name.bytes().filter(u8::is_ascii_digit).collect::<Vec<u8>>();
        schema::counts::is_percentile(name).then(digits)
    };
    part(one).zip(part(other)).is_some_and(|(one, other)| one != other)
}

/// `-q`: nothing on standard output, unless a file was asked for.
fn silent(filter: &Filter) -> bool {
    filter.options.quiet && filter.options.output.is_none()
}

struct Output<'c> {
    status: Status,
    brief: Brief,
    silent: bool,
    /// Whether it is text for people.
    people: bool,
    config: &'c Config,
    table: CheckTable,
    /// The thresholds that failed, where that decides when to stop.
    failed: HashSet<String>,
}

impl Output<'_> {
    /// Whether it is a stream of checks, a line each.
    fn is_stream(&self) -> bool {
        !self.silent && !self.people
    }

    /// Whether `--stop-early` stops here.
    fn is_decided(&self, rules: &Rules) -> bool {
        match self.config.stop_early {
            None => false,
            Some(StopEarly::Fail) => self.status == Status::Fail,
            Some(StopEarly::Decided) => rules.thresholds.iter().all(|threshold| self.failed.contains(&threshold.id)),
        }
    }

    /// What a threshold came to on a record, which is read only where a name that is near is looked for.
    fn finding<'v>(
        &mut self,
        finding: Finding<'_>,
        record: impl FnOnce() -> &'v Value<'v>,
        config: &Config,
        advised: &mut u32,
        filter: &mut Filter,
    ) -> Result<(), Error> {
        match finding {
            Finding::Rendered(rendering) if !self.people && self.config.stop_early != Some(StopEarly::Decided) => {
                self.rendered(rendering, filter)
            }
            finding => {
                let mut check = finding.into_check();
                decide(&mut check, config);
                if *advised < ADVICE {
                    *advised += u32::from(advise(&check, record, filter));
                }
                self.check(&check, filter)
            }
        }
    }

    /// A check that needs no look but its line.
    fn rendered(&mut self, rendering: &Rendering<'_>, filter: &mut Filter) -> Result<(), Error> {
        self.came_to(rendering.status(), filter);
        self.name(rendering);
        if self.silent { Ok(()) } else { filter.built(|line| rendering.write(line)) }
    }

    /// Shows people what was judged so far.
    fn show(&mut self, filter: &mut Filter) -> Result<(), Error> {
        if self.table.is_empty() {
            return Ok(());
        }
        let (width, colored) = (filter.columns(), filter.colored());
        filter.text(&self.table.show("", width, colored))
    }

    fn came_to(&mut self, status: Status, filter: &mut Filter) {
        if self.status < status {
            self.status = status;
            filter.decide(exit(status, self.config));
        }
    }

    fn name(&mut self, rendering: &Rendering<'_>) {
        if !self.brief.is_told(rendering.status()) {
            self.brief.see(&rendering.check());
        }
    }

    fn check(&mut self, check: &Check<'_>, filter: &mut Filter) -> Result<(), Error> {
        self.status = self.status.and(check.status);
        if self.config.stop_early == Some(StopEarly::Decided) && check.status == Status::Fail {
            self.failed.insert(check.id.to_string());
        }
        filter.decide(exit(self.status, self.config));
        if !self.brief.is_told(check.status) {
            self.brief.see(check);
        }
        match (self.silent, self.people) {
            (true, _) => Ok(()),
            (false, true) => {
                self.table.add(check, &check.id, &check.scope, "");
                Ok(())
            }
            (false, false) => filter.json(check),
        }
    }
}

/// The exit that answers with a status.
pub fn exit(status: Status, config: &Config) -> Exit {
    if config.exit_zero { Exit::Yes } else { Exit::of(status) }
}

fn stream_check(code: Code, detail: &str) -> Check<'static> {
    Check { reason: format!("{STREAM_ID}: {code}: {detail}"), ..Check::inconclusive(STREAM_ID, "", code) }
}

/// The scopes of other runs that no record has come of yet: without a record, nothing would be said of them.
struct Waiting {
    /// Of the baseline.
    baseline: BTreeSet<String>,
    /// Of the last night of the history.
    night: BTreeSet<String>,
}

impl Waiting {
    fn of(config: &Config, others: &Others, filter: &Filter) -> Waiting {
        let conditions = &filter.options.conditions;
        let left_out = |record: &Value<'_>| {
            conditions.iter().any(|it| matches!(it.answer(record), Ok(false) | Err(Code::Missing | Code::Null)))
        };
        let is_wanted = |scope: &str, record: &Value<'_>| match (&config.by, &config.only) {
            (_, Some(only)) if only != scope => false,
            // A verdict may have groups by another key, too.
            (Some(by), _) => scope_of(by, record) == *scope && !left_out(record),
            (None, only) => only.is_some() && !left_out(record),
        };
        let one = others.baseline.iter().flat_map(Baseline::scopes);
        let runs = others.runs.iter();
        let runs = runs.flat_map(|runs| runs.scopes().filter_map(|scope| Some((scope, runs.records(scope).next()?))));
        let baseline = one.chain(runs).filter(|(scope, record)| is_wanted(scope, record));
        let last = |scope: &String| others.history.as_ref().and_then(|history| history.records(scope).last());
        let night = others.last_night.iter().filter(|scope| last(scope).is_some_and(|record| is_wanted(scope, record)));
        Waiting { baseline: baseline.map(|(scope, _)| scope.to_owned()).collect(), night: night.cloned().collect() }
    }

    /// A record of a scope is there.
    fn came(&mut self, scope: &str) {
        if !self.baseline.is_empty() {
            self.baseline.remove(scope);
        }
        if !self.night.is_empty() {
            self.night.remove(scope);
        }
    }
}

/// The check of `--changed` on a scope that the baseline has, and of which no record came.
fn vanished(scope: &str, missing: Missing) -> Check<'static> {
    let code = Code::Missing;
    let reason = format!("{RECORD_ID}: {code}: the baseline has this group, and the records have none of it");
    let check = Check { reason: reason.clone(), ..Check::inconclusive(RECORD_ID, scope, code) };
    match missing {
        Missing::Inconclusive => check,
        Missing::Fail => Check { status: Status::Fail, passed: Some(false), code: None, violation: reason, ..check },
        Missing::Skip => Check { status: Status::Skip, code: None, reason: String::new(), ..check },
    }
}

/// The scope of a record: its value as text; `""` where it has none.
pub fn scope_of(path: &Path, record: &Value<'_>) -> String {
    match path.read(record) {
        Reading::Found(Value::Text(text)) => text.to_string(),
        Reading::Found(Value::Null) | Reading::Missing | Reading::Ambiguous => String::new(),
        Reading::Found(value) => {
            let mut out = Vec::new();
            json::write(value, &mut out);
            String::from_utf8_lossy(&out).into_owned()
        }
    }
}

fn write_record(record: impl FnOnce(&mut Vec<u8>), scope: &str, filter: &mut Filter) -> Result<(), Error> {
    filter.built(|line| record_line(record, scope, line))
}

fn record_line(record: impl FnOnce(&mut Vec<u8>), scope: &str, line: &mut Vec<u8>) {
    line.extend_from_slice(b"{\"@record\":");
    record(line);
    line.extend_from_slice(b",\"scope\":");
    json::write_text(scope, line);
    line.push(b'}');
}
