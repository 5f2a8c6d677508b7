//! A check stream from which anything is lost never passes: every byte, every line.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::process::Command;

use testkit::{Random, feed};

/// The document verdict makes of `stream`, and its exit status.
fn verdict(stream: &[u8]) -> (String, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verdict"));
    let output = feed(command.args(["--now", "0", "--format", "json"]), stream);
    (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
}

fn sealed(lines: &str) -> String {
    format!(
        "{lines}{{\"@seal\":{{\"tool\":\"check-threshold\",\"version\":\"0.1.0\",\"schema\":1,\"lines\":1,\"used\":1,\"skipped\":0,\
         \"rejected\":0,\"records\":{},\"bytes\":{},\"inputs\":[],\"upstream\":[]}}}}\n",
        lines.lines().count(),
        lines.len()
    )
}

/// A stream of one or two segments that does not pass.
fn stream(random: &mut Random) -> String {
    let bad = ["fail", "inconclusive", "warn"][random.below(3)];
    let checks = 1 + random.below(4);
    let worst = random.below(checks);
    let mut lines = String::new();
    let mut stream = String::new();
    for number in 0..checks {
        if random.below(3) == 0 {
            lines.push_str(&format!("{{\"@record\":{{\"a\":{number}}},\"scope\":\"\"}}\n"));
        }
        let status = if number == worst { bad } else { "pass" };
        let passed = match status {
            "pass" => "true",
            "inconclusive" => "null",
            _ => "false",
        };
        let code = if status == "inconclusive" { "missing" } else { "" };
        lines.push_str(&format!(
            "{{\"id\":\"a{number}\",\"scope\":\"\",\"status\":\"{status}\",\"passed\":{passed},\"code\":\"{code}\",\"reason\":\"a\"}}\n"
        ));
        if random.below(4) == 0 {
            stream.push_str(&sealed(&lines));
            lines.clear();
        }
    }
    stream.push_str(&sealed(&lines));
    stream
}

#[test]
fn nothing_lost_makes_a_pass() {
    let wanted = testkit::times(200_000);
    let mut random = Random::new(7);
    let mut tried = 0;
    while tried < wanted {
        let stream = stream(&mut random);
        let bytes = stream.as_bytes();
        assert!(!verdict(bytes).0.starts_with("{\"verdict\":\"PASS\""), "{stream}");
        let mut cuts: Vec<Vec<u8>> = Vec::new();
        for at in 0..bytes.len() {
            cuts.push([&bytes[..at], &bytes[at + 1..]].concat());
        }
        let lines: Vec<&str> = stream.split_inclusive('\n').collect();
        for at in 0..lines.len() {
            cuts.push([&lines[..at], &lines[at + 1..]].concat().concat().into_bytes());
            // Sealed streams may be concatenated, so one that ends with a seal is whole: --expect tells what is missing.
            if at == 0 || !lines[at - 1].starts_with("{\"@seal\"") {
                cuts.push(lines[..at].concat().into_bytes());
            }
        }
        let (left, right) = cuts.split_at(cuts.len() / 2);
        std::thread::scope(|scope| {
            for half in [left, right] {
                scope.spawn(move || {
                    for cut in half {
                        let (document, status) = verdict(cut);
                        let shown = String::from_utf8_lossy(cut);
                        assert!(!document.starts_with("{\"verdict\":\"PASS\""), "{shown}\n{document}");
                        assert!(
                            status == 1 || status == 3 || document.starts_with("{\"verdict\":\"WARN\""),
                            "{status} {shown}"
                        );
                    }
                });
            }
        });
        tried += cuts.len() as u64;
    }
}
