//! Sections of a file of thresholds: `[torn_read]`, `[a, "GET /api"]`, `[perf-*]`, and which scopes they are for.
//!
//! Owns the names and their pattern. Refuses anything behind the bracket: a threshold stands on a line of its own.

use crate::Error;
use crate::language::word;

/// The name of a section: a scope, or a pattern of scopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The name without its quotes.
    pub name: String,
    /// Whether it stood in quotes, so that `*` is itself.
    pub quoted: bool,
}

impl Section {
    /// Whether the section is for this scope.
    pub fn matches(&self, scope: &str) -> bool {
        if self.quoted || !self.name.contains('*') { self.name == scope } else { matches_pattern(&self.name, scope) }
    }
}

impl std::fmt::Display for Section {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plain = |letter: char| !matches!(letter, '[' | ']' | ',' | '"' | '#' | '\\') && !letter.is_control();
        if !self.quoted && self.name.trim() == self.name && self.name.chars().all(plain) {
            f.write_str(&self.name)
        } else {
            word::write_quoted(&self.name, f)
        }
    }
}

/// Whether `text` fits a pattern in which `*` is any letters; in time linear in both but for backing up to the last `*`.
fn matches_pattern(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, t));
            p += 1;
        } else if pattern.get(p) == text.get(t) {
            p += 1;
            t += 1;
        } else if let Some((star_p, star_t)) = star {
            star = Some((star_p, star_t + 1));
            p = star_p + 1;
            t = star_t + 1;
        } else {
            return false;
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

/// The names of a line `[a, "GET /api", perf-*]`.
pub(crate) fn read_sections(line: &str) -> Result<Vec<Section>, Error> {
    let open = line.len() - line.trim_start().len();
    let mut sections = Vec::new();
    let mut at = open + 1;
    loop {
        at += line.get(at..).map_or(0, |rest| rest.len() - rest.trim_start().len());
        let (name, quoted, end) = if line.as_bytes().get(at) == Some(&b'"') {
            let (name, end) = word::quoted(line, at)?;
            (name, true, end)
        } else {
            let rest = line.get(at..).unwrap_or_default();
            let end = at + rest.find([',', ']', '[', '"']).unwrap_or(rest.len());
            (line.get(at..end).unwrap_or_default().trim().to_owned(), false, end)
        };
        if name.is_empty() {
            return Err(Error::new("a section has a name: [torn_read]", at, end.max(at + 1)));
        }
        sections.push(Section { name, quoted });
        let after = end + line.get(end..).map_or(0, |rest| rest.len() - rest.trim_start().len());
        match line.as_bytes().get(after) {
            Some(b',') => at = after + 1,
            Some(b']') => {
                let rest = line.get(after + 1..).unwrap_or_default();
                if rest.trim().is_empty() {
                    return Ok(sections);
                }
                let message = "a section goes on a line of its own: the threshold goes below it";
                return Err(Error::new(message, after + 1, line.trim_end().len()));
            }
            _ => return Err(Error::new("a section ends with \"]\"", open, line.trim_end().len())),
        }
    }
}
