//! Tallies: how many ran, how many of them passed, and how many failed. That none failed of none that ran is no answer.
//!
//! | how many failed | how many ran |
//! |---|---|
//! | `failed failures fails ko unexpected …`, alone or of tests (`numFailedTests`) | `total executed run`, `tests specs scenarios checks …` (`numTotalTests`, `test_count`); where there is none, `passed`, `ok` … beside them: nothing passed and nothing failed |
//! | of other things: `failed_logins`, `errors` | the total of the same (`total_logins`); of `errors`, only tests |
//!
//! Both stand in one object. A count of what comes from outside (`requests`, `requests_total`) is no total here: an idle
//! service has no requests and no errors, which is an answer. A number above zero is an answer whatever stands beside it.

use super::words::{AMOUNTS, COUNTS, words};

/// Words of what did not pass.
const FAILED: [&str; 9] = ["failed", "failures", "failure", "fails", "failing", "fail", "ko", "unexpected", "errored"];
/// What a run of tests that broke are called; elsewhere these are what goes wrong while nothing is asked.
const ERRORS: [&str; 2] = ["errors", "error"];
/// Words of what did.
const PASSED: [&str; 8] = ["passed", "passes", "passing", "pass", "ok", "expected", "succeeded", "successful"];
/// Words of what ran.
const RUN: [&str; 4] = ["total", "executed", "run", "ran"];
/// Words that leave a total what it is; alone they are none: an idle queue has completed nothing, and nothing failed.
const ENDED: [&str; 4] = ["completed", "finished", "done", "processed"];
/// What runs and passes or fails, in the singular. What only holds tests together (`suites`, `files`) may be none.
const TESTS: [&str; 9] = ["test", "testcase", "case", "spec", "scenario", "example", "assertion", "check", "step"];

/// What a key says of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// How many ran; otherwise how many of them passed.
    total: bool,
    /// What ran; empty where it is not said.
    of: Vec<String>,
}

impl Tally {
    /// What a key counts of a run: all of it, or what passed.
    pub fn of(key: &str) -> Option<Tally> {
        let all = words(key);
        let has = |those: &[&str]| all.iter().filter(|word| those.contains(&word.as_str())).count();
        if has(&PASSED) == 1 && has(&FAILED) == 0 {
            return Some(Tally { total: false, of: rest(&all, &PASSED)? });
        }
        let of = rest(&all, &[])?;
        let tests = of.first().is_some_and(|_| is_tests(&of));
        // `requests_total` is what a counter is called, whether something was asked or not.
        let counter = all.last().is_some_and(|word| word == "total") && !of.is_empty() && !tests;
        (tests || (has(&RUN) > 0 && !counter)).then_some(Tally { total: true, of })
    }

    /// Whether it counts that of which `failed` says how many failed.
    pub fn counts(&self, failed: &[String]) -> bool {
        match failed {
            [] => self.of.is_empty() || is_tests(&self.of) || self.total,
            // `errors` alone.
            [one] if ERRORS.contains(&one.as_str()) => !self.of.is_empty() && is_tests(&self.of),
            failed => self.of == failed || (self.of.is_empty() && is_tests(failed)),
        }
    }
}

/// What those are that a key says failed; `None` where it says nothing of the kind.
pub fn failed(all: &[String]) -> Option<Vec<String>> {
    let last = all.iter().rev().find(|word| !AMOUNTS.contains(&word.as_str()) && !COUNTS.contains(&word.as_str()));
    if last.is_some_and(|last| ERRORS.contains(&last.as_str())) {
        let of = rest(all, &ERRORS)?;
        return if of.is_empty() { Some(vec!["errors".to_owned()]) } else { is_tests(&of).then_some(of) };
    }
    all.iter().any(|word| FAILED.contains(&word.as_str())).then(|| rest(all, &FAILED)).flatten()
}

/// The tallies of what `failed` is of that decide, by their places: those of all that ran, else of what passed.
pub fn deciding<'t>(tallies: &'t [(Tally, usize)], failed: &[String]) -> impl Iterator<Item = usize> + 't {
    let found: Vec<&(Tally, usize)> = tallies.iter().filter(|(tally, _)| tally.counts(failed)).collect();
    let same = |tally: &Tally| tally.of == failed;
    let nearest = |total: bool, near: bool| {
        found.iter().any(|(tally, _)| tally.total == total && (!near || same(tally))).then_some((total, near))
    };
    let chosen = nearest(true, true).or_else(|| nearest(true, false)).or_else(|| nearest(false, false));
    let own: Vec<String> = failed.to_vec();
    found.into_iter().filter_map(move |(tally, place)| {
        let (total, near) = chosen?;
        (tally.total == total && (!near || tally.of == own)).then_some(*place)
    })
}

/// Whether a key is worth a closer look: most are not.
pub fn may_be(key: &str) -> bool {
    const PARTS: [&[u8]; 17] = [
        b"otal",
        b"xecuted",
        b"ran",
        b"run",
        b"est",
        b"case",
        b"spec",
        b"scenario",
        b"ssertion",
        b"heck",
        b"xample",
        b"step",
        b"pass",
        b"ok",
        b"xpected",
        b"ucceeded",
        b"uccessful",
    ];
    let has = |part: &&[u8]| key.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part));
    PARTS.iter().any(has)
}

/// What a key names beside the words of a tally and of an amount; `None` where that is too much to be one thing.
fn rest(all: &[String], those: &[&str]) -> Option<Vec<String>> {
    let dull = |word: &str| {
        those.contains(&word)
            || AMOUNTS.contains(&word)
            || COUNTS.contains(&word)
            || RUN.contains(&word)
            || ENDED.contains(&word)
    };
    let rest: Vec<String> = all.iter().map(String::as_str).filter(|word| !dull(word)).map(singular).collect();
    (rest.len() <= 2).then_some(rest)
}

fn is_tests(of: &[String]) -> bool {
    of.iter().all(|word| TESTS.contains(&word.as_str()))
}

/// `tests` and `test` are one thing.
fn singular(word: &str) -> String {
    word.strip_suffix('s').filter(|rest| rest.len() > 2).unwrap_or(word).to_owned()
}
