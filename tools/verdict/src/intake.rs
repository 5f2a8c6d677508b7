//! Intake: lines of any kind become a case: checks in their groups, evidence beside them, faults told.
//!
//! Owns what a line is (a check, a record, a verdict document, or neither) and which group it goes to. Refuses to
//! drop a line: what is not understood is a fault that no answer can pass over.

use std::collections::BTreeSet;

use expr::{Path, Reading};
use schema::{Check, Code, Origin, Status, Value, Verdict};

use crate::answer::{Case, Claim};
use crate::chain::{self, Link};
use crate::claims::Testimony;
use crate::contradictions;
use crate::copies::Copies;
use crate::document;
use crate::freshness::Freshness;
use crate::groups::{NOT_WHOLE, STREAM};
use crate::verify::sums::Figures;

/// How many lines that are none we know are named.
const ODD: usize = 5;

/// Takes lines and builds the case.
#[derive(Debug, Default)]
pub struct Intake {
    case: Case,
    by: Vec<Path>,
    /// The record whose checks come next.
    record: Option<Pending>,
    /// The input at hand, and what came in it since its last seal.
    file: String,
    seals: usize,
    unsealed_lines: u64,
    unsealed_documents: u64,
    /// The groups that something in the input at hand went to, and whether the input is whole.
    touched: BTreeSet<String>,
    broken: Option<Code>,
    /// Whether it held checks of its own.
    checks: bool,
    /// Lines of it that are none we know: the first few, and how many there are.
    odd: Vec<String>,
    odd_lines: u64,
    newer_than: Option<Freshness>,
    /// Whether an input held checks that no file of this run has.
    untold: bool,
    copies: Copies,
}

/// A record, its scope, and the groups that hold it already. The first one takes the value itself: of a large record
/// a second copy is made only where its checks are spread over groups.
#[derive(Debug)]
struct Pending {
    value: Value<'static>,
    scope: String,
    holders: Vec<String>,
}

impl Intake {
    /// Groups by the values of `by`; by scope where there are none.
    pub fn new(by: Vec<Path>, newer_than: Option<Freshness>, allow_equal: bool) -> Self {
        Intake { by, newer_than, copies: Copies::new(allow_equal), ..Intake::default() }
    }

    /// One line of `file`; `seals` is how many seals have been read so far. `Err` says why it is nothing we know.
    pub fn line(&mut self, line: &Value<'_>, file: &str, seals: usize) -> Result<(), String> {
        self.arrive(file, seals);
        if line.get("verdict").is_some() && line.get("groups").is_some() {
            self.unsealed_documents += 1;
            return self.document(line, file);
        }
        self.unsealed_lines += 1;
        if let Some(record) = line.get("@record") {
            self.checks = true;
            self.close_record();
            let scope = line.get("scope").and_then(Value::as_text).unwrap_or_default();
            let (value, scope) = (record.clone().into_owned(), scope.to_owned());
            self.record = Some(Pending { value, scope, holders: Vec::new() });
            return Ok(());
        }
        let check = Check::from_value(line).map_err(|field| match field {
            "id" | "status" if line.get("id").is_none() || line.get("status").is_none() => {
                "is evidence, not a check: put check-threshold before verdict".to_owned()
            }
            field => format!("is not a check: its {field:?} is not what check-threshold writes"),
        })?;
        let check = check.into_owned();
        self.checks = true;
        let testimony = Testimony::of(line);
        let group = self.group_of(line, &check);
        self.check(&group, check, &testimony);
        Ok(())
    }

    /// One line of the file of `--claims`: a check that somebody only says.
    pub fn claim(&mut self, line: &Value<'_>) -> Result<(), String> {
        let check =
            Check::from_value(line).map_err(|field| format!("is not a claim: its {field:?} is missing or invalid"))?;
        let scope = check.scope.clone();
        let check = Check { origin: Origin::Declared, ..check.into_owned() };
        self.record = None;
        self.check(&scope, check, &Testimony::of(line));
        Ok(())
    }

    /// A line that is not what it should be.
    pub fn malformed(&mut self, place: &str, reason: &str) {
        self.broken.get_or_insert(Code::Malformed);
        self.odd_lines += 1;
        if self.odd.len() < ODD {
            self.odd.push(format!("{place}: {reason}"));
        }
    }

    /// Says which lines of the input at hand were none we know: where no other came, that alone.
    fn close_odd(&mut self) {
        let (odd, lines) = (std::mem::take(&mut self.odd), std::mem::take(&mut self.odd_lines));
        let mut say = |words: &str| self.case.faults.push(chain::fault(Code::Malformed, words));
        match odd.first() {
            Some(first) if lines > 1 && !self.checks => {
                say(&format!("{first} (and {} more lines, none of them a check)", lines - 1))
            }
            _ => odd.iter().for_each(|words| say(words)),
        }
        if self.checks && lines > odd.len() as u64 {
            say(&format!("{} more lines that are not checks", lines - odd.len() as u64));
        }
    }

    /// A check of which `--where` cannot tell: it may have been one of those that count.
    pub fn undecided(&mut self, place: &str, code: Code) {
        self.case
            .faults
            .push(chain::fault(code, &format!("{place}: --where is undecidable for a check that may count")));
    }

    /// A seal that is missing or wrong. A document needs none: it ends where it is whole.
    pub fn fault(&mut self, file: &str, code: Code, detail: &str, seals: usize) {
        // What is no stream of checks at all has no seal either: that is said once.
        let foreign = code == Code::NoSeal && self.odd_lines > 0 && !self.checks;
        self.arrive(file, seals);
        let documents = std::mem::take(&mut self.unsealed_documents);
        let lines = std::mem::take(&mut self.unsealed_lines);
        if code == Code::NoSeal && documents > 0 && lines == 0 {
            // One document cannot be cut unseen, several in one stream can, between two of them.
            if documents > 1 {
                self.case.links.push(Link::Plain);
            }
            return;
        }
        self.broken.get_or_insert(code);
        self.case.links.push(Link::Plain);
        self.close_odd();
        if !foreign {
            self.case.faults.push(chain::fault(code, &format!("{file}: {detail}")));
        }
    }

    /// The case, once everything has been read.
    pub fn finish(mut self, seals: Vec<schema::Seal>) -> Case {
        self.arrive("", seals.len());
        // Of claims, which come last, and where no input had a name.
        self.close_record();
        self.close_input();
        if let Some(bound) = self.newer_than {
            bound.judge(&mut self.case.groups, &seals, !self.untold);
        }
        let mut all = seals;
        all.append(&mut self.case.seals);
        self.case.seals = all;
        self.case
    }

    /// Keeps the count of what no seal vouches for yet.
    fn arrive(&mut self, file: &str, seals: usize) {
        if seals > self.seals {
            self.seals = seals;
            (self.unsealed_lines, self.unsealed_documents) = (0, 0);
        }
        if file != self.file {
            if self.unsealed_lines > 0 {
                // `--unsealed` let it in.
                self.case.links.push(Link::Plain);
                self.case.unsealed = true;
            }
            (self.unsealed_lines, self.unsealed_documents) = (0, 0);
            self.close_record();
            self.close_input();
            self.file = file.to_owned();
        }
    }

    fn document(&mut self, line: &Value<'_>, file: &str) -> Result<(), String> {
        let mut document =
            Verdict::from_value(line).map_err(|field| format!("is not a verdict: its {field:?} is invalid"))?;
        let name = self.by.iter().find_map(|path| plain(path.read(line)));
        let name = name.unwrap_or_else(|| stem(file).to_owned());
        // What says that it was sealed carries the seals.
        let is_bare = document.seals.is_empty();
        self.case.links.push(if is_bare { Link::Plain } else { Link::from_word(&document.chain) });
        self.case.unsealed |= document.unsealed;
        self.case.skipped = self.case.skipped.saturating_add(document.skipped);
        self.case.seals.extend(document.seals.iter().cloned());
        let contradiction = Figures::of(line).contradiction(&document);
        let of = self.copies.of(&document, file, &name);
        document.groups.iter_mut().flat_map(|group| &mut group.checks).for_each(contradictions::resolve);
        let draft = document::as_group(document, contradiction, file);
        let id = self.case.groups.add_document(&name, draft);
        if let Some(words) = of {
            self.case.groups.get_or_add(&id).doubt(Code::DuplicateSource, &words);
        }
        self.touched.insert(id);
        Ok(())
    }

    fn check(&mut self, group: &str, mut check: Check<'static>, testimony: &Testimony) {
        if group == STREAM {
            // The stage before says that what it read was broken.
            self.broken.get_or_insert(check.code.unwrap_or(Code::UnknownStatus));
        } else if !self.touched.contains(group) {
            self.touched.insert(group.to_owned());
        }
        contradictions::resolve(&mut check);
        let draft = self.case.groups.get_or_add(group);
        check.record = None;
        if let Some(pending) = &mut self.record
            && pending.scope == check.scope
        {
            if !pending.holders.iter().any(|holder| holder == group) {
                let value = if self.by.is_empty() { std::mem::take(&mut pending.value) } else { pending.value.clone() };
                pending.holders.push(group.to_owned());
                draft.records.push(value);
            }
            check.record = draft.records.len().checked_sub(1).map(|place| place as u64);
        }
        match check.origin {
            Origin::Observed if testimony.is_empty() => {}
            Origin::Observed => {
                self.case.testimonies.insert((group.to_owned(), draft.checks.len()), testimony.clone());
            }
            Origin::Declared if check.status < Status::Inconclusive => self.case.claims.push(Claim {
                group: group.to_owned(),
                place: draft.checks.len(),
                testimony: testimony.clone(),
            }),
            Origin::Declared => {}
        }
        draft.checks.push(check);
    }

    /// A record that no check stood on was asked nothing.
    fn close_record(&mut self) {
        if let Some(pending) = self.record.take()
            && pending.holders.is_empty()
        {
            self.case.groups.get_or_add(&pending.scope).records.push(pending.value);
        }
    }

    /// An input ends: what it made is no better than what cannot be told, if it was broken.
    fn close_input(&mut self) {
        self.close_odd();
        let touched = std::mem::take(&mut self.touched);
        let held = std::mem::take(&mut self.checks);
        if let Some(bound) = self.newer_than.as_ref().filter(|_| held) {
            self.untold |= !bound.has_new_checks(&self.file);
            if let Some(words) = bound.checks(&self.file) {
                self.broken.get_or_insert(Code::Stale);
                self.case.faults.push(chain::fault(Code::Stale, &words));
            }
        }
        if let Some(code) = self.broken.take() {
            for group in &touched {
                self.case.groups.get_or_add(group).doubt(code, NOT_WHOLE);
            }
        }
    }

    fn group_of(&self, line: &Value<'_>, check: &Check<'_>) -> String {
        if check.id == STREAM && check.scope.is_empty() {
            return STREAM.to_owned();
        }
        if self.by.is_empty() {
            return check.scope.clone();
        }
        let record = self.record.as_ref().filter(|pending| pending.scope == check.scope);
        let read = |path: &Path| plain(path.read(line)).or_else(|| plain(path.read(&record?.value)));
        let values: Vec<String> = self.by.iter().filter_map(read).collect();
        if values.is_empty() { check.scope.clone() } else { values.join(" ") }
    }
}

/// A value as the name of a group.
fn plain(reading: Reading<'_, '_>) -> Option<String> {
    match reading {
        Reading::Found(Value::Text(text)) => Some(text.to_string()),
        Reading::Found(Value::Number(number)) => Some(number.to_string()),
        Reading::Found(Value::Bool(yes)) => Some(yes.to_string()),
        _ => None,
    }
}

/// `night/max-rps.json` is called `max-rps`.
fn stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.strip_suffix(".json").or_else(|| name.strip_suffix(".verdict")).unwrap_or(name)
}
