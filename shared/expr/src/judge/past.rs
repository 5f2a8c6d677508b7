//! `usual(N)` and `trend(x)` as thresholds judge them: the interval of a trend, what of the nights a verdict carries, and
//! the words where they are too few.
//!
//! Refuses a figure of fewer nights than it wants: `too-few-runs`.

use schema::{Code, Object, Value};

use crate::Reading;
use crate::evaluate::Scene;
use crate::evaluate::interval::Interval;
use crate::evaluate::nights;
use crate::evaluate::plan::{Node, Source};
use crate::statistics::slope::{self, Exact};

/// The slope as a bound is held against it.
pub(crate) fn trend_interval(node: &Node, scene: &Scene<'_, '_>, rare: f64) -> Result<(Interval, usize), Code> {
    let (slope, nights) = scene.trend(node, rare)?;
    if slope.low.is_none() && slope.high.is_none() {
        return Err(Code::TooFewRuns);
    }
    let Exact { middle, low, high } = slope;
    Ok((Interval { low, high, code: Code::WithinNoise, shown: Some(middle) }, nights))
}

/// What each night had of what `nodes` ask the nights: the figures that are known, by their paths, as a record that gives
/// the same answers.
pub(crate) fn carried(nodes: &[&Node], scene: &Scene<'_, '_>) -> Vec<Value<'static>> {
    let mut asked: Vec<Node> = Vec::new();
    for node in nodes {
        node.each(&mut |node| match node {
            Node::Usual { source, .. } => asked.push(Node::Path(Source::clone(source))),
            Node::Trend(inner) => inner.each(&mut |node| {
                if matches!(node, Node::Path(_)) {
                    asked.push(node.clone());
                }
            }),
            _ => {}
        });
    }
    let nights = nights::looked_at(scene.past).map(|(_, (record, claims))| {
        let there = Scene::new(record, claims, None, scene.captured, scene.survey);
        let mut night = Object::new();
        for node in &asked {
            let Node::Path(source) = node else { continue };
            let path = if source.wildcard { source.path.fill(scene.captured) } else { Some(source.path.clone()) };
            if let Some(path) = path
                && node.evaluate(&there).number().is_ok()
                && let Reading::Found(value) = scene.survey.read(&path, record)
            {
                night.insert(path.dotted().to_owned(), value.clone().into_owned());
            }
        }
        Value::Object(night)
    });
    nights.collect()
}

/// Why there are too few nights, where that is so.
pub(crate) fn wording(nodes: &[&Node], scene: &Scene<'_, '_>, rare: f64) -> Option<String> {
    let mut wanted: Option<(usize, usize, String)> = None;
    let mut holes = false;
    for node in nodes {
        node.each(&mut |node| {
            let all = scene.past.len();
            let (there, least, words) = match node {
                Node::Usual { source, nights, .. } => {
                    let series = scene.nights(&Node::Path(Source::clone(source)));
                    let from = series.len().saturating_sub(*nights);
                    holes = holes || nights::has_holes(series.get(from..).unwrap_or_default(), all);
                    (series.len(), *nights, format!("usual({nights})"))
                }
                Node::Trend(inner) => {
                    // Where nobody says how sure, any slope will do, but of some nights.
                    let least = if rare > 0.0 { usize::try_from(slope::least(rare)).unwrap_or(usize::MAX) } else { 0 };
                    let least = least.max(nights::FEWEST);
                    let mut series = scene.nights(inner);
                    series.extend(inner.evaluate(scene).number().ok().map(|now| (all, now)));
                    holes = holes || nights::has_holes(&series, all + 1);
                    (series.len(), least, "trend()".to_owned())
                }
                _ => return,
            };
            if there < least && wanted.is_none() {
                wanted = Some((there, least, words));
            }
        });
    }
    let Some((there, least, words)) = wanted else {
        return holes.then(|| "more than a quarter of the nights are without a figure".to_owned());
    };
    let all = scene.past.len();
    let cut = if all > there { format!(" of {all}, since the last jump or without a figure") } else { String::new() };
    let plural = if there == 1 { "night" } else { "nights" };
    Some(format!(
        "{words} wants {least} nights, and there {} {there}{cut}",
        if plural == "night" { "is" } else { "are" }
    ))
}

#[cfg(test)]
mod tests {
    use schema::{Check, Status};

    use super::*;
    use crate::{Baseline, Judge, Missing, Runs, Thresholds};

    fn record(value: f64) -> Value<'static> {
        let mut object = Object::new();
        object.insert("x_ms", Value::Number(schema::Number::from_f64(value).unwrap()));
        Value::Object(object)
    }

    fn judged(line: &str, nights: &[f64], now: f64) -> Check<'static> {
        let thresholds = Thresholds::parse(line).unwrap();
        let mut history = Runs::new();
        nights.iter().for_each(|night| assert!(history.add(Baseline::of(record(*night)))));
        Judge::new(&thresholds, None, Missing::Inconclusive).with_history(&history).record(&record(now), "").remove(0)
    }

    fn rising(nights: i32) -> Vec<f64> {
        (0..nights).map(|night| 200.0 * 1.02f64.powi(night)).collect()
    }

    #[test]
    fn two_percent_a_night_are_told_by_the_sixth() {
        let told = |night: i32| {
            let nights = rising(night);
            let (now, before) = nights.split_last().unwrap();
            judged("trend(x_ms) <= 0 sure 95%", before, *now).status
        };
        assert_eq!(told(3), Status::Inconclusive);
        (4..=30).for_each(|night| assert_eq!(told(night), Status::Fail, "{night}"));
        // What lets each night through by itself.
        assert!(rising(30).windows(2).all(|pair| pair[1] <= 1.1 * pair[0]));
    }

    #[test]
    fn usual_is_the_most_of_the_last_nights() {
        let nights: Vec<f64> = (0..30).map(|night| 200.0 + f64::from(night * 37 % 11)).collect();
        assert_eq!(judged("x_ms <= usual(30)", &nights, 210.0).status, Status::Pass);
        let check = judged("x_ms <= usual(30)", &nights, 211.0);
        assert_eq!((check.status, &*check.violation), (Status::Fail, "x_ms=211 > 210"));
        assert_eq!(judged("x_ms >= usual(30)", &nights, 199.0).status, Status::Fail);
        assert_eq!(judged("x_ms <= 110% * usual(30)", &nights, 211.0).status, Status::Pass);
        let check = judged("x_ms <= usual(31)", &nights, 1.0);
        assert_eq!(check.code, Some(Code::TooFewRuns));
        assert!(check.reason.ends_with("usual(31) wants 31 nights, and there are 30"), "{}", check.reason);
    }

    #[test]
    fn nights_before_a_jump_say_nothing() {
        let mut nights: Vec<f64> = (0..30).map(|night| 400.0 + f64::from(night * 37 % 11)).collect();
        nights.extend((0..12).map(|night| 200.0 + f64::from(night * 37 % 11)));
        assert_eq!(judged("x_ms <= usual(10)", &nights, 300.0).status, Status::Fail);
        let check = judged("x_ms <= usual(30)", &nights, 300.0);
        assert_eq!(check.code, Some(Code::TooFewRuns), "{}", check.reason);
        assert!(check.reason.contains("there are 12 of 42"), "{}", check.reason);
    }

    #[test]
    fn nights_without_a_figure_may_have_had_any() {
        let asked = |line: &str, nights: &[Option<f64>]| {
            let thresholds = Thresholds::parse(line).unwrap();
            let mut history = Runs::new();
            let night = |night: &Option<f64>| night.map_or(Value::Object(Object::new()), record);
            nights.iter().for_each(|one| assert!(history.add(Baseline::of(night(one)))));
            Judge::new(&thresholds, None, Missing::Inconclusive)
                .with_history(&history)
                .record(&record(5.0), "")
                .remove(0)
                .code
        };
        let some = |figures: &[f64]| figures.iter().copied().map(Some).collect::<Vec<_>>();
        let (rising, early) = (some(&[1.0, 2.0, 3.0, 4.0]), [None, None, None, Some(4.0), Some(4.5)]);
        assert_eq!(asked("trend(x_ms) <= 1", &rising), None);
        assert_eq!(asked("trend(x_ms) <= 1", &early), Some(Code::TooFewRuns));
        let holed = [Some(1.0), None, None, Some(4.0), Some(4.5)];
        assert_eq!(asked("trend(x_ms) <= 1", &holed), Some(Code::TooFewRuns));
        assert_eq!(asked("x_ms <= 2 * usual(3)", &holed), Some(Code::TooFewRuns));
        assert_eq!(asked("x_ms <= 2 * usual(2)", &holed), None);
        // One night of five that failed is no reason to doubt the others.
        let one = [Some(1.0), Some(2.0), None, Some(4.0), Some(4.5)];
        assert_eq!(asked("trend(x_ms) <= 1", &one), None);
    }

    /// Of nights that are all alike, one in thirty-one is above the thirty before it.
    #[test]
    fn usual_is_passed_by_luck_alone_in_one_of_thirty_one() {
        let mut random = testkit::Random::new(31);
        let trials = testkit::times(20_000);
        let mut above = 0;
        for _ in 0..trials {
            let mut nights: Vec<f64> = (0..31).map(|_| random.fraction()).collect();
            let now = nights.pop().unwrap();
            above += u64::from(judged("x_ms <= usual(30)", &nights, now).status == Status::Fail);
        }
        let (mean, deviation) = (trials as f64 / 31.0, (trials as f64 / 31.0 * 30.0 / 31.0).sqrt());
        assert!((above as f64 - mean).abs() <= 4.0 * deviation + 0.02 * mean, "{above} of {trials}");
    }
}
