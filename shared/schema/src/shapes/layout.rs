//! Layouts: lines of a known shape whose values have known lengths, so that where everything is needs no looking for.
//!
//! Owns the comparison of a whole line, sixteen bytes at a time, with what each of its bytes may be. Refuses a line
//! that differs in any byte: it is then read by its shape. Few layouts make up most lines of a log.

use wide::u8x16;

use super::Span;

/// A line longer than this has no layout.
const LENGTH_LIMIT: usize = 512;

/// How many layouts are kept.
const LAYOUTS: usize = 16;

/// After so many lines without a layout it is asked whether layouts are worth it.
const MISSES: u64 = 1 << 12;

/// What sixteen bytes of a line may be: `low` to `low + span`, and no quote or backslash in a text.
#[derive(Debug)]
struct Chunk {
    low: u8x16,
    span: u8x16,
    text: u8x16,
}

/// A line's bytes, each as narrow as its place allows.
#[derive(Debug, Default)]
pub struct Layout {
    chunks: Vec<Chunk>,
    /// With the newline.
    length: usize,
    /// Where the values are that are asked for, by the place of their key; zeros where there is none.
    pub keys: Vec<Span>,
    hits: u64,
}

/// What a byte may be: the least, the greatest, and whether it is within a text.
type Range = (u8, u8, bool);

impl Layout {
    /// The layout of a line that was read: its bytes with the newline, where each value is, and the spans that matter.
    pub fn new(line: &[u8], values: &[Span], keys: Vec<Span>) -> Option<Layout> {
        if line.len() > LENGTH_LIMIT || !line.ends_with(b"\n") {
            return None;
        }
        let mut ranges: Vec<Range> = line.iter().map(|&byte| (byte, byte, false)).collect();
        for &(from, to) in values {
            let value = line.get(from..to)?;
            let places = ranges.get_mut(from..to)?;
            match value {
                b"true" | b"false" | b"null" => {}
                [b'"', .., b'"'] => {
                    let inside = places.len().checked_sub(2)?;
                    places.iter_mut().skip(1).take(inside).for_each(|range| *range = (b' ', 0x7f, true));
                }
                [first, ..] if first.is_ascii_digit() => {
                    let whole = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
                    for (place, (range, byte)) in places.iter_mut().zip(value).enumerate() {
                        *range = match byte {
                            // A leading zero stands alone.
                            b'0'..=b'9' if place == 0 && whole > 1 => (b'1', b'9', false),
                            b'0'..=b'9' => (b'0', b'9', false),
                            b'.' if place == whole && whole + 1 < value.len() => (b'.', b'.', false),
                            _ => return None,
                        };
                    }
                }
                _ => return None,
            }
        }
        ranges.resize(line.len().next_multiple_of(16), (0, 0xff, false));
        let (parts, _) = ranges.as_chunks::<16>();
        let chunks = parts.iter().map(|part| Chunk {
            low: u8x16::new(part.map(|range| range.0)),
            span: u8x16::new(part.map(|range| range.1 - range.0)),
            text: u8x16::new(part.map(|range| if range.2 { 0xff } else { 0 })),
        });
        Some(Layout { chunks: chunks.collect(), length: line.len(), keys, hits: 0 })
    }

    /// Whether the line at `at` has this layout.
    #[inline(always)]
    fn is_at(&self, bytes: &[u8], at: usize) -> bool {
        // Most that differ do so in their length.
        if bytes.get(at + self.length - 1) != Some(&b'\n') {
            return false;
        }
        let (parts, _) = bytes.get(at..).unwrap_or_default().as_chunks::<16>();
        if parts.len() < self.chunks.len() {
            return false;
        }
        let (mut inside, mut stop) = (u8x16::splat(0xff), u8x16::splat(0));
        for (chunk, &part) in self.chunks.iter().zip(parts) {
            let bytes = u8x16::new(part);
            let above = bytes - chunk.low;
            inside &= above.min(chunk.span).cmp_eq(above);
            stop |= (bytes.cmp_eq(u8x16::splat(b'"')) | bytes.cmp_eq(u8x16::splat(b'\\'))) & chunk.text;
        }
        inside.move_mask() == 0xffff && stop.move_mask() == 0
    }
}

/// The layouts that were met, the frequent ones in front.
#[derive(Debug, Default)]
pub struct Layouts {
    list: Vec<Layout>,
    hits: u64,
    misses: u64,
}

impl Layouts {
    /// The layout of the line at `at`, and where the line ends.
    #[inline(always)]
    pub fn find(&mut self, bytes: &[u8], at: usize) -> Option<(&Layout, usize)> {
        let place = self.list.iter().position(|layout| layout.is_at(bytes, at))?;
        let layout = self.list.get_mut(place)?;
        layout.hits += 1;
        let hits = layout.hits;
        let mut now = place;
        if let Some(before) = place.checked_sub(1)
            && self.list.get(before).is_some_and(|layout| layout.hits < hits)
        {
            self.list.swap(before, place);
            now = before;
        }
        self.hits += 1;
        let layout = self.list.get(now)?;
        Some((layout, at + layout.length))
    }

    /// Whether a line that was read without a layout should give one.
    pub fn wants(&mut self) -> bool {
        self.misses += 1;
        if self.misses.is_multiple_of(MISSES) {
            // Lines of ever new lengths: trying costs more than it saves.
            if self.hits < MISSES {
                self.list.clear();
            }
            self.hits = 0;
        }
        // Later ones replace the rarest, now and then.
        self.list.len() < LAYOUTS && self.misses < MISSES || self.misses.is_multiple_of(64) && !self.list.is_empty()
    }

    /// Keeps a layout.
    pub fn keep(&mut self, layout: Layout) {
        if self.list.len() >= LAYOUTS {
            self.list.pop();
        }
        self.list.push(layout);
    }
}
