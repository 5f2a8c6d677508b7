//! What the reader takes and refuses, and that it keeps what it reads.

use super::*;

fn round_trip(text: &str) -> String {
    let mut out = Vec::new();
    write(&parse(text.as_bytes()).unwrap(), &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn keeps_number_texts_and_key_order() {
    let text = r#"{"z":1.50,"a":[1e+05,-0,18446744073709551616],"m":{"k":null,"t":true}}"#;
    assert_eq!(round_trip(text), text);
}

#[test]
fn escapes_resolve_and_come_back() {
    assert_eq!(round_trip(r#""a\u00e9\n\ud83d\ude00\u0001\/""#), "\"aé\\n😀\\u0001/\"");
}

#[test]
fn refusals_say_where_and_what() {
    for (text, offset, message) in [
        (r#"{"a":1,"a":2}"#, 7, "the key \"a\" appears twice in one object"),
        (r#"{"a":01}"#, 5, "\"01\" is not a JSON number"),
        (r#"{"a":NaN}"#, 5, "'N' where a JSON value should be"),
        (r#"{"a":1"#, 6, "the document ends where ',' or '}' should be"),
        ("[1] x", 4, "'x' where the end of the document should be"),
        (r#""\ud800""#, 1, "half of a surrogate pair"),
        (r#""\x""#, 1, "\"\\\\x\" is not a JSON escape"),
        ("\"a\u{1}\"", 2, "a control character (0x01) inside a text"),
        ("", 0, "the document ends where a JSON value should be"),
    ] {
        let error = parse(text.as_bytes()).unwrap_err();
        assert_eq!((error.offset, error.message.as_str()), (offset, message), "{text}");
    }
    assert_eq!(parse(b"{\"a\":\n  x}").unwrap_err().line_and_column(b"{\"a\":\n  x}"), (2, 3));
}

#[test]
fn every_cut_of_a_document_is_unfinished() {
    let text = r#"{"a":[1.5,"x\n\u00e9",true,null],"bc":-0.5e-3}"#;
    for cut in 0..text.len() {
        let error = parse(&text.as_bytes()[..cut]).unwrap_err();
        assert!(error.unfinished, "{:?}: {error}", &text[..cut]);
    }
}

#[test]
fn depth_is_bounded() {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(deep(DEPTH_LIMIT).as_bytes()).is_ok());
    assert!(parse(deep(DEPTH_LIMIT + 1).as_bytes()).is_err());
    assert!(parse(deep(1_000_000).as_bytes()).is_err());
}

#[test]
fn many_keys_are_each_once() {
    let keys: Vec<String> = (0..100).map(|key| format!("\"k{key}\":{key}")).collect();
    assert!(parse(format!("{{{}}}", keys.join(",")).as_bytes()).is_ok());
    assert!(parse(format!("{{{},\"k7\":0}}", keys.join(",")).as_bytes()).is_err());
}

#[test]
fn plain_runs_end_where_the_slow_look_ends() {
    let slow = |bytes: &[u8]| bytes.iter().take_while(|&&b| b != b'"' && b != b'\\' && b >= 0x20).count();
    for at in 0..20 {
        for byte in 0..=255u8 {
            for other in [b'a', b'!', b'#', b'[', b' ', 0x1f, 0x7f, 0x80, 0xff, byte.wrapping_add(1)] {
                let mut bytes = vec![other; 20];
                bytes[at] = byte;
                assert_eq!(plain(&bytes), slow(&bytes), "{bytes:?}");
            }
        }
    }
}

#[test]
fn agrees_with_serde_json() {
    for text in [
        "{}",
        "[]",
        " [ 1 , 2 ] ",
        "\"\\u0000\"",
        "1e400",
        "[1,]",
        "{,}",
        "nul",
        "\"\\ud83d\"",
        "-",
        "1.",
        "\u{feff}1",
        "[1 2]",
        "{\"a\" 1}",
        "tru",
        "\"\t\"",
        "[\"\\q\"]",
        "{\"a\":{\"b\":[{}]}}",
    ] {
        // serde_json refuses numbers beyond a double; as text we keep them.
        if text == "1e400" {
            continue;
        }
        let theirs = serde_json::from_str::<serde_json::Value>(text).is_ok();
        assert_eq!(parse(text.as_bytes()).is_ok(), theirs, "{text}");
    }
}

/// What [`parse`] makes of a text, less the members that nobody wants.
fn wanted(text: &[u8], want: fn(&str) -> Want) -> Result<Value<'_>, Error> {
    let value = parse(text)?;
    let Value::Object(object) = value else { return Ok(value) };
    let members = object.into_iter().filter(|(key, _)| want(key) != Want::Nothing).map(|(key, value)| {
        let value = match value {
            Value::Object(_) if want(&key) == Want::Kind => Value::Object(Object::new()),
            Value::List(list) if want(&key) == Want::Kind && !list.is_empty() => vec![Value::Null].into(),
            value => value,
        };
        (key, value)
    });
    Ok(Value::Object(members.collect()))
}

#[test]
fn what_is_not_wanted_is_read_as_strictly() {
    let want = |key: &str| match key.len() % 3 {
        0 => Want::Nothing,
        1 => Want::All,
        _ => Want::Kind,
    };
    let good: [&[u8]; 6] = [
        br#"{"a":1,"abc":{"x":[1,{"y":"\u00e9"}],"z":null},"ab":[1,2],"abd":"\n\"","b":[[],{}]}"#,
        br#"{"ab":{},"abc":{"k":1,"l":{"k":1}},"cd":[ ],"":-0.5e3,"ef":"x"}"#,
        br#"{"\u0061":1,"abc":2,"abe":{"a":1,"b":2}}"#,
        br#" {"abc":[1,2,3,{"a":true,"b":false}] , "x" : null } "#,
        br#"{}"#,
        br#"[1,{"a":1}]"#,
    ];
    let many: String = (0..40).map(|key| format!("\"{:0width$}\":{key},", key, width = 1 + key % 5)).collect();
    let many = format!("{{{many}\"abc\":{{{many}\"x\":1}}}}");
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut below = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % limit as u64) as usize
    };
    let pieces: [&[u8]; 14] = [
        b"\"a\":1,",
        b"\"a\"",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\\",
        b"01",
        b"\xff",
        b"\x01",
        b"\\u0061",
        b"\"abc\":{\"q\":1,\"q\":2},",
    ];
    let mut refused = 0;
    for round in 0..60_000 {
        let mut text = good.get(round % 7).map_or_else(|| many.as_bytes().to_vec(), |text| text.to_vec());
        for _ in 0..below(3) {
            let at = below(text.len() + 1);
            match below(3) {
                0 => drop(text.splice(at..at, pieces[below(pieces.len())].iter().copied())),
                1 => text.truncate(at),
                _ if at < text.len() => drop(text.remove(at)),
                _ => {}
            }
        }
        let read = parse_only(&text, &mut |key| want(key));
        refused += usize::from(read.is_err());
        assert_eq!(read, wanted(&text, want), "{}", String::from_utf8_lossy(&text));
        // Given out one after the other they are the same members.
        let mut members = Object::new();
        let one_by_one = each_member(&text, &mut |key, value| {
            members.insert(key.to_owned(), value.clone().into_owned());
        });
        match (parse(&text), one_by_one) {
            (Ok(Value::Object(object)), Ok(true)) => assert_eq!(object, members),
            (Err(error), Err(other)) => assert_eq!(error, other),
            (Ok(Value::Object(_)), _) => panic!("{}", String::from_utf8_lossy(&text)),
            (_, given) => assert_eq!(given, Ok(false)),
        }
    }
    assert!(refused > 10_000, "{refused}");
}

/// A key that came twice among many is told where it stands again, before anything that is wrong behind it.
#[test]
fn a_repeated_key_among_many_is_told_at_its_place() {
    for (extra, at) in
        [(r#""k20":1"#, 0), (r#""k\u0032\u0030":[{"a":1}],"x":01"#, 0), (r#""y":{"k20":1},"k3":{"z":"#, 17)]
    {
        let members: String = (0..40).map(|key| format!("\"k{key}\":{{\"v\":[{key}, \"}}\"]}} , ")).collect();
        let text = format!("{{\"deep\":[{{{members}{extra}");
        let error = parse(text.as_bytes()).unwrap_err();
        let wanted = text.len() - extra.len() + if at == 0 { 0 } else { extra.find("\"k3\"").unwrap() };
        assert_eq!(error.offset, wanted, "{text}");
        assert!(error.message.ends_with("appears twice in one object") && !error.unfinished, "{error}");
    }
}

/// As many keys as are looked through in parts: of several that came again, the first in the text is told.
#[test]
fn a_repeated_key_among_very_many_is_the_first_that_came_again() {
    let count = 2 * super::SORTED_AT_ONCE;
    let mut text = String::from("{");
    for key in 0..count {
        text.push_str(&format!("\"{key}\":0,"));
    }
    let whole = format!("{text}\"x\":1}}");
    assert!(parse(whole.as_bytes()).is_ok());
    for again in [0, count / 3] {
        let twice = format!("{text}\"x\":1,\"{again}\":1,\"5\":2,\"x\":3}}");
        let error = parse(twice.as_bytes()).unwrap_err();
        assert_eq!(
            (error.offset, error.message),
            (text.len() + 6, format!("the key \"{again}\" appears twice in one object"))
        );
    }
}
