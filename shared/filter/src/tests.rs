//! Tests of the skeleton itself, on a tool that copies records.

use std::io::Write;
use std::path::PathBuf;

use testkit::Random;

use super::*;

#[derive(Default)]
struct Config {
    files: Vec<PathBuf>,
    lines: bool,
}

static TOOL: Tool<Config> = Tool {
    name: "copy",
    synopsis: "[FILE]...",
    about: "Copy records.",
    more: "",
    flags: &[
        Flag {
            short: Some('l'),
            long: "lines",
            takes: Takes::Nothing(|config| config.lines = true),
            help: "Copy raw lines",
            more: "",
        },
        Flag {
            short: None,
            long: "level",
            takes: Takes::Value("N", |_, text| {
                text.parse::<u8>().map(|_| ()).map_err(|_| "wanted 0 to 255".to_owned())
            }),
            help: "A number",
            more: "",
        },
    ],
    operand: |config, path| {
        config.files.push(path.into());
        Ok(())
    },
    examples: &[("copy a", "Copy it.")],
    schema: "{}",
    output: OutputKind::Records,
};

fn copy(config: Config, filter: &mut Filter) -> Result<Exit, Error> {
    if config.lines {
        let limit = filter.options.max_line.unwrap_or(MAX_RAW_LINE);
        for path in &config.files {
            let mut lines = Lines::new(filter.open(path)?, limit);
            while let Some(line) = lines.next(filter)? {
                let copied = line.bytes.to_vec();
                filter.counts.used += 1;
                filter.line(&copied)?;
            }
        }
        return Ok(Exit::Yes);
    }
    let mut records = Records::new(&config.files, Require::WhereSealing);
    while let Some(record) = records.next(filter)? {
        filter.counts.used += 1;
        filter.value(&record.value)?;
    }
    Ok(Exit::Yes)
}

/// A folder of its own for one test.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("filter-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs the tool on `input` in a file and gives its status and output; `None` where the output was not written.
fn run_on(name: &str, options: &[&str], input: &[u8]) -> (u8, Option<String>) {
    let folder = folder(name);
    let (from, to) = (folder.join("in"), folder.join("out"));
    std::fs::File::create(&from).unwrap().write_all(input).unwrap();
    let mut arguments: Vec<OsString> = options.iter().map(OsString::from).collect();
    arguments.extend([OsString::from("-q"), OsString::from("-o"), to.clone().into(), from.into()]);
    let status = status(&TOOL, COULD_NOT, arguments, copy);
    let output = std::fs::read_to_string(&to).ok();
    std::fs::remove_dir_all(&folder).unwrap();
    (status, output)
}

#[test]
fn records_are_copied_whatever_their_lines() {
    let (status, output) =
        run_on("records", &[], b"\xef\xbb\xbf{\"a\":1}\r\n\n{\n \"b\": [\n  {\"c\": 2}\n ]\n}\n{\"d\":3}");
    assert_eq!((status, output.as_deref()), (0, Some("{\"a\":1}\n{\"b\":[{\"c\":2}]}\n{\"d\":3}\n")));
}

#[test]
fn a_bad_record_leaves_no_output_behind() {
    for bad in ["{\"a\":1}\n{\"a\":", "[1]\n", "{\"a\":1}\n{\"a\":1,\"a\":2}\n", "x\n", "{\"a\":{\n{\"b\":1}\n"] {
        assert_eq!(run_on("bad", &[], bad.as_bytes()), (2, None), "{bad}");
    }
}

#[test]
fn rejected_records_need_a_grant() {
    let input = b"{\"a\":1}\n{\"a\":\n{\"b\":2}\n";
    let (status, output) = run_on("grant", &["--allow-rejected", "1"], input);
    assert_eq!((status, output.as_deref()), (0, Some("{\"a\":1}\n{\"b\":2}\n")));
    assert_eq!(run_on("grant-too-small", &["--allow-rejected", "1%"], input).0, 2);
}

#[test]
fn a_seal_counts_lines_and_bytes() {
    let (status, output) = run_on("seal", &["--seal", "--source-id", "web1"], b"{\"a\":1}\n{\"b\":22}\n");
    let output = output.unwrap();
    let seal = output.lines().last().unwrap();
    assert_eq!(status, 0);
    assert_eq!(testkit::schema_errors(schema::SEAL_SCHEMA, seal.as_bytes()), Vec::<String>::new());
    let read = Seal::from_value(schema::json::parse(seal.as_bytes()).unwrap().get("@seal").unwrap()).unwrap();
    assert_eq!((read.records, read.bytes, read.lines, read.used), (2, 17, Some(2), Some(2)));
    assert_eq!((read.source.as_deref(), read.inputs[0].bytes), (Some("web1"), 17));
    // Read again it is upstream of the next seal, and the two segments can be concatenated.
    assert_eq!(
        run_on("seal-twice", &["--seal"], output.repeat(2).as_bytes()).0,
        2,
        "the same segment would count twice"
    );
    let (_, other) = run_on("seal", &["--seal", "--source-id", "web2"], b"{\"a\":1}\n{\"b\":22}\n");
    let (status, next) = run_on("seal-again", &["--seal"], [output, other.unwrap()].concat().as_bytes());
    let next = next.unwrap();
    let value = schema::json::parse(next.lines().last().unwrap().as_bytes()).unwrap();
    let next = Seal::from_value(value.get("@seal").unwrap()).unwrap();
    assert_eq!((status, next.records, next.upstream.unwrap().len()), (0, 4, 2));
}

#[test]
fn any_line_or_byte_taken_out_of_a_sealed_stream_is_seen() {
    let (_, output) = run_on("sealed", &["--seal"], b"{\"a\":1}\n{\"b\":22}\n{\"c\":333}\n");
    let stream = output.unwrap();
    let lines: Vec<&str> = stream.split_inclusive('\n').collect();
    for left_out in 0..lines.len() - 1 {
        let cut: String =
            lines.iter().enumerate().filter(|(line, _)| *line != left_out).map(|(_, line)| *line).collect();
        assert_eq!(run_on("line-out", &[], cut.as_bytes()), (2, None), "line {left_out}");
    }
    let body = stream.find("{\"@seal").unwrap();
    for at in 0..body {
        let mut cut = stream.clone().into_bytes();
        cut.remove(at);
        assert_eq!(run_on("byte-out", &[], &cut), (2, None), "byte {at}");
    }
}

#[test]
fn a_sealed_stream_changed_in_any_way_is_seen() {
    let (_, output) = run_on("whole", &["--seal"], b"{\"a\":1}\n{\"b\":22}\n\n{\"c\":333}\n");
    let stream = output.unwrap().into_bytes();
    assert_eq!(run_on("as-it-was", &[], &stream).0, 0);
    for at in 0..stream.len() - 1 {
        let bit = at % 8;
        let mut flipped = stream.clone();
        flipped[at] ^= 1 << bit;
        // A bit that makes `{"@seal"` something else leaves a stream without a seal, which a file may be.
        let status = run_on("bit", &[], &flipped).0;
        let sealed = flipped.windows(8).any(|window| window == b"{\"@seal\"");
        assert!(status == 2 || !sealed, "bit {bit} of byte {at}: {}", String::from_utf8_lossy(&flipped));
    }
    let lines: Vec<&[u8]> = stream.split_inclusive(|&byte| byte == b'\n').collect();
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        let mut swapped = lines.clone();
        swapped.swap(a, b);
        assert_eq!(run_on("swapped", &[], &swapped.concat()).0, 2, "lines {a} and {b}");
    }
}

#[test]
fn a_seal_of_schema_1_is_held_to_its_counts() {
    let seal = |text: &str| format!("{{\"a\":5}}\n{{\"@seal\":{{\"tool\":\"x\",{text}}}}}\n").into_bytes();
    let digest = format!("\"digest\":\"{}\"", segment::hex(segment::xxh3(b"{\"a\":5}\n")));
    let zero = format!("\"digest\":\"{}\"", "0".repeat(32));
    for (text, status) in [
        ("\"schema\":1,\"records\":1,\"bytes\":8".to_owned(), 0),
        ("\"records\":1,\"bytes\":8".to_owned(), 0),
        ("\"schema\":1,\"records\":1,\"bytes\":7".to_owned(), 2),
        ("\"schema\":1,\"records\":2,\"bytes\":8".to_owned(), 2),
        ("\"schema\":2,\"records\":1,\"bytes\":8".to_owned(), 2),
        // Whoever writes a digest writes the seal's own as well.
        (format!("\"schema\":1,\"records\":1,\"bytes\":8,{digest}"), 2),
        (format!("\"schema\":2,\"records\":1,\"bytes\":8,{zero}"), 2),
    ] {
        assert_eq!(run_on("schema-1", &[], &seal(&text)).0, status, "{text}");
    }
}

#[test]
fn a_large_file_is_digested_where_it_ends_with_a_seal() {
    let mut input = Vec::new();
    for number in 0..2000 {
        input.extend(format!("{{\"number\":{number}}}\n").bytes());
    }
    let stream = run_on("large", &["--seal"], &input).1.unwrap().into_bytes();
    assert_eq!(run_on("large-whole", &[], &stream).0, 0);
    let mut changed = stream.clone();
    changed[10] = b'7';
    assert_eq!(run_on("large-changed", &[], &changed).0, 2);
    // Blank lines behind the seal hide nothing.
    assert_eq!(run_on("large-blank", &[], &[&stream[..], b"\n\n"].concat()).0, 0);
    assert_eq!(run_on("large-blank-changed", &[], &[&changed[..], b"\n\n"].concat()).0, 2);
}

#[test]
fn lines_of_every_length_come_whole_from_blocks() {
    let mut random = Random::new(7);
    for round in 0..20 {
        let mut input = Vec::new();
        for _ in 0..random.below(400) {
            let longest = if random.once_in(20) { 300_000 } else { 3000 };
            input.extend((0..random.below(longest)).map(|place| b'a' + (place % 26) as u8));
            input.push(b'\n');
        }
        if random.once_in(2) {
            input.pop();
        }
        let (status, output) = run_on(&format!("lines-{round}"), &["-l"], &input);
        let mut wanted = String::from_utf8(input).unwrap();
        if !wanted.is_empty() && !wanted.ends_with('\n') {
            wanted.push('\n');
        }
        assert_eq!(status, 0);
        assert!(output.unwrap() == wanted, "round {round}");
    }
}

#[test]
fn an_over_long_line_is_rejected_and_the_next_one_read() {
    let mut input = b"first\n".to_vec();
    input.extend(std::iter::repeat_n(b'x', 3_000_000));
    input.extend(b"\nlast\n");
    for limit in ["1000", "1MiB"] {
        let (status, output) = run_on("long", &["-l", "--max-line", limit, "--allow-rejected", "1"], &input);
        assert_eq!((status, output.as_deref()), (0, Some("first\nlast\n")));
    }
    assert_eq!(run_on("long-refused", &["-l"], &input).0, 2);
    assert_eq!(
        run_on("long-last", &["-l", "--max-line", "3", "--allow-rejected", "1"], b"ab\nabcdef").1.as_deref(),
        Some("ab\n")
    );
}

#[test]
fn under_seal_a_last_line_without_newline_is_left_out() {
    let (status, output) = run_on("unfinished", &["-l", "--seal"], b"a=1\nb=");
    let output = output.unwrap();
    assert!(status == 0 && output.starts_with("a=1\n{\"@seal\"") && output.contains("\"unfinished\":1"), "{output}");
    assert_eq!(run_on("finished", &["-l"], b"a=1\nb=").1.as_deref(), Some("a=1\nb=\n"));
}

#[test]
fn every_word_of_the_table_is_fit_to_be_read() {
    for flag in flags::COMMON {
        assert!(flag.help.len() <= 60 && !flag.help.ends_with('.'), "{}", flag.help);
    }
    let usage = Usage::new(&TOOL);
    for (text, widest) in [(usage.short(), 80), (usage.long(), 100)] {
        assert!(text.lines().all(|line| line.chars().count() <= widest), "{text}");
    }
    for what in ["man", "bash", "zsh", "fish"] {
        assert!(usage.generate(what).unwrap().contains("seal"), "{what}");
    }
    let man = usage.generate("man").unwrap();
    for wanted in
        [".B EVIDENCE_SEAL\n", ".B SOURCE_DATE_EPOCH\n", ".B NO_COLOR\n", ".BR verdict (1)", ".BR thresholds (5)"]
    {
        assert!(man.contains(wanted), "{wanted}");
    }
    assert_eq!(usage.generate("perl"), None);
}

#[test]
fn a_bad_command_line_says_what_was_wanted() {
    let read = |arguments: &[&str]| match flags::parse(&TOOL, arguments.iter().map(OsString::from)) {
        Ok(_) => panic!("{arguments:?} was taken"),
        Err(error) => error.to_string(),
    };
    assert_eq!(read(&["--level", "300"]), "--level: \"300\": wanted 0 to 255");
    assert_eq!(read(&["--level"]), "--level wants a value");
    assert_eq!(read(&["-x"]), "unknown option '-x'");
    assert_eq!(read(&["--leve", "3"]), "unknown option '--leve': did you mean '--level'?");
    assert_eq!(read(&["--max-line", "12q"]), "--max-line: \"12q\": wanted a size like 64KiB or 1MB");
    assert_eq!(read(&["--generate", "perl"]), "--generate: \"perl\": wanted man, bash, zsh or fish");
    assert!(read(&["--generate", "fihs"]).ends_with("wanted man, bash, zsh or fish; did you mean fish?"));
    assert_eq!(read(&["--format", "jsom"]), "--format: \"jsom\": wanted json or text; did you mean json?");
    assert_eq!(read(&["--jsno"]), "unknown option '--jsno': did you mean '--format json'?");
    assert_eq!(read(&["--json"]), "unknown option '--json': did you mean '--format json'?");
    assert_eq!(read(&["--quietly"]), "unknown option '--quietly': did you mean '--quiet'?");
    assert_eq!(read(&["--max"]), "unknown option '--max': did you mean '--max-line'?");
    assert_eq!(read(&["-O"]), "unknown option '-O': did you mean '-o' (--output)?");
    assert_eq!(read(&["--zebra"]), "unknown option '--zebra'");
    assert_eq!(
        read(&["--since", "15m"]),
        "unknown option '--since': that is an option of kv-extract, the stage that reads the log"
    );
    assert_eq!(
        read(&["--allow-rejected", "101%"]),
        "--allow-rejected: \"101%\": wanted a count like 5 or a share like 0.1%"
    );
    for [option, first, second] in [
        ["--output", "a", "b"],
        ["--format", "json", "text"],
        ["--source-id", "a", "a"],
        ["--allow-rejected", "5", "1%"],
        ["--max-line", "1MB", "1kB"],
        ["--now", "0", "1"],
    ] {
        assert_eq!(read(&[option, first, option, second]), format!("{option}: \"{second}\": given twice"));
    }
}

#[test]
fn a_file_that_is_not_there_names_the_one_that_is() {
    let folder = folder("near-file");
    std::fs::write(folder.join("app.log"), "").unwrap();
    let mut filter = Filter::new(&TOOL, Common { output: Some(folder.join("out")), ..Common::default() }).unwrap();
    let mut said = |name: &str| filter.open(&folder.join(name)).err().unwrap().reason().to_owned();
    let near = folder.join("app.log").display().to_string();
    assert_eq!(said("app.lgo"), format!("no such file or directory; did you mean {near}?"));
    assert_eq!(said("else"), "no such file or directory");
    assert_eq!(said("*.csv"), "no such file or directory; no file matches this pattern, or it was quoted");
    assert_eq!(said("p99 <= 5"), "no such file or directory; a threshold is an argument of check-threshold");
}

#[test]
fn what_was_peeked_is_read_again() {
    let folder = folder("peek");
    let path = folder.join("in");
    std::fs::write(&path, "{\"a\":1}\n{\"a\":2}\n").unwrap();
    let options = Common { seal: true, ..Common::default() };
    let mut filter = Filter::new(&TOOL, Common { output: Some(folder.join("out")), ..options }).unwrap();
    let mut input = filter.open(&path).unwrap();
    assert_eq!(input.peek(&mut filter).unwrap().first(), Some(&b'{'));
    assert_eq!(input.peek(&mut filter).unwrap().len(), 16);
    let mut records = Records::of(input, Require::WhereSealing);
    let mut read = 0;
    while records.next(&mut filter).unwrap().is_some() {
        read += 1;
    }
    assert_eq!((read, filter.inputs()[0].bytes), (2, 16));
    assert_eq!(filter.inputs()[0].sha256.len(), 64);
}
