//! Thresholds as JSON (`--list`), one a line, and back (`-t`).
//!
//! Owns the fields of that list. Refuses to read anything but the line and its sections back: the rest is said for
//! readers, and follows from them.

use expr::{Missing, Threshold, Thresholds};
use schema::{Object, Value, json};

/// A threshold as one line of JSON.
pub fn line(threshold: &Threshold) -> String {
    let mut object = Object::new();
    object.insert("id", threshold.id.as_str());
    let sections: Vec<Value<'_>> = threshold.sections.iter().map(|section| Value::text(section.to_string())).collect();
    object.insert("sections", sections);
    object.insert("metric", threshold.metric_text());
    object.insert("type", threshold.check_kind().word());
    object.insert("op", threshold.check_operator());
    object.insert("expected", threshold.bound().unwrap_or_default());
    object.insert("unit", threshold.unit().map_or("", expr::Unit::name));
    object.insert("else", threshold.severity.word());
    if let Some(after) = threshold.after {
        object.insert("after", vec![after.violations.into(), after.of.into()]);
    }
    if let Some(level) = threshold.sure {
        object.insert("sure", Value::Number(level.to_number()));
    }
    match threshold.missing {
        Some(Missing::Fail) => object.insert("missing", "fail"),
        Some(Missing::Skip) => object.insert("missing", "skip"),
        _ => None,
    };
    let (given, when) = threshold.clauses();
    for (key, clause) in [("given", given), ("when", when)] {
        if let Some(clause) = clause {
            object.insert(key, clause);
        }
    }
    if let Some(message) = threshold.message_text() {
        object.insert("message", message);
    }
    object.insert("threshold", threshold.canonical());
    let mut out = Vec::new();
    json::write_object(&object, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// Whether a file of thresholds is a list in JSON: no line of the language begins with a brace.
pub fn is_list(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// What a file is that was given for thresholds and is one JSON document, such as the summary that they are to judge.
pub fn no_thresholds(text: &str) -> Option<String> {
    let text = text.trim();
    let value = if text.starts_with(['{', '[']) { json::parse(text.as_bytes()).ok()? } else { return None };
    let has = |key: &str| value.get(key).is_some();
    let meant = match () {
        () if has("threshold") => return None,
        () if has("thresholds") || has("options") => "k6's own thresholds are given with --k6",
        () => "evidence is given with -i",
    };
    Some(format!("a JSON document, and no thresholds, which are lines like p99_ms <= 200ms: {meant}"))
}

/// Reads a list in JSON; the error names the line.
pub fn read(text: &str, thresholds: &mut Thresholds) -> Result<(), (usize, String)> {
    for (place, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let at = place + 1;
        let value = json::parse(line.as_bytes()).map_err(|error| (at, error.to_string()))?;
        let Some(written) = value.get("threshold").and_then(Value::as_text) else {
            return Err((at, "wanted an object with \"threshold\"; evidence is given with -i".to_owned()));
        };
        let mut read = Thresholds::new();
        let sections = value.get("sections").map_or(Some([].as_slice()), Value::as_list);
        let names: Option<Vec<&str>> = sections.and_then(|list| list.iter().map(Value::as_text).collect());
        let Some(names) = names else {
            return Err((at, "\"sections\": wanted a list of names".to_owned()));
        };
        let head = if names.is_empty() { String::new() } else { format!("[{}]\n", names.join(", ")) };
        read.add(&format!("{head}{written}\n")).map_err(|error| (at, format!("{error}: {written}")))?;
        for threshold in &read {
            let mut threshold = threshold.clone();
            threshold.line_number = at;
            contradicted(&value, &threshold).map_or(Ok(()), |reason| Err((at, reason)))?;
            thresholds.push(threshold);
        }
    }
    Ok(())
}

/// What a list says of a threshold beside its line, where that says otherwise: one of the two was changed alone.
fn contradicted(value: &Value<'_>, threshold: &Threshold) -> Option<String> {
    let written = line(threshold);
    let listed = json::parse(written.as_bytes()).ok()?;
    // An id may have a number that comes of the thresholds before it.
    let told = listed.as_object()?.iter().filter(|(key, _)| *key != "id" && *key != "threshold");
    let mut other = told.filter(|(key, follows)| value.get(key).is_some_and(|said| said != *follows));
    let (key, follows) = other.next()?;
    let mut wanted = Vec::new();
    json::write(follows, &mut wanted);
    let wanted = String::from_utf8_lossy(&wanted);
    Some(format!("{key:?} is not what the threshold says, which is {wanted}: change its line"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_contradicts_its_line_is_refused() {
        let refused = |text: &str| read(text, &mut Thresholds::new()).unwrap_err();
        let listed = line(&Threshold::parse("x_ms <= 5ms else warn").unwrap());
        assert_eq!(
            refused(&listed.replace("\"else\":\"warn\"", "\"else\":\"fail\"")).1,
            "\"else\" is not what the threshold says, which is \"warn\": change its line"
        );
        assert!(refused(&listed.replace("\"expected\":5", "\"expected\":6")).1.starts_with("\"expected\""));
        for sections in ["\"x\"", "[\"x\",5]", "null"] {
            let text = format!("{{\"threshold\":\"x <= 1\",\"sections\":{sections}}}");
            assert_eq!(refused(&text).1, "\"sections\": wanted a list of names");
        }
        assert!(read("{\"threshold\":\"x <= 1\"}", &mut Thresholds::new()).is_ok());
    }

    #[test]
    fn a_document_is_no_list() {
        let said = |text: &str| no_thresholds(text).map(|reason| reason.rsplit(": ").next().unwrap().to_owned());
        assert_eq!(said("{\n  \"metrics\": {\"p99\": 5}\n}\n").as_deref(), Some("evidence is given with -i"));
        assert_eq!(said("[1, 2]").as_deref(), Some("evidence is given with -i"));
        assert_eq!(said("{\"thresholds\":{}}").as_deref(), Some("k6's own thresholds are given with --k6"));
        for thresholds in
            ["{\"threshold\":\"x <= 1\"}", "[a]\nx <= 1", "[1, 2]\nx <= 1", "{\"a\":1}\n{\"a\":2}", "", "{"]
        {
            assert_eq!(said(thresholds), None, "{thresholds}");
        }
    }

    #[test]
    fn what_is_listed_reads_back() {
        let text = "a.b <= 5ms given n > 0 when mode == \"x\" else fatal after 3 of 5 missing fail \"m {a.b}\"\n\
                    [x, \"a, b\", \"p*\", p*]\nE1 x: y_pct in 1..5\nnot z\nq in [\"a\", \"b\"]\n"
            .replace("a.b <=", "a.b_ms <=");
        let thresholds = Thresholds::parse(&text).unwrap();
        let listed: Vec<String> = thresholds.iter().map(line).collect();
        let mut again = Thresholds::new();
        assert!(is_list(&listed.join("\n")));
        read(&listed.join("\n"), &mut again).unwrap();
        assert_eq!(again.iter().collect::<Vec<_>>(), thresholds.iter().collect::<Vec<_>>());
        for (a, b) in thresholds.iter().zip(&again) {
            assert_eq!((&a.sections, &a.id), (&b.sections, &b.id));
        }
    }
}
