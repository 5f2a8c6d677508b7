//! Eight writers append to one file at once: no line is torn, none is lost.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

const WRITERS: usize = 8;
const TIMES: usize = 12;
const CHECKS: usize = 5;

#[test]
fn eight_writers() {
    let folder = std::env::temp_dir().join(format!("verdict-appends-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (alerts, csv) = (folder.join("alerts.log"), folder.join("all.csv"));
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (alerts, csv) = (&alerts, &csv);
            scope.spawn(move || {
                for _ in 0..TIMES {
                    write(writer, &format!("alerts={}", alerts.display()), &format!("csv={}", csv.display()));
                }
            });
        }
    });
    let text = fs::read_to_string(&alerts).unwrap();
    assert!(text.ends_with('\n'));
    let mut counts = [0; WRITERS];
    for line in text.lines() {
        assert!(line.starts_with("1970-01-01T00:00:00Z ALERT "), "{line}");
        let (_, reason) = line.split_once("reason=").unwrap();
        let letter = reason.chars().next().unwrap();
        assert_eq!((reason.len(), reason.chars().all(|other| other == letter)), (900, true), "{line}");
        counts[letter as usize - 'a' as usize] += 1;
    }
    assert_eq!(counts, [TIMES * CHECKS; WRITERS]);
    let text = fs::read_to_string(&csv).unwrap();
    let heads = text.lines().filter(|line| line.starts_with("group,id,")).count();
    assert_eq!((heads, text.lines().count()), (1, 1 + WRITERS * TIMES * CHECKS));
    fs::remove_dir_all(&folder).unwrap();
}

fn write(writer: usize, alerts: &str, csv: &str) {
    let letter = (b'a' + writer as u8) as char;
    let reason = letter.to_string().repeat(900);
    let line = format!("{{\"id\":\"a b\",\"status\":\"fail\",\"reason\":\"{reason}\"}}\n");
    let mut child = Command::new(env!("CARGO_BIN_EXE_verdict"))
        .args(["-q", "--unsealed", "--now", "0", "--append", alerts, "--append", csv])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(line.repeat(CHECKS).as_bytes()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
}
