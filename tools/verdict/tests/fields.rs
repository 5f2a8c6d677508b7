//! Every field of a verdict that follows from the rest of it: edited or taken away, the document no longer verifies.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::path::{Path, PathBuf};
use std::process::Command;

use schema::{Number, Object, Value, json};
use testkit::feed;

/// One step into a document.
#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Place(usize),
}

/// A folder of its own, which is gone when it is dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a command line in `folder` prints.
fn run(folder: &Path, line: &str) -> Vec<u8> {
    let path = format!("{}:{}", testkit::tools().display(), std::env::var("PATH").unwrap());
    let mut bash = Command::new("bash");
    bash.args(["-c", line]).current_dir(folder).env("PATH", path).env_remove("EVIDENCE_SEAL");
    let output = bash.output().unwrap();
    assert!(!output.stdout.is_empty(), "{line}\n{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The exit status of verifying a document in `folder`, and what it says.
fn verified(folder: &Path, document: &[u8]) -> (i32, String) {
    let mut verdict = Command::new(env!("CARGO_BIN_EXE_verdict"));
    let output = feed(verdict.args(["-q", "--verify", "-"]).current_dir(folder), document);
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The ways to everything in a value, but for the evidence, which the checks are held against.
fn ways(value: &Value<'_>, at: &mut Vec<Step>, all: &mut Vec<Vec<Step>>) {
    if !at.is_empty() {
        all.push(at.clone());
    }
    match value {
        Value::Object(object) => {
            for (key, value) in object.iter().filter(|(key, _)| *key != "evidence") {
                at.push(Step::Key(key.to_owned()));
                ways(value, at, all);
                at.pop();
            }
        }
        Value::List(list) => {
            for (place, value) in list.iter().enumerate() {
                at.push(Step::Place(place));
                ways(value, at, all);
                at.pop();
            }
        }
        _ => {}
    }
}

/// What is done to a field.
#[derive(Clone, Copy, Debug)]
enum Edit {
    Change,
    TakeAway,
    /// The key has another letter, as after a bit that flipped: what it says is said no more.
    Rename,
}

fn edited(value: &Value<'static>, way: &[Step], edit: Edit) -> Option<Value<'static>> {
    let Some((step, rest)) = way.split_first() else {
        return Some(match value {
            value if matches!(edit, Edit::Rename) => value.clone(),
            Value::Text(text) => Value::from(format!("{text}x")),
            Value::Number(number) => {
                let number = number.to_f64()? + 1.0;
                Value::Number(Number::from_f64(number)?)
            }
            Value::Bool(yes) => Value::Bool(!yes),
            Value::Null => Value::from(1u64),
            Value::Object(_) | Value::List(_) => return None,
        });
    };
    match (value, step) {
        (Value::Object(object), Step::Key(wanted)) => {
            let mut made = Object::new();
            for (key, value) in object.iter() {
                if key != wanted {
                    made.insert(key.to_owned(), value.clone());
                } else if rest.is_empty() && matches!(edit, Edit::Rename) {
                    made.insert(format!("{key}x"), value.clone());
                } else if !(rest.is_empty() && matches!(edit, Edit::TakeAway)) {
                    made.insert(key.to_owned(), edited(value, rest, edit)?);
                }
            }
            Some(Value::Object(made))
        }
        (Value::List(list), Step::Place(wanted)) => {
            let mut made = Vec::new();
            for (place, value) in list.iter().enumerate() {
                if place != *wanted {
                    made.push(value.clone());
                } else if !(rest.is_empty() && matches!(edit, Edit::TakeAway)) {
                    made.push(edited(value, rest, edit)?);
                }
            }
            Some(made.into())
        }
        _ => None,
    }
}

/// The keys on a way, without places.
fn keys(way: &[Step]) -> Vec<&str> {
    way.iter().filter_map(|step| if let Step::Key(key) = step { Some(key.as_str()) } else { None }).collect()
}

/// Whether nothing in the document says what this field must be: what was asked for on the command line, names and times,
/// and what seals and digests say of other files.
fn stands_alone(way: &[Step]) -> bool {
    match keys(way).as_slice() {
        ["mode" | "generated_at" | "skipped" | "unsealed"] => true,
        ["seals", field] => !matches!(*field, "lines" | "used" | "skipped" | "rejected" | "plain"),
        ["seals", "inputs", ..] | ["inputs", ..] => true,
        ["groups", "id"] => true,
        ["groups", "document", field] => *field == "path",
        ["groups", "checks", "scope" | "threshold" | "record"] => true,
        ["gates", _, "checks"] => true,
        ["decided_by"] => true,
        _ => false,
    }
}

/// Whether a way ends with a name that only a tool of this version can have written.
fn is_own_name(way: &[Step]) -> bool {
    let free =
        matches!(keys(way).as_slice(), ["gates", _] | ["groups", "checks", "actual" | "expected" | "before", ..]);
    keys(way).len() > 1 && matches!(way.last(), Some(Step::Key(_))) && !free
}

/// Those of the edits with which the document still holds.
fn held(folder: &Path, name: &str, edits: &[(&Vec<Step>, Edit, Value<'static>)]) -> Vec<String> {
    let mut held = Vec::new();
    for (way, edit, made) in edits {
        let mut text = Vec::new();
        json::write(made, &mut text);
        if verified(folder, &text).0 == 0 {
            held.push(format!("{name}: {edit:?} {way:?}"));
        }
    }
    held
}

#[test]
fn every_field_that_can_be_made_again_is() {
    let folder = Folder(std::env::temp_dir().join(format!("verdict-fields-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.0.join(name), text).unwrap();
    write("evidence.json", r#"{"ms":{"count":40,"p99":12.5},"ok_pct":99.5,"mode":"night","users":5}"#);
    write("declared.json", r#"{"users":7,"@evidence":{"declared":["users"]}}"#);
    write("steps.jsonl", "{\"step\":\"1k\",\"p99\":5}\n{\"step\":\"2k\",\"p99\":8}\n{\"step\":\"4k\",\"p99\":50}\n");
    write("ops.json", r#"{"op":{"get":{"p99":5},"put":{"p99":9}}}"#);
    let check = "check-threshold -i evidence.json 'fast: ms.p99 <= 20' 'ok_pct >= 99' 'calls: ms.count >= 10 when mode == \"night\"'";
    let documents = [
        (format!("{check} | verdict --set mode=night"), "a pass"),
        (format!("{check} 'ms.p99 <= 5' 'users < 3 else warn' | verdict"), "a failure"),
        (format!("{check} 'gone <= 5' | verdict"), "a doubt"),
        ("check-threshold -i declared.json 'users <= 10' | verdict".to_owned(), "a declared value"),
        (format!("{check} 'ms.p99 <= 5' | verdict --gate D=fast,calls --decide D"), "one that a gate decides"),
        ("check-threshold -b step -i steps.jsonl 'p99 <= 10' | verdict --ramp".to_owned(), "a ramp"),
        ("check-threshold -i steps.jsonl 'p99 <= 10' | verdict".to_owned(), "several records"),
        (
            "check-threshold -i ops.json 'quick: op.*.p99 <= 10' 'quick: op.*.p99 >= 1' | verdict".to_owned(),
            "a wildcard",
        ),
        (
            format!(
                "{check} | verdict -o pass.json; {check} 'ms.p99 <= 5' | verdict -o fail.json; verdict pass.json fail.json"
            ),
            "a night",
        ),
        (format!("{check} | head -n -2 | verdict"), "a stream that was cut"),
    ];
    let mut tried = 0;
    let mut wrong = Vec::new();
    for (line, name) in &documents {
        let text = run(&folder.0, line);
        let (status, said) = verified(&folder.0, &text);
        let cut = *name == "a stream that was cut";
        assert_eq!(status, 0, "{name}: {said}\n{}", String::from_utf8_lossy(&text));
        // Without a seal nothing says which version wrote its words.
        if cut {
            continue;
        }
        let document = json::parse(&text).unwrap().into_owned();
        let mut all = Vec::new();
        ways(&document, &mut Vec::new(), &mut all);
        let mut edits = Vec::new();
        for way in all.iter().filter(|way| !stands_alone(way)) {
            for edit in [Edit::Change, Edit::TakeAway] {
                edits.extend(edited(&document, way, edit).map(|made| (way, edit, made)));
            }
        }
        // A name of the top may be one that --set gave; below it each is the tool's own.
        for way in all.iter().filter(|way| is_own_name(way)) {
            edits.extend(edited(&document, way, Edit::Rename).map(|made| (way, Edit::Rename, made)));
        }
        // Each is a run of its own: one of seven, all of them under `scripts/test long`.
        let edits: Vec<_> = edits.into_iter().step_by(if testkit::long() { 1 } else { 7 }).collect();
        tried += edits.len();
        let (left, right) = edits.split_at(edits.len() / 2);
        std::thread::scope(|scope| {
            let other = scope.spawn(|| held(&folder.0, name, left));
            wrong.extend(held(&folder.0, name, right));
            wrong.extend(other.join().unwrap());
        });
    }
    assert!(wrong.is_empty() && tried > 200, "{tried} edits, of which these still hold:\n{}", wrong.join("\n"));
}

/// Documents of every kind that a test keeps, as they were written: none of them fails to verify for what it says.
#[test]
fn documents_that_were_not_edited_hold() {
    let root = testkit::root().join("testdata");
    let mut documents = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read(&path)
                .is_ok_and(|text| text.starts_with(br#"{"verdict":""#) || text.starts_with(br#"{"mode":""#))
            {
                documents.push(path);
            }
        }
    }
    let mut seen = 0;
    for path in documents {
        // The checks of those cases were written by hand, and their records do not bear them out.
        let name = path.display().to_string();
        let text = std::fs::read(&path).unwrap();
        let Ok(value) = json::parse(&text) else { continue };
        if value.get("groups").is_none() || ["testdata/verdict/", "harness"].iter().any(|word| name.contains(word)) {
            continue;
        }
        seen += 1;
        let (_, said) = verified(path.parent().unwrap(), &text);
        let faults: Vec<&str> =
            said.lines().filter(|line| line.contains("FAIL") && !line.contains("source-changed")).collect();
        assert!(faults.is_empty(), "{name}: {}", faults.join("\n"));
    }
    assert!(seen >= 4, "{seen}");
}
