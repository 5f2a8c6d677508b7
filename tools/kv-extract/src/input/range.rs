//! `--range` and `--part`: the lines of a file that begin in one stretch of its bytes.
//!
//! Owns the usual rule of splits: a line belongs to the stretch in which its first byte lies, so that neighbouring
//! stretches have every line once. Refuses to know what lines are made of.

use std::ops::Range;

use memchr::memchr;

/// How much is looked through at once for the end of a line.
const BLOCK: usize = 64 << 10;

/// A stretch of a file, as it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// From a byte on, so many; to the end, where that is not said.
    Range(u64, Option<u64>),
    /// The part of that number, from 1, of so many of the same size.
    Part(u64, u64),
}

impl Cut {
    /// Reads `OFFSET,LENGTH`; without LENGTH, to the end.
    pub fn range(text: &str) -> Result<Cut, String> {
        let wanted = "wanted OFFSET,LENGTH in bytes, like 67108864,67108864";
        let number = |text: &str| count(text).ok_or_else(|| wanted.to_owned());
        let (from, length) = text.split_once(',').ok_or(wanted)?;
        let length = if length.is_empty() { None } else { Some(number(length)?) };
        Ok(Cut::Range(number(from)?, length))
    }

    /// Reads `K/N`.
    pub fn part(text: &str) -> Result<Cut, String> {
        let numbers = text.split_once('/').and_then(|(part, of)| Some((count(part)?, count(of)?)));
        match numbers {
            Some((part, of)) if (1..=of).contains(&part) => Ok(Cut::Part(part, of)),
            _ => Err("wanted K/N, like 1/8, with K from 1 to N".to_owned()),
        }
    }

    /// The first byte that is asked for of a file of `size` bytes.
    pub fn begins(self, size: u64) -> u64 {
        self.bytes(size).start
    }

    /// Which bytes of a file of `size` bytes are asked for.
    fn bytes(self, size: u64) -> Range<u64> {
        match self {
            Cut::Range(from, length) => {
                let end = length.map_or(size, |length| from.saturating_add(length).min(size));
                from.min(end)..end
            }
            Cut::Part(part, of) => {
                // At most the size, which fits.
                let edge = |part: u64| (u128::from(size) * u128::from(part) / u128::from(of)) as u64;
                edge(part - 1)..edge(part)
            }
        }
    }

    /// Where the lines that begin there are, whole, in a file of `size` bytes; `read` fills a buffer from a place on and
    /// says how many bytes there were.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn lines(
        self,
        size: u64,
        mut read: impl FnMut(&mut [u8], u64) -> std::io::Result<usize>,
    ) -> std::io::Result<Range<u64>> {
        let bytes = self.bytes(size);
        let start = line_from(bytes.start, size, &mut read)?;
        // An empty stretch has no line; where a long one began before it, both ends are the same place.
        let end = line_from(bytes.end, size, &mut read)?;
        Ok(start..end)
    }
}

fn count(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Where the first line begins that does not begin before `at`; the size, where there is none.
fn line_from(
    at: u64,
    size: u64,
    read: &mut impl FnMut(&mut [u8], u64) -> std::io::Result<usize>,
) -> std::io::Result<u64> {
    // A newline right before `at` ends a line there.
    let Some(mut place) = at.checked_sub(1) else { return Ok(0) };
    let mut block = vec![0; usize::try_from(size.saturating_sub(place)).unwrap_or(BLOCK).min(BLOCK)];
    while place < size {
        let wanted = usize::try_from(size - place).unwrap_or(usize::MAX).min(block.len());
        let length = read(&mut block[..wanted], place)?;
        if length == 0 {
            break;
        }
        if let Some(newline) = memchr(b'\n', &block[..length]) {
            return Ok(place + newline as u64 + 1);
        }
        place += length as u64;
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{Seeded, rounds};

    fn lines(cut: Cut, file: &[u8]) -> Range<usize> {
        let read = |block: &mut [u8], at: u64| {
            let rest = &file[at as usize..];
            // Short reads, too.
            let length = rest.len().min(block.len()).min(7);
            block[..length].copy_from_slice(&rest[..length]);
            Ok(length)
        };
        let found = cut.lines(file.len() as u64, read).unwrap();
        found.start as usize..found.end as usize
    }

    /// The model: which lines begin in a stretch, one after the other.
    fn model(file: &[u8], bytes: Range<u64>) -> Vec<u8> {
        let mut at = 0;
        let mut found = Vec::new();
        for line in file.split_inclusive(|&byte| byte == b'\n') {
            if bytes.contains(&at) {
                found.extend_from_slice(line);
            }
            at += line.len() as u64;
        }
        found
    }

    #[test]
    fn parts_have_every_line_once() {
        for seed in 0..rounds(100_000) {
            let mut random = Seeded(seed);
            let mut file = Vec::new();
            for _ in 0..random.below(12) {
                let length = if random.below(8) == 0 { random.below(300) } else { random.below(9) };
                file.extend((0..length).map(|_| b"a=1 \r\"{"[random.below(7)]));
                file.extend_from_slice(random.pick(&["\n", "\n", "\r\n", "\n\n"]).as_bytes());
            }
            if random.below(2) == 0 {
                file.extend_from_slice(b"b=2");
            }
            let size = file.len() as u64;
            let most = if random.below(4) == 0 { 400 } else { 9 };
            let of = 1 + random.below(most) as u64;
            let mut all = Vec::new();
            for part in 1..=of {
                let cut = Cut::Part(part, of);
                let found = &file[lines(cut, &file)];
                assert_eq!(found, model(&file, cut.bytes(size)), "seed {seed}, part {part} of {of}");
                all.extend_from_slice(found);
            }
            assert_eq!(all, file, "seed {seed}, {of} parts");
            // Ranges of any length, laid end to end, and past the end.
            let (mut at, mut all) = (0, Vec::new());
            while at < size + 3 {
                let length = 1 + random.below(40) as u64;
                let cut = Cut::Range(at, Some(length));
                let found = &file[lines(cut, &file)];
                assert_eq!(found, model(&file, at..at + length), "seed {seed}, {cut:?}");
                all.extend_from_slice(found);
                at += length;
            }
            assert_eq!(all, file, "seed {seed}, ranges");
            assert_eq!(&file[lines(Cut::Range(0, None), &file)], file);
            assert!(lines(Cut::Range(size + 5, None), &file).is_empty());
        }
    }

    #[test]
    fn cuts_that_are_none() {
        for text in ["", "1", ",5", "-1,5", "1,x", "1,2,3", "+1,2"] {
            assert!(Cut::range(text).is_err(), "{text}");
        }
        for text in ["", "1", "0/4", "5/4", "1/0", "a/b", "1/4/2"] {
            assert!(Cut::part(text).is_err(), "{text}");
        }
        assert_eq!(Cut::range("7,"), Ok(Cut::Range(7, None)));
        assert_eq!(Cut::part("4/4"), Ok(Cut::Part(4, 4)));
    }
}
