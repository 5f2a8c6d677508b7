//! The outcome in one line, for `-q`.
//!
//! Owns which checks are named. Refuses to grow: it keeps the first few and counts the rest.

use filter::Filter;
use schema::{Check, Status};

/// How many checks are named.
const NAMED: usize = 5;

/// The checks that decided the outcome so far.
#[derive(Debug, Default)]
pub struct Brief {
    status: Status,
    named: Vec<String>,
    more: u64,
}

impl Brief {
    /// Whether a check of this status need not be looked at: it decides nothing, or enough are named and it is counted.
    pub fn is_told(&mut self, status: Status) -> bool {
        if status < Status::Warn || status < self.status {
            return true;
        }
        let counted = status == self.status && self.named.len() == NAMED;
        self.more += u64::from(counted);
        counted
    }

    /// Looks at a check that is not told.
    pub fn see(&mut self, check: &Check<'_>) {
        if check.status > self.status {
            self.status = check.status;
            self.named.clear();
            self.more = 0;
        }
        let scope = if check.scope.is_empty() { String::new() } else { format!("{}: ", check.scope) };
        self.named.push(match check.code {
            Some(code) if check.status == Status::Inconclusive && !check.metric.is_empty() => {
                let detail = check.reason.strip_prefix(&format!("{}: {code}", check.id)).unwrap_or_default();
                // What says how much more would tell often begins with the metric itself.
                match detail.strip_prefix(": ").filter(|told| told.starts_with(&check.metric)) {
                    Some(told) => format!("{scope}{code}: {told}"),
                    None => format!("{scope}{code}: {}{detail}", check.metric),
                }
            }
            _ => format!("{scope}{}", check.reason),
        });
    }

    /// Says the outcome on standard error, unless it is PASS.
    pub fn say(&self, status: Status, filter: &Filter) {
        if status == Status::Pass {
            return;
        }
        let mut reasons = self.named.join("; ");
        if status == Status::Skip {
            reasons.push_str("every check was skipped: nothing was judged");
        }
        if self.more > 0 {
            reasons.push_str(&format!("; and {} more", self.more));
        }
        filter.say(format!("check-threshold: {} {reasons}", status.verdict()).trim_end());
    }
}
