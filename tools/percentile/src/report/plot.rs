//! Pictures for people: a histogram of bars, and HdrHistogram's percentile distribution as its plotters read it.
//!
//! Owns the layout of both. Bars stand last on their line; buckets are logarithmic where all samples are positive, and
//! empty ones keep their row. Refuses to be read by a program, except for the distribution.

use crate::groups::Metric;
use crate::samples::Samples;
use crate::stats::buckets;
use number::Sample;

/// The bars of one metric, `columns` wide.
pub fn bars(metric: &Metric, title: &str, columns: usize, ascii: bool) -> Vec<String> {
    let samples = &metric.samples;
    let Some((least, most)) = samples.ends() else { return vec![format!("{title}: no samples")] };
    let edges = edges(least, most);
    let mut counts = vec![0u64; edges.len()];
    samples.each_about(|one, count| {
        let place = edges.partition_point(|edge| *edge <= one).saturating_sub(1);
        if let Some(sum) = counts.get_mut(place) {
            *sum += count;
        }
    });
    let labels: Vec<String> = edges.iter().map(|edge| edge.number().to_string()).collect();
    let label_width = labels.iter().map(String::len).max().unwrap_or(0);
    let largest = counts.iter().copied().max().unwrap_or(1).max(1);
    let count_width = largest.to_string().len();
    let room = columns.saturating_sub(label_width + count_width + 11).max(10);
    let total = samples.count().max(1);
    let mut lines = vec![title.to_owned()];
    for (label, count) in labels.iter().zip(&counts) {
        let share = *count as f64 / total as f64 * 100.0;
        let line = format!(
            "{label:>label_width$}  {count:>count_width$} {share:>5.1}%  {}",
            bar(*count, largest, room, ascii)
        );
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// A bar in eighths of a column.
fn bar(count: u64, largest: u64, room: usize, ascii: bool) -> String {
    let eighths = (u128::from(count) * room as u128 * 8).div_ceil(u128::from(largest)) as usize;
    if ascii {
        return "#".repeat(eighths.div_ceil(8));
    }
    const PARTS: [&str; 8] = ["", "\u{258f}", "\u{258e}", "\u{258d}", "\u{258c}", "\u{258b}", "\u{258a}", "\u{2589}"];
    format!("{}{}", "\u{2588}".repeat(eighths / 8), PARTS.get(eighths % 8).copied().unwrap_or_default())
}

/// Lower edges of about ten to thirty buckets, exact: 1, 2, 5 of each power of ten where all is positive, else even
/// steps.
fn edges(least: Sample, most: Sample) -> Vec<Sample> {
    if least == most {
        return vec![least];
    }
    let (low, high) = (least.to_f64(), most.to_f64());
    if low > 0.0 && high / low > 4.0 {
        let series: &[i64] = if high / low < 1e9 { &[1, 2, 5] } else { &[1] };
        let (from, to) = (low.log10().floor() as i16 - 1, high.log10().ceil() as i16);
        let all: Vec<Sample> =
            (from..=to).flat_map(|power| series.iter().map(move |digit| Sample::new(*digit, power))).collect();
        let first = all.iter().rposition(|edge| *edge <= least).unwrap_or(0);
        let last = all.iter().rposition(|edge| *edge <= most).unwrap_or(0);
        return all.get(first..=last).unwrap_or_default().to_vec();
    }
    let step = (high - low) / 20.0;
    let power = step.log10().floor() as i16;
    let (digit, power) = [(1, power), (2, power), (5, power), (1, power + 1)]
        .into_iter()
        .find(|&(digit, power)| Sample::new(digit, power).to_f64() >= step)
        .unwrap_or((1, power + 1));
    let edge = |place: i64| Sample::new(place.saturating_mul(digit), power);
    let mut first = (low / edge(1).to_f64()).floor() as i64;
    // A quotient of doubles may be one off.
    while edge(first) > least {
        first -= 1;
    }
    (first..=first.saturating_add(41)).map(edge).filter(|edge| *edge <= most).collect()
}

/// HdrHistogram's percentile distribution with five ticks a half-distance.
pub fn distribution(samples: &Samples, buckets: bool, mean: Option<f64>, deviation: Option<f64>) -> String {
    const TICKS: f64 = 5.0;
    let mut text = format!("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
    let mut pairs: Vec<(Sample, u64)> = Vec::new();
    let upper = |one: Sample| one.at_scale(0).map_or(one, |value| Sample::new(buckets::highest(value), 0));
    samples.each_about(|one, count| pairs.push((if buckets { upper(one) } else { one }, count)));
    pairs.sort_by_key(|pair| pair.0);
    pairs.dedup_by(|next, kept| {
        next.0 == kept.0 && {
            kept.1 += next.1;
            true
        }
    });
    let total = samples.count();
    let (mut level, mut below, mut last) = (0f64, 0u64, 0f64);
    for (one, count) in pairs {
        below += count;
        last = one.to_f64();
        let reached = 100.0 * below as f64 / total as f64;
        while reached >= level {
            let share = level / 100.0;
            text.push_str(&format!("{last:>12.3} {share:>14.12} {below:>10} {:>14.2}\n", 1.0 / (1.0 - share)));
            let halves = (100.0 / (100.0 - level)).log2().floor() + 1.0;
            level += 100.0 / (TICKS * 2f64.powf(halves));
            if below == total || level >= 100.0 {
                break;
            }
        }
    }
    if total > 0 {
        text.push_str(&format!("{last:>12.3} {:>14.12} {total:>10}\n", 1.0));
    }
    let (mean, deviation) = (mean.unwrap_or(0.0), deviation.unwrap_or(0.0));
    text.push_str(&format!("#[Mean    = {mean:>12.3}, StdDeviation   = {deviation:>12.3}]\n"));
    text.push_str(&format!("#[Max     = {last:>12.3}, Total count    = {total:>12}]\n"));
    text
}
