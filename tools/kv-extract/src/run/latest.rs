//! `--last` and `--last-of` over several files: the line of the latest time decides, whatever the order of the files.
//!
//! Owns which of two files' last lines is the later one; within a file the last line is the latest.

use filter::Filter;
use jiff::Timestamp;
use time::Clock;

use crate::input::Input;
use crate::input::unit::{Content, Unit};
use crate::input::window::Window;
use crate::record::escape;
use crate::run::extractor::Extractor;

/// The last line of the file at hand, and the later one of those of the files before.
pub struct Latest<T> {
    clock: Clock,
    file: Option<String>,
    /// The line of the file at hand, as it stands there, and its time where the window has read it.
    here: Option<(T, Vec<u8>, Option<Timestamp>)>,
    before: Option<(T, Option<Timestamp>)>,
    /// The first file whose line could not be compared.
    unsure: Option<String>,
}

impl<T> Latest<T> {
    /// Where there are several files, and they are not parts of one log in their order.
    pub fn new(input: &Input, extractor: &Extractor) -> Option<Latest<T>> {
        let clock = extractor.extras.clock.clone().filter(|_| input.files.len() > 1 && !input.resumes)?;
        Some(Latest { clock, file: None, here: None, before: None, unsure: None })
    }

    /// A unit is of this file.
    pub fn enter(&mut self, file: &str, extractor: &mut Extractor) {
        if self.file.as_deref() != Some(file) {
            self.leave(extractor);
            self.file = Some(file.to_owned());
        }
    }

    /// This unit is the last one of its file so far.
    pub fn take(&mut self, value: T, unit: &Unit<'_>, extractor: &Extractor) {
        let time = extractor.window.as_ref().and_then(Window::own);
        let mut text = self.here.take().map(|(_, text, _)| text).unwrap_or_default();
        text.clear();
        text.extend_from_slice(unit.text);
        self.here = Some((value, text, time));
    }

    /// Forgets all lines: the part of the log that is asked for begins here.
    pub fn forget(&mut self) {
        (self.here, self.before, self.unsure) = (None, None, None);
    }

    /// The file at hand ends.
    fn leave(&mut self, extractor: &mut Extractor) {
        let Some((value, text, time)) = self.here.take() else { return };
        let file = self.file.as_deref().unwrap_or_default();
        let time = time.or_else(|| self.time(&text, file, extractor));
        let is_later = match &self.before {
            None => true,
            Some((_, Some(before))) if time.is_some_and(|time| time < *before) => false,
            Some((_, before)) => {
                if before.is_none() || time.is_none() {
                    self.unsure.get_or_insert_with(|| file.to_owned());
                }
                true
            }
        };
        if is_later {
            self.before = Some((value, time));
        }
    }

    /// The time of a line by itself.
    fn time(&self, text: &[u8], file: &str, extractor: &mut Extractor) -> Option<Timestamp> {
        let mut window = Window::new(None, None, None, self.clock.clone());
        let unit = Unit { text, file, number: 0, offset: None, lines: 1, content: Content::Line };
        let mut buffer = Vec::new();
        window.place(&unit, escape::plain(text, &mut buffer), &mut extractor.reader).ok()?;
        window.own()
    }

    /// What the latest line says; where that could not be told, the files' order decides, and that is told.
    pub fn end(mut self, extractor: &mut Extractor, filter: &mut Filter) -> Option<T> {
        self.leave(extractor);
        if let Some(file) = self.unsure {
            filter.tell("by_order_of_files", 1);
            let reason = "their times do not show which line is the last: that of the later file is taken";
            filter.note("order of files", file, reason);
        }
        self.before.map(|(value, _)| value)
    }
}
