//! The grammar against the outside cases and against the slow model.

use crate::fast::Guessing;
use crate::fast::cpu::Choice;
use crate::fast::masks::MARGIN;
use crate::grammar::PairReader;
use crate::grammar::prose::{Grammar, Pair};
use crate::grammar::prose_model;
use crate::input::block::Block;
use crate::input::selection::{Selection, finder};
use crate::record::Record;
use crate::record::escape;
use crate::record::number;
use crate::record::options::Shape;
use crate::record::tally::Tally;
use crate::record::units::passed::Passed;
use crate::run::done::Done;
use crate::run::extractor::Extractor;
use crate::run::worker::Worker;

use schema::{Value, json};

/// What the workplace's cases lie under; a copy of the project elsewhere has none.
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases");

fn cases(name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(format!("{CASES}/{name}")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// The bytes of standard base64.
fn base64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = 0_u32;
    let mut length = 0;
    let mut bytes = Vec::new();
    for letter in text.bytes().take_while(|&letter| letter != b'=') {
        bits = bits << 6 | LETTERS.iter().position(|&each| each == letter).unwrap() as u32;
        length += 6;
        if length >= 8 {
            length -= 8;
            bytes.push((bits >> length) as u8);
        }
    }
    bytes
}

pub fn pairs(line: &[u8]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    Grammar::default().scan(line, |pair| pairs.push(pair));
    pairs
}

pub fn record(line: &[u8]) -> String {
    let (shape, mut record, mut out, mut plain) = (Shape::default(), Record::default(), Vec::new(), Vec::new());
    escape::without_colours(line, &mut plain);
    record.clear(&shape, false);
    Grammar::default().scan(&plain, |pair| record.take_pair(&shape, &plain, &pair).unwrap());
    record.write(&shape, &plain, &mut out);
    out.push(b'}');
    String::from_utf8(out).unwrap()
}

#[test]
fn outside_cases_of_lines() {
    let cases = cases("kv.jsonl");
    assert!(cases.is_empty() || cases.len() == 326);
    let mut wrong = Vec::new();
    for case in &cases {
        let case = json::parse(case.as_bytes()).unwrap();
        let text = |key: &str| case.get(key).and_then(Value::as_text).map(str::to_owned);
        let line = text("input").map(String::into_bytes).unwrap_or_else(|| base64(&text("input_b64").unwrap()));
        let mut expected = Vec::new();
        json::write(case.get("recommended").unwrap(), &mut expected);
        let expected = String::from_utf8(expected).unwrap();
        let got = record(&line);
        // That a key appears twice is said beside the value that is kept.
        let got = got.split_once(r#","@evidence":"#).map_or(got.clone(), |(values, _)| format!("{values}}}"));
        // Number texts are ours to keep: the cases spell some of them shorter.
        let same = |a: &str, b: &str| {
            serde_json::from_str::<serde_json::Value>(a).unwrap()
                == serde_json::from_str::<serde_json::Value>(b).unwrap()
        };
        if !same(&got, &expected) {
            wrong.push(format!("{:?}: {got}, wanted {expected}", String::from_utf8_lossy(&line)));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn outside_cases_of_numbers() {
    for case in cases("numbers.jsonl") {
        let case = json::parse(case.as_bytes()).unwrap();
        let word = case.get("text").and_then(Value::as_text).unwrap();
        let expected = case.get("recommended").unwrap().get("json").and_then(Value::as_text).unwrap();
        // A word of the table may hold a blank or a sign; as a value by itself it is typed all the same.
        let mut out = Vec::new();
        if crate::record::is_bare_json(word.as_bytes()) {
            out.extend_from_slice(word.as_bytes());
        } else {
            escape::write(word.as_bytes(), &mut out);
        }
        assert_eq!(String::from_utf8(out).unwrap(), expected, "{word}");
    }
}

/// A seeded generator (SplitMix64), so that a failure can be run again.
pub struct Seeded(pub u64);

impl Seeded {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// How often a property is tried: in full only under `scripts/test long`.
pub fn rounds(full: u64) -> u64 {
    testkit::times(full)
}

/// A line made of the pieces that the grammar speaks of.
pub fn line(random: &mut Seeded) -> Vec<u8> {
    const PIECES: [&[u8]; 74] = [
        b"\xc2\xa0",
        b"\xc2\xa0k=",
        b"\xa0",
        b"\xe2\x80\xaf",
        b"\xef\xbc\x8c",
        b"\xef\xbc\x8ck=",
        b"\xef\xbb\xbf",
        b"\xe3\x80\x80",
        b" ms",
        b" kB",
        b",k=",
        b"\0k=",
        b"=",
        b"=",
        b"=",
        b"=",
        b" ",
        b" ",
        b" ",
        b"  ",
        b"\t",
        b"\"",
        b"\"",
        b"'",
        b"'",
        b"\\",
        b"\\n",
        b"\\u00e9",
        b",",
        b";",
        b"(",
        b")",
        b"[",
        b"]",
        b"{",
        b"}",
        b"|",
        b":",
        b"<",
        b">",
        b"~",
        b"==",
        b"a",
        b"b",
        b"key",
        b"k-1",
        b"p99_us",
        b"7",
        b"42",
        b"1893",
        b"-1.5",
        b"1e5",
        b"1e+5",
        b"007",
        b".",
        b"-",
        b"/",
        b"@",
        b"#",
        b"%",
        b"$",
        b"_",
        b"\xc3\xa9",
        b"\xff",
        b"\x80",
        b"\xc3",
        b"true",
        b"null",
        b"\x1b[31m",
        b"\x00",
        b"?",
        b"&",
        b"!",
        b"INFO LATENCY_METRICS",
    ];
    let mut line = Vec::new();
    for _ in 0..random.below(30) {
        match random.below(8) {
            0 => line.extend_from_slice(b" key="),
            1 => line.extend_from_slice(b"=\""),
            _ => line.extend_from_slice(random.pick(&PIECES)),
        }
    }
    line
}

#[test]
fn scanner_and_model_agree() {
    for seed in 0..rounds(4_000_000) {
        let line = line(&mut Seeded(seed));
        assert_eq!(pairs(&line), prose_model::pairs(&line), "seed {seed}: {:?}", String::from_utf8_lossy(&line));
    }
}

#[test]
fn every_short_line_agrees() {
    const LETTERS: &[u8] = b"= a\"'\\,)(1-";
    for length in 0..=6_u32 {
        let many = (LETTERS.len() as u64).pow(length);
        let step = if length == 6 && rounds(20) == 1 { 13 } else { 1 };
        for code in (0..many).step_by(step) {
            let mut rest = code;
            let mut line = Vec::new();
            for _ in 0..length {
                line.push(LETTERS[(rest % LETTERS.len() as u64) as usize]);
                rest /= LETTERS.len() as u64;
            }
            assert_eq!(pairs(&line), prose_model::pairs(&line), "{:?}", String::from_utf8_lossy(&line));
        }
    }
}

#[test]
fn bare_words_are_typed_as_everywhere() {
    const PIECES: [&[u8]; 16] = [
        b"0",
        b"1",
        b"9",
        b"00",
        b"-",
        b"+",
        b".",
        b"e",
        b"E",
        b"18446744073709551615",
        b"9223372036854775808",
        b"307",
        b"308",
        b"true",
        b"12345678901234567",
        b"x",
    ];
    for seed in 0..rounds(4_000_000) {
        let mut random = Seeded(seed);
        let mut word = Vec::new();
        for _ in 0..random.below(7) {
            word.extend_from_slice(random.pick(&PIECES));
        }
        let ours = number::is_number(&word);
        let theirs = matches!(expr::bare(&word), Value::Number(_));
        assert_eq!(ours, theirs, "{:?}", String::from_utf8_lossy(&word));
    }
}

#[test]
fn hostile_lines_take_linear_time() {
    let start = std::time::Instant::now();
    for piece in
        ["a='b", "a='b ", "k=)", "a=(", "a=\"", "a = ", "a =b", "k='\\", "\u{e9}", "a", " ", "=", "@a=1 ", "\u{1b}["]
    {
        let line = piece.repeat((1 << 20) / piece.len());
        let parsed = record(line.as_bytes());
        assert!(json::parse(parsed.as_bytes()).is_ok(), "{piece}");
    }
    let many: String = (0..100_000).map(|key| format!("k{key}=1 ")).collect();
    assert_eq!(record(many.as_bytes()).matches(':').count(), 100_000);
    let brackets = format!("k={}", ")".repeat(1 << 20));
    assert_eq!(record(brackets.as_bytes()), r#"{"k":""}"#);
    for blank in ["\u{a0}", "\u{e9}\u{a0}", "\u{ff0c}", "\u{a0}\u{ff0c}", "b\u{a0} "] {
        let parted = format!("x=1 k={}", blank.repeat(1 << 18));
        assert!(json::parse(record(parted.as_bytes()).as_bytes()).is_ok(), "{blank}");
    }
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}

#[test]
fn escapes_of_both_worlds() {
    for (line, expected) in [
        (r#"a="\x41\xc3\xa9""#, r#"{"a":"Aé"}"#),
        (r#"a="\U0001F600\a\v""#, "{\"a\":\"😀\\u0007\\u000b\"}"),
        (r#"a="\ud83d\ude00""#, r#"{"a":"😀"}"#),
        (r#"a="\ud83d x""#, r#"{"a":"\\ud83d x"}"#),
        (r#"a="\x4 \q \'""#, r#"{"a":"\\x4 \\q '"}"#),
        (r#"a="\xff""#, "{\"a\":\"\u{fffd}\"}"),
        ("\u{1b}[36mkey\u{1b}[0m=1 b=\u{1b}[1;31mred\u{1b}[0m", r#"{"key":1,"b":"red"}"#),
        (
            "k=1 k=2 j=3 k=4",
            r#"{"k":4,"j":3,"@evidence":{"unknown":[{"path":"k","code":"ambiguous","detail":"the line has it twice, with different values: --dup says which one counts"}]}}"#,
        ),
        ("@seal=1 @time=2", r#"{"@time":2}"#),
    ] {
        assert_eq!(record(line.as_bytes()), expected, "{line}");
    }
}

/// The fast scanner in each of its ways.
const FASTEST: fn() -> [(Choice, Guessing); 3] =
    || [Guessing::Adaptive(0), Guessing::Always, Guessing::Never].map(|guessing| (Choice::fastest(), guessing));

/// The records of whole lines by the fast scanner in this way; `None` is the plain scanner alone.
fn by_worker(text: &[u8], fast: Option<(Choice, Guessing)>, selection: &Selection) -> (String, u64, Tally) {
    let extractor = Extractor {
        selection: selection.clone(),
        window: None,
        stamp: None,
        reader: PairReader::default(),
        // A condition that is always true sends every line to the plain scanner.
        conditions: fast.is_none().then(|| expr::Condition::parse("1 == 1").unwrap()).into_iter().collect(),
        shape: Shape::default(),
        source: false,
        strict: false,
        people: false,
        extras: crate::run::extractor::Extras::default(),
        record: Record::default(),
        plain: Vec::new(),
    };
    let choice = fast.map_or(Choice::PORTABLE, |(choice, _)| choice);
    let mut worker = Worker::new(extractor, choice, fast.map(|(_, guessing)| guessing), 1 << 20, false);
    let mut bytes = vec![b'\n'; MARGIN];
    bytes.extend_from_slice(text);
    let end = bytes.len();
    // What lies behind the lines must not matter.
    bytes.extend_from_slice(&[b'='; MARGIN + 1]);
    let block = Block { bytes, start: MARGIN, end, offset: 0, number: 1, records: 0, newlines: None, header: None };
    let mut done = Done::default();
    worker.work(&block, None, "x", &mut done);
    // As whoever hands out blocks does.
    if done.passed.is_mixed(&Passed::default()) {
        worker.again(&Passed::default(), &block, None, "x", &mut done);
    }
    assert!(done.failed.is_none());
    assert_eq!(done.output.written().iter().filter(|&&byte| byte == b'\n').count() as u64, done.used);
    (String::from_utf8(done.output.written().to_vec()).unwrap(), done.lines, done.tally)
}

/// Lines like those of logs, with now and then a piece that only the plain scanner takes.
pub fn log(random: &mut Seeded) -> Vec<u8> {
    const VALUES: [&[u8]; 26] = [
        b"1",
        b"1893",
        b"-5",
        b"0",
        b"007",
        b"0.5",
        b"1e-05",
        b"true",
        b"null",
        b"nope",
        b"\"h264 main\"",
        b"\"a\\\"b\"",
        b"'x y'",
        b"10.0.0.7:5004",
        b"(baz)",
        b"x,",
        b"[1,2]",
        b"a)",
        b"caf\xc3\xa9",
        b"\"caf\xc3\xa9\"",
        b"\"\x01\"",
        b"\xff",
        b"18446744073709551616",
        b"123456789012345678901234567890",
        b"",
        b"k=v",
    ];
    const KEYS: [&[u8]; 16] = [
        b"a",
        b"p50_us",
        b"ingest_to_emit_samples",
        b"http.status",
        b"k-1",
        b"7",
        b"7a",
        b"-x",
        b"x-",
        b"@seal",
        b"@t",
        b"\xc3\xa9",
        b"(k",
        b"a:b",
        b"x/y",
        b"a_key_that_is_longer_than_sixty_four_characters_which_is_rather_a_lot_of_them",
    ];
    let mut log = Vec::new();
    for _ in 0..random.below(12) {
        match random.below(12) {
            0 => log.extend(line(random).into_iter().filter(|&byte| byte != b'\n')),
            1 => {
                log.extend_from_slice(b"m=\"");
                log.resize(log.len() + random.below(150), b'y');
                log.extend_from_slice(b"\" z=");
                log.resize(log.len() + random.below(150), b'z');
            }
            2 => log.resize(log.len() + random.below(200), b' '),
            _ => {
                log.extend_from_slice(b"2026 INFO");
                for _ in 0..random.below(9) {
                    log.push(b' ');
                    log.extend_from_slice(random.pick(&KEYS));
                    if random.below(3) == 0 {
                        log.extend_from_slice(random.next().to_string().as_bytes());
                    }
                    if random.below(20) == 0 {
                        // About the longest common key.
                        log.resize(log.len() + 20 + random.below(20), b'k');
                    }
                    log.push(b'=');
                    if random.below(3) > 0 {
                        log.extend_from_slice(random.pick(&VALUES));
                        continue;
                    }
                    // Nearly a number, up to a little longer than the longest common value.
                    if random.below(4) == 0 {
                        log.push(b'-');
                    }
                    let longest = if random.below(4) == 0 { 37 } else { 6 };
                    for _ in 0..random.below(longest) {
                        log.push(if random.below(6) == 0 {
                            b".eE-+:,x\""[random.below(9)]
                        } else {
                            b'0' + random.below(10) as u8
                        });
                    }
                }
            }
        }
        if random.below(9) == 0 {
            log.push(b'\r');
        }
        log.push(b'\n');
        if random.below(3) == 0 {
            repeat_last_line(random, &mut log);
        }
    }
    log
}

/// Appends the last line a few times more, each time with other bytes here and there.
fn repeat_last_line(random: &mut Seeded, log: &mut Vec<u8>) {
    const BYTES: &[u8] = b"0123456789.-+eE tfnaz=\"'\\,)(\x1b\x00\xc3\xff~>:";
    let start = log.iter().rev().skip(1).position(|&byte| byte == b'\n').map_or(0, |step| log.len() - 1 - step);
    let line = log[start..].to_vec();
    for _ in 0..=random.below(6) {
        let mut line = line.clone();
        for _ in 0..random.below(4) {
            let (at, byte) = (random.below(line.len()), BYTES[random.below(BYTES.len())]);
            match random.below(4) {
                _ if line[at] == b'\n' => (),
                0 => line.insert(at, byte),
                1 => _ = line.remove(at),
                // Mostly where a number is.
                _ if line[at].is_ascii_digit() || random.below(4) == 0 => line[at] = byte,
                _ => (),
            }
        }
        log.extend_from_slice(&line);
    }
}

#[test]
fn fast_and_plain_scanners_agree() {
    let mut all = Vec::new();
    for seed in 0..rounds(600_000) {
        let log = log(&mut Seeded(seed));
        let selection =
            Selection { any: if seed % 3 == 0 { vec![finder("k")] } else { Vec::new() }, ..Selection::default() };
        let plain = by_worker(&log, None, &selection);
        for way in FASTEST() {
            assert_eq!(by_worker(&log, Some(way), &selection), plain, "seed {seed}, {way:?}");
        }
        if seed % 4 == 0 {
            let way = (Choice::PORTABLE, if seed % 8 == 0 { Guessing::Always } else { Guessing::Never });
            assert_eq!(by_worker(&log, Some(way), &selection), plain, "seed {seed}, {way:?}");
        }
        if all.len() < 1 << 20 {
            all.extend_from_slice(&log);
        }
    }
    // Many stretches in one block.
    for any in [
        vec![],
        vec![finder("k")],
        vec![finder("key=\"")],
        vec![finder("\"key\"")],
        vec![finder("/\"")],
        vec![finder("p50_us=")],
        vec![finder("=")],
        vec![finder("absent")],
    ] {
        let selection = Selection { any, ..Selection::default() };
        let plain = by_worker(&all, None, &selection);
        for way in FASTEST() {
            assert_eq!(by_worker(&all, Some(way), &selection), plain, "{selection:?}, {way:?}");
        }
    }
}

/// A number as logs write it, of at most 17 digits.
fn number_text(random: &mut Seeded) -> String {
    let sign = if random.below(5) == 0 { "-" } else { "" };
    let whole = random.next() >> (random.below(40) + 24);
    match random.below(3) {
        0 => format!("{sign}{}.{:0width$}", whole % 1_000_000, random.below(1_000_000), width = 6 + random.below(4)),
        1 => format!("{sign}{}", random.below(1000)),
        _ => format!("{sign}{whole}"),
    }
}

/// How a pair stands in a sentence: what is before its key, before and behind its value.
const SENTENCES: [(&str, &str, &str); 27] = [
    ("(<", "=", ">)"),
    ("{a=x,", "=", "}"),
    ("", "=", " ms"),
    ("[", "=", ",b=RUNNING]"),
    ("Job{", "=", ",name=\"x y\"}."),
    ("", "=", ""),
    ("", "=", ","),
    ("", "=", "."),
    ("", "=", ";"),
    ("", "=", ":"),
    ("(", "=", ")"),
    ("(", "=", ")."),
    ("(", "=", "):"),
    ("[", "=", "]"),
    ("[Peer[", "=", "]/0:0:0:2181:X@368]"),
    ("p=Point(", "=", ")"),
    ("{", "=", "}"),
    ("<", "=", ">x"),
    ("", " = ", ""),
    ("", "=[", "]"),
    ("", "=[  ", "],"),
    ("", "=   ", ","),
    ("a word,", "=", ", and"),
    ("[x]", "=", ""),
    ("f(y)", "=", "!"),
    ("", "=", "?"),
    ("x:", "=", ""),
];

/// The pairs of `seed`, and a line of prose, one of logfmt and one of JSON that hold them.
fn lines_of_numbers(seed: u64) -> (Vec<(String, String)>, [String; 3]) {
    let mut random = Seeded(seed);
    let pairs: Vec<(String, String)> = (0..1 + random.below(6))
        .map(|at| (format!("{}{at}", random.pick(&["k", "took_ms", "p99", "n.x", "a_b"])), number_text(&mut random)))
        .collect();
    let mut prose = format!("2026-03-05 20:32:12.{:03} INFO", random.below(1000));
    let (mut logfmt, mut json) = (String::new(), String::new());
    for (key, number) in &pairs {
        let (before, sign, behind) = SENTENCES[random.below(SENTENCES.len())];
        // What ends at a bracket of another kind is a text.
        let behind = if behind == ">x" { "" } else { behind };
        prose.push_str(&format!(" {before}{key}{sign}{number}{behind}"));
        if random.below(3) == 0 {
            prose.push_str(random.pick(&[" word", " 12 of 7", " - x", " (y)"]));
        }
        logfmt.push_str(&format!("{key}={number} "));
        json.push_str(&format!("{}\"{key}\":{number}", if json.is_empty() { "{" } else { ", " }));
    }
    json.push('}');
    (pairs, [prose, logfmt.trim_end().to_owned(), json])
}

/// On every record written no digit differs from the line's: the model knows each number, since it wrote it. Many lines
/// are read at once, so that the fast scanner has learned their keys when the next ones come.
#[test]
fn no_digit_differs() {
    const AT_ONCE: u64 = 64;
    let all = rounds(600_000);
    for first in (0..all).step_by(AT_ONCE as usize) {
        let seeds: Vec<_> = (first..all.min(first + AT_ONCE)).map(|seed| (seed, lines_of_numbers(seed))).collect();
        // Lines of one kind one after the other, as in a log.
        for way in 0..3 {
            let text: String = seeds.iter().map(|(_, (_, lines))| format!("{}\n", lines[way])).collect();
            let records = by_worker(text.as_bytes(), None, &Selection::default());
            for fast in FASTEST() {
                assert_eq!(by_worker(text.as_bytes(), Some(fast), &Selection::default()), records, "{first} {fast:?}");
            }
            let mut written = records.0.lines();
            for (seed, (pairs, lines)) in &seeds {
                let record = written.next().unwrap_or_default();
                for (key, number) in pairs {
                    let wanted = format!("\"{key}\":{number}");
                    let at = record.find(&wanted).map(|at| at + wanted.len());
                    let ends = at.is_some_and(|at| matches!(record.as_bytes().get(at), Some(b',' | b'}')));
                    assert!(ends, "seed {seed}: {}\n{record}\nwanted {wanted}", lines[way]);
                }
            }
            assert_eq!(written.next(), None, "{first}");
        }
    }
}

#[test]
fn real_logs_agree() {
    let Some(folder) = testkit::outside_path("logs") else { return };
    for entry in std::fs::read_dir(folder).unwrap() {
        let mut text = std::fs::read(entry.unwrap().path()).unwrap();
        text.push(b'\n');
        let all_lines = Selection::default();
        let plain = by_worker(&text, None, &all_lines);
        for way in FASTEST() {
            assert_eq!(by_worker(&text, Some(way), &all_lines), plain, "{way:?}");
        }
        for record in plain.0.lines() {
            assert!(serde_json::from_str::<serde_json::Value>(record).is_ok(), "{record}");
        }
    }
}

#[test]
fn no_allocation_a_line() {
    let line: &[u8] = b"2026-03-05T20:32:12.345Z INFO LATENCY_METRICS p50_us=1200 codec=\"h264 \\\"main\" took=12ms \
        who='a b' note=caf\xc3\xa9 bad=\xff k = v dup=1 dup=2 peer=10.0.0.7:5004,\n";
    let shape = || {
        let mut shape = Shape::default();
        shape.types.push((b"took".to_vec(), crate::record::convert::Conversion::parse("us").unwrap()));
        shape.none.push(b"-".to_vec());
        shape
    };
    for (name, shape, fast) in [
        ("guessed", Shape::default(), Some(Guessing::Always)),
        ("walked", Shape::default(), Some(Guessing::Never)),
        ("plain", Shape::default(), None),
        ("shaped", shape(), None),
    ] {
        let extractor = Extractor {
            selection: Selection { any: vec![finder("LATENCY")], none: vec![] },
            window: None,
            stamp: None,
            reader: PairReader::default(),
            conditions: Vec::new(),
            shape,
            source: false,
            strict: false,
            people: false,
            extras: crate::run::extractor::Extras::default(),
            record: Record::default(),
            plain: Vec::new(),
        };
        let mut worker = Worker::new(extractor, Choice::fastest(), fast, 1 << 20, false);
        let block = |lines: usize| {
            let mut bytes = vec![b'\n'; MARGIN];
            bytes.extend(line.repeat(lines));
            let end = bytes.len();
            bytes.extend_from_slice(&[0; MARGIN + 1]);
            Block { bytes, start: MARGIN, end, offset: 0, number: 1, records: 0, newlines: None, header: None }
        };
        let (small, large) = (block(100), block(1_000));
        let mut done = Done::default();
        worker.work(&large, None, "x", &mut done);
        assert_eq!(done.used, 1_000);
        let count = |worker: &mut Worker, block: &Block, done: &mut Done| {
            allocation_counter::measure(|| worker.work(block, None, "x", done)).count_total
        };
        let (few, many) = (count(&mut worker, &small, &mut done), count(&mut worker, &large, &mut done));
        assert_eq!(few, many, "{name}: ten times the lines, the same allocations");
        assert!(many <= 4, "{name}: {many} a block");
    }
}
