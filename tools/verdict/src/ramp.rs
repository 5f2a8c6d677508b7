//! A ramp: groups read as steps of a rising load, and the highest load that held.
//!
//! Owns the order of steps and the answer; refuses to let a step that cannot be told stop the ramp or pass.

use schema::{Group, Ramp, Status};

/// What the steps say together: the ramp, and what it counts as.
///
/// PASS (or WARN) where a step below the first failure passed; FAIL where one failed and none below it passed;
/// else it cannot be told.
pub fn judge(steps: &[(&Group<'_>, Status)]) -> (Ramp, Status) {
    let steps = rising(steps);
    let trip = steps.iter().position(|(_, status)| *status == Status::Fail);
    let below = &steps[..trip.unwrap_or(steps.len())];
    let answer = below.iter().rev().find(|(_, status)| matches!(status, Status::Pass | Status::Warn));
    let unknown = steps.iter().filter(|(_, status)| matches!(status, Status::Inconclusive | Status::Skip));
    let tripped = trip.map(|place| steps[place].0);
    let ramp = Ramp {
        answer: answer.map(|(step, _)| step.id.clone()),
        tripped: tripped.map(|step| step.id.clone()),
        next_limit: tripped.map(|step| step.reason.clone()).unwrap_or_default(),
        inconclusive: unknown.map(|(step, _)| step.id.clone()).collect(),
        lowest: steps.first().map(|(step, _)| step.id.clone()),
    };
    let status = match (answer, trip) {
        (Some((_, status)), _) => *status,
        (None, Some(_)) => Status::Fail,
        (None, None) => Status::Inconclusive,
    };
    (ramp, status)
}

/// `ANSWER: max = 2000`, or that no step passed.
pub fn answer(ramp: &Ramp) -> String {
    match (&ramp.answer, &ramp.lowest) {
        (Some(answer), _) if answer.is_empty() => "ANSWER: max = all records (-b names the steps)".to_owned(),
        (Some(answer), _) => format!("ANSWER: max = {answer}"),
        (None, Some(lowest)) => format!("ANSWER: no step passed (lowest: {lowest})"),
        (None, None) => "ANSWER: no step passed (there was none)".to_owned(),
    }
}

/// The steps by their load where every id is one, else as they came.
fn rising<'g, 'a>(steps: &[(&'g Group<'a>, Status)]) -> Vec<(&'g Group<'a>, Status)> {
    let mut steps = steps.to_vec();
    sort(&mut steps, |(step, _)| load(&step.id));
    steps
}

/// Groups in the order of steps.
pub fn in_order<'g, 'a>(mut groups: Vec<&'g Group<'a>>) -> Vec<&'g Group<'a>> {
    sort(&mut groups, |group| load(&group.id));
    groups
}

fn sort<T>(steps: &mut [T], load: impl Fn(&T) -> Option<f64>) {
    if steps.iter().all(|step| load(step).is_some()) {
        steps.sort_by(|a, b| load(a).unwrap_or_default().total_cmp(&load(b).unwrap_or_default()));
    }
}

/// `500`, `1k`, `2.5M`: a load as people write steps.
pub fn load(text: &str) -> Option<f64> {
    let (number, factor) = match text.char_indices().next_back()? {
        (end, 'k' | 'K') => (&text[..end], 1e3),
        (end, 'M') => (&text[..end], 1e6),
        _ => (text, 1.0),
    };
    schema::Number::parse(number)?.to_f64().map(|number| number * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(steps: &[(&str, Status)]) -> (Ramp, Status) {
        let group = |(id, status): &(&str, Status)| {
            let group = Group { id: (*id).to_owned(), reason: format!("{id} says"), ..Group::default() };
            (group, *status)
        };
        let groups: Vec<(Group<'_>, Status)> = steps.iter().map(group).collect();
        let borrowed: Vec<(&Group<'_>, Status)> = groups.iter().map(|(group, status)| (group, *status)).collect();
        judge(&borrowed)
    }

    #[test]
    fn the_highest_pass_below_the_first_fail() {
        use Status::{Fail, Inconclusive, Pass};
        let (ramp, status) = judged(&[("500", Pass), ("1k", Inconclusive), ("2k", Pass), ("5k", Fail)]);
        assert_eq!((ramp.answer.as_deref(), ramp.tripped.as_deref()), (Some("2k"), Some("5k")));
        assert_eq!((ramp.next_limit.as_str(), ramp.inconclusive, status), ("5k says", vec!["1k".to_owned()], Pass));
        let (ramp, status) = judged(&[("500", Pass), ("1k", Fail), ("2k", Pass)]);
        assert_eq!((ramp.answer.as_deref(), status), (Some("500"), Pass), "a pass above a failure is no answer");
        let (ramp, status) = judged(&[("500", Inconclusive), ("1k", Fail)]);
        assert_eq!((ramp.answer, status), (None, Fail));
        let (ramp, status) = judged(&[("500", Inconclusive), ("1k", Inconclusive)]);
        assert_eq!((answer(&ramp).as_str(), status), ("ANSWER: no step passed (lowest: 500)", Inconclusive));
        let (ramp, status) = judged(&[("500", Pass), ("1k", Inconclusive)]);
        assert_eq!((ramp.answer.as_deref(), ramp.tripped, status), (Some("500"), None, Pass));
        assert_eq!(judged(&[]).1, Inconclusive);
    }

    #[test]
    fn steps_are_put_in_order_of_load() {
        use Status::{Fail, Pass};
        let (ramp, _) = judged(&[("2k", Fail), ("500", Pass), ("1.5k", Pass)]);
        assert_eq!((ramp.answer.as_deref(), ramp.lowest.as_deref()), (Some("1.5k"), Some("500")));
        let (ramp, _) = judged(&[("small", Pass), ("large", Fail), ("huge", Pass)]);
        assert_eq!(ramp.answer.as_deref(), Some("small"));
    }
}
