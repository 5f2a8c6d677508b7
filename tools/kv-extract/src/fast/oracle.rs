//! The field road against the plain way: the same lines, options and formats, the same bytes and counts.

use crate::fast::Guessing;
use crate::fast::cpu::Choice;
use crate::fast::masks::MARGIN;
use crate::flags::{Config, FLAGS};
use crate::grammar::prose::Grammar;
use crate::grammar::table::{Fed, Table};
use crate::grammar::{Format, PairReader};
use crate::input::block::Block;
use crate::input::placer::Placer;
use crate::input::unit::{Content, Unit};
use crate::input::window::Window;
use crate::record::Record;
use crate::record::tally::Tally;
use crate::record::units::passed::Passed;
use crate::run::done::{Done, Told};
use crate::run::extractor::Extractor;
use crate::run::extractor::Outcome;
use crate::run::quick::{Quick, Quickly};
use crate::run::rows::Rows;
use crate::run::worker::Worker;
use crate::tests::{Seeded, log, rounds};

/// What a command line asks for.
pub fn extractor(options: &[(&str, &str)]) -> Extractor {
    let mut config = Config::default();
    for (name, value) in options {
        let flag = FLAGS.iter().find(|flag| flag.long == *name).unwrap();
        match flag.takes {
            filter::Takes::Value(_, set) | filter::Takes::Word(_, _, set) => set(&mut config, value).unwrap(),
            filter::Takes::Nothing(set) => set(&mut config),
            _ => unreachable!(),
        }
    }
    if let Some(template) = config.template {
        config.format = Format::Template(template);
    }
    Extractor {
        selection: config.selection,
        window: None,
        stamp: None,
        reader: PairReader::new(Grammar::new(&config.separators, config.colon), config.format),
        shape: config.shape,
        conditions: config.conditions,
        source: config.source,
        strict: false,
        people: false,
        extras: crate::run::extractor::Extras::default(),
        record: Record::default(),
        plain: Vec::new(),
    }
}

type AllOf = (String, u64, u64, Tally, Vec<Told>, Vec<Told>, Option<Told>);

/// What becomes of whole lines; `fast` in this way, else the plain one.
fn outcome(text: &[u8], options: &[(&str, &str)], fast: Option<Choice>, may_reject: bool) -> AllOf {
    let way = fast.map(|_| Guessing::Adaptive(0));
    let mut worker = Worker::new(extractor(options), fast.unwrap_or(Choice::PORTABLE), way, 1 << 20, may_reject);
    let mut bytes = vec![b'\n'; MARGIN];
    bytes.extend_from_slice(text);
    let end = bytes.len();
    // What lies behind the lines must not matter.
    bytes.extend_from_slice(&[b'"'; MARGIN + 1]);
    let block = Block { bytes, start: MARGIN, end, offset: 70, number: 5, records: 0, newlines: None, header: None };
    let mut done = Done::default();
    // The second time, keys are known.
    worker.work(&block, None, "x", &mut done);
    worker.work(&block, None, "x", &mut done);
    // As whoever hands out blocks does.
    if done.passed.is_mixed(&Passed::default()) {
        worker.again(&Passed::default(), &block, None, "x", &mut done);
    }
    let output = String::from_utf8(done.output.written().to_vec()).unwrap();
    (output, done.used, done.lines, done.tally, done.rejected, done.unknown, done.failed)
}

const WORDS: [&str; 36] = [
    "1\u{a0}took=900",
    "x\u{ff0c}status=500",
    "12\u{202f}345",
    "5\u{3000}",
    "200",
    "500",
    "0",
    "-1",
    "0.5",
    "12.250",
    "1e5",
    "1e-05",
    "007",
    "true",
    "false",
    "null",
    "GET",
    "/api/list",
    "10.0.0.7:5004",
    "x,",
    "a)",
    "café",
    "a\u{1}b",
    "12ms",
    "-",
    "18446744073709551616",
    "[1,2]",
    "{\"b\":1}",
    "k=v",
    "5,took=900",
    "x,status=500,user=1",
    "/a,took=2",
    "9\u{0}00",
    "a_text_that_is_longer_than_thirty_two_characters",
    "2026-03-05T20:32:12Z",
    "1772742732",
];
/// What stands behind a value: others of a list, units.
const BEHIND: [&str; 16] = [
    " - 900000 ms",
    " .. 99999999",
    " to",
    " - GET",
    ", 30.000",
    " : 0.5",
    ", -",
    " ms",
    " ms, 7 ms",
    " ms : 7 s",
    ", 7 ms",
    "] s",
    " MB/s",
    " %",
    ", 3 retries",
    "...",
];
const KEYS: [&str; 14] = [
    "status",
    "dur_ms",
    "route",
    "took",
    "took_us",
    "a.b",
    "user",
    "time",
    "ts",
    "@t",
    "@seal",
    "café",
    "x-y",
    "a_key_that_is_longer_than_thirty_two_characters",
];

/// A value of a line, as a word.
fn word(random: &mut Seeded) -> String {
    match random.below(3) {
        0 => random.below(1_000).to_string(),
        _ => WORDS[random.below(WORDS.len())].to_owned(),
    }
}

fn stamp(random: &mut Seeded) -> String {
    let minute = random.below(60);
    match random.below(8) {
        0 => "no stamp".to_owned(),
        1 => format!("2026-03-05 20:{minute:02}:12,5"),
        2 => format!("[2026-03-05T20:{minute:02}:59.25Z]"),
        3 => format!("2026-03-05T20:{minute:02}:60Z"),
        _ => format!("2026-03-05T20:{:02}:{:02}.{}Z", minute / 10, random.below(60), random.below(1_000)),
    }
}

/// A line of this format, more or less.
pub fn line(format: &str, random: &mut Seeded) -> String {
    let mut line = String::new();
    let pairs = random.below(9);
    let blank = |random: &mut Seeded| if random.below(12) == 0 { " " } else { "" };
    match format {
        "json" => {
            line.push('{');
            for at in 0..pairs {
                if at > 0 {
                    line.push(',');
                }
                let word = word(random);
                let value = match random.below(7) {
                    0 => format!("\"{}\"", stamp(random)),
                    1 => format!("[{word},{{\"a\":\"b\\n\",\"c\":[]}}]").replace("12ms", "12"),
                    2 => format!("{{\"a\":{word},\"b\":null}}"),
                    3 => word.replace('"', "\\\""),
                    4 => format!("\"{}\\u00e9\\\"\\/\"", word.replace('"', "")),
                    _ => format!("\"{}\"", word.replace('"', "\\\"")),
                };
                let (one, two) = (blank(random), blank(random));
                line.push_str(&format!("{one}\"{}\":{two}{value}", KEYS[random.below(KEYS.len())]));
            }
            line.push('}');
        }
        "clf" => {
            let (host, user, bytes) = (word(random), word(random), word(random));
            line = format!(
                "{host} - {user} [05/Mar/2026:20:{:02}:12 +0000] \"GET /{} HTTP/1.1\" {} {bytes} \"-\" \"agent \\\"x\"{} rt=0.5 {}={}",
                random.below(60),
                word(random).replace('"', ""),
                200 + random.below(400),
                ["", "", " 0.5", " 0.5, 30.000", " 0.5 : -, 7 200"][random.below(5)],
                KEYS[random.below(KEYS.len())],
                word(random)
            );
        }
        "text" => {
            let unit = ["ms", "ms", "ms", "s", "x", ": 0.5", "ms, 7 ms"][random.below(7)];
            line = format!("{} {} took {} {unit}", stamp(random), word(random), word(random));
        }
        _ => {
            if format == "kv" {
                line = format!("{} INFO ", stamp(random));
            }
            for at in 0..pairs {
                if at > 0 {
                    line.push(' ');
                }
                let word = word(random);
                let value = match random.below(5) {
                    0 => format!("\"{} {}\"", stamp(random), word.replace('"', "\\\"")),
                    1 => format!("\"{}\"", word.replace('"', "\\n")),
                    _ => word,
                };
                line.push_str(&format!("{}={value}", KEYS[random.below(KEYS.len())]));
                match random.below(20) {
                    0 => line.push_str(" word"),
                    1 => line.push_str(BEHIND[random.below(BEHIND.len())]),
                    _ => {}
                }
            }
        }
    }
    line
}

/// Some lines of a format; a few of them with bytes put in, taken out and changed.
fn lines(format: &str, random: &mut Seeded) -> Vec<u8> {
    const BYTES: &[u8] = b"\"\\{}[],:= \t'\x1b\x00\xc3\xff-.0eEtn#";
    let mut text = Vec::new();
    for _ in 0..1 + random.below(8) {
        let mut line = line(format, random).into_bytes();
        let changes = if random.below(3) == 0 { random.below(4) } else { 0 };
        for _ in 0..changes {
            let (at, byte) = (random.below(line.len() + 1), BYTES[random.below(BYTES.len())]);
            match random.below(3) {
                0 => line.insert(at, byte),
                _ if at == line.len() => {}
                1 => _ = line.remove(at),
                _ => line[at] = byte,
            }
        }
        line.retain(|&byte| byte != b'\n');
        if random.below(9) == 0 {
            line.push(b'\r');
        }
        line.push(b'\n');
        for _ in 0..1 + random.below(3) {
            text.extend_from_slice(&line);
        }
    }
    text
}

const OPTIONS: [&[(&str, &str)]; 23] = [
    &[],
    &[("where", "status >= 500")],
    &[("where", "status >= 100 and status < 500"), ("where", "route != \"GET\"")],
    &[("where", "dur_ms == 0.5 or user == \"café\""), ("keys", "route,dur_ms")],
    &[("where", "a.b == true")],
    &[("where", "time == null")],
    &[("where", "set == 5"), ("set", "set=5")],
    &[("keys", "route,dur_ms")],
    &[("keys", "*s*"), ("drop", "st*")],
    &[("drop", "time,ts")],
    &[("having", "status,t*")],
    &[("text", "")],
    &[("as", "dur_ms=num")],
    &[("as", "took=us"), ("na", "-")],
    &[("as", "status=text"), ("as", "user=bool"), ("keys", "user,status")],
    &[("na", "-"), ("na", "200"), ("na", "")],
    &[("dup", "array")],
    &[("dup", "error")],
    &[("dup", "first"), ("keys", "route")],
    &[("set", "x=1"), ("set-text", "route=a\"b")],
    &[("source", "")],
    &[("source", ""), ("where", "status == 200"), ("match", "a")],
    &[("match", "s"), ("without", "u")],
];

#[test]
fn fields_and_plain_agree() {
    if !Choice::fastest().is_fast() {
        return;
    }
    for (format, option) in [
        ("kv", ("from", "kv")),
        ("logfmt", ("from", "logfmt")),
        ("json", ("from", "json")),
        ("clf", ("from", "clf")),
        ("text", ("parse", "{time} {user} took {took} ms")),
        ("text", ("parse", "{time} {user:word} took {took:num} {}")),
        ("text", ("parse", "{user:int}-{a.b} {} took {status:int} m{route}")),
        ("log", ("from", "kv")),
    ] {
        for options in OPTIONS {
            let options = [&[option], options].concat();
            for seed in 0..rounds(12_000) {
                let mut random = Seeded(seed);
                let text = if format == "log" { log(&mut random) } else { lines(format, &mut random) };
                let may_reject = seed % 3 > 0;
                let plain = outcome(&text, &options, None, may_reject);
                let shown = || format!("seed {seed} {options:?}\n{}", String::from_utf8_lossy(&text));
                assert_eq!(outcome(&text, &options, Some(Choice::fastest()), may_reject), plain, "{}", shown());
                if seed % 8 == 0 {
                    assert_eq!(outcome(&text, &options, Some(Choice::PORTABLE), may_reject), plain, "{}", shown());
                }
            }
        }
    }
}

/// A line of cells, some of them quoted, one too many or one too few now and then.
fn cells(random: &mut Seeded) -> Vec<u8> {
    let mut line = String::new();
    let count = if random.below(12) == 0 { random.below(8) } else { 5 };
    for at in 0..count {
        if at > 0 {
            line.push(',');
        }
        match random.below(12) {
            0 => line.push_str(&format!("\"{}\"", word(random).replace('"', "\"\""))),
            1 => {}
            2 => line.push_str(&format!(" {} x", word(random).replace(['"', ','], ""))),
            3 => line.push_str("\u{1b}[1m\t"),
            _ => line.push_str(&word(random).replace(',', ";")),
        }
    }
    line.into_bytes()
}

#[test]
fn rows_and_plain_agree() {
    for options in OPTIONS {
        let options = [&[("from", "csv")], options].concat();
        let mut plain = extractor(&options);
        let Some(mut quick) = Quick::new(&plain) else { continue };
        let mut table = Table::new(b',', Vec::new());
        for seed in 0..rounds(4_000) {
            let mut random = Seeded(seed);
            table.restart();
            let header: &[u8] = if seed % 2 == 0 { b"status,route,time,took,a.b" } else { b"user,dur_ms,@t,st,x" };
            table.feed(header).unwrap();
            for number in 0..random.below(9) as u64 {
                let line = cells(&mut random);
                if !matches!(table.feed(&line), Ok(Fed::Row)) {
                    continue;
                }
                let content = Content::Row(&table);
                let unit = Unit { text: table.raw(), file: "x", number, offset: None, lines: 1, content };
                let mut out = Vec::new();
                let expected = plain.extract(&unit, &mut out);
                let got = quick.row(&table, unit.text, "x", number);
                let shown = String::from_utf8_lossy(&line);
                match got {
                    Quickly::Plain => continue,
                    Quickly::Record => {
                        out.push(b'\n');
                        assert_eq!(quick.record(), out, "seed {seed} {options:?} {shown}");
                    }
                    Quickly::Unknown => assert_eq!(expected, Ok(Outcome::Unknown), "{seed} {options:?} {shown}"),
                    Quickly::Nothing => {
                        assert!(
                            matches!(expected, Ok(Outcome::NoPairs | Outcome::Unwanted)),
                            "{seed} {options:?} {shown}"
                        );
                    }
                }
            }
        }
    }
}

/// What the lines of a table become, one row after the other: the records, and of how many lines; `None` where one of
/// them may not be.
fn rows_plainly(text: &[u8], options: &[(&str, &str)]) -> Option<(String, u64, Tally)> {
    let mut plain = extractor(options);
    let mut table = Table::new(b',', Vec::new());
    table.restart();
    let (mut out, mut used) = (Vec::new(), 0);
    for (line, number) in text.split_inclusive(|&byte| byte == b'\n').zip(1..) {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        match table.feed(line.strip_suffix(b"\r").unwrap_or(line)) {
            Ok(Fed::Row) => {}
            Ok(_) => continue,
            Err(_) => return None,
        }
        let (lines, content) = (table.lines, Content::Row(&table));
        let unit = Unit { text: table.raw(), file: "x", number: number + 1 - lines, offset: None, lines, content };
        if plain.selection.takes(unit.text) && plain.extract(&unit, &mut out).ok()? == Outcome::Record {
            out.push(b'\n');
            used += lines;
        }
    }
    (!table.is_open()).then(|| (String::from_utf8(out).unwrap(), used, plain.record.tally))
}

/// The same block by block, each of a few lines; how many blocks were a worker's.
fn rows_in_blocks(
    text: &[u8],
    options: &[(&str, &str)],
    choice: Choice,
    random: &mut Seeded,
) -> Option<(String, u64, Tally, u64)> {
    let mut own = extractor(options);
    let mut rows = Rows::new(&own, 1 << 20, false)?;
    rows.begin();
    let mut worker = Worker::new(own.fork(), choice, Some(Guessing::Adaptive(0)), 1 << 20, false);
    let (mut out, mut used, mut tally, mut quickly) = (Vec::new(), 0, Tally::default(), 0);
    let (mut done, mut passed) = (Done::default(), Passed::default());
    let (mut rest, mut number) = (text, 1);
    while !rest.is_empty() {
        let mut end = 0;
        for _ in 0..1 + random.below(3) {
            end += rest[end..].iter().position(|&byte| byte == b'\n').map_or(0, |step| step + 1);
        }
        let (lines, behind) = rest.split_at(end);
        rest = behind;
        let bytes = [&[b'\n'; MARGIN], lines, &[b'"'; MARGIN + 1]].concat();
        let mut block = Block {
            bytes,
            start: MARGIN,
            end: MARGIN + end,
            offset: 0,
            number,
            records: 0,
            newlines: None,
            header: None,
        };
        // As whoever hands out blocks does.
        own.record.passed.include(&passed);
        if !rows.take(&mut block, "x", &mut own, &mut done) {
            worker.know(&passed);
            worker.work(&block, None, "x", &mut done);
            if done.passed.is_mixed(&passed) {
                worker.again(&passed, &block, None, "x", &mut done);
            }
            tally.include(done.tally);
            quickly += 1;
        }
        if done.failed.is_some() {
            return None;
        }
        passed.include(&done.passed);
        number += done.newlines;
        used += done.used;
        out.extend_from_slice(done.output.written());
    }
    tally.include(own.record.tally);
    Some((String::from_utf8(out).unwrap(), used, tally, quickly))
}

#[test]
fn rows_in_blocks_and_plain_agree() {
    let mut quickly = 0;
    for options in OPTIONS {
        let options = [&[("from", "csv")], options].concat();
        for seed in 0..rounds(6_000) {
            let mut random = Seeded(seed);
            let header = ["status,route,time,took,a.b", "user,dur_ms,@t,st,x", "a", "\"s,t\",u"][random.below(4)];
            let mut text = format!("{header}\n").into_bytes();
            for _ in 0..random.below(12) {
                text.extend_from_slice(&cells(&mut random));
                if random.below(9) == 0 {
                    let at = random.below(text.len());
                    text.insert(at, b"\"\",\n\r x"[random.below(7)]);
                }
                text.extend_from_slice([&b"\n"[..], b"\n", b"\n", b"\r\n"][random.below(4)]);
            }
            let Some(plain) = rows_plainly(&text, &options) else { continue };
            for choice in [Choice::fastest(), Choice::PORTABLE] {
                let got = rows_in_blocks(&text, &options, choice, &mut random);
                let shown = || format!("seed {seed} {options:?}\n{}", String::from_utf8_lossy(&text));
                let Some((out, used, tally, blocks)) = got else { panic!("{}", shown()) };
                assert_eq!((out, used, tally), plain, "{}", shown());
                quickly += blocks;
            }
        }
    }
    assert!(quickly > 1_000, "{quickly}");
}

/// Ten times the lines, the same allocations: with every format and option, once its buffers have grown.
#[test]
fn nothing_is_allocated_a_line() {
    if !Choice::fastest().is_fast() {
        return;
    }
    const TEMPLATE: &str = "{time} {user:word} -> {status:int} in {dur_ms:num} ms, {route}";
    let header = || {
        let mut table = Table::new(b',', Vec::new());
        table.restart();
        assert_eq!(table.feed(b"time,status,dur_ms,route,user"), Ok(Fed::Header));
        table.header().map(std::sync::Arc::new)
    };
    let lines = [
        (
            "kv",
            "2026-03-05T20:32:12.345Z INFO status=200 dur_ms=0.5 route=/api user=\"a b\" took=1ms time=x ts=7 s=\"a \\\"b\"\n",
        ),
        ("logfmt", "time=2026-03-05T20:32:12Z status=500 dur_ms=12 route=/api user=\"a b\" took=1ms\n"),
        (
            "json",
            "{\"time\":\"2026-03-05T20:32:12Z\",\"status\":500,\"dur_ms\":1.5,\"route\":\"/api\",\"a\":[1,{\"b\":\"c\\n\"}]}\n",
        ),
        ("clf", "10.0.0.7 - bob [05/Mar/2026:20:32:12 +0000] \"GET /a HTTP/1.1\" 200 12 \"-\" \"curl/8\" rt=0.5\n"),
        ("kv", "2026-03-05T20:32:12Z INFO took=900 ms, dur_ms=12 s status=200\n"),
        ("csv", "2026-03-05T20:32:12Z,500,1.5,\"/api, x\",bob\n"),
        (TEMPLATE, "2026-03-05T20:32:12Z bob -> 500 in 1.5 ms, /api\n"),
    ];
    let mut counted = 0;
    for (format, line) in lines {
        let (is_table, is_template) = (format == "csv", format == TEMPLATE);
        // The same of `auto`, which tells them apart.
        for from in [format, "auto"].iter().take(if is_table || is_template { 1 } else { 2 }) {
            let from = (if is_template { "parse" } else { "from" }, *from);
            // A condition on what `--set` says is asked of the record that was made, which is read for it.
            for options in OPTIONS.into_iter().filter(|options| !options.contains(&("set", "set=5"))) {
                let options = [&[from], options].concat();
                let guessing = Some(Guessing::Adaptive(0));
                let mut worker = Worker::new(extractor(&options), Choice::fastest(), guessing, 1 << 20, true);
                let block = |count: usize| {
                    let mut bytes = vec![b'\n'; MARGIN];
                    bytes.extend(line.repeat(count).into_bytes());
                    let end = bytes.len();
                    bytes.extend_from_slice(&[b'\n'; MARGIN + 1]);
                    let header = if is_table { header() } else { None };
                    Block { bytes, start: MARGIN, end, offset: 0, number: 1, records: 0, newlines: None, header }
                };
                let (small, large) = (block(100), block(1_000));
                let mut done = Done::default();
                worker.work(&large, None, "x", &mut done);
                // Where a condition cannot be told, that is told a line.
                if !done.unknown.is_empty() || !done.rejected.is_empty() {
                    continue;
                }
                let mut count = |block: &Block| {
                    allocation_counter::measure(|| worker.work(block, None, "x", &mut done)).count_total
                };
                let (few, many) = (count(&small), count(&large));
                assert_eq!(few, many, "{options:?} {line}");
                counted += 1;
            }
        }
    }
    assert!(counted > 150, "{counted}");
}

/// A large JSON record is the same whether its members are done one at a time or all at once.
#[test]
fn large_records_are_the_same_a_member_at_a_time() {
    let many: String = (0..40).map(|at| format!("\"k{at}\":{at}.50,")).collect();
    let texts = [
        format!("{{{many}\"a\":\"x\\ty\\u00e9\",\"b\":[1, {{\"c\" : null}}],\"n\":\"-\"}}"),
        format!(
            " {{{many}\"@source\":1,\"@evidence\":{{\"unknown\":[{{\"path\":\"a\",\"code\":\"missing\"}}],\"sources\":[]}}}} "
        ),
        format!("{{{many}\"k7\":1}}"),
        format!("{{{many}\"a\":01}}"),
        format!("{{{many}\"a\":1}} x"),
        format!("[{{{many}\"a\":1}}]"),
        format!("{{\"@seal\":{{\"x\":\"{}\"}}}}", "y".repeat(80)),
        format!("{{\"a\":\"{}\"}}", "\u{e9}\\\"".repeat(40)),
    ];
    let all: [&[(&str, &str)]; 18] = [
        &[],
        &[("keys", "a,k3")],
        &[("drop", "k1,a")],
        &[("having", "a,n")],
        &[("set", "a=5"), ("set", "z=1")],
        &[("text", "")],
        &[("na", "-")],
        &[("source", "")],
        &[("keys", "absent")],
        &[("where", "k7 >= 7"), ("where", "k8 >= 7")],
        &[("where", "k7 > 100")],
        &[("where", "absent > 1")],
        &[("where", "n > 3")],
        &[("where", "k7 >= 1"), ("keys", "a")],
        &[("as", "k3=ms"), ("where", "k7 >= 7")],
        &[("as", "a=num")],
        &[("as", "k3=ms"), ("where", "k3_ms >= 1")],
        &[("na", "-"), ("where", "n > 3")],
    ];
    let (mut streamed, mut not_streamed) = (0, 0);
    for options in all {
        for text in &texts {
            let options = [&[("from", "json")], options].concat();
            let mut one = extractor(&options);
            let (mut out, mut wanted) = (b"before".to_vec(), b"before".to_vec());
            let outcome = one.stream(text.as_bytes(), ("x", 7), &mut out);
            let tally = one.record.tally;
            let Ok(value @ schema::Value::Object(_)) = schema::json::parse(text.as_bytes()) else {
                assert_eq!((outcome, out.as_slice(), tally), (None, &b"before"[..], Tally::default()), "{text}");
                continue;
            };
            let mut other = extractor(&options);
            let content = Content::Value(value);
            let unit = Unit { text: text.as_bytes(), file: "x", number: 7, offset: None, lines: 1, content };
            let whole = other.extract(&unit, &mut wanted);
            let Some(outcome) = outcome else {
                // What does not fit, and what is asked of a value that is not what it was, is told with the whole record.
                let is_asked = options.iter().any(|(name, value)| {
                    *name == "as"
                        || (*name, *value) == ("where", "n > 3")
                        || *name == "where" && text.contains("@evidence")
                });
                assert!(is_asked, "{text} {options:?}");
                assert_eq!((out.as_slice(), tally), (&b"before"[..], Tally::default()), "{text} {options:?}");
                not_streamed += 1;
                continue;
            };
            assert_eq!(Ok(outcome), whole, "{text} {options:?}");
            assert_eq!(out, wanted, "{text} {options:?}");
            assert_eq!(tally, other.record.tally, "{text} {options:?}");
            streamed += 1;
        }
    }
    assert!(streamed > 50 && not_streamed < 30, "{streamed} {not_streamed}");
}

/// The same with a window of time, which looks at each line before anybody else does.
#[test]
fn nothing_is_allocated_a_line_of_a_window() {
    if !Choice::fastest().is_fast() {
        return;
    }
    let mut counted = 0;
    for (format, line) in [
        ("kv", "2026-03-05T20:32:12.345Z INFO status=200 dur_ms=0.5 route=/api user=\"a b\"\n"),
        ("logfmt", "time=2026-03-05T20:32:12Z status=500 dur_ms=12 route=/api user=\"a b\"\n"),
        ("json", "{\"time\":\"2026-03-05T20:32:12Z\",\"status\":500,\"dur_ms\":1.5,\"route\":\"/api\"}\n"),
        ("auto", "{\"time\":\"2026-03-05T20:32:12Z\",\"status\":500,\"dur_ms\":1.5,\"route\":\"/api\"}\n"),
        ("auto", "2026-03-05T20:32:12.345Z INFO status=200 dur_ms=0.5 route=/api user=\"a b\"\n"),
    ] {
        for (since, options) in [
            ("2026-03-05T20:00:00Z", &[][..]),
            ("2026-03-05T21:00:00Z", &[]),
            ("2026-03-05T20:00:00Z", &[("where", "status >= 300")]),
            ("2026-03-05T20:00:00Z", &[("source", ""), ("as", "dur_ms=num")]),
        ] {
            let options = [&[("from", format)], options].concat();
            let mut asked = extractor(&options);
            let clock = time::Clock::new(jiff::tz::TimeZone::UTC, "2026-03-06T00:00:00Z".parse().unwrap());
            let guessing = Some(Guessing::Adaptive(0));
            let mut worker = Worker::new(asked.fork(), Choice::fastest(), guessing, 1 << 20, true);
            asked.window = Some(Window::new(Some(since.parse().unwrap()), None, None, clock));
            let mut placer = Placer::new(&asked, Choice::fastest(), 1 << 20, false);
            let block = |count: usize| {
                let mut bytes = vec![b'\n'; MARGIN];
                bytes.extend(line.repeat(count).into_bytes());
                let end = bytes.len();
                bytes.extend_from_slice(&[b'\n'; MARGIN + 1]);
                Block { bytes, start: MARGIN, end, offset: 0, number: 1, records: 0, newlines: None, header: None }
            };
            let (small, large) = (block(100), block(1_000));
            let (mut parts, mut done) = (Vec::new(), Done::default());
            let mut work = |block: &Block| {
                placer.cut(block, "x", &mut asked, &mut parts);
                worker.work(block, Some(&parts), "x", &mut done);
                done.used
            };
            let used = work(&large);
            let (few, many) =
                [&small, &large].map(|block| allocation_counter::measure(|| _ = work(block)).count_total).into();
            assert_eq!(few, many, "{options:?} {line}");
            assert!(used == 0 || since.contains("T20"), "{options:?}");
            counted += used;
        }
    }
    assert!(counted > 10_000, "{counted}");
}
