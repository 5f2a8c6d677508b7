//! All five tools in one pipeline: whatever dies or is missing, the answer is never PASS.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const SHELLS: [&str; 2] = ["dash", "bash"];

fn installed(shell: &str) -> bool {
    Command::new(shell).args(["-c", "true"]).status().is_ok_and(|status| status.success())
}

/// Runs `command` in `shell` with the five tools in PATH.
fn run(shell: &str, command: &str) -> Output {
    let path = format!("{}:{}", testkit::tools().display(), std::env::var("PATH").unwrap());
    Command::new(shell).args(["-c", command]).env("PATH", path).env_remove("EVIDENCE_SEAL").output().unwrap()
}

#[test]
fn evidence_that_is_not_there_is_inconclusive() {
    for shell in SHELLS.into_iter().filter(|shell| installed(shell)) {
        for (input, code) in [
            ("echo '{}' |", "missing"),
            ("printf '' |", "no-records"),
            ("echo '{\"p99\":null}' |", "null"),
            ("echo '{\"p99\":\"NaN\"}' |", "not-a-number"),
            ("echo '{\"p99\":12' |", "malformed"),
            ("echo '{\"p99\":\"12\"}' |", "not-a-number"),
            ("echo '{\"p99\":true}' |", "wrong-type"),
            ("export EVIDENCE_SEAL=1; sh -c 'kill -9 $$' |", "no-seal"),
            ("export EVIDENCE_SEAL=1; false |", "no-seal"),
        ] {
            let output = run(shell, &format!("{input} check-threshold 'p99 <= 200' | verdict"));
            let text = String::from_utf8(output.stdout).unwrap();
            assert_eq!(output.status.code(), Some(3), "{shell}: {input}: {text}");
            assert!(text.contains("\"verdict\":\"INCONCLUSIVE\""), "{shell}: {input}: {text}");
            assert!(text.contains(&format!("\"code\":\"{code}\"")), "{shell}: {input}: wanted {code}: {text}");
            assert_eq!(testkit::schema_errors(schema::VERDICT_SCHEMA, text.as_bytes()), Vec::<String>::new());
        }
    }
}

#[test]
fn a_stream_cut_by_head_is_inconclusive() {
    for shell in SHELLS.into_iter().filter(|shell| installed(shell)) {
        for lines in 0..5 {
            let cut = format!(
                "echo '{{\"p99\":1,\"p50\":1}}' | check-threshold 'p99 <= 200' 'p50 <= 100' | head -n {lines} | verdict"
            );
            let output = run(shell, &cut);
            let text = String::from_utf8(output.stdout).unwrap();
            // One record line, two checks and the seal: the fourth line makes it whole.
            if lines == 4 {
                assert_eq!(output.status.code(), Some(0), "{text}");
                continue;
            }
            assert_eq!(output.status.code(), Some(3), "{shell}: {lines}: {text}");
            assert!(text.contains("no-seal") || text.contains("count-mismatch"), "{shell}: {lines}: {text}");
        }
    }
}

/// The pipeline, each stage leaving its process id behind so that one of them can be killed.
const STAGES: [&str; 5] =
    ["kv-extract", "percentile -f took_ms -p 99", "merge-evidence", "check-threshold 'took_ms.p99 <= 200'", "verdict"];

#[test]
fn killing_any_stage_before_its_seal_never_leaves_a_pass() {
    let folder = std::env::temp_dir().join(format!("pipeline-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    // The same pipeline passes where nothing is killed, so that the rest of this test means something.
    for killed in [None, Some(0), Some(1), Some(2), Some(3), Some(4)] {
        for shell in SHELLS.into_iter().filter(|shell| installed(shell)) {
            for round in 0..testkit::times(200).max(5) {
                if killed.is_none() && round > 0 {
                    break;
                }
                let (status, text) = killed_at(&folder, shell, killed, round);
                if killed.is_none() {
                    assert_eq!((status, text.contains("\"verdict\":\"PASS\"")), (Some(0), true), "{shell}: {text}");
                    // The log comes by a pipe that nothing vouches for; every stage behind it is sealed.
                    assert!(text.contains("\"chain\":\"partly sealed\""), "{text}");
                } else {
                    assert_ne!(status, Some(0), "{shell}: {killed:?} killed: {text}");
                    assert!(!text.contains("\"verdict\":\"PASS\""), "{shell}: {killed:?} killed: {text}");
                }
            }
        }
    }
    fs::remove_dir_all(&folder).unwrap();
}

/// Holds the input open, kills one stage, closes the input, and waits for the answer.
fn killed_at(folder: &Path, shell: &str, killed: Option<usize>, round: u64) -> (Option<i32>, String) {
    let fifo = folder.join("input");
    let _ = fs::remove_file(&fifo);
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let pid_file = |stage: usize| -> PathBuf { folder.join(format!("pid{stage}")) };
    let mut pipeline = String::from("export EVIDENCE_SEAL=1\n");
    for (stage, command) in STAGES.iter().enumerate() {
        let _ = fs::remove_file(pid_file(stage));
        let bar = if stage == 0 { "" } else { " | " };
        let input = if stage == 0 { format!(" <{}", fifo.display()) } else { String::new() };
        let leave = pid_file(stage);
        // The id is written beside and renamed, so that it is read whole.
        pipeline.push_str(&format!(
            "{bar}sh -c 'echo $$ >{0}.part; mv {0}.part {0}; exec \"$@\"' stage {command}{input}",
            leave.display()
        ));
    }
    let path = format!("{}:{}", testkit::tools().display(), std::env::var("PATH").unwrap());
    let shell = Command::new(shell)
        .args(["-c", &pipeline])
        .env("PATH", path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = fs::OpenOptions::new().write(true).open(&fifo).unwrap();
    for line in 0..(round * 37) % 500 + 1 {
        writeln!(input, "level=info msg=done took_ms={}", line % 150).unwrap();
    }
    let deadline = Instant::now() + Duration::from_secs(20);
    if let Some(stage) = killed {
        let pid = loop {
            match fs::read_to_string(pid_file(stage)) {
                Ok(pid) if !pid.trim().is_empty() => break pid.trim().to_owned(),
                _ => assert!(Instant::now() < deadline, "stage {stage} did not start"),
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        // Sometimes it dies while it is still the shell, sometimes when it is the tool and has read.
        std::thread::sleep(Duration::from_millis(round % 7 * 3));
        assert!(Command::new("kill").args(["-9", &pid]).status().unwrap().success());
    }
    drop(input);
    let output = shell.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}
