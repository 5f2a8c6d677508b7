//! The fast way through rows of JTL: separators and line ends are found 64 bytes at a time, and only the five cells that are
//! read are looked at.
//!
//! Owns where rows and cells end. Refuses every row with a quote, with another count of cells than the header, or of which
//! a cell is not plain: [`Results::line`] takes those and decides, and is what this is tested against.

use wide::u8x16;

use super::{Results, Row};

/// How many bytes are looked at at once.
const WINDOW: usize = 64;

/// Rows with more cells go the plain way.
const CELLS: usize = 64;

/// What stands where in a window, a bit a byte.
struct Marks {
    /// Separators and line ends.
    stops: u64,
    quotes: u64,
}

impl Marks {
    #[inline(always)]
    fn of(window: &[u8; WINDOW], separator: u8) -> Marks {
        let mut marks = Marks { stops: 0, quotes: 0 };
        let (parts, _) = window.as_chunks::<16>();
        for (place, &part) in parts.iter().enumerate() {
            let bytes = u8x16::new(part);
            let stops = bytes.cmp_eq(u8x16::splat(separator)) | bytes.cmp_eq(u8x16::splat(b'\n'));
            let bits = |is: u8x16| u64::from(is.move_mask() as u16) << (16 * place);
            marks.stops |= bits(stops);
            marks.quotes |= bits(bytes.cmp_eq(u8x16::splat(b'"')));
        }
        marks
    }

    /// The same without anything from the byte at `place` on.
    #[inline(always)]
    fn before(self, place: usize) -> Marks {
        let inside = if place < WINDOW { (1 << place) - 1 } else { u64::MAX };
        Marks { stops: self.stops & inside, quotes: self.quotes & inside }
    }

    /// The stops before the first quote.
    #[inline(always)]
    fn unquoted(&self) -> u64 {
        // The bits below the lowest that is set; all where none is.
        self.stops & (self.quotes.wrapping_sub(1) & !self.quotes)
    }
}

impl Results {
    /// Takes rows from `at` on as long as they are plain and no longer than `limit`. Every line before `end` is whole, and
    /// behind them stand [`schema::shapes::PADDING`] more bytes. Gives where it stopped, and how many rows it took.
    pub fn many(&mut self, bytes: &[u8], (at, end): (usize, usize), limit: usize) -> (usize, u64) {
        let Some(columns) =
            self.columns.filter(|columns| columns.count <= CELLS && self.open.is_empty() && self.notes.is_empty())
        else {
            return (at, 0);
        };
        let wanted = [columns.stamp, columns.elapsed, columns.label, columns.code, columns.success];
        let mut ends = [0; CELLS];
        let (mut start, mut count, mut rows) = (at, 0, 0);
        let mut place = at;
        while place < end {
            let Some(window) = bytes.get(place..).and_then(|rest| rest.first_chunk()) else { break };
            let marks = Marks::of(window, columns.separator).before(end - place);
            let mut stops = marks.unquoted();
            while stops != 0 {
                let stop = place + stops.trailing_zeros() as usize;
                stops &= stops - 1;
                ends[count % CELLS] = stop;
                count += 1;
                if bytes.get(stop) != Some(&b'\n') {
                    continue;
                }
                if count != columns.count || stop - start > limit {
                    return (start, rows);
                }
                if stop > start && bytes.get(stop - 1) == Some(&b'\r') {
                    ends[(count - 1) % CELLS] = stop - 1;
                }
                let spans = wanted.map(|column| {
                    let from = if column == 0 { start } else { ends[(column - 1) % CELLS] + 1 };
                    (from, ends[column % CELLS])
                });
                let cells = spans.map(|(from, to)| bytes.get(from..to).unwrap_or_default());
                let Ok(row) = Row::of(cells) else { return (start, rows) };
                let label = self.label_at(bytes, spans[2]);
                let code = self.code_at(bytes, spans[3]);
                self.lines += 1;
                self.add(row, label, code);
                rows += 1;
                (start, count) = (stop + 1, 0);
            }
            if marks.quotes != 0 {
                break;
            }
            place += WINDOW;
        }
        (start, rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    /// What the lines come to: the report, and the lines that were refused.
    fn plainly(text: &[u8]) -> (String, Vec<String>) {
        let mut results = Results::default();
        let refused = text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        let refused = refused.filter_map(|line| results.line(line.strip_suffix(b"\r").unwrap_or(line)).err());
        let refused = refused.map(|(_, reason)| reason).collect();
        (test::text(&results.finish()), refused)
    }

    /// The same by the fast way, in blocks of `size` lines; and how many rows that way took.
    fn quickly(text: &[u8], size: usize) -> (String, Vec<String>, u64) {
        let mut results = Results::default();
        let mut refused = Vec::new();
        let mut taken = 0;
        let lines: Vec<&[u8]> = text.split_inclusive(|&byte| byte == b'\n').collect();
        for block in lines.chunks(size) {
            let mut bytes = block.concat();
            let end = bytes.len();
            bytes.resize(end + schema::shapes::PADDING, b',');
            let mut at = 0;
            while at < end {
                let (next, rows) = results.many(&bytes, (at, end), 200);
                taken += rows;
                at = next;
                let stop = at + bytes[at..end].iter().position(|&byte| byte == b'\n').unwrap_or(end - at);
                let line = &bytes[at..stop];
                at = (stop + 1).min(end);
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                if !line.is_empty()
                    && let Err((_, reason)) = results.line(line)
                {
                    refused.push(reason);
                }
            }
        }
        (test::text(&results.finish()), refused, taken)
    }

    #[test]
    fn the_fast_way_takes_what_the_plain_way_takes() {
        let mut random = testkit::Random::new(18);
        let mut taken = 0;
        let mut refusals = 0;
        for _ in 0..testkit::times(1000) {
            let header = *random.pick(&[
                "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes",
                "timeStamp,elapsed,label,responseCode,success,grpThreads,URL,bytes,Latency,Connect",
                "label,bytes,success,responseCode,elapsed,timeStamp",
            ]);
            let mut text = format!("{header}\n").into_bytes();
            for row in 0..random.below(40) {
                let cells: Vec<String> = header
                    .split(',')
                    .map(|name| match name {
                        _ if random.below(200) == 0 => {
                            random.pick(&["\"", "\"a, b\"", "", ",", "x\r", "\"a\nb\""]).to_string()
                        }
                        "timeStamp" if random.below(20) == 0 => "2026/03/05 20:32:12".to_owned(),
                        "timeStamp" => (1_772_740_800_000 + 10 * row).to_string(),
                        "elapsed" => random.pick(&["1", "0", "250", "70000", "12345678"]).to_string(),
                        "success" => random.pick(&["true", "true", "true", "false"]).to_string(),
                        "responseCode" => {
                            random.pick(&["200", "200", "503", "Non HTTP response code: X", ""]).to_string()
                        }
                        _ => "a label of some length ü".chars().take(random.below(24)).collect(),
                    })
                    .collect();
                text.extend_from_slice(cells.join(",").as_bytes());
                text.extend_from_slice(random.pick(&["\n", "\n", "\n", "\r\n", "\n\n"]).as_bytes());
            }
            let (report, refused) = plainly(&text);
            let (quick, quickly_refused, rows) = quickly(&text, 1 + random.below(9));
            assert_eq!(quick, report, "{}", String::from_utf8_lossy(&text));
            assert_eq!(quickly_refused, refused, "{}", String::from_utf8_lossy(&text));
            taken += rows;
            refusals += refused.len();
        }
        assert!(taken > 300 && refusals > 5, "{taken} {refusals}");
    }
}
