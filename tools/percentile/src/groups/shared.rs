//! Where the workers' groups come together, within the memory that was granted.
//!
//! Owns the lock and how much each worker may hold of its own. Refuses to decide by anything but the samples whether
//! they stay exact: workers give what they have, and the whole is looked at. Refuses groups beyond the memory, too.

use std::sync::{Mutex, PoisonError};

use filter::Error;

use crate::groups::{Groups, full};
use crate::options::MOST_THREADS;
use crate::plan::Plan;

/// The groups of all workers.
pub struct Store<'p> {
    plan: &'p Plan,
    groups: Mutex<Common>,
}

struct Common {
    groups: Groups,
    fits: bool,
    /// Why there is no room for more, in words.
    full: Option<String>,
}

impl<'p> Store<'p> {
    /// An empty store of the fields in `plan`.
    pub fn new(plan: &'p Plan) -> Store<'p> {
        let names = plan.fields.iter().map(|path| path.dotted().to_owned()).collect();
        let groups = Groups::new(names, plan.sketch.then_some(plan.precision));
        Store { plan, groups: Mutex::new(Common { groups, fits: true, full: None }) }
    }

    /// Whether so many bytes are more than the given part of what a worker may hold before it gives it.
    pub fn is_over(&self, bytes: usize, part: usize) -> bool {
        let all = self.plan.max_memory / 4 / part;
        // A little is too much for no number of threads; then nobody need know it.
        bytes > all / MOST_THREADS && bytes > all / self.plan.threads()
    }

    /// Empty groups for a worker.
    pub fn fork(&self) -> Groups {
        self.common().groups.fork()
    }

    /// Takes in a worker's groups and gives it empty ones.
    pub fn merge(&self, groups: Groups) -> Groups {
        let mut common = self.common();
        if common.full.is_none() {
            common.fits &= common.groups.merge(groups);
            common.groups.fit(self.plan.max_memory, self.plan.precision);
            common.full = full(std::iter::once(&common.groups), self.plan.max_memory);
            if common.full.is_some() {
                // The run ends with this; until then nothing more is kept.
                common.groups = common.groups.fork();
            }
        }
        common.groups.fork()
    }

    /// Whether there is room for more.
    ///
    /// # Errors
    /// What has no room, in words.
    pub fn full(&self) -> Result<(), String> {
        self.common().full.clone().map_or(Ok(()), Err)
    }

    /// All groups, once the workers have given theirs.
    ///
    /// # Errors
    /// More samples than can be counted.
    pub fn into_groups(self) -> Result<Groups, Error> {
        let common = self.groups.into_inner().unwrap_or_else(PoisonError::into_inner);
        if !common.fits {
            return Err(Error::data("input", "more than 2^63 - 1 samples in one metric"));
        }
        if let Some(reason) = common.full {
            return Err(Error::data("--max-memory", reason));
        }
        Ok(common.groups)
    }

    fn common(&self) -> std::sync::MutexGuard<'_, Common> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
