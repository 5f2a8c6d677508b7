//! Pictures for people: a histogram of bars, and HdrHistogram's percentile distribution as its plotters read it.
//!
//! Owns the layout of both. Bars stand last on their line; buckets are logarithmic where all samples are positive, and
//! empty ones keep their row. Refuses to be read by a program, except for the distribution.

use schema::Number;

use crate::decimal::Decimal;
use crate::groups::Metric;
use crate::hlog;
use crate::samples::Samples;

/// The bars of one metric, `columns` wide.
pub fn bars(metric: &Metric, title: &str, columns: usize, ascii: bool) -> Vec<String> {
    let samples = &metric.samples;
    let Some((least, most)) = samples.ends() else { return vec![format!("{title}: no samples")] };
    let (least, most) = (least.to_f64(), most.to_f64());
    let edges = edges(least, most);
    let mut counts = vec![0u64; edges.len()];
    samples.each_about(|one, count| {
        let place = edges.partition_point(|edge| *edge <= one.to_f64()).saturating_sub(1);
        if let Some(sum) = counts.get_mut(place) {
            *sum += count;
        }
    });
    let labels: Vec<String> =
        edges.iter().map(|edge| Number::from_f64(*edge).map_or(String::new(), |n| n.to_string())).collect();
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

/// Lower edges of about ten to thirty buckets: 1, 2, 5 of each power of ten where all is positive, else even steps.
fn edges(least: f64, most: f64) -> Vec<f64> {
    if least == most {
        return vec![least];
    }
    if least > 0.0 && most / least > 4.0 {
        let series: &[u32] = if most / least < 1e9 { &[1, 2, 5] } else { &[1] };
        let (low, high) = (least.log10().floor() as i32, most.log10().ceil() as i32);
        let all = (low..=high).flat_map(|power| series.iter().map(move |digit| (*digit, power)));
        let all: Vec<f64> = all.filter_map(|(digit, power)| format!("{digit}e{power}").parse().ok()).collect();
        let first = all.iter().rposition(|edge| *edge <= least).unwrap_or(0);
        let last = all.iter().rposition(|edge| *edge <= most).unwrap_or(0);
        return all.get(first..=last).unwrap_or_default().to_vec();
    }
    let step = (most - least) / 20.0;
    let power = 10f64.powf(step.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|digit| digit * power).find(|size| *size >= step).unwrap_or(power);
    let first = (least / step).floor();
    (0..=40).map(|place| (first + f64::from(place)) * step).take_while(|edge| *edge <= most).collect()
}

/// HdrHistogram's percentile distribution with five ticks a half-distance.
pub fn distribution(samples: &Samples, buckets: bool, mean: Option<f64>, deviation: Option<f64>) -> String {
    const TICKS: f64 = 5.0;
    let mut text = format!("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
    let mut pairs: Vec<(Decimal, u64)> = Vec::new();
    let upper = |one: Decimal| one.at_scale(0).map_or(one, |value| Decimal::new(hlog::highest(value), 0));
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
