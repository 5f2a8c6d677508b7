//! The order of the figures of one summary: the minimum is at most p50, that at most p99, that at most the maximum. The mean
//! lies between the ends, anywhere among the percentiles.
//!
//! Owns which keys of an object are figures of the same thing, and whether one stands where it cannot. Refuses shares and
//! rates, of which some tools write the p99 as what is reached 99 times in 100. A fiftieth is left to sketches, which
//! estimate each figure by itself, and a unit of the last place to who rounded one of the two.

use std::collections::HashMap;

use super::keys::{Kind, Statistic};
use super::words::words;
use crate::{Object, Value};

/// By how much of itself a figure may lie beyond another, since both may be estimates.
const ESTIMATED: f64 = 0.02;
/// The ranks of the least and the greatest.
const LEAST: f64 = -1.0;
const GREATEST: f64 = 101.0;
/// Stands for that of a mean, which has none among percentiles.
const MEAN: f64 = -2.0;

/// The figures of one object that have an order, each list by its rank.
#[derive(Clone, Debug, Default)]
pub struct Order {
    resolution: Resolution,
    lists: Vec<Vec<Figure>>,
    /// The list of each place that has a figure, and its place there.
    places: HashMap<usize, (usize, usize)>,
}

/// How far the writer of a summary rounds its figures, where it says so.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Resolution {
    /// To a multiple of this, in the unit of the figures.
    pub absolute: f64,
    /// By this share of a figure.
    pub relative: f64,
}

impl Resolution {
    /// What stands beside the summary `name` in `object`: `latency_resolution_ms`, `latency_resolution_ratio`. No tool that is read
    /// rounds further than to 10 ms (siege) or by a tenth; what says so would hide whatever stands in the wrong order.
    pub fn beside(object: &Object<'_>, name: &str) -> Resolution {
        let read = |unit: &str, most: f64| {
            let number = object.get(&format!("{name}_resolution_{unit}"))?.as_number()?.to_f64()?;
            (0.0..=most).contains(&number).then_some(number)
        };
        Resolution { absolute: read("ms", 10.0).unwrap_or(0.0), relative: read("ratio", 0.1).unwrap_or(0.0) }
    }
}

/// A figure, and what lies below and above it by its rank.
#[derive(Clone, Copy, Debug)]
struct Figure {
    rank: f64,
    place: usize,
    value: f64,
    /// A unit of its last place.
    unit: f64,
    /// The greatest of lower ranks and the least of higher ones, each with the unit of its last place.
    below: Option<(f64, f64)>,
    above: Option<(f64, f64)>,
}

impl Order {
    /// Looks at every key once. `within`: the object stands among percentiles, where a plain number names one.
    pub fn of(object: &Object<'_>, within: bool, resolution: Resolution) -> Order {
        let mut by_name: HashMap<Vec<String>, Vec<Figure>> = HashMap::new();
        for (place, (key, value)) in object.iter().enumerate() {
            let Value::Number(number) = value else { continue };
            let Some((rank, name)) = rank(key, within) else { continue };
            let Some(value) = number.to_f64() else { continue };
            let text = number.as_str();
            let decimals = text.split_once('.').map_or(0, |(_, rest)| rest.len());
            let unit = if text.contains(['e', 'E']) { 0.0 } else { 10f64.powi(-i32::try_from(decimals).unwrap_or(0)) };
            let figure = Figure { rank, place, value, unit, below: None, above: None };
            by_name.entry(name).or_default().push(figure);
        }
        let mut order = Order { resolution, ..Order::default() };
        for list in by_name.into_values().filter(|list| list.len() > 1) {
            let (mut means, mut list): (Vec<Figure>, Vec<Figure>) =
                list.into_iter().partition(|figure| figure.rank == MEAN);
            list.sort_by(|a, b| a.rank.total_cmp(&b.rank).then(a.place.cmp(&b.place)));
            let ranks: Vec<(f64, f64, f64)> = list.iter().map(|one| (one.rank, one.value, one.unit)).collect();
            bound(list.iter_mut(), ranks.iter(), |figure, found| figure.below = found, |far, value| value > far);
            bound(
                list.iter_mut().rev(),
                ranks.iter().rev(),
                |figure, found| figure.above = found,
                |far, value| value < far,
            );
            for mean in &mut means {
                for end in list.iter_mut().filter(|end| end.rank == LEAST) {
                    (mean.below, end.above) = (greater(mean.below, end), less(end.above, mean));
                }
                for end in list.iter_mut().filter(|end| end.rank == GREATEST) {
                    (mean.above, end.below) = (less(mean.above, end), greater(end.below, mean));
                }
            }
            list.append(&mut means);
            for (place, figure) in list.iter().enumerate() {
                order.places.insert(figure.place, (order.lists.len(), place));
            }
            order.lists.push(list);
        }
        order
    }

    /// Whether the member at a place is below one of a lower rank or above one of a higher.
    pub fn is_misplaced(&self, place: usize) -> bool {
        let figure = self.places.get(&place).and_then(|(list, place)| self.lists.get(*list)?.get(*place));
        let Some(Figure { value, unit, below, above, .. }) = figure else { return false };
        below.is_some_and(|low| is_less((*value, *unit), low, self.resolution))
            || above.is_some_and(|high| is_less(high, (*value, *unit), self.resolution))
    }

    /// Pairs of places: where each first one is at most the second, nothing is misplaced.
    pub fn pairs(&self) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        for list in &self.lists {
            let of = |rank: f64| list.iter().filter(move |figure| figure.rank == rank);
            for mean in of(MEAN) {
                pairs.extend(of(LEAST).map(|low| (low.place, mean.place)));
                pairs.extend(of(GREATEST).map(|high| (mean.place, high.place)));
            }
            let ranked = list.split(|figure| figure.rank == MEAN).next().unwrap_or_default();
            let groups: Vec<&[Figure]> = ranked.chunk_by(|a, b| a.rank == b.rank).collect();
            for pair in groups.windows(2) {
                let [low, high] = pair else { continue };
                pairs.extend(low.iter().flat_map(|low| high.iter().map(|high| (low.place, high.place))));
            }
        }
        pairs
    }
}

/// The greater, or the less, of a bound and a figure.
fn greater(bound: Option<(f64, f64)>, figure: &Figure) -> Option<(f64, f64)> {
    bound.filter(|(value, _)| *value >= figure.value).or(Some((figure.value, figure.unit)))
}

fn less(bound: Option<(f64, f64)>, figure: &Figure) -> Option<(f64, f64)> {
    bound.filter(|(value, _)| *value <= figure.value).or(Some((figure.value, figure.unit)))
}

/// Gives each figure the farthest of those before it that have another rank.
fn bound<'l, 'r>(
    list: impl Iterator<Item = &'l mut Figure>,
    ranks: impl Iterator<Item = &'r (f64, f64, f64)>,
    put: impl Fn(&mut Figure, Option<(f64, f64)>),
    is_further: impl Fn(f64, f64) -> bool,
) {
    let mut far: Option<(f64, f64)> = None;
    // Those of the rank at hand, which do not bound one another.
    let mut same: Option<(f64, f64)> = None;
    let mut at = f64::NAN;
    let further = |far: Option<(f64, f64)>, one: (f64, f64)| match far {
        Some(far) if !is_further(far.0, one.0) => Some(far),
        _ => Some(one),
    };
    for (figure, (rank, value, unit)) in list.zip(ranks) {
        if *rank != at {
            far = same.take().map_or(far, |same| further(far, same));
            at = *rank;
        }
        put(figure, far);
        same = further(same, (*value, *unit));
    }
}

/// Whether a figure of a higher rank is less than one of a lower.
fn is_less((high, high_unit): (f64, f64), (low, low_unit): (f64, f64), resolution: Resolution) -> bool {
    let rounded = if high_unit == low_unit { 0.0 } else { high_unit.max(low_unit) };
    let share = ESTIMATED.max(resolution.relative) * low.abs().max(high.abs());
    low - high > rounded.max(resolution.absolute).max(share)
}

/// The rank of a figure in its distribution, and the words of what it is a figure of, its unit among them.
fn rank(key: &str, within: bool) -> Option<(f64, Vec<String>)> {
    let statistic = Statistic::of(key, within)?;
    let rank = match statistic.kind {
        Kind::Least => LEAST,
        Kind::Greatest => GREATEST,
        Kind::Percentile => percentile(key)?,
        Kind::Mean => MEAN,
        _ => return None,
    };
    let mut name: Vec<String> = words(key);
    if name.iter().any(|word| NO_ORDER.contains(&word.as_str())) {
        return None;
    }
    // The words of the statistic itself are those that neither name what it is of nor its unit.
    let unit = |word: &String| super::words::is_time(word) || super::words::is_size(word);
    name.retain(|word| unit(word) || statistic.stem.contains(word));
    Some((rank, name))
}

/// Words of figures in which more is better: their p99 may be the least that 99 of 100 reach.
const NO_ORDER: [&str; 18] = [
    "rate",
    "ratio",
    "pct",
    "percent",
    "rps",
    "qps",
    "tps",
    "iops",
    "throughput",
    "bandwidth",
    "speed",
    "per",
    "score",
    "success",
    "availability",
    "limit",
    "budget",
    "target",
];

/// Which percentile a key names: 99 of `p99`, `p(99)`, `99th`, `0.99`; 99.9 of `p999` and `p99_9`.
fn percentile(key: &str) -> Option<f64> {
    let all = words(key);
    let digits = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && !word.is_empty();
    for (place, word) in all.iter().enumerate() {
        if matches!(word.as_str(), "med" | "median") {
            return Some(50.0);
        }
        let named = matches!(word.as_str(), "p" | "tp" | "percentile" | "quantile" | "pct" | "upper");
        let letter = word.strip_prefix("tp").or_else(|| word.strip_prefix('p')).filter(|rest| digits(rest));
        let ordinal =
            ["%", "th", "st", "nd", "rd"].iter().find_map(|end| word.strip_suffix(end)).filter(|rest| digits(rest));
        let (text, next) = match (letter.or(ordinal), named) {
            (Some(text), _) => (text, place + 1),
            (None, true) => (all.get(place + 1).map(String::as_str).filter(|next| digits(next))?, place + 2),
            (None, false) if digits(word) => (word.as_str(), place + 1),
            _ => continue,
        };
        // `p99_9`
        let behind = all.get(next).filter(|next| digits(next) && !text.contains('.') && letter.is_some());
        let number: f64 = match behind {
            Some(behind) => format!("{text}.{behind}").parse().ok()?,
            None => text.parse().ok()?,
        };
        return match number {
            // A quantile.
            _ if text.starts_with("0.") || text == "1.0" => Some(number * 100.0),
            _ if number <= 100.0 => Some(number),
            // `p999`
            _ if letter.is_some() && text.len() <= 6 && !text.contains('.') => {
                Some(number / 10f64.powi(i32::try_from(text.len()).ok()? - 2))
            }
            _ => None,
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn misplaced(text: &str) -> String {
        let value = json::parse(text.as_bytes()).unwrap();
        let object = value.as_object().unwrap();
        let order = Order::of(object, true, Resolution::default());
        let found: Vec<&str> =
            object.iter().enumerate().filter(|(at, _)| order.is_misplaced(*at)).map(|(_, (key, _))| key).collect();
        // What no pair shows is in order.
        let number = |place: usize| object.at(place).unwrap().1.as_number().unwrap().to_f64().unwrap();
        let is_ordered = order.pairs().iter().all(|(low, high)| number(*low) <= number(*high));
        assert!(!is_ordered || found.is_empty(), "{text}");
        found.join(" ")
    }

    #[test]
    fn what_was_rounded_is_in_order_up_to_that() {
        for (text, wanted) in [
            (r#"{"latency":{"min":1,"p50":0,"p99":53},"latency_resolution_ms":1}"#, ""),
            (r#"{"latency":{"min":1,"p50":0,"p99":53}}"#, "min p50"),
            (r#"{"latency":{"p50":9,"p99":5},"latency_resolution_ms":1}"#, "p50 p99"),
            (r#"{"latency":{"p50":900,"p99":5},"latency_resolution_ms":1000}"#, "p50 p99"),
            (r#"{"latency":{"p99":210,"max":205.242},"latency_resolution_ratio":0.051}"#, ""),
            (r#"{"latency":{"p99":210,"max":205.242}}"#, "p99 max"),
            (r#"{"latency":{"p99":250,"max":205.242},"latency_resolution_ratio":0.051}"#, "p99 max"),
            (r#"{"latency":{"p99":250,"max":205.242},"latency_resolution_ratio":0.9}"#, "p99 max"),
        ] {
            let value = json::parse(text.as_bytes()).unwrap();
            let object = value.as_object().unwrap();
            let latency = object.get("latency").unwrap().as_object().unwrap();
            let order = Order::of(latency, true, Resolution::beside(object, "latency"));
            let found: Vec<&str> =
                latency.iter().enumerate().filter(|(at, _)| order.is_misplaced(*at)).map(|(_, (key, _))| key).collect();
            assert_eq!(found.join(" "), wanted, "{text}");
        }
    }

    #[test]
    fn a_lower_quantile_above_a_higher_one() {
        for (text, wanted) in [
            (r#"{"p50_ms":900,"p99_ms":5}"#, "p50_ms p99_ms"),
            (r#"{"p50":900,"p95":950,"p99":5}"#, "p50 p95 p99"),
            (r#"{"med":900,"p(99)":5}"#, "med p(99)"),
            (r#"{"50%":900,"99%":5}"#, "50% 99%"),
            (r#"{"0.5":900,"0.99":5}"#, "0.5 0.99"),
            (r#"{"50.000000":900,"99.000000":5}"#, "50.000000 99.000000"),
            (r#"{"latencyP50":900,"latencyP99":5,"p99":1}"#, "latencyP50 latencyP99"),
            (r#"{"p99":10,"p999":5}"#, "p99 p999"),
            (r#"{"p99":10,"p99_9":5}"#, "p99 p99_9"),
            (r#"{"p99_ms":5,"max_ms":3}"#, "p99_ms max_ms"),
            (r#"{"min_ms":50,"p99_ms":5}"#, "min_ms p99_ms"),
            (r#"{"min":5,"p50":1,"p95":2,"max":10}"#, "min p50 p95"),
            (r#"{"p50":1,"median":9,"p99":5}"#, "median p99"),
            (r#"{"p50":1,"p95":3,"p99":2,"max":9}"#, "p95 p99"),
            (r#"{"avg":50,"max":5}"#, "avg max"),
            (r#"{"max_ms":5,"mean_ms":50,"p50_ms":1}"#, "max_ms mean_ms"),
            (r#"{"avg":0.5,"min":2,"p99":4,"max":5}"#, "avg min"),
            (r#"{"latency_avg_ms":50,"latency_max_ms":5}"#, "latency_avg_ms latency_max_ms"),
            (r#"{"min":1,"mean":2,"average":9,"max":5}"#, "average max"),
            (r#"{"min":3,"mean":2,"average":9,"max":5}"#, "min mean average max"),
        ] {
            assert_eq!(misplaced(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_in_order_or_has_none() {
        for text in [
            r#"{"min":1,"p50":2,"p95":3,"p99":4,"p99.9":5,"p999":5,"max":5,"mean":4.9}"#,
            // A few very slow ones lift the mean above any percentile; the ends bound it.
            r#"{"p50":1,"p99":2,"mean":90}"#,
            r#"{"min":1,"p50":1,"p99":2,"mean":90,"max":9000}"#,
            r#"{"avg":5,"min":5,"max":5}"#,
            r#"{"mean":12.4,"max":12}"#,
            r#"{"avg_us":5000,"max_ms":9,"avg_wait_ms":9,"max_ms_wait":1}"#,
            // Other units, other things.
            r#"{"p50_us":900,"p99_ms":5}"#,
            r#"{"read_p50_ms":900,"write_p99_ms":5}"#,
            // Rounded, or estimated.
            r#"{"p99_ms":12.4,"max_ms":12}"#,
            r#"{"p50":0.30000000000000004,"p99":0.3}"#,
            r#"{"p99":100.9,"max":100.0}"#,
            // More is better.
            r#"{"rps_p50":900,"rps_p99":5,"success_pct_p50":99,"success_pct_p99":90}"#,
            r#"{"p50":null,"p99":"5","p95":1}"#,
            r#"{"max_connections":5,"p99_connections_ms":9}"#,
            r#"{"p99_ms":150,"max_ms_limit":100}"#,
            r#"{"p99_5m_ms":5,"p50_1h_ms":9}"#,
        ] {
            assert_eq!(misplaced(text), "", "{text}");
        }
    }
}
