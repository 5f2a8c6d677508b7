//! What verifying found, as checks that pass where it holds.

use schema::{Check, Code, Status};

/// The group of what is said about the document's own sums and words.
pub const SUMS: &str = "@verdict";

/// The group of what is said about its sources.
pub const SOURCES: &str = "@sources";

/// What was found of `id`, with `words` where it does not hold.
pub fn of(id: &str, scope: &str, status: Status, code: Option<Code>, words: &str) -> Check<'static> {
    Check {
        status,
        passed: status.passed(),
        code,
        reason: if words.is_empty() { String::new() } else { format!("{id}: {words}") },
        violation: if status == Status::Fail { format!("{id}: {words}") } else { String::new() },
        ..Check::inconclusive(id, scope, Code::Missing)
    }
}

/// That it holds.
pub fn holds(id: &str, scope: &str) -> Check<'static> {
    of(id, scope, Status::Pass, None, "")
}

/// That the document does not say what every document says.
pub fn unsaid(name: &str) -> Check<'static> {
    of(name, SUMS, Status::Inconclusive, Some(Code::Missing), "missing: the document does not say it")
}

/// What the document says of `name`, held against what follows from the rest of it.
pub fn compared(name: &str, then: &str, now: &str) -> Check<'static> {
    if then == now {
        return holds(name, SUMS);
    }
    of(name, SUMS, Status::Fail, None, &format!("{} then, {} of what it carries", quoted(then), quoted(now)))
}

/// A text that may be of any length, and empty.
fn quoted(text: &str) -> String {
    if text.is_empty() || text.contains(' ') {
        format!("\"{}\"", crate::formats::clipped(text, 120))
    } else {
        crate::formats::clipped(text, 120).into_owned()
    }
}
