use filter::states::{Listed, list_digest, row_digest};
use schema::json;
use testkit::Random;

use super::*;
use crate::modes::state::{Bounds, bound, record};
use crate::options::Asked;
use crate::report::summary::{Records, summary};
use crate::stats::definitions::{Level, Method, Percentile};

fn parameters() -> Parameters {
    Parameters { by: vec!["op".to_owned()], fields: Some(vec!["x".to_owned()]), reading: Object::new() }
}

/// The groups of samples, as one run would have read them.
fn groups(samples: &[(u8, Sample)], sketch: bool) -> Groups {
    let mut groups = Groups::new(vec!["x".to_owned()], sketch.then(Precision::default));
    for &(op, one) in samples {
        let value = Value::Number(Number::from(op));
        let group = groups.place(&[&value]);
        groups.record(group, &[], &Value::Null, None, expr::Order::Given);
        assert!(groups.take(group, 0, one, 1));
    }
    groups.sort(1);
    bounded(&mut groups);
    groups
}

fn bounded(groups: &mut Groups) {
    let bounds = Bounds::new(1 << 30, Precision::default(), None);
    (0..groups.list.len()).for_each(|place| bound(groups, place, &bounds));
}

fn named(names: &[String]) -> Vec<Source> {
    names.iter().map(|name| Source { name: name.clone(), ..Source::default() }).collect()
}

fn text(groups: &Groups, sources: &[Source]) -> Vec<u8> {
    let (mut text, mut sources) = (Vec::new(), Listed::of(sources));
    for place in 0..groups.list.len().max(1) {
        json::write_object(&record(groups, place, &parameters(), &mut sources), &mut text);
        text.push(b'\n');
    }
    text
}

/// The states in `texts` merged: the state's text, and the summaries'.
fn merged(texts: &[Vec<u8>]) -> (Vec<u8>, Vec<u8>, Vec<Source>) {
    let mut merging = Merging::new(1 << 30, Precision::default(), false);
    for line in texts.iter().flat_map(|text| text.split(|&byte| byte == b'\n')).filter(|line| !line.is_empty()) {
        merging.take(&json::parse(line).unwrap()).unwrap();
    }
    let Merged { mut groups, sources, .. } = merging.finish(&Expected::Count(texts.len()), true).unwrap();
    groups.sort(1);
    bounded(&mut groups);
    (text(&groups, &sources), summaries(&mut groups), sources)
}

fn summaries(groups: &mut Groups) -> Vec<u8> {
    let percentiles = Percentile::parse_list("0,50,99,99.9").unwrap();
    let asked = Asked {
        percentiles,
        method: Method::R7,
        sum: true,
        sure: Level::parse("95%").ok(),
        buckets: false,
        interval: None,
    };
    let mut text = Vec::new();
    for group in &mut groups.list {
        for metric in &mut group.metrics {
            json::write_object(&summary(metric, Records::default(), &asked).object, &mut text);
            text.push(b'\n');
        }
    }
    text
}

fn sample(random: &mut Random, kind: usize) -> Sample {
    let text = match kind {
        0 => format!("{}.{:03}", random.below(500), random.below(1000)),
        1 => format!("-{}", random.below(9)),
        2 => format!("{}e{}", random.below(100_000), random.below(600) as i64 - 300),
        3 => format!("{}", random.below(1 << 60)),
        _ => format!("0.{:017}", random.below(1 << 50)),
    };
    Sample::parse(text.as_bytes()).unwrap()
}

#[test]
fn every_partition_and_order_merges_to_the_same_bytes() {
    let mut random = Random::new(41);
    for round in 0..testkit::times(100_000) {
        let sketch = round % 2 == 0;
        let kinds = 1 + random.below(5);
        let mut samples: Vec<(u8, Sample)> = Vec::new();
        for _ in 0..1 + random.below(40) {
            let kind = random.below(kinds);
            samples.push((random.below(3) as u8, sample(&mut random, kind)));
        }
        let mut whole = groups(&samples, sketch);
        let wanted = summaries(&mut whole);
        for at in (1..samples.len()).rev() {
            samples.swap(at, random.below(at + 1));
        }
        let count = 1 + random.below(6);
        let mut parts: Vec<Vec<(u8, Sample)>> = vec![Vec::new(); count];
        for sample in &samples {
            parts[random.below(count)].push(*sample);
        }
        let names: Vec<String> = (0..count).map(|part| format!("web{part}")).collect();
        let mut states: Vec<Vec<u8>> = parts
            .iter()
            .zip(&names)
            .map(|(part, name)| text(&groups(part, sketch), &named(std::slice::from_ref(name))))
            .collect();
        let (state, summary, _) = merged(&states);
        assert_eq!(String::from_utf8(summary), String::from_utf8(wanted.clone()));
        assert_eq!(String::from_utf8(text(&whole, &named(&names))), String::from_utf8(state.clone()));
        // In another order and in two steps, as a tree would merge them.
        states.reverse();
        if count > 2 {
            let (first, rest) = states.split_at(count / 2);
            let mut merging = Merging::new(1 << 30, Precision::default(), false);
            for line in first.iter().flat_map(|text| text.split(|&byte| byte == b'\n')).filter(|line| !line.is_empty())
            {
                merging.take(&json::parse(line).unwrap()).unwrap();
            }
            let Merged { mut groups, sources, .. } = merging.finish(&Expected::Any, true).unwrap();
            groups.sort(1);
            bounded(&mut groups);
            let mut merging = Merging::new(1 << 30, Precision::default(), false);
            let half = text(&groups, &sources);
            for line in std::iter::once(&half).chain(rest).flat_map(|text| text.split(|&byte| byte == b'\n')) {
                if !line.is_empty() {
                    merging.take(&json::parse(line).unwrap()).unwrap();
                }
            }
            let Merged { mut groups, sources, .. } = merging.finish(&Expected::Any, true).unwrap();
            groups.sort(1);
            bounded(&mut groups);
            assert_eq!(text(&groups, &sources), state);
        }
    }
}

#[test]
fn a_sketch_state_is_small_whatever_the_input() {
    let mut random = Random::new(3);
    let samples: Vec<(u8, Sample)> = (0..60_000).map(|_| (0, sample(&mut random, 2))).collect();
    let text = text(&groups(&samples, true), &named(&["a".to_owned()]));
    assert!(text.len() <= 64_000, "{}", text.len());
}

/// The row as if it had been written so: with its digests put right.
fn written_so(text: &str) -> Value<'static> {
    let mut record = json::parse(text.as_bytes()).unwrap().into_owned().as_object().unwrap().clone();
    let mut state = record.get("@state").unwrap().as_object().unwrap().clone();
    let of = list_digest(state.get("sources").and_then(Value::as_list).unwrap());
    state.insert("of", of);
    let key = record.get("op").cloned();
    let digest = row_digest(&key.iter().collect::<Vec<_>>(), &state);
    state.insert("digest", digest);
    record.insert("@state", state);
    Value::Object(record)
}

fn refusal(row: &Value<'_>) -> Option<String> {
    Merging::new(1 << 30, Precision::default(), false).take(row).err()
}

#[test]
fn what_is_no_state_is_refused() {
    let good = groups(&[(1, Sample::new(5, 0))], false);
    let good = String::from_utf8(text(&good, &named(&["a".to_owned()]))).unwrap();
    assert_eq!(refusal(&json::parse(good.as_bytes()).unwrap()), None);
    assert_eq!(refusal(&written_so(&good)), None);
    for (from, to) in [
        ("\"version\":2", "\"version\":3"),
        ("[1,1]", "[2,1]"),
        ("[1,1]", "[0,1]"),
        ("[{\"name\":\"a\"}]", "[]"),
        ("[{\"name\":\"a\"}]", "[{\"name\":7}]"),
        ("[{\"name\":\"a\"}]", "[{\"name\":\"a\",\"split\":[2,1]}]"),
        ("\"steps\":[5,1]", "\"steps\":[5]"),
        ("\"steps\":[5,1]", "\"steps\":[5,-1]"),
        ("\"steps\":[5,1]", "\"steps\":[5,2]"),
        ("\"scale\":0", "\"scale\":99"),
        ("\"records\":1", "\"records\":0"),
        ("\"seen\":1", "\"seen\":\"1\""),
    ] {
        assert!(good.contains(from), "{good}");
        let changed = good.replace(from, to);
        assert!(refusal(&written_so(&changed)).is_some(), "{from} {to}");
        // And by its digest alone, which is asked first.
        let reason = refusal(&json::parse(changed.as_bytes()).unwrap()).unwrap();
        assert!(to.contains("version") || reason.starts_with("digest-mismatch"), "{reason}");
    }
}

#[test]
fn one_changed_digit_of_a_row_is_seen() {
    let mut random = Random::new(83);
    let samples: Vec<(u8, Sample)> = (0..40).map(|_| (1, sample(&mut random, 0))).collect();
    let good = text(&groups(&samples, false), &named(&["web1".to_owned()]));
    for (place, &byte) in good.iter().enumerate().filter(|(_, byte)| byte.is_ascii_digit()) {
        let mut changed = good.clone();
        changed[place] = if byte == b'9' { b'1' } else { byte + 1 };
        if let Ok(row) = json::parse(&changed) {
            assert!(refusal(&row).is_some(), "{}", String::from_utf8_lossy(&changed));
        }
    }
}

#[test]
fn rows_of_version_1_are_still_read() {
    let row = |source: &str, steps: &str| {
        let text = format!(
            "{{\"@state\":{{\"version\":1,\"sources\":[{source}],\"part\":[1,1],\"parameters\":{{\"by\":[],\"fields\":null}},\
             \"records\":2,\"metrics\":{{\"\":{{\"seen\":1,\"invalid\":1,\"count\":1,\"exact\":{{\"scale\":0,\"steps\":{steps}}}}}}}}}}}"
        );
        json::parse(text.as_bytes()).unwrap().into_owned()
    };
    let mut merging = Merging::new(1 << 30, Precision::default(), false);
    merging.take(&row("\"a\"", "[5,1]")).unwrap();
    merging.take(&row("\"b\",\"c\"", "[7,1]")).unwrap();
    assert!(merging.take(&row("\"c\"", "[7,1]")).unwrap_err().starts_with("duplicate-source"));
    let merged = merging.finish(&Expected::Any, true);
    let Ok(Merged { groups, sources, vouched: false, .. }) = merged else { panic!("{:?}", merged.err()) };
    assert_eq!(sources.iter().map(Source::id).collect::<Vec<_>>(), ["a", "b", "c"]);
    // That something could not be read is not forgotten.
    assert_eq!(groups.list[0].metrics[0].doubts.as_ref().map(|doubts| doubts.records(Kind::Value)), Some(2));
}

#[test]
fn what_came_twice_and_what_is_missing_is_named() {
    let state = |source: Source| text(&groups(&[(1, Sample::new(5, 0))], false), &[source]);
    let merged = |sources: Vec<Source>, allow_equal: bool| {
        let mut merging = Merging::new(1 << 30, Precision::default(), allow_equal);
        for source in sources {
            merging.take(&json::parse(&state(source)).unwrap())?;
        }
        merging.finish(&Expected::Any, true).map(|merged| merged.sources.len()).map_err(|error| error.to_string())
    };
    let source = |name: &str, split: Option<(u64, u64)>, input: &str| Source {
        name: name.to_owned(),
        split,
        input: Some(input.to_owned()),
        lines: Some(1),
        ..Source::default()
    };
    let code = |answer: Result<usize, String>| {
        answer.map_err(|reason| reason.trim_start_matches("--merge: ").split(':').next().unwrap_or_default().to_owned())
    };
    let twice = vec![source("a", None, "1"), source("b", None, "1")];
    assert_eq!(code(merged(twice.clone(), false)), Err("duplicate-source".to_owned()));
    assert_eq!(merged(twice, true), Ok(2));
    // Parts of one input may hold the same; a part that ran twice is one counted twice.
    let part = |part, input: &str| source("", Some((part, 2)), input);
    assert_eq!(merged(vec![part(1, "1"), part(2, "1")], false), Ok(2));
    assert_eq!(code(merged(vec![part(1, "1"), part(1, "2")], false)), Err("duplicate-source".to_owned()));
    assert_eq!(code(merged(vec![part(1, "1")], false)), Err("missing-source".to_owned()));
    let empty = Source { lines: Some(0), ..source("x", None, "0") };
    assert_eq!(merged(vec![empty.clone(), Source { name: "y".to_owned(), ..empty }], false), Ok(2));
    let refused = Source { rejected: 3, allow_rejected: Some("2".to_owned()), ..source("z", None, "3") };
    assert_eq!(code(merged(vec![refused], false)), Err("upstream-rejected".to_owned()));
}
