//! HdrHistogram interval logs, versions 0 to 2: each line a compressed histogram, tags as groups.
//!
//! Owns the formats (base64, deflate, cookies, ZigZag LEB128 and fixed words) and where a bucket lies. The ranks are
//! ours: the hdrhistogram crate's own are one too high for p = 55 of 100. Refuses what it cannot decode, by line.

use std::io::Read;

use filter::{Error, Filter, Lines, MAX_RECORD};
use schema::Value;
use sha2::{Digest, Sha256};

use crate::groups::Groups;
use crate::read::left_out::reject;
use crate::stats::buckets::lowest;
use number::Sample;

/// More bytes than this no histogram takes up decompressed.
const LIMIT: u64 = 64 << 20;

/// Values, and how often each came.
type Counts = Vec<(i64, u64)>;

/// Reads a log into groups by tag; whether any line has one.
pub fn read(mut lines: Lines, groups: &mut Groups, digest: &mut Sha256, filter: &mut Filter) -> Result<bool, Error> {
    let metric = groups.metric_number("");
    let mut tagged = false;
    let name = lines.name().to_owned();
    while let Some(line) = lines.next(filter)? {
        let number = line.number;
        digest.update(line.bytes);
        digest.update(b"\n");
        let text = String::from_utf8_lossy(line.bytes.trim_ascii()).into_owned();
        if text.is_empty() || text.starts_with('#') || text.starts_with("\"StartTimestamp\"") {
            filter.counts.skipped += 1;
            continue;
        }
        let (tag, counts) = match interval(&text) {
            Ok(interval) => interval,
            Err(reason) => {
                reject(format!("{name}:{number}"), reason.to_owned(), filter)?;
                continue;
            }
        };
        tagged |= tag != Value::Null;
        let group = groups.place(&[&tag]);
        groups.record(group, &[], &Value::Null, None, expr::Order::Given);
        let mut fits = true;
        for (value, count) in counts {
            fits &= groups.take(group, metric, Sample::new(lowest(value), 0), count);
        }
        if !fits {
            return Err(Error::data(format!("{name}:{number}"), "more than 2^63 - 1 samples in one metric"));
        }
        // A metric is there or missing once a line, however many values that line holds.
        groups.seen_all(group, metric);
        filter.counts.used += 1;
    }
    Ok(tagged)
}

/// The tag of a line, and its values and counts; else what is wrong with it.
fn interval(text: &str) -> Result<(Value<'static>, Counts), &'static str> {
    let (tag, rest) = match text.strip_prefix("Tag=") {
        Some(rest) => rest.split_once(',').map(|(tag, rest)| (Value::from(tag.to_owned()), rest)),
        None => Some((Value::Null, text)),
    }
    .ok_or("wanted Tag=NAME,START,LENGTH,MAX,HISTOGRAM")?;
    let encoded = rest.splitn(4, ',').nth(3).ok_or("wanted START,LENGTH,MAX,HISTOGRAM")?;
    Ok((tag, decode(encoded.trim()).ok_or("is not an HdrHistogram log line of version 0 to 2")?))
}

/// The length of a log line.
pub fn limit(filter: &Filter) -> usize {
    filter.options.max_line.unwrap_or(MAX_RECORD)
}

/// The values and counts of one encoded histogram.
fn decode(text: &str) -> Option<Counts> {
    let outer = base64(text.as_bytes())?;
    let mut bytes = Bytes { bytes: &outer };
    let cookie = bytes.word()?;
    if !matches!(cookie & !0xf0, 0x1c84_9302 | 0x1c84_9304 | 0x1c84_9309) {
        return None;
    }
    let length = usize::try_from(bytes.word()?).ok()?;
    let mut inner = Vec::new();
    flate2::read::ZlibDecoder::new(bytes.bytes.get(..length)?).take(LIMIT).read_to_end(&mut inner).ok()?;
    histogram(&inner)
}

fn histogram(inner: &[u8]) -> Option<Counts> {
    let mut bytes = Bytes { bytes: inner };
    let cookie = bytes.word()?;
    let (packed, digits, lowest_unit) = match cookie & !0xf0 {
        base @ (0x1c84_9301 | 0x1c84_9303) => {
            let length = usize::try_from(bytes.word()?).ok()?;
            let (offset, digits) = (bytes.word()?, bytes.word()?);
            let lowest_unit = bytes.long()?;
            bytes.long()?;
            bytes.long()?;
            if offset != 0 {
                return None;
            }
            bytes.bytes = bytes.bytes.get(..length)?;
            (base == 0x1c84_9303, digits, lowest_unit)
        }
        0x1c84_9308 => {
            let digits = bytes.word()?;
            let lowest_unit = bytes.long()?;
            bytes.long()?;
            bytes.long()?;
            (false, digits, lowest_unit)
        }
        _ => return None,
    };
    if digits > 5 || lowest_unit < 1 {
        return None;
    }
    let unit_bits = (lowest_unit as u64).ilog2();
    let half_bits = (2 * 10u64.pow(digits)).next_power_of_two().ilog2().max(1) - 1;
    let width = cookie >> 4 & 0xe;
    let mut counts = Vec::new();
    let mut index = 0u64;
    while !bytes.bytes.is_empty() {
        let count = match (packed, width) {
            (true, _) => bytes.zigzag()?,
            (false, 2) => i64::from(bytes.short()?),
            (false, 4) => i64::from(bytes.word()? as i32),
            (false, 8) => bytes.long()?,
            _ => return None,
        };
        if count < 0 {
            index = index.checked_add(count.unsigned_abs()).filter(|_| packed)?;
            continue;
        }
        if count > 0 {
            counts.push((value_at(index, half_bits, unit_bits)?, count as u64));
        }
        index += 1;
    }
    Some(counts)
}

/// The lowest value of the bucket with this number, in a histogram's own layout.
fn value_at(index: u64, half_bits: u32, unit_bits: u32) -> Option<i64> {
    let half = 1u64 << half_bits;
    let (bucket, place) =
        if index < 2 * half { (0, index) } else { ((index >> half_bits) - 1, (index & (half - 1)) + half) };
    let shift = u32::try_from(bucket).ok()?.checked_add(unit_bits)?;
    let value = place.checked_shl(shift).filter(|value| value >> shift == place)?;
    i64::try_from(value).ok()
}

fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let digits = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 3);
    let (mut held, mut bits) = (0u32, 0);
    for &digit in digits {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

struct Bytes<'b> {
    bytes: &'b [u8],
}

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.bytes.split_first_chunk::<N>()?;
        self.bytes = rest;
        Some(*first)
    }
    fn short(&mut self) -> Option<i16> {
        self.take().map(i16::from_be_bytes)
    }
    fn word(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }
    fn long(&mut self) -> Option<i64> {
        self.take().map(i64::from_be_bytes)
    }
    /// ZigZag LEB128 of at most nine bytes, the ninth of which is a whole one.
    fn zigzag(&mut self) -> Option<i64> {
        let mut value = 0u64;
        for place in 0..9 {
            let [byte] = self.take::<1>()?;
            if place == 8 {
                value |= u64::from(byte) << 56;
                break;
            }
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                break;
            }
        }
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }
}
