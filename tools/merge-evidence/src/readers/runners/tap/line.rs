//! What one line of TAP says: a plan, a test point and its directive, a version, a writer's own total.

/// A line without the time that the kernel's log puts before it: `[    0.061] ok 1`.
pub fn unstamped(line: &str) -> &str {
    let Some((stamp, rest)) = line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) else { return line };
    let stamp = stamp.trim();
    let digits = stamp.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if digits && !stamp.is_empty() { rest } else { line }
}

/// `TAP version 14`, `KTAP version 1`; whether it is KTAP.
pub fn version(text: &str) -> Option<bool> {
    let ktap = text.trim_start().starts_with("KTAP version ");
    (ktap || text.starts_with("TAP version ")).then_some(ktap)
}

/// The failures that a writer's own totals say: Node's, tape's and mocha's `fail 1` and `cancelled 1`, node-tap's
/// `{ total: 2, pass: 1, fail: 1 }`, KTAP's `Totals: pass:1 fail:1` and, of one suite, `example: pass:1 fail:1`;
/// Test::More's `Looks like` and bats' warning say at least one.
pub fn total(comment: &str) -> Option<u64> {
    if ["Looks like you", "No tests run", "bats warning: Executed "].iter().any(|start| comment.starts_with(start)) {
        return Some(1);
    }
    if let Some((key, count)) = comment.split_once(' ')
        && matches!(key, "fail" | "failed" | "cancelled" | "failures" | "errors")
    {
        return count.trim().parse().ok();
    }
    let object = comment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let of_suite = || comment.find(": pass:").and_then(|at| comment.get(at + 2..));
    let totals = object.or_else(|| comment.strip_prefix("Totals:")).or_else(of_suite)?.replace(": ", ":");
    let pairs = totals.split([',', ' ']).filter_map(|pair| pair.trim().split_once(':'));
    let bad = pairs.filter(|(key, _)| matches!(*key, "fail" | "error"));
    Some(bad.filter_map(|(_, count)| count.trim().parse::<u64>().ok()).fold(0, u64::saturating_add))
}

/// A number that a writer's own totals say: of tests, of those that passed, of suites, which are points and no tests.
pub fn count_of(comment: &str) -> Option<(&str, u64)> {
    let (key, count) = comment.split_once(' ')?;
    matches!(key, "tests" | "pass" | "suites").then_some(())?;
    Some((key, count.trim().parse().ok()?))
}

/// The name of the subtest that a comment announces: `Subtest: a`, `Subtest`.
pub fn subtest(comment: &str) -> Option<&str> {
    let rest = comment.strip_prefix("Subtest")?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(':').map(str::trim) }
}

/// `1..N`, why it is none, and the points that the old form says are to do (`1..4 todo 2 3;`).
pub fn plan(line: &str) -> Option<(u64, Option<&str>, Vec<u64>)> {
    let rest = line.strip_prefix("1..")?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (count, rest) = rest.split_at(digits);
    let rest = rest.trim();
    let reason = rest.strip_prefix('#').map(str::trim);
    let todo = rest.strip_prefix("todo ").map(|list| {
        list.trim_end_matches(';').split_whitespace().map_while(|number| number.parse().ok()).collect::<Vec<u64>>()
    });
    (rest.is_empty() || reason.is_some() || todo.is_some()).then_some(())?;
    Some((count.parse().ok()?, reason.filter(|reason| !reason.is_empty()), todo.unwrap_or_default()))
}

pub struct Point<'a> {
    pub ok: bool,
    pub number: Option<u64>,
    pub name: &'a str,
    pub directive: Directive,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Directive {
    None,
    Skip,
    Todo,
    /// KTAP's XFAIL: a failure that is expected.
    Expected,
}

pub fn point(line: &str) -> Option<Point<'_>> {
    let (ok, rest) = match line.strip_prefix("not ok") {
        Some(rest) => (false, rest),
        None => (true, line.strip_prefix("ok")?),
    };
    // `ok  \tpackage\t0.003s` is what go says of a package.
    if !rest.is_empty() && !rest.starts_with([' ', '\t']) || rest.starts_with("  \t") {
        return None;
    }
    let blank = rest;
    let rest = rest.trim_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    // The number ends where a blank does not: `ok 2nd try` has none.
    let digits = if rest[digits..].starts_with(|next: char| !next.is_whitespace() && next != '#') { 0 } else { digits };
    let number = &rest[..digits];
    // What follows keeps the blank before it: a directive wants one.
    let rest = &blank[blank.len() - rest.len() + digits..];
    let rest = if digits == 0 { blank } else { rest };
    let (name, directive) = match directive(rest, ok) {
        Some((at, directive)) => (rest.get(..at).unwrap_or(rest), directive),
        None => (rest, Directive::None),
    };
    let name = name.trim();
    let name = name.strip_prefix("- ").unwrap_or(name);
    // A number past all numbers is still one, and no plan has it.
    let number = (!number.is_empty()).then(|| number.parse().unwrap_or(u64::MAX));
    Some(Point { ok, number, name, directive })
}

/// The directive behind the first `#` that is not escaped and has blanks about it.
///
/// TAP 14 lets a harness take one without the blanks. For a point that is ok that is taken, where a blank is before it
/// and the word is whole: then it is no pass. A point that is not ok stays a failure: `not ok 2 focus moves to #skip-nav`.
fn directive(text: &str, ok: bool) -> Option<(usize, Directive)> {
    let mut escaped = false;
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        if letter == '#' && !escaped && before.is_whitespace() {
            let after = &text[at + 1..];
            let blank = after.starts_with(char::is_whitespace) || after.is_empty();
            if blank {
                return word(after.trim_start(), ok).map(|directive| (at, directive));
            }
            let end = after.find(|next: char| !next.is_alphabetic()).unwrap_or(after.len());
            let whole = after[end..].is_empty() || after[end..].starts_with([' ', '\t', ':']);
            if ok
                && whole
                && let Some(directive) = word(&after[..end], ok)
            {
                return Some((at, directive));
            }
        }
        escaped = letter == '\\' && !escaped;
        before = letter;
    }
    None
}

/// The directive that a text begins with. TAP 14 takes any letters behind the word; of a point that is not ok only those
/// are taken that still say it: `# TODOORNOTTODO` excuses nothing.
fn word(text: &str, ok: bool) -> Option<Directive> {
    let letters: String =
        text.chars().take_while(|letter| letter.is_alphabetic()).collect::<String>().to_ascii_lowercase();
    let known = match letters.as_str() {
        "skip" | "skips" | "skipped" | "skipping" => Some(Directive::Skip),
        "todo" | "todos" => Some(Directive::Todo),
        "xfail" => Some(Directive::Expected),
        _ => None,
    };
    known.or_else(|| match letters.get(..4) {
        Some("skip") if ok => Some(Directive::Skip),
        Some("todo") if ok => Some(Directive::Todo),
        _ => None,
    })
}

/// A name without its escapes.
pub fn unescaped(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        match letters.peek() {
            Some(&next @ ('#' | '\\')) if letter == '\\' => {
                plain.push(next);
                letters.next();
            }
            _ => plain.push(letter),
        }
    }
    plain
}
