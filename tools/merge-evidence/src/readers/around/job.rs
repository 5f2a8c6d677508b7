//! What a shell says of a command that did not end well: `bash: line 1: 4711 Killed   wrk -t2 …`, `[1]+  Exit 1   wrk …`,
//! `zsh: bus error   wrk …`, `fish: Job 1, 'wrk …' terminated by signal SIGKILL (Forced quit)`.
//!
//! Owns the forms of such lines, and how bad each is: whoever is asked to end may have been a server, which its script
//! stops, unless it is the tool of the report itself.

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// It was asked to end, or stopped, or has a status of its own: of a server that is usual.
    Asked,
    /// Nobody ends a command so that went well.
    Failed,
}

/// Words of shells, in small letters, and what they mean; the longer ones first where one begins another.
const WORDS: [(&str, Ending); 27] = [
    ("terminated", Ending::Asked),
    ("hangup", Ending::Asked),
    ("stopped", Ending::Asked),
    ("suspended", Ending::Asked),
    ("killed", Ending::Failed),
    ("segmentation fault", Ending::Failed),
    ("aborted", Ending::Failed),
    ("abort", Ending::Failed),
    ("bus error", Ending::Failed),
    ("illegal instruction", Ending::Failed),
    ("illegal hardware instruction", Ending::Failed),
    ("floating point exception", Ending::Failed),
    ("trace/breakpoint trap", Ending::Failed),
    ("trace trap", Ending::Failed),
    ("alarm clock", Ending::Failed),
    ("alarm", Ending::Failed),
    ("cpu time limit exceeded", Ending::Failed),
    ("cpu limit exceeded", Ending::Failed),
    ("file size limit exceeded", Ending::Failed),
    ("bad system call", Ending::Failed),
    ("invalid system call", Ending::Failed),
    ("user defined signal ", Ending::Failed),
    ("user-defined signal ", Ending::Failed),
    ("virtual timer expired", Ending::Failed),
    ("profiling timer expired", Ending::Failed),
    ("broken pipe", Ending::Failed),
    ("quit", Ending::Failed),
];

/// Whether a line says of a command, whichever it is, that it failed.
pub fn failed(line: &str) -> bool {
    said(line).is_some_and(|(ending, _)| ending == Ending::Failed)
}

/// Whether a line says of a command that runs `tool` that it failed, or was asked to end.
pub fn of_tool(tool: &str, line: &str) -> bool {
    said(line).is_some_and(|(_, command)| names(tool, command))
}

/// How a command ended, and the command, where a line is what a shell says of it.
fn said(line: &str) -> Option<(Ending, &str)> {
    let line = line.trim();
    if let Some(rest) = line.strip_prefix("fish: ") {
        let (command, signal) = rest.rsplit_once(" terminated by signal SIG")?;
        let asked = ["TERM ", "HUP "].iter().any(|name| signal.starts_with(name));
        return Some((if asked { Ending::Asked } else { Ending::Failed }, command));
    }
    if let Some(rest) = line.strip_prefix("zsh: ") {
        return worded(rest);
    }
    if let Some(rest) = line.strip_prefix('[') {
        let (number, rest) = rest.split_once(']')?;
        number.parse::<u32>().ok()?;
        return worded(behind_number(rest.trim_start().trim_start_matches(['+', '-'])));
    }
    let (_, rest) = line.split_once(": line ")?;
    let (number, rest) = rest.split_once(':')?;
    number.parse::<u64>().ok()?;
    worded(behind_number(rest))
}

/// A text without the number of a process at its beginning.
fn behind_number(text: &str) -> &str {
    text.trim_start().trim_start_matches(|letter: char| letter.is_ascii_digit()).trim_start()
}

/// The ending that a text begins with, and the command behind it.
fn worded(text: &str) -> Option<(Ending, &str)> {
    let starts = |word: &str| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    // A status of its own: `Exit 1`, of zsh `exit 1`.
    if starts("exit ") {
        let (status, command) = text.get("exit ".len()..)?.trim_start().split_once(' ')?;
        return status.parse::<u8>().is_ok_and(|status| status > 0).then_some((Ending::Asked, command));
    }
    let (word, ending) = WORDS.iter().find(|(word, _)| starts(word))?;
    let command = text.get(word.len()..)?;
    let parted = word.ends_with(' ') || command.is_empty() || command.starts_with([' ', '(', ':']);
    parted.then_some((*ending, command))
}

/// Whether a command runs the tool of a report: `timeout 30 /usr/bin/wrk -t2 …`.
fn names(tool: &str, command: &str) -> bool {
    /// The readers of reports that many runners write, and those runners.
    const RUNNERS: [&str; 21] = [
        "ava",
        "bats",
        "behave",
        "cargo",
        "ctest",
        "go",
        "gradle",
        "jest",
        "mocha",
        "mvn",
        "node",
        "nose2",
        "npm",
        "phpunit",
        "playwright",
        "prove",
        "pytest",
        "robot",
        "rspec",
        "tox",
        "vitest",
    ];
    let many = ["junit", "tap"].contains(&tool);
    let tool = match tool {
        "k6-points" => "k6",
        "go-test" => "go",
        "pytest-json" | "pytest-benchmark" => "pytest",
        "memtier" => "memtier_benchmark",
        tool => tool,
    };
    let is_ours = ["json", "jsonl", "csv", "tsv", "evidence", "prometheus"].contains(&tool);
    command.split(|letter: char| letter.is_whitespace() || "'\"‘’“”;|&()".contains(letter)).any(|word| {
        let name = word.rsplit('/').next().unwrap_or(word);
        !is_ours && name == tool || many && RUNNERS.contains(&name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_says_how_a_command_ended() {
        for line in [
            "bash: line 1: 4711 Killed                  wrk -t2 http://x/",
            "run.sh: line 12: 4711 Floating point exception(core dumped) ./a",
            "./run.sh: line 3:  4711 Segmentation fault      (core dumped) wrk -t2",
            "run.sh: line 12: 4711 User defined signal 1   ./a",
            "run.sh: line 12: 4711 Quit                    ./a",
            "[1]+  Killed                  wrk -t2",
            "[2]-  4712 Segmentation fault      ./a",
            "[1]  + 4711 killed     wrk -t2",
            "[1]  + bus error  ./a",
            "zsh: bus error  ./a",
            "zsh: segmentation fault (core dumped)  wrk -t2",
            "fish: “wrk -t2” terminated by signal SIGSEGV (Address boundary error)",
            "fish: Job 1, 'wrk -t2' terminated by signal SIGKILL (Forced quit)",
        ] {
            assert!(failed(line), "{line}");
        }
        for line in [
            "bash: line 1: 4711 Terminated              python -m http.server",
            "[1]+  Terminated              ./server",
            "[1]+  Done                    ./server",
            "[1]+  Exit 143                ./server",
            "[1]  + 4711 terminated  ./server",
            "[1] 4711",
            "[1]+  Running                 ./server &",
            "zsh: terminated  ./server",
            "fish: Job 1, './server' terminated by signal SIGTERM (Polite quit request)",
            "server: line 3: aborting is not killed",
            "config: line 3: Quitting time is 5",
            "[3] quits 0",
        ] {
            assert!(!failed(line) && !of_tool("wrk", line), "{line}");
        }
    }

    #[test]
    fn the_tool_of_the_report_is_not_asked_to_end() {
        for line in [
            "bash: line 1: 4711 Terminated              wrk -t2 -c10 http://x/",
            "bash: line 1: 4711 Terminated              timeout 30 /usr/local/bin/wrk -t2",
            "run.sh: line 3: 4711 Hangup                  wrk -t2",
            "[1]+  Terminated              wrk -t2 http://x/",
            "[1]+  Exit 1                  wrk -t2 http://x/",
            "[1]+  Stopped                 wrk -t2 http://x/",
            "[1]  + 4711 terminated  wrk -t2",
            "zsh: terminated  wrk -t2",
            "zsh: exit 1     wrk -t2",
            "fish: Job 1, 'wrk -t2' terminated by signal SIGTERM (Polite quit request)",
        ] {
            assert!(of_tool("wrk", line) && !of_tool("hey", line), "{line}");
        }
        for (tool, command) in
            [("k6-points", "k6 run x.js"), ("junit", "pytest -q"), ("tap", "npx ava"), ("go-test", "go test")]
        {
            assert!(of_tool(tool, &format!("bash: line 1: 4711 Terminated   {command}")), "{tool}");
        }
        for tool in ["json", "csv", "prometheus"] {
            assert!(!of_tool(tool, &format!("bash: line 1: 4711 Terminated   {tool} x")), "{tool}");
        }
    }
}
