//! A document that was edited no longer verifies, however consistently its words were edited with it.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::process::Command;

use testkit::feed;

const RECORD: &str = r#"{"@record":{"a":1,"b":2},"scope":""}"#;
const A: &str = r#"{"id":"a","scope":"","metric":"a","type":"max","op":"<=","actual":1,"expected":10,"unit":"","status":"pass","passed":true,"fatal":false,"origin":"observed","code":"","violation":"","reason":"","margin":9,"threshold":"a <= 10"}"#;
const B: &str = r#"{"id":"b","scope":"","metric":"b","type":"max","op":"<=","actual":2,"expected":1,"unit":"","status":"fail","passed":false,"fatal":false,"origin":"observed","code":"","violation":"b=2 > 1","reason":"b=2 > 1","margin":-1,"threshold":"b <= 1"}"#;
const C: &str = r#"{"id":"c","scope":"","metric":"c","type":"max","op":"<=","actual":null,"expected":1,"unit":"","status":"inconclusive","passed":null,"fatal":false,"origin":"observed","code":"missing","violation":"","reason":"c: missing","threshold":"c <= 1"}"#;
const C_SKIPPED: &str = r#"{"id":"c","scope":"","metric":"c","type":"max","op":"<=","actual":null,"expected":1,"unit":"","status":"skip","passed":null,"fatal":false,"origin":"observed","code":"","violation":"","reason":"","threshold":"c <= 1"}"#;
const C_BARE: &str = r#"{"id":"c","scope":"","status":"skip"}"#;

/// The words of a verdict that a forger would set.
const FAIL: &[(&str, &str)] = &[
    (r#""verdict":"FAIL","reason":"b=2 > 1""#, r#""verdict":"PASS","reason":"all checks passed""#),
    (r#""all_pass":false,"recommended_exit_code":1"#, r#""all_pass":true,"recommended_exit_code":0"#),
];
const DOUBT: &[(&str, &str)] = &[
    (r#""verdict":"INCONCLUSIVE","reason":"c: missing""#, r#""verdict":"PASS","reason":"all checks passed""#),
    (r#""all_pass":false,"recommended_exit_code":3"#, r#""all_pass":true,"recommended_exit_code":0"#),
];
/// The counts as well: of two checks one, of two checks that one was skipped.
const ONE: (&str, &str) = (
    r#""total":2,"pass":1,"warn":0,"inconclusive":0,"fail":1,"skip":0},"groups":{"total":1,"pass":0,"warn":0,"inconclusive":0,"fail":1"#,
    r#""total":1,"pass":1,"warn":0,"inconclusive":0,"fail":0,"skip":0},"groups":{"total":1,"pass":1,"warn":0,"inconclusive":0,"fail":0"#,
);
const SKIP: (&str, &str) = (
    r#""total":2,"pass":1,"warn":0,"inconclusive":1,"fail":0,"skip":0},"groups":{"total":1,"pass":0,"warn":0,"inconclusive":1"#,
    r#""total":2,"pass":1,"warn":0,"inconclusive":0,"fail":0,"skip":1},"groups":{"total":1,"pass":1,"warn":0,"inconclusive":0"#,
);

fn verdict(arguments: &[&str], stdin: &str) -> (String, String, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verdict"));
    let output = feed(command.args(["--now", "0"]).args(arguments), stdin.as_bytes());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

/// A stream of these lines, sealed.
fn stream(lines: &[&str]) -> String {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let (records, bytes) = (lines.len(), text.len());
    format!(
        r#"{text}{{"@seal":{{"tool":"check-threshold","version":"0","schema":1,"lines":1,"used":1,"skipped":0,"rejected":0,"records":{records},"bytes":{bytes},"inputs":[]}}}}
"#
    )
}

/// The document verdict makes of a stream.
fn document(arguments: &[&str], lines: &[&str]) -> String {
    verdict(arguments, &stream(lines)).0
}

/// What verifying `document` with `edits` says and its exit status.
fn verified(document: &str, edits: &[(&str, &str)]) -> (String, i32) {
    let mut text = document.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}\n{text}");
        text = text.replace(from, to);
    }
    let (_, said, status) = verdict(&["-q", "--verify", "-"], &text);
    (said, status)
}

#[test]
fn what_was_not_edited_holds() {
    for (arguments, lines) in [
        (&[][..], &[RECORD, A, B, C][..]),
        (&[], &[RECORD, A]),
        (&[], &[A]),
        (&["--where", "id == \"a\""], &[RECORD, A, B, C]),
        (&["-b", "id"], &[RECORD, A, B, C]),
        (&["--expect", "x"], &[RECORD, A]),
        (&["--gate", "D=b", "--decide", "D"], &[RECORD, A, B]),
        (&["--gate", "D=z", "--decide", "D"], &[RECORD, A]),
    ] {
        let document = document(arguments, lines);
        let wanted = if lines.contains(&RECORD) { 0 } else { 3 };
        let (said, status) = verified(&document, &[]);
        assert_eq!(status, wanted, "{arguments:?} {said}\n{document}");
        assert!(!said.contains("FAIL"), "{said}");
    }
}

#[test]
fn what_was_edited_does_not() {
    let (b, c, after) = (format!(",{B}"), format!(",{C}"), r#","violations":["b=2 > 1"]"#);
    let (fail, doubt) = (document(&[], &[RECORD, A, B]), document(&[], &[RECORD, A, C]));
    let gone = &[(b.as_str(), ""), (after, r#","violations":[]"#), FAIL[0], FAIL[1]][..];
    let skipped = &[(C, C_SKIPPED), DOUBT[0], DOUBT[1]][..];
    let bare = &[(C, C_BARE), DOUBT[0], DOUBT[1], SKIP][..];
    for (document, edits, status, said) in [
        (&fail, gone, 1, "counts: checks.total 2 then, 1 are here"),
        (&fail, gone, 1, "count-mismatch: its seals count 3 lines, 2 are here"),
        (&fail, &[gone, &[ONE]].concat(), 1, "count-mismatch: its seals count 3 lines, 2 are here"),
        (&fail, &[(r#""all_pass":false"#, r#""all_pass":true"#)], 1, "all_pass: true then, false of its checks"),
        (&fail, &[(r#""all_pass":false,"#, "")], 3, "all_pass: missing: the document does not say it"),
        (&fail, &[(r#""recommended_exit_code":1,"#, "")], 3, "recommended_exit_code: missing"),
        (&fail, &[(r#""recommended_exit_code":1"#, r#""recommended_exit_code":7"#)], 1, "7 then, 1 of its checks"),
        (&fail, &[(r#""pass":1,"#, "")], 3, "counts: missing: the document does not say it"),
        (&doubt, &[(c.as_str(), ""), DOUBT[0], DOUBT[1]], 1, "counts: checks.total 2 then"),
        (&doubt, skipped, 1, "counts: checks.inconclusive 1 then, 0 are here"),
        (&doubt, &[skipped, &[SKIP]].concat(), 3, "c: missing: it is so only under --missing skip"),
        (&doubt, bare, 3, "c: missing: it carries no threshold"),
    ] {
        let (told, code) = verified(document, edits);
        assert_eq!(code, status, "{edits:?} {told}");
        assert!(told.contains(said), "{edits:?} {told}");
    }
}

/// What stands before the seal of another tool may be what that read: then it is a doubt, not a proof.
#[test]
fn the_seals_of_a_night_count_its_checks() {
    let folder = std::env::temp_dir().join(format!("verdict-edits-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (one, two) = (path("one.json"), path("two.json"));
    std::fs::write(&one, document(&[], &[RECORD, A, B])).unwrap();
    std::fs::write(&two, document(&["--where", "id == \"a\""], &[RECORD, A, C])).unwrap();
    let (night, _, _) = verdict(&[&one, &two], "");
    assert!(night.contains(r#""skipped":1,"#), "{night}");
    assert_eq!(verified(&night, &[]), (String::new(), 0));
    let in_night = |check: &str| format!(",{check}");
    let (told, code) = verified(&night, &[(&in_night(B), "")]);
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("its seals count 6 lines, 5 are here"), "{told}");
    let other =
        r#""tool":"check-threshold","version":"0","schema":1,"lines":1,"used":1,"skipped":0,"rejected":0,"records":3"#;
    let between = format!(
        r#"{{"tool":"percentile","version":"0","schema":1,"rejected":0,"records":1,"bytes":1,"inputs":[]}},{{{other}"#
    );
    let second = night.rfind(&format!("{{{other}")).unwrap();
    let night = format!("{}{between}{}", &night[..second], &night[second + 1 + other.len()..]);
    // A stage before the checks that sealed makes the whole chain partly sealed.
    let chain = night.rfind(r#""chain":"plain""#).unwrap();
    let night = format!("{}{}", &night[..chain], night[chain..].replacen("plain", "partly sealed", 1));
    assert_eq!(verified(&night, &[]), (String::new(), 0));
    let lost = [(in_night(B), String::new()), (r#""total":3"#.to_owned(), r#""total":2"#.to_owned())];
    let edits: Vec<(&str, &str)> = lost.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    let (told, _) = verified(&night, &edits);
    assert!(told.contains("INCONCLUSIVE @verdict: seals: count-mismatch"), "{told}");
    std::fs::remove_dir_all(&folder).unwrap();
}
