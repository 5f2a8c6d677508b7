//! The marks and bars of the report, as SVG with presentation attributes, so that they stand without a style sheet.
//!
//! Owns the scale of actual against bound; refuses to draw what is not a finite number.

use std::fmt::Write;

use schema::{Check, Kind, Status, Value};

/// The colour of a status where there is no style sheet.
pub fn colour(status: Status) -> &'static str {
    match status {
        Status::Pass => "#1a7f37",
        Status::Warn => "#8a5a00",
        Status::Fail => "#c4232d",
        Status::Inconclusive => "#6a3fc0",
        Status::Skip => "#66707b",
    }
}

/// The mark of a status: a tick, a cross, a question.
pub fn mark(status: Status) -> String {
    let shape = match status {
        Status::Pass => "M15 27l8 8 15-17",
        Status::Fail => "M17 17l18 18M35 17l-18 18",
        Status::Warn => "M26 13v17M26 37v1",
        Status::Skip => "M15 26h22",
        Status::Inconclusive => "M19 20a7 7 0 1 1 10 6.3c-2.2 1.2-3 2.3-3 4.7M26 38v.5",
    };
    let (class, colour) = (status.word(), colour(status));
    format!(
        "<svg class=\"mark\" width=\"52\" height=\"52\" viewBox=\"0 0 52 52\" aria-hidden=\"true\">\
         <circle class=\"f-{class}\" cx=\"26\" cy=\"26\" r=\"25\" fill=\"{colour}\"/>\
         <path class=\"stroke\" d=\"{shape}\" fill=\"none\" stroke=\"#fff\" stroke-width=\"4.5\" \
         stroke-linecap=\"round\" stroke-linejoin=\"round\"/></svg>"
    )
}

/// How many checks came to what, as one bar.
pub fn tally(counts: &[(Status, u64)]) -> String {
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    let mut out = String::from(
        "<svg width=\"600\" height=\"10\" viewBox=\"0 0 600 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <rect class=\"track\" width=\"600\" height=\"10\" fill=\"#e8ebef\"/>",
    );
    let mut from = 0.0;
    for (status, count) in counts {
        if *count == 0 {
            continue;
        }
        // A single failure among ten thousand is still seen.
        let width = (*count as f64 / total as f64 * 600.0).max(4.0);
        let _ = write!(
            out,
            "<rect class=\"f-{}\" x=\"{from:.1}\" width=\"{width:.1}\" height=\"10\" fill=\"{}\"/>",
            status.word(),
            colour(*status)
        );
        from += width;
    }
    out.push_str("</svg>");
    out
}

/// The numbers a bar is drawn from.
struct Scale {
    actual: f64,
    low: Option<f64>,
    high: Option<f64>,
    /// The ends of the axis.
    from: f64,
    to: f64,
    /// Between what the true figure lies; an end that there is not, is that of the axis.
    between: Option<(Option<f64>, Option<f64>)>,
    /// Whether the axis does not begin at zero: then a dot is drawn, since a bar would show a share that is none.
    broken: bool,
    /// What the baseline has.
    before: Option<f64>,
}

/// The allowed range of a check: `<= b` is `(None, Some(b))`.
pub fn limits(check: &Check<'_>) -> Option<(Option<f64>, Option<f64>)> {
    let number = |value: &Value<'_>| value.as_number().and_then(|number| number.to_f64());
    match check.kind {
        Kind::Max => Some((None, Some(number(&check.expected)?))),
        Kind::Min => Some((Some(number(&check.expected)?), None)),
        Kind::Equal if check.op == "==" => {
            let bound = number(&check.expected)?;
            Some((Some(bound), Some(bound)))
        }
        Kind::Range => {
            let ends = check.expected.as_list()?;
            Some((Some(number(ends.first()?)?), Some(number(ends.get(1)?)?)))
        }
        Kind::Equal | Kind::Condition => None,
    }
}

impl Scale {
    fn of(check: &Check<'_>) -> Option<Scale> {
        let actual = check.actual.as_number()?.to_f64()?;
        let (low, high) = limits(check)?;
        let before = check.before.as_ref().and_then(Value::as_number).and_then(|number| number.to_f64());
        let double = |value: &Value<'_>| value.as_number().and_then(|number| number.to_f64());
        let between = check.interval.as_ref().map(|interval| (double(&interval.low), double(&interval.high)));
        let ends = between.map_or([None, None], |(low, high)| [low, high]);
        let bounds = [low, high, before].into_iter().chain(ends).flatten();
        let lowest = bounds.clone().fold(actual, f64::min);
        let highest = bounds.fold(actual, f64::max);
        let spread = highest - lowest;
        // 99.95 against 99.9 would look equal on an axis from zero. Two bars are compared from zero, always.
        let broken = before.is_none() && lowest > 0.0 && spread > 0.0 && spread < 0.02 * highest;
        let (from, to) = if broken {
            (lowest - spread * 1.2, highest + spread * 0.8)
        } else {
            (lowest.min(0.0) * 1.15, if highest > 0.0 { highest * 1.18 } else { 0.0 })
        };
        let (from, to) = if to > from { (from, to) } else { (from, from + 1.0) };
        (from.is_finite() && to.is_finite()).then_some(Scale { actual, low, high, from, to, broken, before, between })
    }

    fn x(&self, value: f64) -> f64 {
        ((value - self.from) / (self.to - self.from) * 228.0 + 1.0).clamp(0.0, 230.0)
    }
}

/// Actual against bound: the bar, the bound, and where it must not be. Nothing where there are no numbers.
pub fn bar(check: &Check<'_>, words: &str) -> String {
    let Some(scale) = Scale::of(check) else { return String::new() };
    let mut out = format!(
        "<svg width=\"230\" height=\"24\" viewBox=\"0 0 230 24\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{words}\"><title>{words}</title>\
         <rect class=\"track\" y=\"6\" width=\"230\" height=\"12\" rx=\"3\" fill=\"#e8ebef\"/>"
    );
    let mut zone = |from: f64, to: f64| {
        if to > from {
            let width = to - from;
            let _ = write!(
                out,
                "<rect class=\"zone\" x=\"{from:.1}\" y=\"6\" width=\"{width:.1}\" height=\"12\" rx=\"3\" fill=\"#fbdcda\"/>"
            );
        }
    };
    // Of an equality everything else is forbidden: that says nothing.
    let exact = scale.low == scale.high;
    if let Some(high) = scale.high.filter(|_| !exact) {
        zone(scale.x(high), 230.0);
    }
    if let Some(low) = scale.low.filter(|_| !exact) {
        zone(0.0, scale.x(low));
    }
    let zero = if scale.broken { 0.0 } else { scale.x(0.0) };
    let end = scale.x(scale.actual);
    let (from, width) = (zero.min(end), (end - zero).abs().max(2.0));
    let (class, colour) = (check.status.word(), colour(check.status));
    if scale.broken {
        // A line of no length with round ends is a dot that no stretching flattens.
        let _ = write!(
            out,
            "<path class=\"k-{class}\" d=\"M{end:.1} 12h0\" stroke=\"{colour}\" stroke-width=\"9\" stroke-linecap=\"round\" \
             vector-effect=\"non-scaling-stroke\"/>"
        );
    } else {
        let (y, height) = if scale.before.is_some() { (12.5, 5.0) } else { (8.5, 7.0) };
        if let Some(before) = scale.before {
            let then = scale.x(before);
            let (from, width) = (zero.min(then), (then - zero).abs().max(2.0));
            let _ = write!(
                out,
                "<rect class=\"then\" x=\"{from:.1}\" y=\"6.5\" width=\"{width:.1}\" height=\"5\" rx=\"1.5\" fill=\"#8a949f\"/>"
            );
        }
        let _ = write!(
            out,
            "<rect class=\"f-{class}\" x=\"{from:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"{height}\" rx=\"1.5\" fill=\"{colour}\"/>"
        );
    }
    if let Some((low, high)) = scale.between.filter(|(low, high)| low.is_some() || high.is_some()) {
        // A whisker; without an end it goes on to the edge, and has no cap there.
        let (from, to) = (low.map_or(0.0, |low| scale.x(low)), high.map_or(230.0, |high| scale.x(high)));
        let cap = |end: Option<f64>, x: f64| end.map_or(String::new(), |_| format!("M{x:.1} 7.5v9"));
        let (left, right) = (cap(low, from), cap(high, to));
        let _ = write!(
            out,
            "<path class=\"whisker\" d=\"M{from:.1} 12H{to:.1}{left}{right}\" stroke=\"#1b2027\" stroke-width=\"1.2\" \
             fill=\"none\"/>"
        );
    }
    let mut bounds: Vec<f64> = [scale.low, scale.high].into_iter().flatten().collect();
    bounds.dedup();
    for bound in bounds {
        let x = scale.x(bound);
        let _ = write!(out, "<path class=\"bound\" d=\"M{x:.1} 2v20\" stroke=\"#1b2027\" stroke-width=\"2\"/>");
    }
    out.push_str("</svg>");
    out
}
