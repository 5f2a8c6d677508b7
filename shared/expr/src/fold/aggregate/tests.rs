use super::*;
use schema::json;

const RECORDS: [&str; 6] = [
    r#"{"ms":10,"ok":true,"op":"a","c":5}"#,
    r#"{"ms":30,"ok":false,"op":"b","c":9}"#,
    r#"{"ms":20,"ok":false,"op":"a","c":2}"#,
    r#"{"ms":0.5,"ok":true,"op":"c","c":4}"#,
    r#"{"ms":40,"ok":false,"op":"a","c":4}"#,
    r#"{"ms":1,"ok":true,"op":"a","c":10}"#,
];

fn fold(text: &str, records: &[&str]) -> String {
    let aggregate = Aggregate::parse(text).unwrap_or_else(|error| panic!("{text}: {error}\n{}", error.caret()));
    let of = |records: &[&str]| {
        let mut state = aggregate.start();
        for record in records {
            state.add(&aggregate, &json::parse(record.as_bytes()).unwrap());
        }
        state
    };
    let shown = |state: &AggregateState| match state.finish(&aggregate) {
        Ok(value) => {
            let mut out = Vec::new();
            json::write(&value, &mut out);
            String::from_utf8(out).unwrap()
        }
        Err(code) => code.to_string(),
    };
    let whole = shown(&of(records));
    // Through the text of a state as well, where that holds it.
    if aggregate.joins_in_any_order(true) {
        let mut text = Vec::new();
        json::write_object(&of(records).to_value(), &mut text);
        let read = AggregateState::from_value(&aggregate, &json::parse(&text).unwrap()).unwrap();
        assert_eq!(shown(&read), whole, "{text:?}");
        assert_eq!(read.to_value(), of(records).to_value());
    }
    for cut in 0..=records.len() {
        let mut merged = of(&records[..cut]);
        merged.merge(&of(&records[cut..]));
        assert_eq!(shown(&merged), whole, "{text} cut at {cut}");
    }
    assert_eq!(Aggregate::parse(&aggregate.to_string()).unwrap(), aggregate, "{aggregate}");
    whole
}

#[test]
fn slopes() {
    let rising: Vec<String> = (0..12)
        .map(|at| format!("{{\"ts\":\"2026-03-05T20:{at:02}:00Z\",\"rss_mb\":{}}}", 100.0 + 0.5 * f64::from(at)))
        .collect();
    let rising: Vec<&str> = rising.iter().map(String::as_str).collect();
    // The quotient stays whole until all is done.
    assert_eq!(fold("rss.per_hour = 3600 * slope(rss_mb by ts)", &rising), "30");
    assert_eq!(fold("n = slope(rss_mb by ts where rss_mb > 104)", &rising), "0.0083333333333333333");
    assert_eq!(fold("n = slope(rss_mb by ts)", &rising[..1]), "no-samples");
    assert_eq!(fold("n = slope(ms by ms)", &RECORDS), "1");
    assert_eq!(fold("n = slope(ms by op)", &RECORDS), "not-a-number");
    assert_eq!(fold("n = slope(ms by c)", &RECORDS[..2]), "5");
    for wrong in ["n = slope(ms)", "n = mean(ms by c)", "n = slope()", "n = slope(ms by)"] {
        assert!(Aggregate::parse(wrong).is_err(), "{wrong}");
    }
    let ends = |text: &str, level: f64, records: &[&str]| {
        let aggregate = Aggregate::parse(text).unwrap();
        let mut state = aggregate.start();
        records.iter().for_each(|record| state.add(&aggregate, &json::parse(record.as_bytes()).unwrap()));
        let ends = state.ends(&aggregate, Number::from_f64(level).unwrap());
        let show = |(path, value): &(Path, Value<'static>)| {
            let mut out = Vec::new();
            json::write(value, &mut out);
            format!("{path}={}", String::from_utf8(out).unwrap())
        };
        ends.iter().map(show).collect::<Vec<_>>().join(" ")
    };
    let text = "rss.per_hour = 3600 * slope(rss_mb by ts)";
    let both = "rss.per_hour_low=30 rss.per_hour_high=30 rss.sure=0.95";
    assert_eq!(ends(text, 0.95, &rising), both);
    assert_eq!(ends(text, 0.95, &rising[..3]), "rss.per_hour_low=null rss.per_hour_high=null rss.sure=0.95");
    // Turned, the low end is what the high one was.
    let down = ends("n = -slope(ms by c)", 0.5, &RECORDS);
    let up = ends("n = slope(ms by c)", 0.5, &RECORDS);
    assert!(down != up && !down.contains("null"), "{down} {up}");
    assert_eq!(ends("n = count()", 0.95, &RECORDS), "");
    let many = vec![RECORDS[0]; 2001];
    assert_eq!(fold_once("n = slope(ms by c)", &many), "overflow");
}

/// A sawtooth's slope is that of its lowest points: what a garbage collector takes back is no leak.
#[test]
fn slopes_of_windows() {
    let teeth: Vec<String> = (0..240)
        .map(|at| {
            let stamp = 1_772_000_400 + 60 * at;
            format!(r#"{{"ts":{stamp},"t":{stamp},"x":{},"mb":{}}}"#, at, 100 + 7 * (at % 10) + at / 10)
        })
        .collect();
    let teeth: Vec<&str> = teeth.iter().map(String::as_str).collect();
    assert_eq!(fold_cut("leak.per_hour = 3600 * slope(min(mb) by 10m)", &teeth), "6");
    assert_eq!(fold_cut("leak.per_hour = 3600 * slope(min(mb) by 10m of t)", &teeth), "6");
    assert_eq!(fold_cut("n = 60 * slope(max(mb) by 10m)", &teeth), "0.1");
    assert_eq!(fold_cut("n = slope(count() by 10m)", &teeth), "0");
    assert_eq!(fold_cut("n = 60 * slope(mean(x where x < 200) by 10m where mb > 0)", &teeth), "1");
    assert_eq!(fold_cut("n = slope(min(mb) by 10m of none)", &teeth), "missing");
    assert_eq!(fold_cut("n = slope(min(none) by 10m)", &teeth), "missing");
    assert_eq!(fold_cut("n = slope(min(mb) by 10h)", &teeth), "no-samples");
    assert_eq!(fold_cut("n = slope(count() by 1ms)", &teeth.repeat(1)[..2]), "0");
    let aggregate = Aggregate::parse("n = slope( min(mb)  by 10m )").unwrap();
    assert_eq!(aggregate.to_string(), "n = slope(min(mb) by 10m of ts)");
    assert_eq!(aggregate.paths().iter().map(|path| path.dotted()).collect::<Vec<_>>(), ["mb", "ts"]);
    for wrong in [
        "n = slope(min(mb) by ts)",
        "n = slope(min(mb) + 1 by 10m)",
        "n = slope(mb by 10m)",
        "n = slope(last(mb) by 10m)",
        "n = slope(slope(mb by ts) by 10m)",
        "n = slope(min(mb) by 0m)",
        "n = slope(min(mb) by 10MiB)",
        "n = max(min(mb) by 10m)",
    ] {
        assert!(Aggregate::parse(wrong).is_err(), "{wrong}");
    }
    let mut state = aggregate.start();
    teeth.iter().for_each(|record| state.add(&aggregate, &json::parse(record.as_bytes()).unwrap()));
    let ends = state.ends(&aggregate, Number::from_f64(0.95).unwrap());
    assert_eq!(ends.len(), 3);
    assert!(ends[..2].iter().all(|(_, end)| end.as_number().unwrap().as_str() == "0.0016666666666666667"));
}

/// What it comes to, read in one go, in parts that join in any order, and through the text of a state.
fn fold_cut(text: &str, records: &[&str]) -> String {
    let aggregate = Aggregate::parse(text).unwrap_or_else(|error| panic!("{text}: {error}\n{}", error.caret()));
    let shown = |state: &AggregateState| match state.finish(&aggregate) {
        Ok(Value::Number(number)) => number.to_string(),
        Ok(other) => panic!("{other:?}"),
        Err(code) => code.to_string(),
    };
    let of = |records: &[&str]| {
        let mut state = aggregate.start();
        records.iter().for_each(|record| state.add(&aggregate, &json::parse(record.as_bytes()).unwrap()));
        let mut text = Vec::new();
        json::write_object(&state.to_value(), &mut text);
        AggregateState::from_value(&aggregate, &json::parse(&text).unwrap()).unwrap()
    };
    let whole = of(records);
    for cut in [0, 1, records.len() / 3, records.len()] {
        let mut late = of(&records[cut..]);
        late.join(&of(&records[..cut]));
        assert_eq!(late.to_value(), whole.to_value(), "{text} cut at {cut}");
    }
    shown(&whole)
}

/// Without the cuts, of which there would be too many.
fn fold_once(text: &str, records: &[&str]) -> String {
    let aggregate = Aggregate::parse(text).unwrap();
    let mut state = aggregate.start();
    records.iter().for_each(|record| state.add(&aggregate, &json::parse(record.as_bytes()).unwrap()));
    state.finish(&aggregate).map_or_else(|code| code.to_string(), |_| "known".to_owned())
}

#[test]
fn functions() {
    for (text, value) in [
        ("n = count()", "6"),
        ("n = count(where ok)", "3"),
        ("n = sum(ms)", "101.5"),
        ("n = mean(ms where op == \"a\")", "17.75"),
        ("n = min(ms)", "0.5"),
        ("n = max(ms)", "40"),
        ("n = first(op)", "\"a\""),
        ("n = last(ms)", "1"),
        ("n = any(ms > 35)", "true"),
        ("n = all(ms > 35)", "false"),
        ("n = all(ms < 41)", "true"),
        ("n = any(ms > 41)", "false"),
        ("n = longest(not ok)", "2"),
        ("n = distinct(op)", "3"),
        ("n = increase(c)", "14"),
        ("uptime_pct = 100 * count(where ok) / count()", "50"),
        ("n = sum(ms * 2 where not ok) / 7", "25.714285714285714"),
        ("n = sum(ms / 3) * 3", "101.5"),
        ("n = max(mean(ms), 17)", "17"),
        ("n = count(where op == \"none\")", "0"),
        ("n = mean(ms where op == \"none\")", "no-samples"),
        ("n = sum(ms where op == \"none\")", "no-samples"),
        ("n = all(ok where op == \"none\")", "no-samples"),
        ("n = sum(none)", "missing"),
        ("n = count(where none > 1)", "missing"),
        ("n = sum(op)", "not-a-number"),
        ("n = 1 / (count() - 6)", "division-by-zero"),
        ("n = count() > 5 and any(ok)", "true"),
    ] {
        assert_eq!(fold(text, &RECORDS), value, "{text}");
    }
    assert_eq!(fold("n = count()", &[]), "no-records");
    assert_eq!(fold("n = increase(c)", &RECORDS[..1]), "no-samples");
    assert_eq!(fold("n = any(x)", &[r#"{"x":true}"#, "{}"]), "true");
    assert_eq!(fold("n = any(x)", &[r#"{"x":false}"#, "{}"]), "missing");
}

#[test]
fn percentiles_are_not_averaged_however_it_is_written() {
    for (text, found) in [
        ("n = mean(p99_ms)", true),
        ("n = mean( (latency.p95 * 2) where ok)", true),
        ("n = sum(default(p99.9, 0)) / count()", true),
        ("n = mean(median)", true),
        ("n = mean(med)", true),
        ("n = mean(0 + P99)", true),
        ("n = mean(-latency_p99_ms)", true),
        ("n = mean(abs(x.\"p(95)\"))", true),
        ("n = mean(max(p99_ms, 0))", true),
        ("n = sum(1 * p99_ms) / count()", true),
        ("n = (first(p99) + last(p99)) / 2", true),
        ("n = max(p99)", false),
        ("n = max(p99) - min(p99)", false),
        ("n = mean(ms where p99 > 5)", false),
        ("n = count(where p99 > 5) + count(where p95 > 5)", false),
        ("n = mean(pods)", false),
    ] {
        let aggregate = Aggregate::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(aggregate.averages_percentiles().is_some(), found, "{text}");
    }
}

#[test]
fn what_cannot_be_read_lies_between_limits() {
    let records =
        [r#"{"ms":10,"ok":true}"#, r#"{"ms":300,"ok":false}"#, r#"{"ms":"x","ok":"y"}"#, r#"{"ms":20,"ok":true}"#];
    for (text, wanted) in [
        ("n = max(ms)", "300.."),
        ("n = min(ms)", "..10"),
        ("n = count(where ok)", "2..3"),
        ("n = count() - count(where ok)", "1..2"),
        ("n = 100 * count(where ok) / count()", "50..75"),
        ("n = count() / count(where ok)", ".."),
        ("n = sum(ms)", ".."),
        ("n = mean(ms)", ".."),
        ("n = max(ms) * 2", "600.."),
        ("n = 0 - max(ms)", "..-300"),
    ] {
        let aggregate = Aggregate::parse(text).unwrap();
        let mut state = aggregate.start();
        records.iter().for_each(|record| state.add(&aggregate, &json::parse(record.as_bytes()).unwrap()));
        assert!(state.finish(&aggregate).is_err(), "{text}");
        let (low, high) = state.limits(&aggregate);
        let shown = |limit: Option<Number<'static>>| limit.map_or(String::new(), |limit| limit.to_string());
        assert_eq!(format!("{}..{}", shown(low), shown(high)), wanted, "{text}");
    }
}

#[test]
fn what_speaks_of_every_moment() {
    for (text, all) in [
        ("n = min(up)", true),
        ("n = mean(up) * 100", true),
        ("uptime_pct = 100 * count(where ok) / count()", true),
        ("n = all(ok)", true),
        ("n = any(ok)", true),
        ("n = max(up)", true),
        ("n = count(where ok)", true),
        ("n = sum(ms) / 2", true),
        ("n = longest(not ok)", true),
        ("n = distinct(op)", true),
        ("n = count()", false),
        ("n = increase(c)", false),
        ("n = last(up) - first(up)", false),
        ("n = slope(up by ts)", false),
    ] {
        assert_eq!(Aggregate::parse(text).unwrap().spans_time(), all, "{text}");
    }
}

#[test]
fn what_a_hole_leaves_of_it() {
    for (text, wanted) in [
        ("n = max(ms)", "40.."),
        ("n = min(ms)", "..0.5"),
        ("n = max(ms) - min(ms)", "39.5.."),
        ("n = 0 - max(ms)", "..-40"),
        ("n = longest(not ok)", "2.."),
        ("n = distinct(op)", "3.."),
        ("n = count(where ok)", "3.."),
        ("n = count(where ms > 1000)", "0.."),
        ("n = count() - count(where ok)", ".."),
        ("n = 100 * count(where ok) / count()", ".."),
        ("n = sum(ms)", ".."),
        ("n = mean(ms)", ".."),
        ("n = sum(ms) / sum(c)", ".."),
        ("n = any(ms > 35)", "known"),
        ("n = any(ms > 41)", ".."),
        ("n = all(ms > 35)", "known"),
        ("n = all(ms < 41)", ".."),
        ("n = not any(ms > 35)", "known"),
        ("n = count(where ok) > 2", "known"),
        ("n = count(where ok) < 2", "known"),
        ("n = count(where ok) < 5", ".."),
        ("n = max(ms) > 30 and all(ms > 35)", "known"),
        ("n = count()", "known"),
        ("n = last(ms) - first(ms)", "known"),
        ("n = increase(c)", "known"),
    ] {
        let aggregate = Aggregate::parse(text).unwrap();
        let mut state = aggregate.start();
        RECORDS.iter().for_each(|record| state.add(&aggregate, &json::parse(record.as_bytes()).unwrap()));
        let shown = |limit: Option<Number<'static>>| limit.map_or(String::new(), |limit| limit.to_string());
        let unseen = state.unseen(&aggregate).map(|(low, high)| format!("{}..{}", shown(low), shown(high)));
        assert_eq!(unseen.as_deref().unwrap_or("known"), wanted, "{text}");
    }
}

#[test]
fn errors() {
    for (text, part) in [
        ("n = ms", "say last(ms)"),
        ("n = 5", "goes over records"),
        ("n count()", "NAME = EXPR"),
        ("n = p95(ms)", "percentile"),
        ("n = count(ms", "\")\""),
        ("n = sum()", "wants"),
        ("n = sum(sum(x))", "within"),
        ("*.n = count()", "wildcard"),
        ("n = sum(a.*)", "wildcard"),
    ] {
        let error = Aggregate::parse(text).unwrap_err();
        assert!(error.to_string().contains(part), "{text}: {error}");
    }
}
