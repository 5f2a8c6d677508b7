//! What is wrong with a text of the language, and where: a message, the span a caret points at, the line of the file.
//!
//! Owns how a place is shown. Refuses to print: the caller adds the file and writes the lines.

use std::fmt;

/// Why a text is not what it should be: lower case, no full stop, says what was read and what was wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub message: String,
    /// Bytes from the start of the line to the place.
    pub start: usize,
    /// Bytes from the start of the line to the end of the place; never before `start`.
    pub end: usize,
    /// The line of the text, counted from 1.
    pub line: usize,
    /// The whole line the place is in, for the caret; empty where the caller has the text at hand.
    pub text: String,
}

impl Error {
    pub(crate) fn new(message: impl Into<String>, start: usize, end: usize) -> Error {
        // What is quoted may hold anything; a message is one line.
        let message: String = message.into();
        let message = if message.contains(char::is_control) { message.replace(char::is_control, " ") } else { message };
        Error { message, start, end: end.max(start), line: 1, text: String::new() }
    }

    pub(crate) fn on_line(mut self, line: usize, text: &str) -> Error {
        self.line = line;
        text.clone_into(&mut self.text);
        self
    }

    /// The same, where a comma in a number is what is wrong: `1,000`, `0,2s`.
    pub(crate) fn of_comma(self, line: &str) -> Error {
        let bytes = line.as_bytes();
        let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
        let comma = [Some(self.start), self.start.checked_sub(1)]
            .into_iter()
            .flatten()
            .find(|at| bytes.get(*at) == Some(&b',') && is_digit(at.checked_sub(1)) && is_digit(Some(at + 1)));
        let Some(at) = comma else { return self };
        let message = "a number has no comma: write 1000 for 1,000, and 0.5 for 0,5";
        Error::new(message, at, at + 1)
    }

    /// The column of the place in characters, counted from 1.
    pub fn column(&self) -> usize {
        1 + chars(&self.text, 0, self.start)
    }

    /// Two lines: the line the place is in, and a caret under the place. Empty where the line is not known.
    ///
    /// Tabs stand under tabs, so that the caret is in place whatever their width.
    pub fn caret(&self) -> String {
        if self.text.is_empty() {
            return String::new();
        }
        let before = self.text.get(..self.start.min(self.text.len())).unwrap_or_default();
        let pad: String = before.chars().map(|letter| if letter == '\t' { '\t' } else { ' ' }).collect();
        let width = chars(&self.text, self.start, self.end).max(1);
        // A terminal obeys what controls it.
        let shown = self.text.replace(|letter: char| letter.is_control() && letter != '\t', "\u{FFFD}");
        format!("  {shown}\n  {pad}{}", "^".repeat(width))
    }
}

fn chars(text: &str, start: usize, end: usize) -> usize {
    let end = end.min(text.len());
    text.get(start.min(end)..end).map_or(0, |part| part.chars().count())
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// The name among `known` that is nearest to `name`, where one is near enough that it may be meant.
pub fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    // Long names are not compared: the work is the product of the lengths.
    const LONGEST: usize = 100;
    // In a short name everything is near to everything.
    if name.len() > LONGEST || name.chars().count() < 3 {
        return None;
    }
    let letters: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
    let limit = (letters.len() / 3).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    for other in known {
        if other == name || other.len() > LONGEST {
            continue;
        }
        let distance = distance(&letters, other);
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, other));
        }
    }
    best.map(|(_, name)| name)
}

/// Damerau's optimal string alignment distance: letters put in, left out, changed, or two neighbours swapped.
fn distance(a: &[char], b: &str) -> usize {
    let b: Vec<char> = b.chars().flat_map(char::to_lowercase).collect();
    let mut rows = [vec![0; b.len() + 1], (0..=b.len()).collect::<Vec<usize>>(), vec![0; b.len() + 1]];
    for (i, &x) in a.iter().enumerate() {
        let [older, above, row] = &mut rows;
        let mut left = i + 1;
        let mut last = None;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (j, &y) in b.iter().enumerate() {
            let at = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX);
            let mut best = (at(above, j) + usize::from(x != y)).min(at(above, j + 1) + 1).min(left + 1);
            if i > 0 && j > 0 && a.get(i - 1) == Some(&y) && last == Some(x) {
                best = best.min(at(older, j - 1) + 1);
            }
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = best;
            }
            (left, last) = (best, Some(y));
        }
        rows.rotate_left(1);
    }
    rows.get(1).and_then(|row| row.last()).copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_name() {
        let known = ["p99_us", "p95_us", "count", "error_rate"];
        assert_eq!(nearest("p99_su", known), Some("p99_us"));
        assert_eq!(nearest("eror_rate", known), Some("error_rate"));
        assert_eq!(nearest("latency", known), None);
        assert_eq!(nearest("Count", known), Some("count"));
    }

    #[test]
    fn a_caret_stands_under_the_place() {
        let error = Error::new("x", 5, 8).on_line(3, "p99\u{e9} <= 5");
        assert_eq!(error.caret(), "  p99é <= 5\n      ^^".replace("      ^^", "      ^^^"));
        assert_eq!(error.column(), 5);
    }
}
