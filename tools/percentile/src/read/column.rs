//! A column of plain decimals, 64 bytes at once: all lines in them are judged together by bit masks, and lines with as
//! many decimal places as the samples have are converted two at a time.
//!
//! Owns lines of up to eight bytes: digits, perhaps a point and more digits. Refuses every other line, and what a JSON
//! number may not look like: those go the plain way, which is the oracle.

use bytemuck::cast;
use wide::{i16x8, u8x16, u64x2};

use crate::samples::counted::Adder;

/// How many bytes are judged at once.
const WINDOW: usize = 64;

/// How many bytes are read from the start of a line on: a word may begin with the last byte of a window.
pub const READ: usize = WINDOW + 8;

/// The most digits that can follow a point: a digit and the point stand before them.
const PLACES: usize = 6;

/// So many values wait to be added: many at once overlap their cache misses.
const WAITING: usize = 1 << 11;

/// Room for the values of one window.
const VALUES: usize = WINDOW;

/// The bytes of a window that are one kind of byte.
struct Marks {
    newline: u64,
    point: u64,
    digit: u64,
    zero: u64,
}

impl Marks {
    #[inline(always)]
    fn of(window: &[u8; READ]) -> Marks {
        let mut marks = Marks { newline: 0, point: 0, digit: 0, zero: 0 };
        let (parts, _) = window.as_chunks::<16>();
        for (place, &part) in parts.iter().take(WINDOW / 16).enumerate() {
            let bytes = u8x16::new(part);
            let digits = bytes - u8x16::splat(b'0');
            let bits = |is: u8x16| u64::from(is.move_mask() as u16) << (16 * place);
            marks.newline |= bits(bytes.cmp_eq(u8x16::splat(b'\n')));
            marks.point |= bits(bytes.cmp_eq(u8x16::splat(b'.')));
            // There is no unsigned comparison: a byte is at most nine where it is the smaller of the two.
            marks.digit |= bits(digits.min(u8x16::splat(9)).cmp_eq(digits));
            marks.zero |= bits(digits.cmp_eq(u8x16::splat(0)));
        }
        marks
    }

    /// The same without anything behind `newline`, the highest of these newlines.
    #[inline(always)]
    fn up_to(self, newline: u64) -> Marks {
        let inside = u64::MAX >> newline.leading_zeros();
        Marks { newline, point: self.point & inside, digit: self.digit & inside, zero: self.zero & inside }
    }

    /// Whether a line is anything but digits with points between them, too long, or begins with a zero too many.
    #[inline(always)]
    fn are_wrong(&self) -> bool {
        let &Marks { newline, point, digit, zero } = self;
        let start = newline << 1 | 1;
        let inside = u64::MAX >> newline.leading_zeros();
        let other = (newline | point | digit) ^ inside;
        let no_digit_first = start & (newline | point);
        let no_digit_last = point << 1 & newline;
        let leading_zero = (zero & start) << 1 & digit;
        // Nine bytes in a row that are no newlines.
        let text = !newline & inside;
        let two = text & text << 1;
        let four = two & two << 2;
        let nine = four & four << 4 & text << 8;
        other | no_digit_first & inside | no_digit_last | leading_zero | nine != 0
    }
}

/// How eight bytes, the last one the last digit, become a number: what of them are digits, and what two digits in a
/// row weigh. Where the point stands in such a pair, the other one's weight is ten times what it was.
#[derive(Clone, Copy)]
struct Weights {
    keep: u64,
    pairs: [i16; 4],
    upper: u64,
}

impl Weights {
    /// The weights where so many digits follow the point; of whole numbers for 0.
    const fn new(places: usize) -> Weights {
        let keep = 0x0f0f_0f0f_0f0f_0f0f;
        // The upper two pairs weigh `upper` times as much again.
        let (pairs, upper) = match places {
            0 => ([100, 1, 100, 1], 10_000),
            1 | 2 => ([100, 1, 10, 1], 1000),
            3 | 4 => ([100, 1, 100, 1], 1000),
            _ => ([10, 1, 100, 1], 10_000),
        };
        let point = if places == 0 { 0 } else { 0xff << (8 * (7 - places)) };
        Weights { keep: keep & !point, pairs, upper }
    }

    /// The numbers that two texts are.
    #[inline(always)]
    fn two(&self, texts: [u64; 2]) -> [u32; 2] {
        let digits: i16x8 = cast(u64x2::new(texts) & u64x2::splat(self.keep));
        let tens: i16x8 = digits * i16x8::splat(10) + (digits >> 8);
        let [a, b, c, d] = self.pairs;
        let tens: i16x8 = tens & i16x8::splat(0xff);
        let fours = tens.dot(i16x8::new([a, b, c, d, a, b, c, d]));
        cast::<_, u64x2>(fours).to_array().map(|fours| ((fours & 0xffff_ffff) * self.upper + (fours >> 32)) as u32)
    }
}

const WEIGHTS: [Weights; PLACES + 1] = {
    let mut weights = [Weights::new(0); PLACES + 1];
    let mut places = 1;
    while places <= PLACES {
        weights[places] = Weights::new(places);
        places += 1;
    }
    weights
};

/// Reads lines into an [`Adder`].
pub struct Column {
    waiting: Box<[u32; WAITING + VALUES]>,
    filled: usize,
}

/// How far a run came.
pub struct Run {
    /// The start of the line it did not take, or the end.
    pub next: usize,
    /// How many numbers it took.
    pub numbers: u64,
}

impl Column {
    /// A reader.
    pub fn new() -> Column {
        Column { waiting: Box::new([0; WAITING + VALUES]), filled: 0 }
    }

    /// Reads the lines from `from` to `to` (both are lines' starts) as long as they are plain.
    pub fn run(&mut self, bytes: &[u8], from: usize, to: usize, adder: &mut Adder<'_>) -> Run {
        let scale = adder.scale() as usize;
        let mut run = Run { next: from, numbers: 0 };
        let Some(weights) = WEIGHTS.get(scale) else { return run };
        while run.next < to {
            let window = bytes.get(run.next..).and_then(|rest| rest.first_chunk::<READ>());
            let Some(window) = window else { break };
            let marks = Marks::of(window);
            let near = to - run.next;
            let newline = if near < WINDOW { marks.newline & !(u64::MAX << near) } else { marks.newline };
            if newline == 0 {
                break;
            }
            let marks = marks.up_to(newline);
            if marks.are_wrong() {
                break;
            }
            let even = if scale == 0 { marks.point == 0 } else { marks.point << (scale + 1) == newline };
            if even {
                self.even(window, newline, weights);
                if self.filled >= WAITING {
                    self.release(adder);
                }
                run.numbers += u64::from(newline.count_ones());
                run.next += WINDOW - newline.leading_zeros() as usize;
            } else {
                let Run { next, numbers } = mixed(window, &marks, scale, adder);
                run.numbers += numbers;
                run.next += next;
                if next != WINDOW - newline.leading_zeros() as usize {
                    break;
                }
            }
        }
        self.release(adder);
        run
    }

    /// Converts all lines of a window, which have as many places as the samples.
    #[inline(always)]
    fn even(&mut self, window: &[u8; READ], newline: u64, weights: &Weights) {
        let room = self.waiting.get_mut(self.filled..).and_then(|rest| rest.first_chunk_mut::<VALUES>());
        let Some(room) = room else { return };
        let count = newline.count_ones() as usize;
        let mut left = newline;
        let mut start = 0;
        let mut text = || {
            let end = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            let word = window.get(start % WINDOW..).and_then(|rest| rest.first_chunk::<8>());
            let word = word.map_or(0, |word| u64::from_le_bytes(*word));
            // To the upper end; of no meaning behind the last line.
            let text = word.wrapping_shl(64usize.wrapping_sub(end.wrapping_sub(start).wrapping_mul(8)) as u32);
            start = end + 1;
            text
        };
        let (pairs, _) = room.as_chunks_mut::<2>();
        // Five pairs whatever the count is, which no branch then has to foretell; more only of short lines.
        let (first, rest) = pairs.split_at_mut(5);
        for pair in first {
            *pair = weights.two([text(), text()]);
        }
        if count > 10 {
            for pair in rest.iter_mut().take((count - 9) / 2) {
                *pair = weights.two([text(), text()]);
            }
        }
        self.filled += count;
    }

    /// Adds what waits.
    #[inline(never)]
    fn release(&mut self, adder: &mut Adder<'_>) {
        for &value in self.waiting.iter().take(self.filled) {
            adder.push(i64::from(value));
        }
        self.filled = 0;
    }
}

/// Converts the lines of a window one by one, each with its own number of places, up to the first that has two points
/// or more places than the samples.
#[inline(never)]
fn mixed(window: &[u8; READ], marks: &Marks, scale: usize, adder: &mut Adder<'_>) -> Run {
    let mut run = Run { next: 0, numbers: 0 };
    let (mut newline, mut point) = (marks.newline, marks.point);
    while newline != 0 {
        let end = newline.trailing_zeros() as usize;
        let points = point & !(u64::MAX << end);
        point ^= points;
        newline &= newline - 1;
        let places = if points == 0 { 0 } else { end - 1 - points.trailing_zeros() as usize };
        let Some(zeros) = scale.checked_sub(places) else { break };
        let (Some(weights), Some(factor)) = (WEIGHTS.get(places), 10i64.checked_pow(zeros as u32)) else { break };
        let word = window.get(run.next..).and_then(|rest| rest.first_chunk::<8>());
        let (Some(word), true) = (word, points & points.wrapping_sub(1) == 0) else { break };
        let [value, _] = weights.two([u64::from_le_bytes(*word) << (64 - 8 * (end - run.next)), 0]);
        // Below 10^8 * 10^6.
        adder.push(i64::from(value) * factor);
        run.next = end + 1;
        run.numbers += 1;
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::Samples;
    use crate::samples::counted::Scaled;
    use number::Sample;
    use testkit::Random;

    /// Samples at a scale of so many places, with nothing in them.
    fn samples(scale: usize) -> Samples {
        let mut samples = Samples::default();
        assert!((0..40).all(|_| samples.add_many(Sample::new(7, -(scale as i16)), 1)));
        samples
    }

    /// What the plain reader says of the lines up to the first that the column may refuse.
    fn check(text: &str, scale: usize) -> u64 {
        let mut bytes = text.as_bytes().to_vec();
        let end = bytes.len();
        bytes.resize(end + READ, b'\n');
        let mut fast = samples(scale);
        let mut adder = fast.as_scaled().map(Scaled::adder).unwrap();
        let run = Column::new().run(&bytes, 0, end, &mut adder);
        fast.added(run.numbers);
        let mut plain = samples(scale);
        let taken = &text[..run.next.min(end)];
        assert!(taken.is_empty() || taken.ends_with('\n'), "{taken:?}");
        for line in taken.lines() {
            let one = Sample::parse(line.as_bytes()).unwrap_or_else(|| panic!("{line:?} was taken"));
            assert!(one.at_scale(scale as u8).is_some(), "{line:?}");
            assert!(plain.add_many(one, 1));
        }
        assert_eq!(fast.distinct(), plain.distinct(), "{text:?}");
        assert_eq!(run.numbers, taken.lines().count() as u64);
        run.numbers
    }

    fn line(random: &mut Random, scale: usize, oddities: bool) -> String {
        let size = 10usize.pow(random.below(8 - scale) as u32);
        let whole = random.below(size);
        let places = if oddities && random.below(3) == 0 { random.below(scale + 2) } else { scale };
        let odd = if oddities { random.below(60) } else { 60 };
        match odd {
            0 => "-1".to_owned(),
            1 => String::new(),
            2 => format!("0{whole}"),
            3 => ".5".to_owned(),
            4 => "5.".to_owned(),
            5 => "1.2.3".to_owned(),
            6 => "123456789".to_owned(),
            7 => "1e3".to_owned(),
            8 => "7\r".to_owned(),
            9 => "12345678".to_owned(),
            10 => "a".to_owned(),
            11 => "\u{e9}".to_owned(),
            _ if places == 0 => whole.to_string(),
            _ => format!("{whole}.{:0places$}", random.below(10usize.pow(places as u32))),
        }
    }

    #[test]
    fn reads_what_the_plain_reader_reads() {
        let mut random = Random::new(17);
        let mut taken = [0; 2];
        for round in 0..testkit::times(200_000) {
            let scale = random.below(PLACES + 1);
            let oddities = round % 2 == 0;
            let mut text = String::new();
            for _ in 0..1 + random.below(60) {
                text.push_str(&line(&mut random, scale, oddities));
                text.push('\n');
            }
            let numbers = check(&text, scale);
            if !oddities && scale < 7 {
                assert_eq!(numbers, text.lines().count() as u64, "{text:?}");
            }
            taken[usize::from(oddities)] += numbers;
        }
        assert!(taken[0] > 0 && taken[1] > 0);
    }

    #[test]
    fn every_length_and_place_is_read() {
        for scale in 0..=PLACES {
            for whole in [0, 1, 9, 10, 99, 12_345, 999_999, 10_000_000, 98_765_432] {
                let text = if scale == 0 { format!("{whole}\n") } else { format!("{whole}.{:0scale$}\n", 7) };
                let taken = check(&text.repeat(40), scale);
                assert_eq!(taken, if text.len() <= 9 { 40 } else { 0 }, "{text}");
            }
        }
    }
}
