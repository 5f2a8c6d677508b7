//! What must hold between the figures of one summary, whoever wrote it; what does not hold is `inconsistent`.
//!
//! Each relation has a tolerance for rounding, stated beside it. Refuses to guess: a figure that is absent breaks
//! nothing, and no relation mends a figure.

use schema::{Code, Value};

use crate::facts::{Doubt, float};

/// Relative error that rounding to a double, twice, may leave.
pub const ROUNDING: f64 = 1e-9;
/// Relative error of figures that a tool printed with six digits or measured with two clocks.
const MEASURED: f64 = 1e-4;

/// A figure of a relation: its path below the source and its value.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The steps from the source's root.
    pub steps: Vec<String>,
    /// What stands there.
    pub value: f64,
}

impl Figure {
    /// The figure that stands at `steps` below `root`, where it is a number.
    pub fn at(root: &Value<'_>, steps: &[&str]) -> Option<Figure> {
        let (last, above) = steps.split_last()?;
        let holder = above.iter().try_fold(root, |value, step| value.get(step))?;
        Some(Figure { steps: steps.iter().map(|&step| step.to_owned()).collect(), value: float(holder, last)? })
    }

    fn name(&self) -> &str {
        self.steps.last().map_or("", String::as_str)
    }
}

/// A doubt about every figure of a relation that does not hold.
pub fn broken(figures: &[&Figure], detail: &str) -> Vec<Doubt> {
    let doubt = |figure: &&Figure| Doubt::of(figure.steps.clone(), Code::Inconsistent, detail);
    figures.iter().map(doubt).collect()
}

/// Whether two figures are the same but for `relative` of the larger.
pub fn close(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * a.abs().max(b.abs())
}

/// How far a writer may have rounded a figure.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rounding {
    /// To a multiple of this.
    pub absolute: f64,
    /// By this share of it.
    pub relative: f64,
}

/// `low <= high` for each neighbour in min, p1 … p100, max, and min <= mean <= max; equal up to rounding.
pub fn ordered(summary: &Value<'_>, above: &[String]) -> Vec<Doubt> {
    ordered_within(summary, above, Rounding::default())
}

/// The same for figures that their writer has rounded.
pub fn ordered_within(summary: &Value<'_>, above: &[String], rounding: Rounding) -> Vec<Doubt> {
    let Some(object) = summary.as_object() else { return Vec::new() };
    let mut ranked: Vec<(f64, Figure)> = Vec::new();
    let mut mean = None;
    for (key, value) in object.iter() {
        let Some(value) = value.as_number().and_then(|number| number.to_f64()) else { continue };
        let figure = || Figure { steps: above.iter().cloned().chain([key.to_owned()]).collect(), value };
        match rank(key) {
            Some(rank) => ranked.push((rank, figure())),
            None if statistic(key) == "mean" => mean = Some(figure()),
            None => {}
        }
    }
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut doubts = Vec::new();
    for pair in ranked.windows(2) {
        let [(_, low), (_, high)] = pair else { continue };
        // Two units in one summary are two summaries.
        if unit(low.name()) == unit(high.name()) {
            doubts.extend(smaller(high, low, rounding));
        }
    }
    doubts.extend(beyond(&ranked, &doubts, rounding));
    if let Some(mean) = mean {
        let same_unit = |figure: &&(f64, Figure)| unit(figure.1.name()) == unit(mean.name());
        if let Some((rank, least)) = ranked.first().filter(same_unit)
            && *rank < 0.0
        {
            doubts.extend(smaller(&mean, least, rounding));
        }
        if let Some((rank, most)) = ranked.last().filter(same_unit)
            && *rank > 100.0
        {
            doubts.extend(smaller(most, &mean, rounding));
        }
    }
    doubts
}

/// What lies beyond a figure that is not its neighbour: a p95 below the minimum, where p50 is as far below it. `known` are
/// the doubts of neighbours.
fn beyond(ranked: &[(f64, Figure)], known: &[Doubt], rounding: Rounding) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let mut extreme = |figure: &Figure, far: &mut Option<Figure>, below: bool| {
        let pair = far.as_ref().filter(|far| unit(far.name()) == unit(figure.name()));
        let broken = pair.map_or_else(Vec::new, |far| match below {
            true => smaller(figure, far, rounding),
            false => smaller(far, figure, rounding),
        });
        let is_known = known.iter().chain(&doubts).any(|doubt| doubt.steps == figure.steps);
        if !is_known {
            doubts.extend(broken.into_iter().filter(|doubt| doubt.steps == figure.steps));
        }
        let further = |far: &Figure| if below { figure.value > far.value } else { figure.value < far.value };
        if far.as_ref().is_none_or(|far| further(far) || unit(far.name()) != unit(figure.name())) {
            *far = Some(figure.clone());
        }
    };
    let mut far = None;
    ranked.iter().for_each(|(_, figure)| extreme(figure, &mut far, true));
    let mut far = None;
    ranked.iter().rev().for_each(|(_, figure)| extreme(figure, &mut far, false));
    doubts
}

fn smaller(high: &Figure, low: &Figure, rounding: Rounding) -> Vec<Doubt> {
    if high.value >= low.value
        || low.value - high.value <= rounding.absolute
        || close(high.value, low.value, rounding.relative.max(ROUNDING))
    {
        return Vec::new();
    }
    let facts = format!("{} < {}: {} < {}", statistic(high.name()), statistic(low.name()), high.value, low.value);
    broken(&[high, low], &facts)
}

/// p99 of fewer than 100 samples is the maximum by nearest rank, and near it for methods that interpolate: at least
/// as far towards the maximum as a straight line from the next smaller sample (R-7) goes; `exact` for nearest rank.
pub fn tail(count: &Figure, p99: &Figure, max: &Figure, low: Option<f64>, exact: bool) -> Vec<Doubt> {
    if !(1.0..100.0).contains(&count.value) {
        return Vec::new();
    }
    let towards = if exact { 1.0 } else { 1.0 - 0.01 * (count.value - 1.0) };
    let low = low.unwrap_or(0.0).min(max.value);
    let least = low + towards * (max.value - low);
    if p99.value >= least || close(p99.value, least, ROUNDING) {
        return Vec::new();
    }
    let facts = format!("p99 of {} samples is not the max: {} < {}", count.value, p99.value, max.value);
    broken(&[count, p99, max], &facts)
}

/// `mean * count = total`, where the mean may be cut to a whole unit.
pub fn summed(mean: &Figure, count: &Figure, total: &Figure, unit: f64) -> Vec<Doubt> {
    let product = mean.value * count.value;
    if (product - total.value).abs() <= count.value.abs() * unit || close(product, total.value, ROUNDING) {
        return Vec::new();
    }
    let (mean_name, count_name) = (statistic(mean.name()), count.name());
    let facts = format!(
        "{mean_name} * {count_name} != {}: {} * {} != {}",
        statistic(total.name()),
        mean.value,
        count.value,
        total.value
    );
    broken(&[mean, count, total], &facts)
}

/// `rate = count / seconds`, one ten-thousandth apart at most; as a product, so that a duration of 0 tells.
pub fn paced(rate: &Figure, count: &Figure, duration: &Figure, seconds: f64) -> Vec<Doubt> {
    if close(rate.value * seconds, count.value, MEASURED) {
        return Vec::new();
    }
    let facts = format!(
        "{} != {} / {}: {} != {} / {seconds}s",
        rate.name(),
        count.name(),
        statistic(duration.name()),
        rate.value,
        count.value
    );
    broken(&[rate, count, duration], &facts)
}

/// `ratio = part / all`, a millionth apart at most; `figures` are the other figures that part and all came from.
pub fn proportion(ratio: &Figure, part: f64, all: f64, figures: &[&Figure]) -> Vec<Doubt> {
    if all <= 0.0 || (ratio.value - part / all).abs() <= 1e-6 {
        return Vec::new();
    }
    let facts = format!("{} != passed / all: {} != {part} / {all}", statistic(ratio.name()), ratio.value);
    broken(&[&[ratio], figures].concat(), &facts)
}

/// The relations that hold in any summary with the statistics' usual names, at every depth of a document.
pub fn generic(value: &Value<'_>, above: &mut Vec<String>, doubts: &mut Vec<Doubt>) {
    match value {
        Value::Object(object) => {
            doubts.extend(ordered(value, above));
            doubts.extend(named_tail(value, above));
            for (key, below) in object.iter() {
                if matches!(below, Value::Object(_) | Value::List(_)) && !schema::OUR_KEYS.contains(&key) {
                    above.push(key.to_owned());
                    generic(below, above, doubts);
                    above.pop();
                }
            }
        }
        Value::List(list) => {
            let mut place = 0;
            list.each(|below| {
                if matches!(below, Value::Object(_) | Value::List(_)) {
                    above.push(place.to_string());
                    generic(below, above, doubts);
                    above.pop();
                }
                place += 1;
            });
        }
        _ => {}
    }
}

fn named_tail(summary: &Value<'_>, above: &[String]) -> Vec<Doubt> {
    let Some(object) = summary.as_object() else { return Vec::new() };
    let find = |name: &str| {
        object.iter().find(|(key, _)| statistic(key) == name).and_then(|(key, value)| {
            let steps = above.iter().cloned().chain([key.to_owned()]).collect();
            Some(Figure { steps, value: value.as_number()?.to_f64()? })
        })
    };
    let (Some(count), Some(p99), Some(max)) = (find("count"), find("p99"), find("max")) else { return Vec::new() };
    let exact =
        object.get("method").and_then(Value::as_text) == Some("nearest-rank") && object.get("approximate").is_none();
    let low = find("min").or_else(|| find("p50")).map(|figure| figure.value);
    tail(&count, &p99, &max, low, exact)
}

/// Whether a name is that of a figure which [`ordered`] holds against others.
pub fn is_ordered(key: &str) -> bool {
    rank(key).is_some() || statistic(key) == "mean"
}

/// Where a statistic stands in the order of a distribution: below 0 for min, above 100 for max.
fn rank(key: &str) -> Option<f64> {
    match statistic(key) {
        "min" => Some(-1.0),
        "max" => Some(101.0),
        name => {
            let digits = name.strip_prefix('p')?;
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            digits.parse().ok().filter(|rank| plain && (0.0..=100.0).contains(rank))
        }
    }
}

/// The units that may end a statistic's name.
const UNITS: [&str; 14] = [
    "_ns", "_us", "_ms", "_s", "_seconds", "_min", "_hours", "_bytes", "_kb", "_mb", "_pct", "_percent", "_ratio",
    "_ppm",
];

/// A statistic's name without its unit: `p95` of `p95_ms`.
fn statistic(key: &str) -> &str {
    UNITS.iter().find_map(|unit| key.strip_suffix(unit)).unwrap_or(key)
}

fn unit(key: &str) -> &str {
    &key[statistic(key).len()..]
}

/// One doubt a path: what several relations say of it, joined.
pub fn joined(doubts: Vec<Doubt>) -> Vec<Doubt> {
    let mut places = std::collections::HashMap::new();
    let mut joined: Vec<Doubt> = Vec::new();
    for doubt in doubts {
        match places.get(&doubt.steps) {
            None => {
                places.insert(doubt.steps.clone(), joined.len());
                joined.push(doubt);
            }
            Some(&place) => {
                let first: &mut Doubt = &mut joined[place];
                // Limits that hold for one reason need not hold for two.
                if (&first.low, &first.high) != (&doubt.low, &doubt.high) {
                    (first.low, first.high) = (None, None);
                }
                if !first.detail.split("; ").any(|known| known == doubt.detail) {
                    first.detail.push_str("; ");
                    first.detail.push_str(&doubt.detail);
                }
            }
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generic_of(text: &str) -> Vec<String> {
        let mut doubts = Vec::new();
        generic(&schema::json::parse(text.as_bytes()).unwrap(), &mut Vec::new(), &mut doubts);
        joined(doubts).iter().map(|doubt| format!("{}: {}", doubt.steps.join("/"), doubt.detail)).collect()
    }

    #[test]
    fn order_breaks_name_both_sides() {
        assert_eq!(
            generic_of(r#"{"latency":{"p99_ms":40,"max_ms":12}}"#),
            ["latency/max_ms: max < p99: 12 < 40", "latency/p99_ms: max < p99: 12 < 40"]
        );
        assert_eq!(generic_of(r#"{"a":[{"min":5,"mean":4,"max":6}]}"#).len(), 2);
        assert_eq!(generic_of(r#"{"min":1,"p50":2,"p95":3,"p99":4,"p99.9":5,"max":5,"mean":2}"#), [""; 0]);
        // Figures of two units, and what is no figure, are not compared.
        assert_eq!(generic_of(r#"{"min_ms":5,"max_s":4,"p95":"x","pods":3}"#), [""; 0]);
    }

    #[test]
    fn what_is_no_neighbour_is_held_against_the_extremes_too() {
        let sorted = |text: &str| {
            let mut said = generic_of(text);
            said.sort_unstable();
            said
        };
        assert_eq!(
            sorted(r#"{"min":5,"p50":1,"p95":2,"max":10}"#),
            ["min: p50 < min: 1 < 5", "p50: p50 < min: 1 < 5", "p95: p95 < min: 2 < 5"]
        );
        assert_eq!(
            sorted(r#"{"p50":8,"p95":9,"p99":9,"max":5}"#),
            ["max: max < p99: 5 < 9", "p50: max < p50: 5 < 8", "p95: max < p95: 5 < 9", "p99: max < p99: 5 < 9"]
        );
    }

    #[test]
    fn equal_up_to_rounding_is_equal() {
        assert_eq!(generic_of(r#"{"p95":0.30000000000000004,"max":0.3}"#), [""; 0]);
    }

    #[test]
    fn a_short_tail_is_the_maximum_or_interpolated_towards_it() {
        assert_eq!(generic_of(r#"{"count":3,"min":10,"p99":19.9,"max":20}"#), [""; 0]);
        assert_eq!(generic_of(r#"{"count":3,"min":10,"p99":19.9,"max":20,"method":"nearest-rank"}"#).len(), 3);
        assert_eq!(generic_of(r#"{"count":3,"min":10,"p99":11,"max":20}"#).len(), 3);
        assert_eq!(generic_of(r#"{"count":100,"min":10,"p99":11,"max":20}"#), [""; 0]);
    }
}
