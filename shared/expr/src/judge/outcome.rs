//! From a threshold and a record to a check: the answer, the figures, the violation in words.
//!
//! Owns the fields of a check (DESIGN sec. 6). Refuses state: runs of violations are counted in `judge`.

use schema::{Check, Code, Kind, Origin, Status, Value, counts};

use crate::evaluate::datum::{Datum, limited};
use crate::evaluate::interval::Interval;
use crate::evaluate::plan::{self, Node};
use crate::evaluate::{self, Before, Scene};
use crate::judge::past;
use crate::judge::sure::{self, Facts};
use crate::judge::threshold::{Missing, Part, Severity, Shape, Threshold};
use crate::language::syntax::Comparison;
use crate::record::claims::Claims;
use crate::record::runs::Run;
use crate::record::samples::Wanted;
use crate::record::survey::Survey;
use crate::record::wildcard::name;
use crate::{Decimal, Path, Quantity, Reading, Unit};

/// What a threshold came to on one record, before runs of violations and severities are looked at.
pub(crate) struct Outcome<'r> {
    /// Whether it holds.
    pub holds: Result<bool, Code>,
    /// Why it was not asked: `when` is false.
    pub skipped: bool,
    actual: Datum<'r>,
    expected: Expected<'r>,
    assumed: bool,
    /// The measured path with its wildcards filled in.
    metric: Option<Path>,
    captured: Vec<Vec<String>>,
    /// What the wildcards stand for.
    pub matched: Option<String>,
    /// How much more would tell.
    noise: Option<String>,
    /// Between what the true figure lies.
    interval: Option<schema::Interval<'static>>,
}

enum Expected<'r> {
    One(Box<Datum<'r>>),
    Range(Box<[Datum<'r>; 2]>),
    List(Vec<Datum<'r>>),
    Holds,
}

impl<'r> Expected<'r> {
    fn each(&mut self, each: impl Fn(&mut Datum<'r>)) {
        match self {
            Expected::One(one) => each(one),
            Expected::Range(ends) => ends.iter_mut().for_each(each),
            Expected::List(list) => list.iter_mut().for_each(each),
            Expected::Holds => {}
        }
    }
}

/// Whether it is a number, or lies between limits: those of what could not be read say nothing of luck.
fn is_figure(datum: &Datum<'_>) -> bool {
    matches!(datum, Datum::Number(_) | Datum::Between(_))
}

/// A number between limits as the one that is shown for it.
fn settle(datum: &mut Datum<'_>) {
    if let Datum::Between(Interval { shown, low, high, .. }) = datum
        && let Some(number) = shown.or(*low).or(*high)
    {
        *datum = Datum::Number(number);
    }
}

/// The record a threshold is judged on.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'r> {
    pub record: &'r Value<'r>,
    pub claims: &'r Claims,
    pub before: Option<Before<'r>>,
    pub scope: &'r str,
    /// The counts of the record's objects.
    pub survey: &'r Survey,
    /// The counts that the thresholds at work read.
    pub wanted: &'r Wanted,
    /// The nights before.
    pub past: &'r [Run],
}

impl<'r> Subject<'r> {
    /// What an expression is evaluated on, with what the wildcards stand for.
    pub(crate) fn scene<'c>(&self, captured: &'c [Vec<String>]) -> Scene<'r, 'c>
    where
        'r: 'c,
    {
        let Subject { record, claims, before, survey, wanted, past, .. } = *self;
        Scene { wanted: Some(wanted), past, ..Scene::new(record, claims, before, captured, survey) }
    }
}

/// What the baseline has where `path` was measured: a number that nothing doubts.
fn before(path: &Path, subject: &Subject<'_>) -> Option<Value<'static>> {
    let Before { record, claims } = subject.before?;
    match subject.survey.read(path, record) {
        Reading::Found(value @ Value::Number(_)) if claims.doubt(path).is_none() => Some(value.clone().into_owned()),
        _ => None,
    }
}

impl Threshold {
    /// What this threshold comes to on a record: one outcome, or one a match of its wildcard.
    pub(crate) fn outcomes<'r>(&'r self, subject: &Subject<'r>) -> Vec<Outcome<'r>> {
        let Some(each) = &self.each else { return vec![self.outcome(subject, &[], None)] };
        let matches = each.matches(subject.record);
        // What is listed as unknown may be absent, and is asked for all the same: what is there must not pass alone.
        let unmatched = subject.claims.unmatched(each, subject.record, &matches);
        let above = subject.claims.unknown(each);
        if matches.is_empty() && (unmatched.is_empty() || above.is_some()) {
            let code = above.unwrap_or(Code::Missing);
            return vec![Outcome {
                holds: Err(code),
                skipped: false,
                actual: Datum::Unknown(code),
                expected: Expected::Holds,
                assumed: false,
                metric: self.metric.clone(),
                captured: Vec::new(),
                matched: None,
                noise: None,
                interval: None,
            }];
        }
        let mut outcomes = Vec::new();
        for found in matches {
            // Ambiguous before every wildcard was reached: the path read is that far, and reading it says so.
            outcomes.push(self.outcome(subject, &found.captured, Some(found.name())));
        }
        for captured in unmatched {
            outcomes.push(self.outcome(subject, &captured, Some(name(&captured))));
        }
        outcomes
    }

    fn outcome<'r>(&'r self, subject: &Subject<'r>, captured: &[Vec<String>], matched: Option<String>) -> Outcome<'r> {
        let scene = subject.scene(captured);
        let mut actual;
        let mut facts = None;
        let mut expected = Expected::Holds;
        let mut holds = match &self.shape {
            Shape::Compare { operator, left, right } => {
                let (mut a, mut b) = (left.evaluate(&scene), right.evaluate(&scene));
                self.surely(left, &scene, &mut a, &mut facts);
                if facts.is_some() && self.reads_baseline() {
                    self.surely_bound(right, &scene, &mut b);
                }
                let mut holds = evaluate::compare(*operator, &a, &b);
                // An interval is of the figure as it was meant, which an impossible one does not tell.
                if holds == Err(Code::Inconsistent)
                    && match operator {
                        Comparison::Equal | Comparison::NotEqual => false,
                        Comparison::GreaterOrEqual | Comparison::Greater => true,
                        Comparison::LessOrEqual | Comparison::Less => self.sure.is_none(),
                    }
                {
                    // What is negative and cannot be is no proof that it lies below a bound; that it does not reach one is.
                    // So it is with what is more than all of it and a bound from above.
                    let scene = Scene { impossible: true, ..subject.scene(captured) };
                    let (low, bound) = (left.evaluate(&scene), right.evaluate(&scene));
                    if evaluate::compare(*operator, &low, &bound) == Ok(false) {
                        (a, b, holds) = (low, bound, Ok(false));
                    }
                }
                (actual, expected) = (a, Expected::One(Box::new(b)));
                holds
            }
            Shape::Range { left, low, high } => {
                let (mut a, low, high) = (left.evaluate(&scene), low.evaluate(&scene), high.evaluate(&scene));
                self.surely(left, &scene, &mut a, &mut facts);
                let holds = evaluate::in_range(&a, &low, &high);
                (actual, expected) = (a, Expected::Range(Box::new([low, high])));
                holds
            }
            Shape::List { left, list } => {
                let a = left.evaluate(&scene);
                let list: Vec<Datum<'_>> = list.iter().map(|node| node.evaluate(&scene)).collect();
                let holds = evaluate::any(list.iter().map(|member| evaluate::compare(Comparison::Equal, &a, member)));
                (actual, expected) = (a, Expected::List(list));
                holds
            }
            Shape::Condition(node) => {
                let holds = node.evaluate(&scene).truth();
                actual = evaluate::answer(holds);
                holds
            }
        };
        let noise = match holds {
            Err(Code::WithinNoise) => facts.map(|facts| self.noise(facts, &actual, &expected)),
            Err(Code::TooFewRuns) => self.too_few(&scene),
            Err(Code::TooFewFacts) => self.level().and_then(|level| sure::lacking(self.left()?, &scene, level)),
            _ => None,
        };
        let interval = facts.and_then(|facts| self.written_interval(facts, &actual));
        if holds.is_ok() {
            // It is the same for all that it could be: what was read stands for it.
            settle(&mut actual);
            expected.each(settle);
        }
        let mut skipped = false;
        if let Some(given) = &self.given {
            match given.evaluate(&scene).truth() {
                Ok(true) => {}
                Ok(false) => holds = Err(Code::GivenNotMet),
                Err(code) => holds = Err(code),
            }
        }
        if let Some(when) = &self.when {
            match when.evaluate(&scene).truth() {
                Ok(true) => {}
                Ok(false) => skipped = true,
                Err(code) => holds = Err(code),
            }
        }
        let metric = match &self.metric {
            Some(path) if path.has_wildcard() => path.fill(captured).or_else(|| Some(path.clone())),
            metric => metric.clone(),
        };
        let assumed = scene.assumed.get();
        Outcome {
            holds,
            skipped,
            actual,
            expected,
            assumed,
            metric,
            captured: captured.to_vec(),
            matched,
            noise,
            interval,
        }
    }

    /// An interval as a check carries it.
    fn written_interval(&self, facts: Facts, actual: &Datum<'_>) -> Option<schema::Interval<'static>> {
        let Datum::Between(Interval { low, high, .. }) = actual else { return None };
        let end =
            |end: &Option<Quantity>| end.map_or(Value::Null, |end| Value::Number(end.to_number(number::WIRE_DIGITS)));
        Some(schema::Interval {
            low: end(low),
            high: end(high),
            sure: Value::Number(self.sure?.to_number()),
            runs: if let Facts::Trend { nights } = facts { Some(nights as u64) } else { None },
            against: Vec::new(),
        })
    }

    /// Where an answer must be sure: the interval in the place of the number.
    fn surely<'r>(&self, left: &Node, scene: &Scene<'r, '_>, actual: &mut Datum<'r>, facts: &mut Option<Facts>) {
        let Some(level) = self.level().filter(|_| is_figure(actual)) else { return };
        *actual = match sure::interval(left, scene, level) {
            Ok((interval, found)) => {
                *facts = Some(found);
                limited(interval)
            }
            Err(code) => Datum::Unknown(actual.between().unwrap_or(code)),
        };
    }

    /// The same for a bound that is made of a baseline.
    fn surely_bound<'r>(&self, right: &Node, scene: &Scene<'r, '_>, bound: &mut Datum<'r>) {
        let Some(level) = self.level().filter(|_| is_figure(bound)) else { return };
        *bound = match sure::interval(right, scene, level) {
            Ok((interval, _)) => limited(interval),
            Err(code) => Datum::Unknown(code),
        };
    }

    /// The left side, where there is one.
    fn left(&self) -> Option<&Node> {
        match &self.shape {
            Shape::Compare { left, .. } | Shape::Range { left, .. } => Some(left),
            _ => None,
        }
    }

    /// The level of one side: where the baseline has an interval, too, each takes half of what may go wrong.
    fn level(&self) -> Option<Decimal> {
        let level = self.sure?;
        if !self.reads_baseline() {
            return Some(level);
        }
        Decimal::ONE.plus(level)?.times(Decimal::new(5, -1)?)
    }

    /// Why there are too few nights.
    fn too_few(&self, scene: &Scene<'_, '_>) -> Option<String> {
        let nodes: Vec<&Node> = match &self.shape {
            Shape::Compare { left, right, .. } => vec![left, right],
            Shape::Range { left, low, high } => vec![left, low, high],
            _ => Vec::new(),
        };
        past::wording(&nodes, scene, self.rare())
    }

    /// A number in the unit that the bound was written in, to three digits.
    pub(crate) fn written(&self, number: Quantity) -> String {
        let (factor, letters) = self.shown_unit();
        let number = factor.map_or(Some(number), |factor| number.times(factor)).unwrap_or(number);
        format!("{}{letters}", sure::three_digits(number).unwrap_or(number).to_number(3))
    }

    /// Why the interval does not tell, and how much more would.
    fn noise(&self, facts: Facts, actual: &Datum<'_>, expected: &Expected<'_>) -> String {
        let (factor, letters) = self.shown_unit();
        let write = |number: Quantity| {
            let number = factor.map_or(Some(number), |factor| number.times(factor)).unwrap_or(number);
            format!("{}{letters}", number.to_number(3))
        };
        let bound = match (&self.shape, expected) {
            (Shape::Compare { operator, .. }, Expected::One(bound)) => (*operator, bound.number().ok()),
            _ => (Comparison::LessOrEqual, None),
        };
        let left = self.metric.as_ref().map_or_else(|| self.left_text.clone(), Path::to_string);
        sure::wording(&left, facts, actual, bound, self.sure.unwrap_or_default(), &write)
    }

    /// The status of an outcome: `run` says whether enough records in a row violate.
    pub(crate) fn status(&self, outcome: &Outcome<'_>, run: bool, default: Missing) -> (Status, Option<Code>) {
        if outcome.skipped {
            return (Status::Skip, None);
        }
        match outcome.holds {
            Ok(true) => (Status::Pass, None),
            Ok(false) if !run => (Status::Pass, None),
            Ok(false) => match self.severity {
                Severity::Fail | Severity::Fatal => (Status::Fail, None),
                Severity::Warn => (Status::Warn, None),
                Severity::Inconclusive => (Status::Inconclusive, Some(Code::Violated)),
            },
            Err(code @ (Code::Missing | Code::Null | Code::NoSamples)) => match self.missing.unwrap_or(default) {
                Missing::Fail => (Status::Fail, None),
                Missing::Skip => (Status::Skip, None),
                Missing::Inconclusive => (Status::Inconclusive, Some(code)),
            },
            Err(code) => (Status::Inconclusive, Some(code)),
        }
    }

    /// The id of the check that a match makes.
    pub(crate) fn check_id(&self, matched: Option<&str>) -> String {
        match matched {
            Some(name) if !name.is_empty() => format!("{}[{name}]", self.id),
            _ => self.id.clone(),
        }
    }

    /// The whole check of an outcome.
    pub(crate) fn check(
        &self,
        outcome: &Outcome<'_>,
        subject: &Subject<'_>,
        run: bool,
        default: Missing,
    ) -> Check<'static> {
        let (status, code) = self.status(outcome, run, default);
        let id = self.check_id(outcome.matched.as_deref());
        let violated = outcome.holds == Ok(false) && !matches!(status, Status::Pass | Status::Skip);
        let mut violation = match &outcome.noise {
            _ if !violated => String::new(),
            Some(told) if told.starts_with(&id) => told.clone(),
            Some(told) => format!("{id}: {told}"),
            None => self.violation(&id, outcome),
        };
        if let (Status::Fail, Err(code)) = (status, outcome.holds) {
            violation = format!("{id}: {code}");
        }
        let reason = match status {
            Status::Pass | Status::Skip => String::new(),
            _ if !self.parts.is_empty() => self.message(outcome, subject),
            _ if !violation.is_empty() => violation.clone(),
            _ => code.map_or_else(String::new, |code| {
                let gone = self.operand_gone(outcome, subject, code);
                match outcome.noise.as_deref().or(self.detail(outcome, subject, code)).or(gone.as_deref()) {
                    Some(detail) => format!("{id}: {code}: {detail}"),
                    None => format!("{id}: {code}"),
                }
            }),
        };
        let (actual, expected) = outcome.values(subject);
        let metric_path = outcome.metric.as_ref();
        let declared = metric_path.is_some_and(|path| subject.claims.is_declared(path));
        Check {
            id,
            scope: subject.scope.to_owned(),
            metric: metric_path.map_or_else(|| self.left_text.clone(), Path::to_string),
            kind: self.kind(),
            op: self.operator().to_owned(),
            actual,
            expected,
            unit: self.unit.map_or("", Unit::name).to_owned(),
            status,
            passed: status.passed(),
            fatal: self.severity == Severity::Fatal && violated,
            origin: if declared || code == Some(Code::Declared) { Origin::Declared } else { Origin::Observed },
            code,
            violation,
            reason,
            margin: self.margin(outcome).map(|margin| Value::Number(margin.to_number(number::WIRE_DIGITS))),
            before: metric_path.filter(|_| self.reads_baseline()).and_then(|path| before(path, subject)),
            samples: metric_path.and_then(|path| samples(path, subject)),
            interval: outcome.interval.clone(),
            nights: self.nights(outcome, subject),
            source: metric_path.and_then(|path| subject.claims.source(path)).map(str::to_owned),
            assumed: outcome.assumed,
            record: None,
            threshold: Some(self.line.clone()),
        }
    }

    /// What the nights before had of what is asked of them.
    fn nights(&self, outcome: &Outcome<'_>, subject: &Subject<'_>) -> Vec<Value<'static>> {
        if subject.past.is_empty() || !self.reads_history() {
            return Vec::new();
        }
        let mut nodes: Vec<&Node> = match &self.shape {
            Shape::Compare { left, right, .. } => vec![left, right],
            Shape::Range { left, low, high } => vec![left, low, high],
            Shape::List { left, list } => std::iter::once(left).chain(list).collect(),
            Shape::Condition(node) => vec![node],
        };
        nodes.extend([&self.given, &self.when].into_iter().flatten());
        past::carried(&nodes, &subject.scene(&outcome.captured))
    }

    /// What is missing, where it is not what was measured.
    fn operand_gone(&self, outcome: &Outcome<'_>, subject: &Subject<'_>, code: Code) -> Option<String> {
        let there = |path: &Path| subject.survey.read(path, subject.record) != Reading::Missing;
        let measured = outcome.metric.as_ref().is_some_and(|path| !path.has_wildcard() && there(path));
        let filled = self.paths().into_iter().filter_map(|path| path.fill(&outcome.captured));
        let of_record = |path: &Path| !path.has_wildcard() && !path.to_string().starts_with("baseline");
        let gone = filled.filter(of_record).find(|path| !there(path));
        gone.filter(|_| code == Code::Missing && measured).map(|path| format!("there is no {path}"))
    }

    /// What the evidence itself says of why something cannot be told.
    fn detail<'s>(&self, outcome: &Outcome<'_>, subject: &Subject<'s>, code: Code) -> Option<&'s str> {
        let said = |path: &Path| {
            let doubt = subject.claims.doubt(path).filter(|doubt| doubt.code == code)?;
            Some(doubt.detail.as_str()).filter(|detail| !detail.is_empty())
        };
        let read = self.paths().into_iter().filter_map(|path| path.fill(&outcome.captured));
        let mut read = outcome.metric.clone().into_iter().chain(read);
        let is_below_zero = |path: &Path| match subject.survey.read(path, subject.record) {
            Reading::Found(Value::Number(number)) => number.to_f64().is_some_and(|number| number < 0.0),
            _ => false,
        };
        let words = || {
            let filled = || self.paths().into_iter().filter_map(|path| path.fill(&outcome.captured));
            if code != Code::Inconsistent {
                return None;
            }
            if filled().any(|path| path.is_never_negative() && is_below_zero(&path)) {
                return Some("it is negative, which what it counts or times never is");
            }
            if filled().any(|path| subject.survey.is_misplaced(&path, subject.record)) {
                return Some("it is below a figure of a lower rank, or above one of a higher");
            }
            if filled().any(|path| path.last_name().is_some_and(|last| counts::most_of_share(last).is_some())) {
                return Some("it is a share of more than all");
            }
            if filled().any(|path| path.last_name().is_some_and(counts::is_rate_of_outcomes)) {
                return Some("it is a share of more than all: a name without a unit is a fraction, from 0 to 1");
            }
            self.sure.map(|_| "it lies outside of its own interval")
        };
        read.find_map(|path| said(&path)).or_else(words)
    }

    /// The check of this threshold where there was nothing to judge: no records, a section without one.
    pub(crate) fn check_of_nothing(&self, scope: &str, code: Code) -> Check<'static> {
        Check {
            metric: self.metric_text(),
            kind: self.kind(),
            op: self.operator().to_owned(),
            expected: match &self.shape {
                Shape::Condition(_) => Value::Bool(true),
                _ => self.constant_bound().unwrap_or_default(),
            },
            unit: self.unit.map_or("", Unit::name).to_owned(),
            threshold: Some(self.line.clone()),
            ..Check::inconclusive(self.id.clone(), scope, code)
        }
    }

    /// The check of this threshold on a record that passes it, without what the record says.
    pub(crate) fn check_that_passes(&self) -> Check<'static> {
        Check {
            id: self.id.clone(),
            metric: self.metric_text(),
            kind: self.kind(),
            op: self.operator().to_owned(),
            unit: self.unit.map_or("", Unit::name).to_owned(),
            status: Status::Pass,
            passed: Some(true),
            threshold: Some(self.line.clone()),
            ..Check::default()
        }
    }

    pub(crate) fn constant_bound(&self) -> Option<Value<'static>> {
        match &self.shape {
            Shape::Compare { right, .. } => constant(right),
            Shape::Range { low, high, .. } => Some(Value::List(vec![constant(low)?, constant(high)?])),
            Shape::List { list, .. } => Some(Value::List(list.iter().map(constant).collect::<Option<_>>()?)),
            Shape::Condition(_) => None,
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        match &self.shape {
            Shape::Compare { operator, .. } => match operator {
                Comparison::Less | Comparison::LessOrEqual => Kind::Max,
                Comparison::Greater | Comparison::GreaterOrEqual => Kind::Min,
                Comparison::Equal | Comparison::NotEqual => Kind::Equal,
            },
            Shape::Range { .. } => Kind::Range,
            Shape::List { .. } => Kind::Equal,
            Shape::Condition(_) => Kind::Condition,
        }
    }

    pub(crate) fn operator(&self) -> &'static str {
        match &self.shape {
            Shape::Compare { operator, .. } => operator.written(),
            Shape::Range { .. } | Shape::List { .. } => "in",
            Shape::Condition(_) => "",
        }
    }

    /// The distance to the bound, negative where it is violated.
    fn margin(&self, outcome: &Outcome<'_>) -> Option<Quantity> {
        let actual = outcome.actual.number().ok()?;
        match (&self.shape, &outcome.expected) {
            (Shape::Compare { operator, .. }, Expected::One(expected)) => {
                let expected = expected.number().ok()?;
                match operator {
                    Comparison::Less | Comparison::LessOrEqual => expected.minus(actual),
                    Comparison::Greater | Comparison::GreaterOrEqual => actual.minus(expected),
                    Comparison::Equal => Some(-actual.minus(expected)?.abs()),
                    Comparison::NotEqual => Some(actual.minus(expected)?.abs()),
                }
            }
            (_, Expected::Range(ends)) => {
                let [low, high] = &**ends;
                let (above, below) = (actual.minus(low.number().ok()?)?, high.number().ok()?.minus(actual)?);
                Some(if above.compare(below)?.is_lt() { above } else { below })
            }
            _ => None,
        }
    }

    /// By how much figures are multiplied in a violation, and with which unit's letters they stand: those of the bound.
    pub(crate) fn shown_unit(&self) -> (Option<Quantity>, &'static str) {
        match (self.unit, self.bound_unit) {
            (Some(from), Some(to)) => (Some(plan::factor(from, to)), to.written()),
            // A share on a name without a unit was taken as the fraction it is.
            (None, Some(to)) => (Some(plan::factor(Unit::Ratio, to)), to.written()),
            _ => (None, ""),
        }
    }

    /// `p99_us=2400 > 2000`: in the unit the bound was written in.
    fn violation(&self, id: &str, outcome: &Outcome<'_>) -> String {
        let (factor, letters) = self.shown_unit();
        let convert = |datum: &Datum<'_>| {
            let number = datum.number().ok()?;
            factor.map_or(Some(number), |factor| number.times(factor))
        };
        let both = |a: &Datum<'_>, b: &Datum<'_>| match (convert(a), convert(b)) {
            (Some(a), Some(b)) => {
                let (a, b) = a.texts_apart(b);
                (format!("{a}{letters}"), format!("{b}{letters}"))
            }
            _ => (text(a), text(b)),
        };
        match (&self.shape, &outcome.expected) {
            (Shape::Compare { operator, .. }, Expected::One(expected)) => {
                let (actual, expected) = both(&outcome.actual, expected);
                format!("{id}={actual} {} {expected}", operator.negated().written())
            }
            (_, Expected::Range(ends)) => {
                let [low, high] = &**ends;
                let (_, shown_low) = both(&outcome.actual, low);
                let (actual, shown_high) = both(&outcome.actual, high);
                format!("{id}={actual} not in {shown_low}..{shown_high}")
            }
            (_, Expected::List(list)) => {
                let shown: Vec<String> = list.iter().map(|member| both(&outcome.actual, member).1).collect();
                let actual = list.first().map_or_else(String::new, |member| both(&outcome.actual, member).0);
                format!("{id}={actual} not in [{}]", shown.join(", "))
            }
            _ => self.condition_text.clone(),
        }
    }

    /// The message with its paths filled in, `?` where nothing can be told.
    fn message(&self, outcome: &Outcome<'_>, subject: &Subject<'_>) -> String {
        let mut message = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => message.push_str(text),
                Part::Path(path) => {
                    let filled = path.fill(&outcome.captured);
                    message.push_str(&filled.map_or_else(|| "?".to_owned(), |path| read_text(&path, subject)));
                }
            }
        }
        message
    }
}

/// A value of the record as it stands in a message.
fn read_text(path: &Path, subject: &Subject<'_>) -> String {
    if subject.claims.unknown(path).is_some() {
        return "?".to_owned();
    }
    match subject.survey.read(path, subject.record) {
        Reading::Found(Value::Text(text)) => text.to_string(),
        Reading::Found(Value::Null) | Reading::Missing | Reading::Ambiguous => "?".to_owned(),
        Reading::Found(value) => {
            let mut out = Vec::new();
            schema::json::write(value, &mut out);
            String::from_utf8_lossy(&out).into_owned()
        }
    }
}

/// A value for people: texts in quotes.
fn text(datum: &Datum<'_>) -> String {
    let mut out = Vec::new();
    match datum {
        Datum::Number(number) => return number.to_number(number::TEXT_DIGITS).to_string(),
        Datum::Text(text) => schema::json::write_text(text, &mut out),
        Datum::Empty => return "\"\"".to_owned(),
        Datum::Truth(yes) => return yes.to_string(),
        Datum::Null => return "null".to_owned(),
        Datum::Whole(value) => schema::json::write(value, &mut out),
        Datum::Unknown(_) | Datum::Between(_) => return "?".to_owned(),
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn value(datum: &Datum<'_>) -> Value<'static> {
    match datum {
        Datum::Number(number) => Value::Number(number.to_number(number::WIRE_DIGITS)),
        Datum::Text(text) => Value::text(text.to_string()),
        Datum::Empty => Value::text(""),
        Datum::Truth(yes) => Value::Bool(*yes),
        Datum::Whole(value) => (*value).clone().into_owned(),
        // What could be read; the code beside it says that it is not all.
        Datum::Between(Interval { shown: Some(number), .. }) => Value::Number(number.to_number(number::WIRE_DIGITS)),
        Datum::Null | Datum::Unknown(_) | Datum::Between(_) => Value::Null,
    }
}

fn constant(node: &Node) -> Option<Value<'static>> {
    match node {
        Node::Number(number) => Some(value(&Datum::Number(*number))),
        Node::Text(text) => Some(Value::text(text.clone())),
        Node::Bool(yes) => Some(Value::Bool(*yes)),
        _ => None,
    }
}

impl Outcome<'_> {
    /// What several runs came to together; `skipped` beside the answer.
    pub(crate) fn over_runs(
        (holds, skipped): (Result<bool, Code>, bool),
        (actual, expected): (Option<Quantity>, Option<Quantity>),
        metric: Option<Path>,
        matched: Option<String>,
        words: Option<String>,
        assumed: bool,
        interval: Option<schema::Interval<'static>>,
    ) -> Outcome<'static> {
        let code = holds.err().unwrap_or(Code::Missing);
        let datum = |number: Option<Quantity>| number.map_or(Datum::Unknown(code), Datum::Number);
        Outcome {
            holds,
            skipped,
            actual: datum(actual),
            expected: Expected::One(Box::new(datum(expected))),
            assumed,
            metric,
            captured: Vec::new(),
            matched,
            noise: words,
            interval,
        }
    }

    /// `actual` and `expected` of the check; two numbers that differ never look equal.
    fn values(&self, subject: &Subject<'_>) -> (Value<'static>, Value<'static>) {
        let actual = match self.metric.as_ref().map(|path| subject.survey.read(path, subject.record)) {
            // The number's own text, as long as it was read and nothing was computed.
            Some(Reading::Found(Value::Number(number))) if self.actual.number().is_ok() => {
                Value::Number(number.clone().into_owned())
            }
            _ => value(&self.actual),
        };
        match &self.expected {
            Expected::One(expected) => match (self.actual.number(), expected.number()) {
                (Ok(a), Ok(b)) if a.as_decimal().is_none() || b.as_decimal().is_none() => {
                    let (a, b) = a.numbers_apart(b);
                    (Value::Number(a), Value::Number(b))
                }
                _ => (actual, value(expected)),
            },
            Expected::Range(ends) => (actual, Value::List(ends.iter().map(value).collect())),
            Expected::List(list) => (actual, Value::List(list.iter().map(value).collect())),
            Expected::Holds if self.matched.is_none() && matches!(self.actual, Datum::Unknown(_)) => {
                (Value::Null, Value::Bool(true))
            }
            Expected::Holds => (actual, Value::Bool(true)),
        }
    }
}

/// The `count` beside a metric.
pub(crate) fn samples(path: &Path, subject: &Subject<'_>) -> Option<u64> {
    if path.last_name() == Some("count") {
        return None;
    }
    let count = match path.parent() {
        Some(parent) => parent.child("count"),
        None => Path::from_keys(["count"]),
    }?;
    match subject.survey.read(&count, subject.record) {
        Reading::Found(Value::Number(number)) => {
            number.as_u64().or_else(|| Decimal::from_number(number).and_then(whole))
        }
        _ => None,
    }
}

/// The number where it is a whole one that is not negative.
pub(crate) fn whole(number: Decimal) -> Option<u64> {
    let tens = 10i128.checked_pow(u32::try_from(number.exponent()).ok()?)?;
    u64::try_from(number.digits().checked_mul(tens)?).ok()
}
