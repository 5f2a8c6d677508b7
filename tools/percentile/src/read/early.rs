//! Reading until the answer is certain: `--of N --stop-early 'p99 <= 250'`.
//!
//! Owns when nothing that may still come changes the answer: of N samples so many lie within the bound, or beyond it, that
//! the rest may be anything. Then nothing more is read, and what was not is counted as samples of unknown value, so that
//! the limits of every figure follow as those of values that could not be read do. Refuses chances: certain, not probable.

use std::path::PathBuf;

use filter::{Error, Filter, Input, Lines, MAX_RAW_LINE, MAX_RECORD, Records, Require, SealCheck};
use schema::{Code, json};

use crate::groups::doubt::{Kind, grouped};
use crate::groups::shared::Store;
use crate::groups::{Groups, Metric};
use crate::plan::Plan;
use crate::read::blocks::LineLimit;
use crate::read::left_out::leave_out;
use crate::read::records::Fields;
use crate::read::{Held, look};
use crate::stats::certain::{Rule, Tally};

/// Reads all inputs, line by line as they come, until the answer is certain; whether they held records.
pub fn read(
    plan: &Plan,
    rule: &Rule,
    files: &[PathBuf],
    store: &Store<'_>,
    filter: &mut Filter,
) -> Result<Option<bool>, Error> {
    let stdin = [PathBuf::from("-")];
    let mut tally = Tally::new(rule);
    let mut held = None;
    for (place, path) in if files.is_empty() { &stdin[..] } else { files }.iter().enumerate() {
        let mut input = filter.open(path)?;
        let name = input.name().to_owned();
        let Some(found) = look(plan, &mut input, filter)? else { continue };
        let are_records = found != Held::Numbers;
        if held.is_some_and(|before| before != are_records) {
            return Err(Error::data(name, "mixes kinds: the inputs before it are the other of numbers and records"));
        }
        held = Some(are_records);
        tally = if are_records {
            if plan.all_fields {
                return Err(Error::usage("--stop-early wants the one field of the records that it is of: -f PATH"));
            }
            records(input, plan, store, tally, place, filter)?
        } else {
            numbers(input, plan, store, tally, filter)?
        };
        if tally.answer().is_some() {
            filter.counts.stopped = filter.counts.lines;
            break;
        }
    }
    Ok(held)
}

fn records<'r>(
    input: Input,
    plan: &'r Plan,
    store: &'r Store<'r>,
    tally: Tally<'r>,
    place: usize,
    filter: &mut Filter,
) -> Result<Tally<'r>, Error> {
    let limit = LineLimit { bytes: filter.options.max_line.unwrap_or(MAX_RECORD), by: "--max-line allows" };
    let mut worker = Fields::new(plan, limit, false, store, place).until(tally.clone());
    let mut records = Records::of(input, Require::WhereSealing);
    let mut number = 0;
    while worker.answer().is_none()
        && let Some(record) = records.next(filter)?
    {
        let place = format!("{}:{}", record.file, record.line);
        worker.take(&record.value, (number, 0)).count(|| place, filter)?;
        number += 1;
        worker.look().map_err(|reason| Error::data("--max-memory", reason))?;
    }
    worker.give();
    Ok(worker.into_tally().unwrap_or(tally))
}

fn numbers<'r>(
    input: Input,
    plan: &Plan,
    store: &Store<'_>,
    mut tally: Tally<'r>,
    filter: &mut Filter,
) -> Result<Tally<'r>, Error> {
    let mut seals = SealCheck::of(&input);
    let mut lines = Lines::new(input, filter.options.max_line.unwrap_or(MAX_RAW_LINE)).of_records();
    let name = lines.name().to_owned();
    let (mut metric, mut absent) = (Metric::default(), 0);
    while tally.answer().is_none() {
        let Some(line) = lines.next(filter)? else {
            let required = filter.sealing() && !lines.is_regular() && !filter.options.unsealed;
            seals.end_of_input(required, filter).map_err(|fault| fault.of(&name))?;
            break;
        };
        let text = line.bytes.trim_ascii();
        if let Some(segment) = line.sealed {
            let seal = seals.line_after(line.bytes, segment).map_err(|fault| fault.of(&name))?;
            filter.counts.lines -= 1;
            filter.take_seal(seal).map_err(|fault| fault.of(&name))?;
            continue;
        }
        if text.is_empty() {
            filter.counts.skipped += 1;
            continue;
        }
        match plan.number(text) {
            Some((one, exact)) => {
                metric.rounded |= !exact;
                metric.seen += 1;
                filter.counts.used += 1;
                if !metric.samples.add_many(one, 1) {
                    return Err(Error::data(&*name, "more than 2^63 - 1 samples in one metric"));
                }
                if exact {
                    tally.see(one);
                }
            }
            None if plan.is_none(text) => {
                absent += 1;
                filter.counts.used += 1;
            }
            None => {
                metric.invalid += 1;
                let words = || format!("text like {}", json::quote(text));
                let found = (0, line.number, 0);
                metric.doubts().add((Kind::Value, Code::NotANumber), 1, found, words, || Some(plan.hint(text)));
                let place = format!("{name}:{}", line.number);
                leave_out(place, plan.not_a_number(text), filter)?;
            }
        }
    }
    let mut groups = store.fork();
    let (group, number) = (groups.place(&[]), groups.metric_number(""));
    groups.put(group, number, metric, absent);
    store.merge(groups);
    Ok(tally)
}

/// Counts the samples that were not read as such of unknown value: any of them may lie anywhere.
pub fn leave_open(groups: &mut Groups, rule: &Rule, filter: &mut Filter) {
    let stopped = filter.counts.stopped > 0;
    let Some(metric) = groups.metric(0, 0) else { return };
    let doubted = metric.doubts.iter().flat_map(|doubts| doubts.iter()).map(|doubt| doubt.samples);
    let known = doubted.fold(metric.samples.count(), u64::saturating_add);
    let Some(rest) = rule.of.checked_sub(known) else {
        let reason = format!("{} samples came, and --of says {}", grouped(known), grouped(rule.of));
        filter.note("--of", "--of", reason);
        return;
    };
    if rest > 0 {
        let words = || {
            let read = format!("{} of {} samples", grouped(known), grouped(rule.of));
            if stopped { format!("stopped after {read}, which decide {}", rule.text) } else { format!("{read} came") }
        };
        metric.doubts().add((Kind::Rest, Code::Stopped), rest, (usize::MAX, 0, 0), words, || None);
    }
}

#[cfg(test)]
mod tests {
    use number::Sample;
    use schema::Number;
    use testkit::Random;

    use super::*;
    use crate::options::Asked;
    use crate::report::summary::{Records as Counted, summary};
    use crate::stats::certain::{OPERATORS, Operator, Question};
    use crate::stats::definitions::{Method, Percentile};

    fn compare(operator: Operator, value: f64, bound: f64) -> bool {
        match operator {
            Operator::Less => value < bound,
            Operator::LessOrEqual => value <= bound,
            Operator::Greater => value > bound,
            Operator::GreaterOrEqual => value >= bound,
        }
    }

    /// What certain answer, if any, a summary's limits of a figure give.
    fn told(metric: &mut Metric, asked: &Asked, name: &str, operator: Operator, bound: f64) -> Option<bool> {
        let made = summary(metric, Counted { all: metric.seen, ..Counted::default() }, asked);
        let double = |number: &Option<Number<'static>>| number.as_ref().and_then(Number::to_f64);
        let (low, high) = match made.unknown.iter().find(|entry| entry.path == name) {
            Some(entry) => (double(&entry.low), double(&entry.high)),
            None => {
                let value = made.object.get(name).and_then(schema::Value::as_number).and_then(Number::to_f64);
                (value, value)
            }
        };
        let ends = [low.unwrap_or(f64::NEG_INFINITY), high.unwrap_or(f64::INFINITY)];
        let answers = ends.map(|end| compare(operator, end, bound));
        (answers[0] == answers[1]).then_some(answers[0])
    }

    /// An early end never differs from the answer of the whole, and comes as soon as that is certain.
    #[test]
    fn an_early_end_has_the_answer_of_the_whole() {
        let mut random = Random::new(2121);
        let mut early = 0;
        for round in 0..testkit::times(100_000) {
            let of = 1 + random.below(if round % 10 == 0 { 400 } else { 40 });
            let values = 2 + random.below(30);
            let stream: Vec<i64> = (0..of).map(|_| random.below(values) as i64).collect();
            let percentile =
                Percentile::parse(["50", "90", "99", "99.9", "0", "100", "12.5"][random.below(7)]).unwrap();
            let method = Method::ALL[random.below(Method::ALL.len())];
            let (sign, operator) = OPERATORS[random.below(4)];
            let bound = random.below(values);
            let text = format!("{} {sign} {bound}", percentile.name);
            let question = Question::parse(&text).unwrap();
            let rule = Rule::new(&question, of as u64, method, None, None).unwrap();
            let asked = Asked {
                percentiles: vec![percentile.clone()],
                method,
                sum: false,
                sure: None,
                buckets: false,
                interval: None,
            };
            let told = |metric: &mut Metric| told(metric, &asked, &percentile.name, operator, bound as f64);
            let mut whole = Metric::default();
            stream.iter().for_each(|one| assert!(whole.samples.add_many(Sample::new(*one, 0), 1)));
            whole.seen = of as u64;
            let answer = told(&mut whole).unwrap();
            let mut tally = Tally::new(&rule);
            let mut part = Metric::default();
            let mut read = 0;
            for one in &stream {
                tally.see(Sample::new(*one, 0));
                part.samples.add_many(Sample::new(*one, 0), 1);
                part.seen += 1;
                read += 1;
                if tally.answer().is_some() {
                    break;
                }
            }
            // Between two samples, one on each side, only the end tells.
            let told_early = tally.answer().unwrap_or(answer);
            assert!(tally.answer().is_some() || read == of && rule.enough.0 + rule.enough.1 > of as u64 + 1);
            assert_eq!(told_early, answer, "{text} {method:?} of {stream:?} after {read}");
            early += u64::from(read < of);
            // What is written says the same, and a sample less does not.
            let rest = (of - read) as u64;
            if rest > 0 {
                part.doubts().add((Kind::Rest, Code::Stopped), rest, (0, 0, 0), String::new, || None);
            }
            assert_eq!(told(&mut part), Some(answer), "{text} {method:?} of {stream:?} after {read}");
        }
        assert!(early * 4 > testkit::times(100_000), "{early}");
    }
}
