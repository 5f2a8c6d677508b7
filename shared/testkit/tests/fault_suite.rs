//! `scripts/fault-suite` on many generated suites, against a plain model of what it must say.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::path::Path;
use std::process::Command;

use schema::{Value, json};
use testkit::Random;

/// One threshold of a scenario: id, the line it stands in, whether the bound is a least, and the bound.
type Bound = (&'static str, &'static str, bool, i64);

fn bounds(mode: &str, scenario: &str) -> [Bound; 5] {
    let baseline = mode == "baseline";
    let (events, tail) = match scenario {
        "torn_read" => ("torn_read_events", "p99_us"),
        "sink_stall" => ("sink_stall_events", "p95_us"),
        _ => ("reset_events", "p99_us"),
    };
    let numbers = match (baseline, scenario) {
        (true, "torn_read") => [10, 150_000, 980_000, 1, 250_000],
        (true, "sink_stall") => [10, 350_000, 980_000, 1, 600_000],
        (true, _) => [1, 800_000, 1_000_000, 4, 1_000_000],
        (false, "reset_storm") => [100, 1000, 20_000, 20, 2000],
        (false, _) => [100, 1000, 20_000, 200, 2000],
    };
    [
        ("ingest_to_emit_samples", "LATENCY_METRICS", true, numbers[0]),
        ("p50_us", "LATENCY_METRICS", false, numbers[1]),
        ("drop_ratio_ppm", "LATENCY_METRICS", false, numbers[2]),
        (events, "FAULT_COUNTERS", true, numbers[3]),
        (tail, "LATENCY_METRICS", false, numbers[4]),
    ]
}

/// What a generated scenario must come to.
struct Wanted {
    scenario: &'static str,
    order: i64,
    verdict: &'static str,
    reason: Option<String>,
    violations: Vec<String>,
    actuals: Vec<Option<i64>>,
}

#[test]
fn generated_suites_come_to_what_the_model_says() {
    let folder = std::env::temp_dir().join(format!("fault-suite-{}", std::process::id()));
    let mut random = Random::new(20260305);
    for round in 0..testkit::times(300) {
        let folder = folder.join(round.to_string());
        fs::create_dir_all(&folder).unwrap();
        one_suite(&folder, &mut random);
        fs::remove_dir_all(&folder).unwrap();
    }
    let _ = fs::remove_dir_all(&folder);
}

fn one_suite(folder: &Path, random: &mut Random) {
    let mode = *random.pick(&["baseline", "degraded"]);
    let columns = "order\tscenario_id\tname\tstatus\treason\tduration_ms\tsim_rc\tstreamer_rc\ttester_rc\tsim_log\tstreamer_log\ttester_log\tsdp_path\n";
    let mut scenarios = ["torn_read", "sink_stall", "reset_storm"];
    random.shuffle(&mut scenarios);
    let missing_scenario = random.once_in(8);
    let mut wanted = Vec::new();
    let mut rows = Vec::new();
    for (place, scenario) in scenarios.into_iter().enumerate() {
        if missing_scenario && place == 2 {
            continue;
        }
        let order = (place as i64 - 1) * 7;
        let log = folder.join(format!("{scenario} streamer.log"));
        let (scenario, codes) = generated(random, mode, scenario, order, &log);
        rows.push(format!(
            "{order}\t{}\t0{place}0\tPASS\t\t12{place}\t{}\t{}\t{}\t{}\t{}\t\t\n",
            scenario.scenario,
            codes[0],
            codes[1],
            codes[2],
            folder.join("sim.log").display(),
            log.display()
        ));
        wanted.push(scenario);
    }
    random.shuffle(&mut rows);
    fs::write(folder.join("sim.log"), "2026-03-05T20:32:00.512Z INFO sim started\n").unwrap();
    fs::write(folder.join("manifest.tsv"), format!("{columns}{}", rows.concat())).unwrap();

    let script = testkit::root().join("scripts/fault-suite");
    let output = Command::new(script)
        .arg("--manifest")
        .arg(folder.join("manifest.tsv"))
        .args([
            "--run-id",
            "r 1",
            "--run-dir",
            "/run",
            "--started-at",
            "2026-03-05T20:32:00Z",
            "--finished-at",
            "2026-03-05T20:33:00Z",
            "--mode",
            mode,
            "-o",
        ])
        .arg(folder.join("made/verdict.json"))
        .arg("--tools")
        .arg(testkit::tools())
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(testkit::schema_errors(schema::VERDICT_SCHEMA, stdout.as_bytes()), Vec::<String>::new(), "{stderr}");
    assert_eq!(fs::read_to_string(folder.join("made/verdict.json")).unwrap(), stdout);
    let document = json::parse(stdout.as_bytes()).unwrap();
    let text = |value: &Value<'_>, key: &str| value.get(key).and_then(Value::as_text).unwrap_or_default().to_owned();
    assert_eq!((text(&document, "mode"), text(&document, "run_id")), (mode.to_owned(), "r 1".to_owned()));
    assert_eq!(text(&document, "chain"), "sealed");

    let groups = document.get("groups").and_then(Value::as_list).unwrap();
    wanted.sort_by_key(|scenario| scenario.order);
    for (scenario, group) in wanted.iter().zip(groups) {
        assert_eq!(text(group, "id"), scenario.scenario, "{stdout}");
        assert_eq!(text(group, "verdict"), scenario.verdict, "{stdout}");
        if let Some(reason) = &scenario.reason {
            assert_eq!(&text(group, "reason"), reason, "{stdout}");
        }
        let violations: Vec<&str> =
            group.get("violations").and_then(Value::as_list).unwrap().iter().filter_map(Value::as_text).collect();
        assert_eq!(violations, scenario.violations, "{stdout}");
        let checks = group.get("checks").and_then(Value::as_list).unwrap();
        let ids: Vec<String> = checks.iter().map(|check| text(check, "id")).collect();
        let bounds = bounds(mode, scenario.scenario);
        let mut ids_wanted: Vec<&str> = bounds.iter().map(|bound| bound.0).collect();
        ids_wanted.extend([
            "process_exit",
            "p50_us is one",
            "p95_us is one",
            "p99_us is one",
            "drop_ratio_ppm is one",
            "sim_log",
            "streamer_log",
            "tester_log",
            "PIPELINE_METRICS",
            "RTP_METRICS",
        ]);
        assert_eq!(ids, ids_wanted);
        for ((check, bound), actual) in checks.iter().zip(bounds).zip(&scenario.actuals) {
            let number = |key: &str| check.get(key).and_then(Value::as_number).and_then(|number| number.as_i64());
            assert_eq!((number("actual"), number("expected")), (*actual, Some(bound.3)), "{}: {stdout}", bound.0);
        }
        let evidence = group.get("evidence").unwrap();
        assert_eq!(text(evidence, "declared_status"), "PASS");
        assert!(text(evidence, "name").starts_with('0'), "a name of digits stays text");
    }
    let worst = match wanted.iter().map(|scenario| scenario.verdict).collect::<Vec<_>>() {
        verdicts if verdicts.contains(&"FAIL") => (1, "FAIL"),
        verdicts if missing_scenario || verdicts.contains(&"INCONCLUSIVE") => (3, "INCONCLUSIVE"),
        _ => (0, "PASS"),
    };
    assert_eq!((output.status.code(), text(&document, "verdict").as_str()), (Some(worst.0), worst.1), "{stdout}");
}

/// Writes one scenario's log, or none, and says what it must come to.
fn generated(random: &mut Random, mode: &str, scenario: &'static str, order: i64, log: &Path) -> (Wanted, [String; 3]) {
    let bounds = bounds(mode, scenario);
    let mut actuals: Vec<Option<i64>> = Vec::new();
    for (_, _, least, bound) in bounds {
        let nudge = [0, 0, 1, 7, 1000][random.below(5)];
        let good = if least { bound + nudge } else { (bound - nudge).max(0) };
        let bad = if least { (bound - 1 - nudge).max(0) } else { bound + 1 + nudge };
        actuals.push(match random.below(12) {
            0 => Some(bad),
            1 if random.once_in(2) => None,
            _ => Some(good),
        });
    }
    // A median above the tail would be in doubt itself.
    if let (Some(median), Some(tail)) = (actuals[1], actuals[4]) {
        actuals[1] = Some(median.min(tail));
    }
    let absent_log = random.once_in(10);
    if !absent_log {
        let line = |token: &str, older: bool| {
            let pairs: String = bounds
                .iter()
                .zip(&actuals)
                .filter(|(bound, _)| bound.1 == token)
                .filter_map(|(bound, actual)| Some(format!(" {}={}", bound.0, if older { 3 } else { (*actual)? })))
                .collect();
            format!("2026-03-05T20:32:12.345Z INFO {token} codec=\"h264 p99_us=9\"{pairs} peer=10.0.0.7:5004\n")
        };
        let mut text = String::from("starting p99_us=1 torn_read_events=5000\n");
        for older in [true, false] {
            for token in ["PIPELINE_METRICS", "LATENCY_METRICS", "FAULT_COUNTERS", "RTP_METRICS"] {
                text.push_str(&line(token, older));
            }
            text.push_str("some prose with = signs, a == b\n");
        }
        fs::write(log, text).unwrap();
    } else {
        actuals = vec![None; 5];
    }
    let mut codes = ["0".to_owned(), "0".to_owned(), "0".to_owned()];
    if random.once_in(6) {
        codes[random.below(3)] = (*random.pick(&["1", "-9", "137", "", "x", "1.5", "007"])).to_owned();
    }
    let exits: Vec<Option<i64>> =
        codes.iter().map(|code| code.parse::<i64>().ok().filter(|number| number.to_string() == *code)).collect();
    let shown = |exit: &Option<i64>| exit.map_or("?".to_owned(), |code| code.to_string());

    let mut violations = Vec::new();
    for ((id, _, least, bound), actual) in bounds.iter().zip(&actuals) {
        match actual {
            Some(actual) if *least && actual < bound => violations.push(format!("{id}={actual} < {bound}")),
            Some(actual) if !*least && actual > bound => violations.push(format!("{id}={actual} > {bound}")),
            _ => {}
        }
    }
    let crashed = exits.iter().flatten().any(|code| *code != 0);
    let unknown = actuals.contains(&None) || exits.contains(&None);
    let (verdict, reason) = if crashed {
        let reason =
            format!("process_rc(sim={},streamer={},tester={})", shown(&exits[0]), shown(&exits[1]), shown(&exits[2]));
        ("FAIL", Some(reason))
    } else if !violations.is_empty() {
        ("FAIL", Some(violations.join("; ")))
    } else if unknown {
        ("INCONCLUSIVE", None)
    } else {
        ("PASS", Some("all checks passed".to_owned()))
    };
    if crashed {
        violations.push("process_exit.sim == 0 and process_exit.streamer == 0 and process_exit.tester == 0".to_owned());
    }
    (Wanted { scenario, order, verdict, reason, violations, actuals }, codes)
}

#[test]
fn what_cannot_be_done_is_said() {
    let folder = std::env::temp_dir().join(format!("fault-suite-errors-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let script = testkit::root().join("scripts/fault-suite");
    let run = |manifest: &str, mode: &str| {
        fs::write(folder.join("manifest.tsv"), manifest).unwrap();
        let output = Command::new(&script)
            .args(["--manifest", folder.join("manifest.tsv").to_str().unwrap(), "--mode", mode, "--run-id", "r"])
            .args(["--run-dir", "d", "--started-at", "2026-03-05T20:32:00Z"])
            .args(["--finished-at", "2026-03-05T20:33:00Z", "--tools"])
            .arg(testkit::tools())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let header = "order\tscenario_id\tname\tstatus\treason\tduration_ms\tsim_rc\tstreamer_rc\ttester_rc\tsim_log\tstreamer_log\ttester_log\tsdp_path\n";
    let row = "1\ttorn_read\t\t\t\t\t0\t0\t0\t\t\t\t\n";
    for (manifest, mode, wanted) in [
        (format!("{header}{row}{row}"), "baseline", "listed twice"),
        (format!("{header}{row}"), "degrade", "wanted baseline or degraded"),
        (format!("{header}{}", row.replacen('1', "first", 1)), "baseline", "is not an integer"),
        ("a\tb\n1\t2\n".to_owned(), "baseline", "wanted a column order"),
    ] {
        let (status, stderr) = run(&manifest, mode);
        assert_eq!(status, Some(2), "{stderr}");
        assert!(stderr.contains(wanted), "{wanted}: {stderr}");
    }
    let (status, stderr) = run(header, "baseline");
    assert_eq!(status, Some(3), "a suite of nothing is no pass: {stderr}");
    fs::remove_dir_all(&folder).unwrap();
}
