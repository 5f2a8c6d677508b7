//! What stages read from files is of this run only where the files are: `--newer-than` looks at when they were changed.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The exit status of a command line in `folder`.
fn status(folder: &Path, line: &str) -> Option<i32> {
    let path = format!("{}:{}", testkit::tools().display(), std::env::var("PATH").unwrap());
    let mut bash = Command::new("bash");
    bash.args(["-c", line]).current_dir(folder).env("PATH", path).env_remove("EVIDENCE_SEAL");
    bash.output().unwrap().status.code()
}

#[test]
fn files_of_last_week_are_not_of_this_run() {
    let folder = std::env::temp_dir().join(format!("verdict-fresh-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: &str, days: u32| {
        std::fs::write(folder.join(name), text).unwrap();
        let changed = SystemTime::now() - DAY * days;
        File::options().write(true).open(folder.join(name)).unwrap().set_modified(changed).unwrap();
    };
    let record = r#"{"http_req_duration":{"p99_ms":5,"count":40}}"#;
    write("old.json", record, 9);
    write("new.json", &format!("{record} "), 0);
    write("old.log", "ms=5\n", 9);
    write("new.log", "ms=5\nms=6\n", 0);
    write("limits", "http_req_duration.p99_ms <= 20\n", 90);
    let lines = [
        ("merge-evidence r=old.json | check-threshold 'r.http_req_duration.p99_ms <= 20'", 3),
        ("merge-evidence r=new.json | check-threshold 'r.http_req_duration.p99_ms <= 20'", 0),
        ("check-threshold -i old.json -t limits", 3),
        ("check-threshold -i new.json -t limits", 0),
        // The thresholds of a stream are as old as they like.
        ("sed s/^./{\\\"ts\\\":$(date +%s),/ new.json | check-threshold -t limits", 0),
        // Nothing tells when this is from.
        ("cat new.json | check-threshold -t limits", 3),
        ("kv-extract --seal old.log | percentile --seal -f ms | check-threshold 'ms.p99 <= 20'", 3),
        ("kv-extract --seal new.log | percentile --seal -f ms | check-threshold 'ms.p99 <= 20'", 0),
        // Yesterday's part of a log beside today's.
        ("kv-extract --seal old.log new.log | percentile --seal -f ms | check-threshold 'ms.p99 <= 20'", 0),
    ];
    for (line, wanted) in lines {
        assert_eq!(status(&folder, &format!("{line} | verdict -q")), Some(0), "{line}");
        assert_eq!(status(&folder, &format!("{line} | verdict -q --newer-than 20h")), Some(wanted), "{line}");
    }
    // Without a zone it may be new or not, unless it is from another day in any.
    for (hours, options, wanted) in
        [(0, "", 3), (0, "--tz UTC", 0), (0, "--tz Nowhere/Land", 2), (72, "", 3), (72, "--tz UTC", 3)]
    {
        let record = format!("echo \"{{\\\"time\\\":\\\"$(date -u -d '-{hours} hours' '+%F %T')\\\",\\\"p\\\":5}}\"");
        let line = format!("{record} | check-threshold 'p <= 9' | verdict -q --newer-than 5m {options}");
        assert_eq!(status(&folder, &line), Some(wanted), "{line}");
    }
    assert_eq!(status(&folder, "verdict -q --tz UTC </dev/null"), Some(2));
    // What the file was when it was read, nobody can tell any more.
    let written =
        "check-threshold -i old.json -t limits >checks; cp new.json old.json; verdict -q --newer-than 20h checks";
    assert_eq!(status(&folder, written), Some(0));
    std::fs::remove_dir_all(&folder).unwrap();
}

/// What a record says of its whole stands beside its figures, or in an object about it.
#[test]
fn times_within_what_is_about_a_record() {
    let folder = std::env::temp_dir();
    for (record, wanted) in [
        (r#"{"p":5,"meta":{"ts":NOW}}"#, 0),
        (r#"{"p":5,"meta":{"ts":1772742732}}"#, 3),
        (r#"{"p":5,"run":{"finished_at":NOW}}"#, 0),
        (r#"{"p":5,"slowest":{"ts":NOW}}"#, 3),
        (r#"{"p":5,"ts":1772742732,"meta":{"ts":NOW}}"#, 3),
        (r#"{"p":5,"ts":NOW,"meta":{"ts":1772742732}}"#, 0),
    ] {
        let record = record.replace("NOW", "'\"$(date +%s)\"'");
        let line = format!("echo '{record}' | check-threshold 'p <= 9' | verdict -q --newer-than 5m");
        assert_eq!(status(&folder, &line), Some(wanted), "{line}");
    }
}

/// A document of another job under this job's name.
#[test]
fn copies_of_documents() {
    let folder = std::env::temp_dir().join(format!("verdict-copies-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let make = "seq 100 >n; percentile --seal n | check-threshold 'p99 <= 200' >checks; verdict checks -o a.json; cp a.json b.json;
        ln -s a.json l.json; verdict --set-text x=y checks -o c.json; percentile --seal n | check-threshold 'p99 <= 300' | verdict -o d.json;
        echo '{\"p\":5}' | check-threshold 'p <= 9' | verdict --now 2026-03-05T20:32:12Z -o e.json; cp e.json f.json";
    assert_eq!(status(&folder, make), Some(0));
    for (files, wanted) in [
        ("a.json b.json", 3),
        ("a.json l.json", 3),
        ("a.json c.json", 3),
        ("a.json b.json --allow-equal", 0),
        ("a.json d.json", 0),
        // A figure or two may be the same by chance.
        ("e.json f.json", 0),
        ("a.json e.json", 0),
    ] {
        assert_eq!(status(&folder, &format!("verdict -q {files}")), Some(wanted), "{files}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
