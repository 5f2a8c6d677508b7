//! A signature beside a verdict: whatever byte of it, of the document or of the key is another, it no longer holds.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::path::Path;
use std::process::Command;

use testkit::Random;

/// How often each of the three is changed.
const TIMES: u64 = 400;

#[test]
fn one_byte_more_or_less_is_no_signature() {
    let cases = testkit::root().join("testdata/verdict/sign");
    let folder = std::env::temp_dir().join(format!("verdict-signatures-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for name in ["release.key", "release.pub", "source.json"] {
        fs::copy(cases.join(name), folder.join(name)).unwrap();
    }
    let input = fs::File::open(cases.join("stdin")).unwrap();
    let signing = ["--now", "2026-03-05T20:32:12Z", "--sign", "release.key", "-o", "v.json"];
    let signed = Command::new(env!("CARGO_BIN_EXE_verdict")).args(signing).current_dir(&folder).stdin(input).status();
    assert!(signed.unwrap().success());
    assert_eq!(verify(&folder), Some(0));
    let mut random = Random::new(22);
    let mut refused = 0;
    for name in ["v.json.minisig", "v.json", "release.pub"] {
        let path = folder.join(name);
        let whole = fs::read(&path).unwrap();
        for _ in 0..testkit::times(TIMES) {
            let changed = random.mutated(&whole);
            // What comments say beside the signed one, and how lines end, is nobody's word.
            if meaning(name, &changed) == meaning(name, &whole) {
                continue;
            }
            fs::write(&path, &changed).unwrap();
            let code = verify(&folder);
            let text = String::from_utf8_lossy(&changed);
            assert!(matches!(code, Some(1..=3)), "{name}: {code:?} for {text:?}");
            refused += 1;
        }
        fs::write(&path, &whole).unwrap();
    }
    assert!(refused > testkit::times(TIMES), "only {refused} changes meant something else");
    assert_eq!(verify(&folder), Some(0));
    fs::remove_dir_all(&folder).unwrap();
}

fn verify(folder: &Path) -> Option<i32> {
    let mut verdict = Command::new(env!("CARGO_BIN_EXE_verdict"));
    verdict.args(["-q", "--verify", "v.json", "--key", "release.pub"]).current_dir(folder);
    verdict.stderr(std::process::Stdio::null()).status().unwrap().code()
}

/// What of a file is signed or decides: of a document all, of a key its last line, of a signature the lines without
/// the comment that nobody signs.
fn meaning(name: &str, bytes: &[u8]) -> Vec<Vec<u8>> {
    if name == "v.json" {
        return vec![bytes.to_vec()];
    }
    let lines: Vec<Vec<u8>> = bytes.split(|&byte| byte == b'\n').map(|line| line.trim_ascii().to_vec()).collect();
    let lines: Vec<Vec<u8>> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    if name == "release.pub" {
        return lines.into_iter().next_back().into_iter().collect();
    }
    let skipped = usize::from(lines.first().is_some_and(|line| line.starts_with(b"untrusted comment: ")));
    lines.into_iter().skip(skipped).collect()
}
