//! Hostile names and messages through every form: the text comes out as text, and nothing is created by it.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::process::Command;

use schema::{Object, Value, json};

const FORMS: [&str; 11] =
    ["json", "text", "markdown", "html", "junit", "tap", "csv", "nagios", "in-toto", "prometheus", "alerts"];

/// Texts that would do something where they are not taken for text.
fn texts() -> Vec<String> {
    [
        "\x1b]0;title\x07\x1b[31mred\x1b[0m\x1b[2J",
        "</script><script>alert(1)</script><img src=x onerror=alert(1)>",
        "]]> <!-- --> <![CDATA[ &amp; &lt; \" ' \u{fffe}\u{ffff}",
        "a | b | c \\| d",
        "`code` ``two`` ```three``` [link](javascript:alert(1)) ![i](x) **b** _i_ ~~s~~ @user #1 https://example.org",
        "=cmd|'/C calc'!A1",
        "+1+2",
        "@SUM(1)",
        "\t=tab",
        "\u{202e}txt.exe\u{2066}\u{200b}\u{feff}",
        "nul\0nul",
        "line\nline\r\nnot ok 99 - injected\n1..0\n# HELP x\n--- \n...",
        "ok # SKIP # TODO \\#",
        "name=\"value\" status=fail {a=\"b\"} 1 2",
        "'quoted''=;|&$(id)`id`",
        "\u{1f4a9}\u{e9}\u{4e2d}",
        "",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain(["x".repeat(10_000), "`".repeat(300), "é|\\".repeat(500)])
    .collect()
}

/// A sealed stream in which every text is id, scope, reason and metric of a check.
fn stream() -> Vec<u8> {
    let mut lines = Vec::new();
    let mut count = 0u64;
    for (place, text) in texts().iter().enumerate() {
        let mut check = Object::new();
        let status = ["pass", "fail", "warn", "inconclusive", "skip"][place % 5];
        check.insert("id", text.clone());
        check.insert("scope", text.clone());
        check.insert("metric", text.clone());
        check.insert("type", "max");
        check.insert("op", "<=");
        check.insert("actual", if place % 2 == 0 { Value::from(text.clone()) } else { Value::from(place as u64) });
        check.insert("expected", Value::from(text.clone()));
        check.insert("unit", text.clone());
        check.insert("status", status);
        check.insert("reason", text.clone());
        check.insert("source", text.clone());
        check.insert("threshold", text.clone());
        json::write_object(&check, &mut lines);
        lines.push(b'\n');
        count += 1;
    }
    let bytes = lines.len();
    let seal = format!(
        r#"{{"@seal":{{"tool":"check-threshold","version":"0","schema":1,"rejected":0,"records":{count},"bytes":{bytes},"inputs":[]}}}}"#
    );
    lines.extend_from_slice(seal.as_bytes());
    lines.push(b'\n');
    lines
}

fn render(form: &str, arguments: &[&str], stdin: &[u8]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verdict"));
    command.args(["--now", "2026-03-05T20:32:12Z", "--format", form]).args(arguments);
    let output = testkit::feed(&mut command, stdin);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn nothing_can_act() {
    let stream = stream();
    for form in FORMS {
        let out = render(form, &["--set-text", "note=\x1b[31m\u{202e}</dl>|`\n"], &stream);
        assert!(!out.is_empty(), "{form}");
        let bad = |letter: char| {
            letter != '\n'
                && (letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        };
        if !matches!(form, "json" | "in-toto") {
            assert!(!out.chars().any(bad), "{form}: {:?}", out.chars().find(|letter| bad(*letter)));
        }
    }
}

#[test]
fn json_forms_parse_and_fit_their_schema() {
    let stream = stream();
    let document = render("json", &[], &stream);
    assert_eq!(testkit::schema_errors(schema::VERDICT_SCHEMA, document.as_bytes()), Vec::<String>::new());
    let read = json::parse(document.trim_end().as_bytes()).unwrap();
    let groups = read.get("groups").and_then(Value::as_list).unwrap();
    for (text, group) in texts().iter().zip(groups) {
        assert_eq!(group.get("id").and_then(Value::as_text), Some(text.as_str()), "to the last character");
    }
    let statement = render("in-toto", &[], &stream);
    let statement = json::parse(statement.trim_end().as_bytes()).unwrap();
    assert_eq!(statement.get("predicate").and_then(|p| p.get("result")).and_then(Value::as_text), Some("FAILED"));
}

#[test]
fn line_forms_keep_their_lines() {
    let stream = stream();
    // A group whose only check was skipped gets a row that says so: of nothing asked no form is green.
    let skipped = texts().len() / 5;
    let checks = texts().len() + skipped;
    let tap = render("tap", &[], &stream);
    let tests = tap.lines().filter(|line| line.starts_with("ok ") || line.starts_with("not ok ")).count();
    assert_eq!((tap.lines().nth(1), tests), (Some(format!("1..{checks}").as_str()), checks));
    let directives = tap.lines().filter(|line| line.starts_with("ok ") && line.contains(" # SKIP")).count();
    assert_eq!(directives, skipped, "only those that were skipped");
    let csv = render("csv", &[], &stream);
    assert_eq!(csv.lines().count(), checks + 1);
    for line in csv.lines() {
        // Quotes are balanced on every line, and no bare cell begins as a formula does.
        assert_eq!(line.matches('"').count() % 2, 0, "{line}");
        for cell in line.split(',').map(|cell| cell.trim_start_matches('"')) {
            let first = cell.chars().next();
            let number = cell.parse::<f64>().is_ok();
            assert!(number || !matches!(first, Some('=' | '+' | '@')), "{cell}");
        }
    }
    let alerts = render("alerts", &[], &stream);
    assert!(alerts.lines().all(|line| line.starts_with("2026-03-05T20:32:12Z ")));
    let nagios = render("nagios", &[], &stream);
    assert!(nagios.lines().next().is_some_and(|line| line.starts_with("CRITICAL: FAIL ")));
    assert!(nagios.len() < 64 << 10, "{}", nagios.len());
    let prometheus = render("prometheus", &[], &stream);
    for line in prometheus.lines() {
        assert!(line.starts_with("# ") || line.starts_with("verdict_"), "{line}");
    }
}

#[test]
fn html_has_only_our_elements() {
    let page = render("html", &[], &stream());
    let lower = page.to_lowercase();
    for never in ["<script", "<img", "<iframe", "<object", "<a href=\"j", " style=", " onerror=\"", "<!--", "]]>"] {
        assert!(!lower.contains(never), "{never}");
    }
    // Every element is one of ours; what was a tag in a text begins with &lt;.
    let names = [
        "!doctype",
        "html",
        "head",
        "meta",
        "title",
        "link",
        "style",
        "body",
        "header",
        "main",
        "footer",
        "div",
        "h1",
        "h2",
        "p",
        "ul",
        "ol",
        "li",
        "b",
        "br",
        "small",
        "span",
        "a",
        "code",
        "dl",
        "dt",
        "dd",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "details",
        "summary",
        "section",
        "figure",
        "figcaption",
        "svg",
        "rect",
        "path",
        "circle",
    ];
    for tag in page.split('<').skip(1) {
        let name = tag.trim_start_matches('/').split([' ', '>', '\n']).next().unwrap().to_lowercase();
        assert!(names.contains(&name.as_str()), "<{name}");
    }
    let body = page.split("</style>").nth(1).unwrap();
    assert!(body.contains("&lt;/script&gt;&lt;script&gt;alert(1)"));
}

#[test]
fn xml_is_whole() {
    let xml = render("junit", &[], &stream());
    let mut depth = 0i64;
    for tag in xml.split('<').skip(1) {
        let end = tag.find('>').unwrap_or_else(|| panic!("<{tag}"));
        let inner = &tag[..end];
        if inner.starts_with('/') {
            depth -= 1;
        } else if !inner.ends_with('/') && !inner.starts_with('?') {
            depth += 1;
        }
        assert!(depth >= 0);
    }
    assert_eq!(depth, 0);
    assert!(xml.contains("errors=\"8\""), "INCONCLUSIVE is an error, and so is a group of which nothing was asked");
}
