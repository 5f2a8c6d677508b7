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
        ("cat new.json | check-threshold -t limits", 0),
        ("kv-extract --seal old.log | percentile --seal -f ms | check-threshold 'ms.p99 <= 20'", 3),
        ("kv-extract --seal new.log | percentile --seal -f ms | check-threshold 'ms.p99 <= 20'", 0),
        // Yesterday's part of a log beside today's.
        ("kv-extract --seal old.log new.log | percentile --seal -f ms | check-threshold 'ms.p99 <= 20'", 0),
    ];
    for (line, wanted) in lines {
        assert_eq!(status(&folder, &format!("{line} | verdict -q")), Some(0), "{line}");
        assert_eq!(status(&folder, &format!("{line} | verdict -q --newer-than 20h")), Some(wanted), "{line}");
    }
    // What the file was when it was read, nobody can tell any more.
    let written =
        "check-threshold -i old.json -t limits >checks; cp new.json old.json; verdict -q --newer-than 20h checks";
    assert_eq!(status(&folder, written), Some(0));
    std::fs::remove_dir_all(&folder).unwrap();
}
