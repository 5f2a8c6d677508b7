//! A comparison over runs in words: what both sides are, how many pairs lie within the bound, and how many runs would tell.

use schema::Code;

use super::{Contest, Measured, ROOM, Sample, is_upper, median, order};
use crate::evaluate::interval::{exact, float};
use crate::judge::threshold::{Shape, Threshold};
use crate::statistics::rank;
use crate::{Decimal, Path, Quantity};

impl Sample {
    /// `p99_ms=212ms in 5 runs against 205ms in 6: lower in 9 of 30 pairs, -2% .. +9% at 95%; 9 runs a side would tell`.
    pub(super) fn words(
        &self,
        threshold: &Threshold,
        runs: &[Measured],
        contest: &Contest,
        holds: Result<bool, Code>,
        compared: usize,
    ) -> String {
        let Shape::Compare { operator, .. } = &threshold.shape else { return String::new() };
        let upper = is_upper(*operator);
        let metric = threshold.metric.as_ref().and_then(|path| path.fill(&self.captured));
        let left = metric.map_or_else(|| threshold.left_text.clone(), |path| Path::to_string(&path));
        let write =
            |number: Option<Quantity>| number.map_or_else(|| "?".to_owned(), |number| threshold.written(number));
        let many = |count: usize| if count == 1 { "1 run".to_owned() } else { format!("{count} runs") };
        let (first, second) = (runs.len(), contest.bounds.len());
        let bounds = &contest.bounds;
        if contest.alone {
            return alone_words(threshold, &left, runs, contest, holds, upper);
        }
        let mut words =
            format!("{left}={} in {} against {} in {second}", write(median(runs)), many(first), write(median(bounds)));
        let (one, other) = order(runs, true, bounds, false);
        let (lower, equal) = rank::pairs(&one, &other);
        let all = (first * second) as u64;
        let (side, count) = if upper { ("within", lower + equal) } else { ("within", all - lower) };
        words.push_str(&format!(": {side} the bound in {count} of {all} pairs"));
        let rare = threshold.rare();
        let percent = threshold.sure.and_then(|level| level.times(Decimal::from(100u64))).unwrap_or_default();
        if let Some((low, high)) = contest.ratio {
            words.push_str(&format!(", {} .. {} at {percent}%", signed(low), signed(high)));
        }
        let share = (lower as f64 + equal as f64 / 2.0) / all as f64;
        let share = if upper { share } else { 1.0 - share };
        let held = rare / compared.max(1) as f64;
        match holds {
            Ok(_) => {}
            Err(Code::TooFewRuns) => {
                let least = rank::enough(1.0, rare).unwrap_or_default();
                words.push_str(&format!("; at least {least} runs a side"));
            }
            // More runs help where those that were read do.
            Err(Code::WithinNoise) => {
                let more = if share > 0.5 { rank::enough(share, rare) } else { rank::enough(1.0 - share, held) };
                if let Some(more) = more.filter(|more| *more > first.min(second) as u64) {
                    words.push_str(&format!("; about {more} runs a side would tell"));
                } else if contest.beyond <= rare * ROOM {
                    words.push_str(&format!("; one of {compared} comparisons, which by Holm want more"));
                }
            }
            Err(_) => {}
        }
        if holds == Ok(false) && compared > 1 {
            words.push_str(&format!(" (by Holm over {compared} comparisons)"));
        }
        words
    }
}

/// `mean_ms=212ms in 5 runs: within the bound in 5 of them; at least 7 runs`.
fn alone_words(
    threshold: &Threshold,
    left: &str,
    runs: &[Measured],
    contest: &Contest,
    holds: Result<bool, Code>,
    upper: bool,
) -> String {
    let all = runs.len();
    let value = median(runs).map_or_else(|| "?".to_owned(), |number| threshold.written(number));
    let bound = median(&contest.bounds).map(float);
    let within = runs.iter().filter_map(|run| run.low.or(run.high)).filter(|number| {
        bound.is_some_and(|bound| if upper { float(*number) <= bound } else { float(*number) >= bound })
    });
    let within = within.count();
    let plural = if all == 1 { "" } else { "s" };
    let mut words = format!("{left}={value} in {all} run{plural}: within the bound in {within} of {all}");
    let share = within.max(all - within) as f64 / all as f64;
    let more = match holds {
        Err(Code::TooFewRuns) => {
            rank::enough_alone(1.0, threshold.rare()).map(|runs| format!("; at least {runs} runs"))
        }
        Err(Code::WithinNoise) => {
            let more = rank::enough_alone(share, threshold.rare()).filter(|more| *more > all as u64);
            more.map(|more| format!("; about {more} runs would tell"))
        }
        _ => None,
    };
    words.push_str(&more.unwrap_or_default());
    words
}

fn signed(share: f64) -> String {
    let percent = exact(format!("{:.1e}", share * 100.0).parse().unwrap_or_default());
    let text = percent.map_or_else(|| "?".to_owned(), |percent| percent.to_number(3).to_string());
    if share > 0.0 { format!("+{text}%") } else { format!("{text}%") }
}
