//! The algebra: three truth values joined by Kleene's strong logic, and statuses of which the worst wins.

use std::fmt;

use serde::{Serialize, Serializer};

/// The answer to a question about data (Kleene 1952, sec. 64: the strong three-valued logic).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Truth {
    /// It does not hold.
    No,
    /// The data cannot tell.
    Unknown,
    /// It holds.
    Yes,
}

impl Truth {
    /// No if either is no; unknown if either is unknown; else yes.
    pub fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::No, _) | (_, Truth::No) => Truth::No,
            (Truth::Yes, Truth::Yes) => Truth::Yes,
            _ => Truth::Unknown,
        }
    }

    /// Yes if either is yes; unknown if either is unknown; else no.
    pub fn or(self, other: Truth) -> Truth {
        !((!self).and(!other))
    }
}

impl std::ops::Not for Truth {
    type Output = Truth;

    fn not(self) -> Truth {
        match self {
            Truth::No => Truth::Yes,
            Truth::Unknown => Truth::Unknown,
            Truth::Yes => Truth::No,
        }
    }
}

impl From<bool> for Truth {
    fn from(yes: bool) -> Truth {
        if yes { Truth::Yes } else { Truth::No }
    }
}

/// What a check came to, and what checks come to together. Ordered: the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Status {
    /// Nothing was asked: the `and` of no checks, and of a check that does not apply. The identity.
    #[default]
    Skip,
    /// It holds.
    Pass,
    /// It is violated, and that counts as a warning.
    Warn,
    /// The evidence cannot tell.
    Inconclusive,
    /// It is violated.
    Fail,
}

impl Status {
    /// Every status, best first.
    pub const ALL: [Status; 5] = [Status::Skip, Status::Pass, Status::Warn, Status::Inconclusive, Status::Fail];

    /// Both together: the worse of the two. Associative, commutative, idempotent; `Skip` is the identity.
    pub fn and(self, other: Status) -> Status {
        self.max(other)
    }

    /// All together; `Skip` where there are none.
    pub fn all(statuses: impl IntoIterator<Item = Status>) -> Status {
        statuses.into_iter().fold(Status::Skip, Status::and)
    }

    /// The word in a check: `pass fail warn inconclusive skip`.
    pub fn word(self) -> &'static str {
        match self {
            Status::Skip => "skip",
            Status::Pass => "pass",
            Status::Warn => "warn",
            Status::Inconclusive => "inconclusive",
            Status::Fail => "fail",
        }
    }

    /// The status a word of a check names; an unknown word is `None`, which a reader takes as inconclusive.
    pub fn from_word(word: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.word() == word)
    }

    /// The word in a verdict: `PASS WARN INCONCLUSIVE FAIL`. Nothing asked is INCONCLUSIVE.
    pub fn verdict(self) -> &'static str {
        match self {
            Status::Pass => "PASS",
            Status::Warn => "WARN",
            Status::Skip | Status::Inconclusive => "INCONCLUSIVE",
            Status::Fail => "FAIL",
        }
    }

    /// The status that a verdict's word names.
    pub fn from_verdict(word: &str) -> Option<Status> {
        [Status::Pass, Status::Warn, Status::Inconclusive, Status::Fail]
            .into_iter()
            .find(|status| status.verdict() == word)
    }

    /// The exit code that answers with this status: 0 for PASS and WARN, 1 for FAIL, else 3.
    pub fn exit_code(self) -> u8 {
        match self {
            Status::Pass | Status::Warn => 0,
            Status::Fail => 1,
            Status::Skip | Status::Inconclusive => 3,
        }
    }

    /// `passed` of a check: true, false (fail and warn) or null (inconclusive and skip).
    pub fn passed(self) -> Option<bool> {
        match self {
            Status::Pass => Some(true),
            Status::Warn | Status::Fail => Some(false),
            Status::Skip | Status::Inconclusive => None,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUTHS: [Truth; 3] = [Truth::No, Truth::Unknown, Truth::Yes];

    #[test]
    fn kleene() {
        for a in TRUTHS {
            for b in TRUTHS {
                assert_eq!(a.and(b), b.and(a));
                assert_eq!(a.or(b), b.or(a));
                assert_eq!(!(a.and(b)), (!a).or(!b));
                for c in TRUTHS {
                    assert_eq!(a.and(b).and(c), a.and(b.and(c)));
                    assert_eq!(a.and(b.or(c)), a.and(b).or(a.and(c)));
                }
            }
            assert_eq!(a.and(a), a);
            assert_eq!(a.and(Truth::Yes), a);
            assert_eq!(a.or(Truth::No), a);
        }
        assert_eq!(Truth::Unknown.and(Truth::No), Truth::No);
        assert_eq!(Truth::Unknown.or(Truth::Yes), Truth::Yes);
        assert_eq!(Truth::Unknown.and(Truth::Yes), Truth::Unknown);
    }

    #[test]
    fn statuses_form_a_monoid_in_which_nothing_improves() {
        for a in Status::ALL {
            assert_eq!(a.and(a), a, "idempotent");
            assert_eq!(a.and(Status::Skip), a, "identity");
            for b in Status::ALL {
                assert_eq!(a.and(b), b.and(a), "commutative");
                assert!(a.and(b) >= a, "adding a status never makes the answer better");
                for c in Status::ALL {
                    assert_eq!(a.and(b).and(c), a.and(b.and(c)), "associative");
                }
            }
        }
    }

    #[test]
    fn every_list_up_to_six_gives_its_worst() {
        for length in 0..=6u32 {
            for number in 0..5usize.pow(length) {
                let list: Vec<Status> = (0..length).map(|place| Status::ALL[number / 5usize.pow(place) % 5]).collect();
                let worst = list.iter().copied().max().unwrap_or(Status::Skip);
                assert_eq!(Status::all(list), worst);
            }
        }
    }

    #[test]
    fn nothing_asked_is_no_pass() {
        assert_eq!(Status::all([]).verdict(), "INCONCLUSIVE");
        assert_eq!(Status::all([]).exit_code(), 3);
        assert_eq!(Status::all([Status::Skip, Status::Skip]).exit_code(), 3);
        assert_eq!(Status::all([Status::Skip, Status::Pass]).exit_code(), 0);
    }

    #[test]
    fn words_read_back() {
        for status in Status::ALL {
            assert_eq!(Status::from_word(status.word()), Some(status));
        }
        assert_eq!(Status::from_word("PASS"), None);
        assert_eq!(Status::from_verdict("skip"), None);
    }
}
