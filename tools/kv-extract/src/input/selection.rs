//! Which lines are looked at: those that hold one of some texts and none of some others.
//!
//! Owns plain byte search; there are no patterns, so no line can make it slow.

use memchr::memmem::Finder;

use crate::record::escape;

/// What `-m` and `-v` ask for.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// `-m`: a line must hold one of these, where there are any.
    pub any: Vec<Finder<'static>>,
    /// `-v`: a line may hold none of these.
    pub none: Vec<Finder<'static>>,
}

impl Selection {
    /// Whether every line is.
    pub fn is_empty(&self) -> bool {
        self.any.is_empty() && self.none.is_empty()
    }

    /// The one text that lines must hold, where that is all that is asked: then a block can be searched for it.
    pub fn single(&self) -> Option<Finder<'static>> {
        match self.any.as_slice() {
            [finder] if self.none.is_empty() => Some(finder.clone()),
            _ => None,
        }
    }

    /// Whether `line` is one to look at: as it stands, or without its colours, which may stand within a text.
    pub fn takes(&self, line: &[u8]) -> bool {
        if self.is_empty() {
            return true;
        }
        // Most that are wanted hold it as it stands.
        if self.none.is_empty() && self.any.iter().any(|finder| finder.find(line).is_some()) {
            return true;
        }
        let mut buffer = Vec::new();
        let plain = escape::searched(line, &mut buffer);
        let is_coloured = plain.len() < line.len();
        let unescaped = self.unescaped(line);
        let found = |finder: &Finder<'_>| {
            finder.find(line).is_some()
                || is_coloured && finder.find(plain).is_some()
                || unescaped.as_ref().is_some_and(|text| finder.find(text).is_some())
        };
        (self.any.is_empty() || self.any.iter().any(found)) && !self.none.iter().any(found)
    }
}

impl Selection {
    /// What a line stands for that has escapes, where one of the texts may be hidden by those.
    fn unescaped(&self, line: &[u8]) -> Option<Vec<u8>> {
        memchr::memchr(b'\\', line)?;
        let is_hidden = self.any.iter().chain(&self.none).any(|finder| escape::may_hide(line, finder.needle()));
        is_hidden.then(|| escape::with_unescaped(line.into()).into_owned())
    }
}

/// A text to be searched for in many lines.
pub fn finder(text: &str) -> Finder<'static> {
    Finder::new(text.as_bytes()).into_owned()
}
