//! Every odd input and every odd descriptor, and what each of the five tools must make of it: one table.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::cases::shell;

/// What a tool is asked to do in the table: arguments that make each of the five read one stream.
fn arguments(tool: &str) -> &'static str {
    match tool {
        // A threshold on what is never there: whatever comes, it cannot be told.
        "check-threshold" => "'absent <= 1'",
        "percentile" => "-f a",
        // Records need a name to stand under.
        "merge-evidence" => "records=-",
        _ => "",
    }
}

/// The tools in the order of a row's statuses: one reads raw lines, two records, two answer whatever comes.
const TOOLS: [&str; 5] = ["kv-extract", "percentile", "merge-evidence", "check-threshold", "verdict"];

/// One row: what it is, the shell command with `TOOL` for the tool and its arguments, the bytes on standard input, and
/// the status of each of [`TOOLS`].
type Row = (&'static str, &'static str, Bytes, [i32; 5]);

enum Bytes {
    None,
    Some(&'static [u8]),
    /// A line longer than the limit that the command sets.
    Long,
}

const ROWS: &[Row] = &[
    ("help", "TOOL --help", Bytes::None, [0, 0, 0, 0, 0]),
    ("short help", "TOOL -h", Bytes::None, [0, 0, 0, 0, 0]),
    ("version", "TOOL --version", Bytes::None, [0, 0, 0, 0, 0]),
    ("schema", "TOOL --schema", Bytes::None, [0, 0, 0, 0, 0]),
    ("man page", "TOOL --generate man", Bytes::None, [0, 0, 0, 0, 0]),
    ("bash completion is bash", "TOOL --generate bash | bash -n", Bytes::None, [0, 0, 0, 0, 0]),
    ("zsh completion", "TOOL --generate zsh", Bytes::None, [0, 0, 0, 0, 0]),
    ("fish completion", "TOOL --generate fish", Bytes::None, [0, 0, 0, 0, 0]),
    ("help on a full disk", "TOOL --help >/dev/full", Bytes::None, [2, 2, 2, 2, 2]),
    ("help nowhere", "TOOL --help >&-", Bytes::None, [2, 2, 2, 2, 2]),
    ("an unknown option", "TOOL --no-such-option", Bytes::None, [2, 2, 2, 2, 2]),
    ("an option without its value", "TOOL --max-line", Bytes::None, [2, 2, 2, 2, 2]),
    ("a bad value", "TOOL --max-line many", Bytes::None, [2, 2, 2, 2, 2]),
    ("a misspelt switch of the environment", "EVIDENCE_SEAL=yes TOOL", Bytes::Some(b"{\"a\":1}\n"), [2, 2, 2, 2, 2]),
    ("a closed stdin", "TOOL <&-", Bytes::None, [2, 2, 2, 2, 2]),
    ("a closed stdout", "TOOL >&-", Bytes::Some(b"{\"a\":1}\n"), [2, 2, 2, 2, 2]),
    ("a full disk", "TOOL >/dev/full", Bytes::Some(b"{\"a\":1} b=2\n{\"a\":1}\n"), [2, 2, 2, 2, 2]),
    ("a directory on stdin", "TOOL </", Bytes::None, [2, 2, 2, 2, 2]),
    ("a directory as output", "TOOL -o /", Bytes::Some(b"{\"a\":1}\n"), [2, 2, 2, 2, 2]),
    ("an output folder that is not there", "TOOL -o no/such/folder/x", Bytes::Some(b"{\"a\":1}\n"), [2, 2, 2, 2, 2]),
    ("nothing at all", "TOOL", Bytes::Some(b""), [0, 0, 0, 3, 3]),
    ("/dev/null", "TOOL </dev/null", Bytes::None, [0, 0, 0, 3, 3]),
    ("one newline", "TOOL", Bytes::Some(b"\n"), [0, 0, 0, 3, 3]),
    ("a record", "TOOL", Bytes::Some(b"{\"a\":1}\n"), [0, 0, 0, 3, 3]),
    ("no final newline", "TOOL", Bytes::Some(b"{\"a\":1}"), [0, 0, 0, 3, 3]),
    ("CRLF", "TOOL", Bytes::Some(b"{\"a\":1}\r\n{\"a\":2}\r\n"), [0, 0, 0, 3, 3]),
    ("a BOM", "TOOL", Bytes::Some(b"\xef\xbb\xbf{\"a\":1}\n"), [0, 0, 0, 3, 3]),
    ("a NUL", "TOOL", Bytes::Some(b"{\"a\":\0}\n"), [2, 2, 2, 3, 3]),
    ("a megabyte of NUL", "head -c 1000000 /dev/zero | TOOL", Bytes::None, [0, 2, 2, 3, 3]),
    ("not UTF-8", "TOOL", Bytes::Some(b"{\"a\":\"\xff\"} k=\xff\n"), [2, 2, 2, 3, 3]),
    ("prose", "TOOL", Bytes::Some(b"it went well\n"), [0, 2, 2, 3, 3]),
    ("a cut record", "TOOL", Bytes::Some(b"{\"a\":1}\n{\"a\":"), [2, 2, 2, 3, 3]),
    ("a key twice", "TOOL", Bytes::Some(b"{\"a\":1,\"a\":2}\n"), [2, 2, 2, 3, 3]),
    ("deep nesting", "head -c 100000 /dev/zero | tr '\\0' '[' | TOOL", Bytes::None, [0, 2, 2, 3, 3]),
    ("an over-long line", "TOOL --max-line 1000", Bytes::Long, [2, 2, 2, 3, 3]),
    ("a gzip file", "TOOL", Bytes::Some(b"\x1f\x8b\x08\0\0\0\0\0\0\x03"), [2, 2, 2, 2, 2]),
    ("UTF-16, little end first", "TOOL", Bytes::Some(b"\xff\xfea\0=\x001\0\n\0"), [2, 2, 2, 2, 2]),
    ("UTF-16, big end first", "TOOL", Bytes::Some(b"\xfe\xff\0a\0=\x001\0\n"), [2, 2, 2, 2, 2]),
    (
        "a wrong seal",
        "TOOL",
        Bytes::Some(b"{\"a\":1}\n{\"@seal\":{\"tool\":\"x\",\"records\":2,\"bytes\":8}}\n"),
        [2, 2, 2, 3, 3],
    ),
    (
        "a line after the seal",
        "TOOL",
        Bytes::Some(b"{\"@seal\":{\"tool\":\"x\",\"records\":0,\"bytes\":0}}\n{\"a\":1}\n"),
        [2, 2, 2, 3, 3],
    ),
    ("no seal where one is asked for", "cat | EVIDENCE_SEAL=1 TOOL", Bytes::Some(b"{\"a\":1}\n"), [0, 2, 2, 3, 3]),
    (
        "a reader that left",
        "for i in 1 2 3 4 5 6 7 8 9; do echo \"{\\\"a\\\":$i} b=$i\"; done | (TOOL; echo $? >&3) 3>&1 | head -c 1 >/dev/null",
        Bytes::None,
        [0, 0, 0, 0, 0],
    ),
];

/// Runs `tool`, whose binary is `binary`, through the whole table.
pub fn hostile(binary: &str, tool: &str) {
    let column = TOOLS.iter().position(|name| *name == tool).unwrap_or_else(|| panic!("{tool} is none of the five"));
    let mut wrong = Vec::new();
    for (what, command, bytes, statuses) in ROWS {
        let asks = command.contains("--help") || command.contains("-h") || command.contains("--version");
        let words = if asks { tool.to_owned() } else { format!("{tool} {}", arguments(tool)) };
        let mut child = shell(binary, &command.replace("TOOL", &words))
            .stdin(if matches!(bytes, Bytes::None) { Stdio::null() } else { Stdio::piped() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        if let Some(mut stdin) = child.stdin.take() {
            // A tool that refuses to read leaves a broken pipe behind: that is its right.
            let _ = match bytes {
                Bytes::None => Ok(()),
                Bytes::Some(bytes) => stdin.write_all(bytes),
                Bytes::Long => stdin.write_all(&[b"a=1\n{\"a\":\"".as_slice(), &[b'x'; 5000], b"\"}\n"].concat()),
            };
        }
        let output = child.wait_with_output().unwrap();
        let wanted = statuses[column];
        let stderr = String::from_utf8_lossy(&output.stderr);
        if output.status.code() != Some(wanted) {
            wrong.push(format!(
                "{what}: status {:?}, wanted {wanted}\n    {}",
                output.status.code(),
                stderr.trim_end()
            ));
        }
        if wanted == 2 && !stderr.lines().any(|line| line.starts_with(&format!("{tool}: "))) {
            wrong.push(format!("{what}: no message"));
        }
        if stderr.contains("panicked") || stderr.contains("(os error") || stderr.contains('\0') {
            wrong.push(format!("{what}: {stderr}"));
        }
        // Whatever stands on standard output is whole lines of JSON, but for help and completions.
        let json =
            !asks && !command.contains("--generate") && !command.contains("--schema") && !command.contains(">&3");
        for line in output.stdout.split(|&byte| byte == b'\n').filter(|line| json && !line.is_empty()) {
            if let Err(error) = schema::json::parse(line) {
                wrong.push(format!("{what}: stdout: {error}: {}", schema::json::quote(line)));
            }
        }
    }
    wrong.extend(a_terminal_on_stdin(binary, tool));
    assert!(wrong.is_empty(), "{tool}: {} rows are not as they should be:\n{}", wrong.len(), wrong.join("\n"));
}

/// `script` gives the tool a terminal; where it is not installed this row is left out.
fn a_terminal_on_stdin(binary: &str, tool: &str) -> Option<String> {
    let words = format!("{tool} {} >/dev/null 2>&1", arguments(tool));
    if !Command::new("script").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return None;
    }
    let command = format!("script -qec \"{}\" /dev/null </dev/null", words.replace('"', "\\\""));
    let output = shell(binary, &command).output().unwrap();
    (output.status.code() != Some(2))
        .then(|| format!("a terminal on stdin: status {:?}, wanted 2", output.status.code()))
}
