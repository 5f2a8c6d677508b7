//! What a terminal adds: colours by meaning, a table that fits its width, and how far reading has come.
//!
//! Owns when colour is used and how a cell is wrapped. Refuses to cut a word, to colour what a program reads, and to cost
//! anything where nobody looks: one branch a block where standard error is no terminal.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use schema::Status;

/// When text for people is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set or TERM is dumb.
    #[default]
    Auto,
    /// Wherever it is written to.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Whether colours are used on what is, or is no, terminal.
    pub(crate) fn used(self, terminal: bool) -> bool {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
        }
    }
}

/// What a text means, where colour is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As it is.
    Plain,
    /// The head of a table.
    Head,
    /// What matters less: a note below a row, what was skipped.
    Faint,
    /// An outcome.
    Outcome(Status),
}

/// `text` in the colour of its meaning, where `colored`.
pub fn paint(text: &str, style: Style, colored: bool) -> String {
    let code = match style {
        Style::Plain => return text.to_owned(),
        Style::Head => "1",
        Style::Faint | Style::Outcome(Status::Skip) => "2",
        Style::Outcome(Status::Pass) => "32",
        Style::Outcome(Status::Warn) => "33",
        Style::Outcome(Status::Inconclusive) => "1;35",
        Style::Outcome(Status::Fail) => "1;31",
    };
    if colored && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// One row of a table: its cells, what the first of them means, and what stands below it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The cells, the outcome first.
    pub cells: Vec<String>,
    /// What the first cell means.
    pub style: Style,
    /// Sentences below the row; `""` for none.
    pub note: String,
}

/// A table for people, which may come in pieces: columns two blanks apart, no line longer than the terminal is wide.
#[derive(Debug)]
pub struct Table {
    /// The names of the columns.
    head: Vec<String>,
    /// Columns of figures, which end where each other ends and are never wrapped.
    figures: Vec<usize>,
    /// Columns that are left out where the rest does not fit, the first of them first.
    spare: Vec<usize>,
    /// Columns whose cells go below their rows where even wrapped words leave no room for them, the first of them first.
    below: Vec<usize>,
    /// The widest cell of each column so far.
    widths: Vec<usize>,
    shown: Vec<usize>,
}

/// The least room of a column of words.
const LEAST: usize = 12;

impl Table {
    /// A table without rows: the names of its columns, which of them are figures, and which may be left out.
    pub fn new(head: &[&str], figures: &[usize], spare: &[usize]) -> Table {
        let head: Vec<String> = head.iter().map(|name| (*name).to_owned()).collect();
        Table {
            widths: vec![0; head.len()],
            head,
            figures: figures.to_vec(),
            spare: spare.to_vec(),
            below: Vec::new(),
            shown: Vec::new(),
        }
    }

    /// The same with columns whose cells go below their rows where there is no room beside the others.
    pub fn with_below(self, columns: &[usize]) -> Table {
        Table { below: columns.to_vec(), ..self }
    }

    /// `rows` below each other, each line indented by `indent`; the head above them unless it stands there already with
    /// these columns. A column without a cell is left out.
    pub fn render(&mut self, rows: &[Row], indent: &str, width: usize, colored: bool) -> String {
        for row in rows {
            for (widest, cell) in self.widths.iter_mut().zip(&row.cells) {
                *widest = (*widest).max(cell.chars().count());
            }
        }
        let mut columns: Vec<usize> =
            self.widths.iter().enumerate().filter(|(_, widest)| **widest > 0).map(|(column, _)| column).collect();
        let room = width.saturating_sub(indent.chars().count());
        for spare in &self.spare {
            if all(&self.natural(&columns)) <= room {
                break;
            }
            columns.retain(|column| column != spare);
        }
        let mut widths = self.fitted(&columns, room);
        for below in &self.below {
            if all(&widths) <= room {
                break;
            }
            columns.retain(|column| column != below);
            widths = self.fitted(&columns, room);
        }
        let mut text = String::new();
        if self.shown != columns {
            self.line(&self.head, &columns, &widths, Style::Head, indent, colored, &mut text);
            self.shown.clone_from(&columns);
        }
        for row in rows {
            self.line(&row.cells, &columns, &widths, row.style, indent, colored, &mut text);
            for line in wrapped(&self.note(row, &columns), room.saturating_sub(4)) {
                text.push_str(&format!("{indent}    {}\n", paint(&line, Style::Faint, colored)));
            }
        }
        text
    }

    /// What is said below a row: the cells that have no column there, then its own note.
    fn note(&self, row: &Row, columns: &[usize]) -> String {
        let moved = self.below.iter().filter(|column| !columns.contains(column)).filter_map(|&column| {
            let (name, cell) = (self.head.get(column)?, row.cells.get(column)?);
            (!cell.is_empty()).then(|| format!("{} {cell}", name.to_lowercase()))
        });
        let own = (!row.note.is_empty()).then(|| row.note.clone());
        moved.chain(own).collect::<Vec<_>>().join("; ")
    }

    /// The widths that `columns` would have where there is room.
    fn natural(&self, columns: &[usize]) -> Vec<usize> {
        let name = |column: usize| self.head.get(column).map_or(0, |name| name.chars().count());
        columns.iter().map(|&column| self.widths.get(column).copied().unwrap_or(0).max(name(column))).collect()
    }

    /// The widths of `columns` in `room`: those of words give way, the widest first.
    fn fitted(&self, columns: &[usize], room: usize) -> Vec<usize> {
        let mut widths = self.natural(columns);
        loop {
            let all = all(&widths);
            // The first column is the outcome: a word of its own.
            let words =
                columns.iter().enumerate().filter(|(place, column)| *place > 0 && !self.figures.contains(column));
            let widest = words.map(|(place, _)| place).max_by_key(|&place| widths.get(place).copied().unwrap_or(0));
            let Some(cell) = widest.and_then(|place| widths.get_mut(place)).filter(|cell| **cell > LEAST) else {
                break;
            };
            if all <= room {
                break;
            }
            *cell = cell.saturating_sub(all - room).max(LEAST);
        }
        widths
    }

    #[expect(clippy::too_many_arguments, reason = "one call in two places, and a struct would only name them again")]
    fn line(
        &self,
        cells: &[String],
        columns: &[usize],
        widths: &[usize],
        style: Style,
        indent: &str,
        colored: bool,
        out: &mut String,
    ) {
        let wrapped: Vec<Vec<String>> = columns
            .iter()
            .zip(widths)
            .map(|(&column, &width)| {
                let cell = cells.get(column).map(String::as_str).unwrap_or_default();
                if self.figures.contains(&column) { vec![cell.to_owned()] } else { wrapped(cell, width) }
            })
            .collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or(0).max(1);
        for number in 0..height {
            let mut line = String::from(indent);
            let mut blanks = 0;
            for (place, ((column, width), cell)) in columns.iter().zip(widths).zip(&wrapped).enumerate() {
                let cell = cell.get(number).map(String::as_str).unwrap_or_default();
                let pad = width.saturating_sub(cell.chars().count());
                let before = if self.figures.contains(column) { pad } else { 0 };
                if place > 0 {
                    blanks += 2;
                }
                // What only fills a line is written once something follows.
                if !cell.is_empty() {
                    line.push_str(&" ".repeat(blanks + before));
                    let style = if place == 0 || style == Style::Head { style } else { Style::Plain };
                    line.push_str(&paint(cell, style, colored));
                    blanks = pad - before;
                } else {
                    blanks += pad;
                }
            }
            out.push_str(&line);
            out.push('\n');
        }
    }
}

/// How wide a line of columns of these widths is.
fn all(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1)
}

/// `text` in lines of at most `width` characters: parted at blanks, else behind a sign that parts a name, else as it must.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let width = width.max(8);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut word = word;
        loop {
            let length = word.chars().count();
            let gap = usize::from(used > 0);
            if used + gap + length <= width {
                if gap > 0 {
                    line.push(' ');
                }
                line.push_str(word);
                used += gap + length;
                break;
            }
            if used > 0 && length <= width {
                lines.push(std::mem::take(&mut line));
                used = 0;
                continue;
            }
            // A word that no line takes whole begins on what is left of this one, where that is worth it.
            let room = if used > 0 { width.saturating_sub(used + 1) } else { width };
            let head: String = word.chars().take(room).collect();
            let cut = head.rfind(['.', '/', '_', ',', ';', ':', '-', '=', '&', '?']).map(|at| at + 1);
            let cut = match cut {
                Some(cut) => cut,
                None if used > 0 => {
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                    continue;
                }
                None => head.len(),
            };
            let (front, rest) = word.split_at(cut);
            if gap > 0 {
                line.push(' ');
            }
            line.push_str(front);
            lines.push(std::mem::take(&mut line));
            used = 0;
            word = rest;
        }
    }
    if used > 0 {
        lines.push(line);
    }
    lines
}

/// Whether a line of progress stands on the terminal that must go before something else is written there.
static DRAWN: AtomicBool = AtomicBool::new(false);

/// Takes the line of progress away, where there is one.
pub(crate) fn clear() {
    if DRAWN.load(Ordering::Relaxed) && DRAWN.swap(false, Ordering::Relaxed) {
        let _ = std::io::stderr().write_all(b"\r\x1b[K");
    }
}

/// How far the reading of one file has come, on standard error.
#[derive(Debug)]
pub(crate) struct Progress {
    tool: &'static str,
    since: Instant,
    next: Duration,
}

/// How long reading may take before it is told how far it has come, and how often then.
const QUIET: Duration = Duration::from_secs(1);
const OFTEN: Duration = Duration::from_millis(200);

impl Progress {
    /// Shown only where standard error is a terminal.
    pub(crate) fn new(tool: &'static str) -> Option<Progress> {
        let terminal = rustix::termios::isatty(std::io::stderr());
        terminal.then(|| Progress { tool, since: Instant::now(), next: QUIET })
    }

    /// A file begins.
    pub(crate) fn begin(&mut self) {
        (self.since, self.next) = (Instant::now(), QUIET);
    }

    /// `read` of `size` bytes of the file `name` are read; 0 of 0 ends it.
    pub(crate) fn read(&mut self, name: &str, read: u64, size: u64) {
        let elapsed = self.since.elapsed();
        if elapsed < self.next {
            return;
        }
        self.next = elapsed + OFTEN;
        let columns = rustix::termios::tcgetwinsize(std::io::stderr()).map_or(80, |size| usize::from(size.ws_col));
        let line = progress(self.tool, name, read, size, elapsed);
        // A line that wraps could not be taken back.
        let line: String = line.chars().take(columns.saturating_sub(1)).collect();
        let _ = std::io::stderr().write_all(format!("\r\x1b[K{line}").as_bytes());
        DRAWN.store(true, Ordering::Relaxed);
    }
}

/// `percentile: run.log: 1.2 GB of 3.4 GB, 35%, 410 MB/s, 5 s left`
fn progress(tool: &str, name: &str, read: u64, size: u64, elapsed: Duration) -> String {
    let rate = read as f64 / elapsed.as_secs_f64().max(1e-9);
    let share = (read as f64 / size.max(1) as f64 * 100.0).min(100.0).floor();
    let left = (size.saturating_sub(read) as f64 / rate.max(1.0)).ceil();
    let left = match left as u64 {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{} h", seconds.div_ceil(3600)),
    };
    let (done, all, rate) = (bytes(read as f64), bytes(size as f64), bytes(rate));
    format!("{tool}: {name}: {done} of {all}, {share}%, {rate}/s, {left} left")
}

/// A size with three digits that count.
fn bytes(size: f64) -> String {
    let mut size = size;
    let mut unit = "B";
    for larger in ["kB", "MB", "GB", "TB"] {
        if size < 999.5 {
            break;
        }
        (size, unit) = (size / 1000.0, larger);
    }
    let places = if unit == "B" || size >= 99.95 {
        0
    } else if size >= 9.995 {
        1
    } else {
        2
    };
    format!("{size:.places$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str], note: &str) -> Row {
        Row {
            cells: cells.iter().map(|cell| (*cell).to_owned()).collect(),
            style: Style::Outcome(Status::Fail),
            note: note.to_owned(),
        }
    }

    #[test]
    fn a_table_fits_the_width_and_cuts_no_word() {
        let mut table = Table::new(&["OUTCOME", "CHECK", "VALUE", "BOUND", "SOURCE"], &[2], &[]);
        let long = "http_req_duration.p95 / http_req_waiting.p95";
        let rows = [row(&["FAIL", long, "12 ms", "<= 10 ms", "k6"], &"word ".repeat(40)), row(&["PASS", "a", "1"], "")];
        for width in [50, 60, 80, 120] {
            let text = table.render(&rows, "  ", width, false);
            assert!(text.lines().all(|line| line.chars().count() <= width), "{width}:\n{text}");
            assert_eq!(text.matches("word").count(), 40);
            let squeezed: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
            assert!(width < 80 || squeezed.contains("http_req_duration.p95"), "{text}");
        }
        // The head is there once, while the columns stay the same.
        let again = table.render(&rows, "  ", 80, false);
        assert!(!again.contains("OUTCOME"));
    }

    #[test]
    fn figures_without_room_go_below_their_row() {
        let head = ["OUTCOME", "CHECK", "VALUE", "LOW..HIGH", "BOUND"];
        let mut table = Table::new(&head, &[2, 3, 4], &[]).with_below(&[3]);
        let rows = [
            row(&["FAIL", "dur_ms.p95", "208.4 ms", "155.8..301.9 at 95%", "<= 250 ms"], "within noise"),
            row(&["PASS", "dur_ms.p50", "10 ms", "", "<= 250 ms"], ""),
        ];
        let wide = table.render(&rows, "", 70, false);
        assert!(wide.lines().nth(1).unwrap().contains("155.8..301.9 at 95%"), "{wide}");
        let narrow = table.render(&rows, "", 50, false);
        assert!(narrow.lines().all(|line| line.chars().count() <= 50), "{narrow}");
        assert!(narrow.contains("\n    low..high 155.8..301.9 at 95%; within noise\n"), "{narrow}");
        assert_eq!(narrow.lines().count(), 4, "{narrow}");
    }

    #[test]
    fn words_are_wrapped_behind_signs_before_they_are_cut() {
        assert_eq!(wrapped("a bb ccc", 8), ["a bb ccc"]);
        assert_eq!(wrapped("aaaa bbbb cccc", 9), ["aaaa bbbb", "cccc"]);
        assert_eq!(wrapped("http_req_duration", 10), ["http_req_", "duration"]);
        assert_eq!(wrapped("x abcdefghijkl", 10), ["x", "abcdefghij", "kl"]);
        assert_eq!(wrapped("", 10), Vec::<String>::new());
    }

    #[test]
    fn colours_mean_something_and_nothing_is_coloured_in_vain() {
        assert_eq!(paint("FAIL", Style::Outcome(Status::Fail), true), "\u{1b}[1;31mFAIL\u{1b}[0m");
        assert_eq!(paint("FAIL", Style::Outcome(Status::Fail), false), "FAIL");
        assert!(Color::Always.used(false) && !Color::Never.used(true) && !Color::Auto.used(false));
    }

    #[test]
    fn progress_says_bytes_rate_and_what_is_left() {
        let line = progress("percentile", "run.log", 1_200_000_000, 3_400_000_000, Duration::from_secs(3));
        assert_eq!(line, "percentile: run.log: 1.20 GB of 3.40 GB, 35%, 400 MB/s, 6 s left");
        assert_eq!(
            [bytes(0.0), bytes(999.0), bytes(999_600.0), bytes(12_345.0)],
            ["0 B", "999 B", "1.00 MB", "12.3 kB"]
        );
        assert!(progress("t", "f", 1, 10_000_000, Duration::from_secs(1)).ends_with("h left"));
    }
}
