//! `curl -w`: the variables of a transfer, as `%{json}` or as a list of `name: value` or `name=value` lines.
//!
//! Seconds become milliseconds and sizes get their unit. A transfer that failed says so by `exitcode`, which stays.

use schema::{Code, Object, Value};

use crate::facts::{Builder, Content, Doubt, Facts, Failure};
use crate::quantity::{SECONDS, shift};

/// Variables that tell curl's list from any other: all of them times.
const TIMES: [&str; 9] = [
    "time_total",
    "time_namelookup",
    "time_connect",
    "time_appconnect",
    "time_pretransfer",
    "time_redirect",
    "time_starttransfer",
    "time_queue",
    "time_posttransfer",
];

/// Whether a document is what `%{json}` writes.
pub fn fits(document: &Value<'_>) -> bool {
    document.get("time_total").is_some() && document.get("http_code").is_some()
}

/// Reads what `%{json}` writes.
pub fn read<'a>(document: &Value<'a>) -> Facts<'a> {
    let members = document.as_object().into_iter().flat_map(Object::iter);
    let value = Value::Object(members.map(|(key, value)| named(key, value)).collect::<Object>());
    let doubts = untimed(&value, None);
    Facts { format: "curl", content: Content::One(value), doubts, ..Facts::default() }
}

/// The times of a transfer that failed: how long it took to be refused is no answer's time.
fn untimed(transfer: &Value<'_>, place: Option<usize>) -> Vec<Doubt> {
    let zero = |value: &Value<'_>| match value {
        Value::Number(number) => number.to_f64() == Some(0.0),
        Value::Text(text) => !text.is_empty() && text.bytes().all(|byte| byte == b'0'),
        _ => false,
    };
    let said = |key: &str| transfer.get(key).filter(|value| **value != Value::Null);
    let place = place.map(|place| place.to_string());
    let times = transfer.as_object().into_iter().flat_map(Object::iter).filter(|(key, _)| key.starts_with("time_"));
    let doubt = |key: &str, code: Code, reason: String| {
        let steps: Vec<&str> = place.as_deref().into_iter().chain([key]).collect();
        Doubt::new(&steps, code, reason)
    };
    // What curl says of a failure beside the list: `curl: (28) Operation timed out`.
    let message = said("curl").and_then(Value::as_text).filter(|text| text.starts_with('('));
    let reason = match (said("exitcode"), said("http_code").or_else(|| said("response_code"))) {
        _ if message.is_some() => format!("the transfer failed: curl: {}", message.unwrap_or_default()),
        (Some(code), _) if !zero(code) => {
            let mut text = Vec::new();
            schema::json::write(code, &mut text);
            format!("the transfer failed: exitcode {}", String::from_utf8_lossy(&text))
        }
        // Over other protocols than HTTP there is no status.
        (exit, Some(code)) if zero(code) && (exit.is_none() || is_http(transfer)) => {
            "there was no answer: http_code 000".to_owned()
        }
        _ => {
            let texts = times.filter_map(|(key, value)| Some((key, value.as_text()?)));
            let said = |text: &str| format!("{} is not a number", schema::json::quote(text.as_bytes()));
            return texts.map(|(key, text)| doubt(key, Code::NotANumber, said(text))).collect();
        }
    };
    times.map(|(key, _)| doubt(key, Code::NoSamples, reason.clone())).collect()
}

fn is_http(transfer: &Value<'_>) -> bool {
    let text = |key: &str| transfer.get(key).and_then(Value::as_text).unwrap_or_default().to_ascii_lowercase();
    text("scheme").starts_with("http") || text("url").starts_with("http:") || text("url").starts_with("https:")
}

fn named<'a>(key: &str, value: &Value<'a>) -> (String, Value<'a>) {
    if TIMES.contains(&key) {
        // curl before 7.70 wrote times of the list with a comma in some locales; those stay text.
        return (format!("{key}_ms"), shift(value, SECONDS));
    }
    if key.starts_with("size_") {
        return (format!("{key}_bytes"), value.clone());
    }
    (key.to_owned(), value.clone())
}

/// Whether a text is a list of variables.
pub fn fits_list(text: &str) -> bool {
    let mut any = false;
    for line in text.lines().filter(|line| !decoration(line)) {
        let Some((name, _)) = variable(line) else { return false };
        any |= TIMES.contains(&name);
    }
    any
}

/// Reads a list of variables; a name that comes again begins the next transfer.
///
/// # Errors
/// A line that is no variable.
pub fn read_list(text: &str) -> Result<Facts<'_>, Failure> {
    let mut transfers: Vec<Value<'_>> = Vec::new();
    let mut transfer = Builder::default();
    let mut decimals = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !decoration(line)) {
        let wanted = || Failure {
            place: Some((number + 1, 1)),
            reason: format!("{}: wanted NAME: VALUE", schema::json::quote(line.as_bytes())),
        };
        let (name, value) = variable(line).ok_or_else(wanted)?;
        // `time_total: 0.12s` is how the list is often written.
        let value = value.strip_suffix('s').filter(|_| TIMES.contains(&name)).unwrap_or(value);
        if TIMES.contains(&name) {
            decimals.push(value.rsplit_once('.').map_or(0, |(_, decimals)| decimals.len()));
        }
        let (name, value) = named(name, &expr::bare(value.as_bytes()));
        if transfer.has(&name) {
            transfers.push(Value::Object(std::mem::take(&mut transfer).build()));
        }
        transfer.put(name, value);
    }
    // curl writes all times with as many decimals: one with fewer at the end of the text ends within its number.
    if let Some((last, others)) = decimals.split_last()
        && others.iter().any(|other| other > last)
        && others.windows(2).all(|pair| pair[0] == pair[1])
        && !text.ends_with('\n')
    {
        return Err(Failure::whole("the last time has fewer decimals than the others (cut short?)"));
    }
    let last = Value::Object(transfer.build());
    let (content, doubts) = if transfers.is_empty() {
        let doubts = untimed(&last, None);
        (Content::One(last), doubts)
    } else {
        transfers.push(last);
        let doubts =
            transfers.iter().enumerate().flat_map(|(place, transfer)| untimed(transfer, Some(place))).collect();
        (Content::Many(transfers), doubts)
    };
    Ok(Facts { format: "curl", content, doubts, ..Facts::default() })
}

/// Blank lines and the rule that many formats draw above the total.
fn decoration(line: &str) -> bool {
    line.trim().trim_matches(['-', '=']).is_empty()
}

fn variable(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once([':', '='])?;
    let name = name.trim();
    let known =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit());
    known.then_some((name, value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    #[test]
    fn json_and_lists_read_alike() {
        let document = schema::json::parse(
            br#"{"http_code":200,"time_total":0.123456,"size_download":512,"exitcode":0,"errormsg":null}"#,
        )
        .unwrap();
        assert!(fits(&document));
        assert_eq!(
            test::text(&read(&document)),
            r#"{"http_code":200,"time_total_ms":123.456,"size_download_bytes":512,"exitcode":0,"errormsg":null}"#
        );
        let text = "    time_namelookup:  0.001s\n       http_code:  200\n                 ----------\n      time_total:  0.123456s\n";
        assert!(fits_list(text));
        assert_eq!(
            test::text(&read_list(text).unwrap()),
            r#"{"time_namelookup_ms":1,"http_code":200,"time_total_ms":123.456}"#
        );
    }

    #[test]
    fn a_transfer_that_failed_was_not_timed() {
        for (text, reason) in [
            (r#"{"time_total":0.0002,"http_code":0,"exitcode":7}"#, "the transfer failed: exitcode 7"),
            (r#"{"time_total":5,"http_code":200,"exitcode":28}"#, "the transfer failed: exitcode 28"),
        ] {
            let doubts = test::doubts(&read(&schema::json::parse(text.as_bytes()).unwrap()));
            assert_eq!(doubts, [format!("time_total_ms: no-samples: {reason}")]);
        }
        let list = "time_total: 0.1\nhttp_code: 200\ntime_total: 0.0002\nhttp_code: 000\n";
        assert_eq!(
            test::doubts(&read_list(list).unwrap()),
            ["1/time_total_ms: no-samples: there was no answer: http_code 000"]
        );
        let ftp = schema::json::parse(br#"{"time_total":0.2,"http_code":0,"exitcode":0}"#).unwrap();
        assert_eq!(test::doubts(&read(&ftp)), [""; 0]);
    }

    #[test]
    fn a_name_again_is_the_next_transfer() {
        let text = "time_total=0.1\nhttp_code=200\ntime_total=0.2\nhttp_code=500\n";
        assert_eq!(
            test::text(&read_list(text).unwrap()),
            r#"[{"time_total_ms":100,"http_code":200},{"time_total_ms":200,"http_code":500}]"#
        );
        assert!(read_list("time_connect: 0.012345\ntime_total: 0.25").is_err());
        assert!(read_list("time_connect: 0.012345\ntime_total: 0.250000").is_ok());
        assert!(read_list("time_connect: 0.012345\ntime_total: 0.25\n").is_ok());
        assert!(!fits_list("name: value\n"));
        assert!(!fits_list("time_total: 1\nit went well\n"));
        assert!(read_list("time_total: 1\nit went well\n").is_err());
    }
}
