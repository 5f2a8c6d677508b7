//! The plots of the report: a metric over time, and the shares of the bounds over a ramp.
//!
//! Owns axes and thinning; refuses to lose a spike: of points that share a column the lowest and highest stay.

use std::fmt::Write;

use schema::Status;

use super::bar::colour;

/// One point of a series: what was measured, and what that came to.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// `None` where it is not known: the line breaks.
    pub value: Option<f64>,
    /// What the check came to.
    pub status: Status,
}

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 110.0;
const TOP: f64 = 8.0;
/// How many columns a line has: more points than that are drawn by their lowest and highest.
const COLUMNS: usize = 420;
const MARKS: usize = 300;

/// The head of a drawing that is stretched to the page: strokes keep their width, and words stand outside it.
fn head(height: f64, words: &str) -> String {
    format!(
        "<svg width=\"960\" height=\"{height}\" viewBox=\"0 0 960 {height}\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"{words}\"><title>{words}</title>"
    )
}

/// A metric over time with its bound. Nothing where there is no number.
pub fn line(points: &[Point], limits: (Option<f64>, Option<f64>), words: &str) -> String {
    let values = points.iter().filter_map(|point| point.value);
    if values.clone().next().is_none() {
        return strip(points, words);
    }
    let values = values.chain(limits.0).chain(limits.1);
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    let pad = if high > low { (high - low) * 0.12 } else { high.abs().max(1.0) * 0.1 };
    let (low, high) = (if low >= 0.0 && low < pad * 4.0 { 0.0 } else { low - pad }, high + pad);
    if !(low.is_finite() && high > low) {
        return strip(points, words);
    }
    let bottom = HEIGHT - TOP;
    let steps = points.len().saturating_sub(1).max(1) as f64;
    let x = |place: usize| 4.0 + place as f64 / steps * (WIDTH - 8.0);
    let y = |value: f64| bottom - (value - low) / (high - low) * (bottom - TOP);
    let mut out = head(HEIGHT, words);
    let mut zone = |from: f64, to: f64| {
        let height = to - from;
        let _ = write!(
            out,
            "<rect class=\"zone\" y=\"{from:.1}\" width=\"{WIDTH}\" height=\"{height:.1}\" fill=\"#fbdcda\" fill-opacity=\".6\"/>"
        );
    };
    // Of an equality everything else is forbidden: that says nothing.
    let exact = limits.0 == limits.1;
    if let Some(bound) = limits.1.filter(|_| !exact) {
        zone(0.0, y(bound));
    }
    if let Some(bound) = limits.0.filter(|_| !exact) {
        zone(y(bound), HEIGHT);
    }
    let _ = write!(out, "<path class=\"grid\" d=\"M0 {:.1}H{WIDTH}\" stroke=\"#dfe3e8\"/>", HEIGHT - 0.5);
    let mut bounds: Vec<f64> = [limits.0, limits.1].into_iter().flatten().collect();
    bounds.dedup();
    for bound in bounds {
        let _ = write!(
            out,
            "<path class=\"bound\" d=\"M0 {:.1}H{WIDTH}\" stroke=\"#1b2027\" stroke-width=\"1.2\" \
             stroke-dasharray=\"5 4\" vector-effect=\"non-scaling-stroke\"/>",
            y(bound)
        );
    }
    for run in runs(points) {
        let mut path = String::new();
        for (place, value) in thinned(points, run) {
            let _ = write!(path, "{}{:.1} {:.1}", if path.is_empty() { "M" } else { "L" }, x(place), y(value));
        }
        let _ = write!(
            out,
            "<path class=\"s0\" d=\"{path}\" fill=\"none\" stroke=\"#0b62b8\" stroke-width=\"1.6\" stroke-linejoin=\"round\" \
             stroke-linecap=\"round\" vector-effect=\"non-scaling-stroke\"/>"
        );
    }
    let mut drawn = std::collections::HashSet::new();
    for (place, point) in points.iter().enumerate().filter(|(_, point)| point.status > Status::Pass) {
        // Marks that would lie upon each other are one mark.
        let column = (x(place) * 2.0) as u64;
        if drawn.len() >= MARKS || !drawn.insert((column, point.status)) {
            continue;
        }
        // A line of no length with round ends is a dot that no stretching flattens.
        let (class, colour) = (point.status.word(), colour(point.status));
        let _ = write!(
            out,
            "<path class=\"k-{class}\" d=\"M{:.1} {:.1}h0\" stroke=\"{colour}\" stroke-width=\"5.5\" stroke-linecap=\"round\" \
             vector-effect=\"non-scaling-stroke\"/>",
            x(place),
            point.value.map_or(HEIGHT - 4.0, y)
        );
    }
    out.push_str("</svg>");
    out
}

/// What a check without numbers came to over time: a stretch of colour for each run of one status.
fn strip(points: &[Point], words: &str) -> String {
    let mut out = head(26.0, words);
    let share = WIDTH / points.len().max(1) as f64;
    let mut from = 0;
    for run in points.chunk_by(|a, b| a.status == b.status) {
        let Some(first) = run.first() else { continue };
        let (class, colour) = (first.status.word(), colour(first.status));
        // One bad record among thousands is still seen.
        let least = if first.status > Status::Pass { 3.0 } else { 0.0 };
        let (x, width) = (from as f64 * share, (run.len() as f64 * share).max(least));
        let opacity = if first.status == Status::Pass { ".45" } else { "1" };
        let _ = write!(
            out,
            "<rect class=\"f-{class}\" x=\"{x:.2}\" y=\"4\" width=\"{width:.2}\" height=\"18\" fill=\"{colour}\" \
             fill-opacity=\"{opacity}\"/>"
        );
        from += run.len();
    }
    out.push_str("</svg>");
    out
}

/// The stretches of points that are known.
fn runs(points: &[Point]) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut from = None;
    for (place, point) in points.iter().enumerate() {
        match (point.value, from) {
            (Some(_), None) => from = Some(place),
            (None, Some(start)) => {
                runs.push((start, place));
                from = None;
            }
            _ => {}
        }
    }
    runs.extend(from.map(|start| (start, points.len())));
    runs
}

/// The points of a run, at most two a column: the lowest and the highest, so that no spike is lost.
fn thinned(points: &[Point], (from, to): (usize, usize)) -> Vec<(usize, f64)> {
    let known = (from..to).filter_map(|place| Some((place, points.get(place)?.value?)));
    let share = (points.len() / COLUMNS).max(1);
    if share == 1 {
        return known.collect();
    }
    let known: Vec<(usize, f64)> = known.collect();
    let mut thin = Vec::new();
    for column in known.chunks(share) {
        let low = column.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        let high = column.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        let mut ends: Vec<(usize, f64)> = low.into_iter().chain(high).copied().collect();
        ends.sort_by_key(|(place, _)| *place);
        ends.dedup();
        thin.extend(ends);
    }
    thin
}

/// One line of the ramp: a metric's share of its bound at each step.
pub struct Curve {
    /// The check's id, escaped.
    pub name: String,
    /// One a step: 1.0 is the bound.
    pub shares: Vec<Option<f64>>,
}

/// The colours of lines where there is no style sheet.
const LINES: [&str; 5] = ["#0b62b8", "#b35400", "#0d7d72", "#97326f", "#5c6b00"];

/// How near each metric came to its bound, step by step, with a key and the steps' names below.
pub fn ramp(steps: &[(String, Status)], curves: &[Curve]) -> String {
    let shares = curves.iter().flat_map(|curve| curve.shares.iter().flatten());
    let top = (shares.fold(1.0f64, |most, share| most.max(*share)) * 1.1).min(2.4);
    let height = 230.0;
    let column = WIDTH / steps.len().max(1) as f64;
    let x = |place: usize| (place as f64 + 0.5) * column;
    let y = |share: f64| 6.0 + (1.0 - share.min(top) / top) * (height - 12.0);
    let mut out = String::from("<p class=\"axis-name\">share of the bound</p><div class=\"chart\">");
    // The axis is a drawing of its own, since the plot is stretched to the page.
    let _ = write!(
        out,
        "<svg class=\"y\" width=\"48\" height=\"{height}\" viewBox=\"0 0 48 {height}\" aria-hidden=\"true\">"
    );
    let most = if top >= 1.4 { Some((top * 10.0).floor() / 10.0) } else { None };
    for share in [0.0, 0.5, 1.0].into_iter().chain(most) {
        let at = (y(share) + 4.0).clamp(11.0, height - 1.0);
        let _ = write!(
            out,
            "<text class=\"tick\" x=\"42\" y=\"{at:.1}\" text-anchor=\"end\" font-size=\"12\" fill=\"#59626d\">{:.0}%</text>",
            share * 100.0
        );
    }
    out.push_str("</svg>");
    out.push_str(&head(height, "the share of its bound that each metric takes, by step"));
    let (bound, half, base) = (y(1.0), y(0.5), y(0.0));
    let _ = write!(
        out,
        "<rect class=\"zone\" width=\"{WIDTH}\" height=\"{bound:.1}\" fill=\"#fbdcda\" fill-opacity=\".6\"/>\
         <path class=\"grid\" d=\"M0 {base:.1}H{WIDTH}M0 {half:.1}H{WIDTH}\" stroke=\"#dfe3e8\"/>\
         <path class=\"bound\" d=\"M0 {bound:.1}H{WIDTH}\" stroke=\"#1b2027\" stroke-width=\"1.2\" stroke-dasharray=\"5 4\" \
         vector-effect=\"non-scaling-stroke\"/>"
    );
    let mut key = String::from("<ul class=\"legend\">");
    for (number, curve) in curves.iter().enumerate() {
        let class = number % LINES.len();
        let colour = LINES.get(class).copied().unwrap_or_default();
        let stroke = format!("stroke=\"{colour}\" stroke-linecap=\"round\" vector-effect=\"non-scaling-stroke\"");
        let (mut path, mut dots, mut pen) = (String::new(), String::new(), "M");
        for (place, share) in curve.shares.iter().enumerate() {
            let Some(share) = share else {
                pen = "M";
                continue;
            };
            let _ = write!(path, "{pen}{:.1} {:.1}", x(place), y(*share));
            let _ = write!(dots, "M{:.1} {:.1}h0", x(place), y(*share));
            pen = "L";
        }
        let _ = write!(
            out,
            "<path class=\"s{class}\" d=\"{path}\" fill=\"none\" stroke-width=\"2.2\" stroke-linejoin=\"round\" {stroke}/>\
             <path class=\"s{class}\" d=\"{dots}\" stroke-width=\"7\" {stroke}/>"
        );
        let _ = write!(
            key,
            "<li><svg width=\"18\" height=\"10\" viewBox=\"0 0 18 10\" aria-hidden=\"true\"><path class=\"s{class}\" d=\"M1 5h16\" \
             stroke-width=\"3\" {stroke}/></svg> {}</li>",
            curve.name
        );
    }
    out.push_str("</svg></div><ol class=\"steps\">");
    let every = steps.len().div_ceil(12).max(1);
    for (place, (name, status)) in steps.iter().enumerate() {
        let name = if place % every == 0 { name } else { "" };
        let _ = write!(
            out,
            "<li class=\"{0}\"><svg width=\"12\" height=\"12\" viewBox=\"0 0 12 12\" role=\"img\" aria-label=\"{0}\"><circle class=\"f-{0}\" \
             cx=\"6\" cy=\"6\" r=\"5\" fill=\"{1}\"/></svg><br>{name}</li>",
            status.word(),
            colour(*status)
        );
    }
    format!("{out}</ol>{key}<li>dashed: the bound</li></ul>")
}

/// A number as an axis shows it: at most six digits.
pub fn short(value: f64) -> String {
    let size = value.abs();
    if size >= 1e7 || (size > 0.0 && size < 1e-4) {
        return format!("{value:.2e}");
    }
    let places = if size >= 1000.0 || size.fract() == 0.0 {
        0
    } else if size >= 10.0 {
        2
    } else {
        4
    };
    let text = format!("{value:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
