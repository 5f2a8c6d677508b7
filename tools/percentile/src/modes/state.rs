//! States: what has been read so far, as JSON that merges to the same summary whatever the parts and their order.
//!
//! Owns the format (version 2) and the limits of size; `merge.rs` reads it, and version 1. A state is a row a group;
//! each row stands alone: it says which state it is of, which of how many rows it is, and its digest, so that a shuffle
//! may do with rows what it likes and a merge still knows that all are there and unchanged. The sources are listed in
//! the first row. Refuses to write a state that could not be read back.

use filter::states::{Listed, Source, row_digest};
use filter::{Error, Filter};
use schema::{Number, Object, Value};

use crate::groups::doubt::Doubts;
use crate::groups::{Group, Groups, Metric};
use crate::options::Parameters;
use crate::samples::Samples;
use crate::stats::sketch::{Precision, Sketch};
use number::Sample;

/// The version of the format.
pub const VERSION: u64 = 2;

/// Exact samples whose text is longer than this become a sketch, unless `--max-state` says otherwise: a record that
/// holds them could not be read back.
const EXACT_TEXT_LIMIT: usize = 48 << 20;

/// What exact samples must not pass, lest they become a sketch, and its precision then.
pub struct Bounds {
    precision: Precision,
    /// How long their text may be.
    text: usize,
}

impl Bounds {
    /// Those of so much memory: a number takes up several times its text before it is written.
    pub fn new(max_memory: usize, precision: Precision, max_state: Option<usize>) -> Bounds {
        Bounds { precision, text: max_state.unwrap_or(EXACT_TEXT_LIMIT.min(max_memory / 16)) }
    }
}

/// Goes over to sketches where a group's state could not be read back; the same samples always come to the same.
pub fn bound(groups: &mut Groups, place: usize, bounds: &Bounds) {
    groups.finish(place);
    for metric in groups.list.get_mut(place).into_iter().flat_map(|group| &mut group.metrics) {
        metric.samples.compact();
        // The shortest number, count and commas are four bytes.
        let long = metric.samples.different_at_least() > bounds.text / 4;
        if metric.samples.as_sketch().is_none() && (long || exact(&metric.samples, bounds.text).is_none()) {
            metric.samples.sketch(bounds.precision);
        }
        metric.samples.settle();
    }
}

/// Writes a state, a record a group; one without a group where there is none. Lets go of what is written.
pub fn write(
    groups: &mut Groups,
    bounds: &Bounds,
    parameters: &Parameters,
    sources: &[Source],
    filter: &mut Filter,
) -> Result<(), Error> {
    let mut sources = Listed::of(sources);
    for place in 0..groups.list.len().max(1) {
        bound(groups, place, bounds);
        filter.object(&record(groups, place, parameters, &mut sources))?;
        groups.forget(place);
    }
    Ok(())
}

/// The row of one group.
pub fn record(groups: &Groups, place: usize, parameters: &Parameters, sources: &mut Listed) -> Object<'static> {
    let group = groups.list.get(place);
    let mut object = Object::new();
    let key = group.map(Group::key).unwrap_or_default();
    for (name, value) in parameters.by.iter().zip(&key) {
        object.insert(name.clone(), value.clone());
    }
    let mut state = Object::new();
    state.insert("version", VERSION);
    state.insert("of", sources.digest.clone());
    let rows = groups.list.len().max(1) as u64;
    state.insert("part", vec![Value::from(place as u64 + 1), Value::from(rows)]);
    if place == 0 {
        state.insert("sources", sources.take());
    }
    state.insert("parameters", parameters.value());
    if let Some(group) = group {
        state.insert("records", group.records);
        if group.undecided > 0 {
            state.insert("undecided", group.undecided);
        }
        let doubts = doubts_value(group.doubts.as_deref());
        if !doubts.is_empty() {
            state.insert("doubts", doubts);
        }
        if !group.aggregates.is_empty() {
            let states = group.aggregates.iter().map(|state| Value::Object(state.to_value()));
            state.insert("aggregates", states.collect::<Vec<_>>());
        }
        // A field that no number has been seen of is here as well: in another part it may be one.
        let metrics = groups.names.iter().zip(&group.metrics);
        let metrics: Object<'static> =
            metrics.map(|(name, metric)| (name.clone(), Value::Object(written(metric)))).collect();
        state.insert("metrics", metrics);
    }
    let nulls = parameters.by.iter().map(|_| Value::Null).collect::<Vec<_>>();
    let key = if key.is_empty() { &nulls } else { &key };
    let digest = row_digest(&key.iter().collect::<Vec<_>>(), &state);
    state.insert("digest", digest);
    object.insert("@state", state);
    object
}

fn written(metric: &Metric) -> Object<'static> {
    let mut object = Object::new();
    object.insert("seen", metric.seen);
    object.insert("invalid", metric.invalid);
    if metric.allowed > 0 {
        object.insert("allowed", metric.allowed);
    }
    if metric.rounded {
        object.insert("rounded", true);
    }
    if metric.uncounted {
        object.insert("uncounted", true);
    }
    let doubts = doubts_value(metric.doubts.as_deref());
    if !doubts.is_empty() {
        object.insert("doubts", doubts);
    }
    object.insert("count", metric.samples.count());
    match metric.samples.as_sketch() {
        Some(sketch) => object.insert("sketch", sketch_value(sketch)),
        None => object.insert("exact", exact(&metric.samples, usize::MAX).unwrap_or_default()),
    };
    object
}

fn doubts_value(doubts: Option<&Doubts>) -> Vec<Value<'static>> {
    doubts.into_iter().flat_map(Doubts::iter).map(|doubt| Value::Object(doubt.value())).collect()
}

/// Exact samples: integers at a scale as steps and counts, or decimals and counts; `None` where that is too long.
fn exact(samples: &Samples, limit: usize) -> Option<Object<'static>> {
    let distinct = samples.distinct();
    let places = distinct.iter().map(|pair| -pair.0.exponent()).max().unwrap_or(0).max(0);
    let scale = u8::try_from(places).ok().filter(|&scale| scale <= 18);
    let integers =
        scale.and_then(|scale| distinct.iter().map(|pair| pair.0.at_scale(scale)).collect::<Option<Vec<i64>>>());
    let mut list = Vec::with_capacity(2 * distinct.len());
    let mut length = 0;
    let mut last = 0i64;
    for (place, (one, count)) in distinct.iter().enumerate() {
        let number = match &integers {
            None => one.number(),
            Some(integers) => {
                let now = integers.get(place).copied().unwrap_or_default();
                let step = i128::from(now) - i128::from(last);
                last = now;
                Number::from(step)
            }
        };
        let count = Number::from(*count);
        length += number.as_str().len() + count.as_str().len() + 2;
        if length > limit {
            return None;
        }
        list.extend([Value::Number(number), Value::Number(count)]);
    }
    let mut object = Object::new();
    match (scale, integers) {
        (Some(scale), Some(_)) => {
            object.insert("scale", u64::from(scale));
            object.insert("steps", list);
        }
        _ => {
            object.insert("numbers", list);
        }
    }
    Some(object)
}

fn sketch_value(sketch: &Sketch) -> Object<'static> {
    let mut object = Object::new();
    let list = |text: &str| {
        text.split(',').filter_map(|number| Number::parse(number.to_owned())).map(Value::Number).collect::<Vec<_>>()
    };
    let [negative, positive] = sketch.texts();
    let (sum, squares) = sketch.totals();
    let ends = |pick: fn((Sample, Sample)) -> Sample| {
        sketch.ends().map_or(Value::Null, |ends| Value::Number(pick(ends).number()))
    };
    object.insert("relative_error", Number::from_f64(sketch.precision().error).map_or(Value::Null, Value::Number));
    object.insert("level", u64::from(sketch.level()));
    object.insert("min", ends(|ends| ends.0));
    object.insert("max", ends(|ends| ends.1));
    object.insert("sum", sum.text());
    object.insert("squares", squares.text());
    object.insert("negative", list(&negative));
    object.insert("zeros", sketch.zeros());
    object.insert("positive", list(&positive));
    object
}
