//! The `$ ` examples of a page: each is run, and must print what stands below it.
//!
//! An example is a line of a code block that begins with `$ `; what follows, up to the next example or the block's
//! end, is what it prints, standard error included. A line `…` stands for any lines; `…` within a line for any text.
//! An example that pipes into jq is left out where there is none. A comment behind three blanks and a `#` is for the reader.

use std::process::Stdio;

use crate::cases::shell;

/// Runs the examples of `page`, with the five tools in PATH, in a folder that has all of the workspace's top folder as links:
/// what an example writes is gone with it.
pub fn transcript(page: &str) {
    let text = std::fs::read_to_string(crate::root().join(page)).unwrap();
    let verdict = crate::tools().join("verdict");
    let folder = std::env::temp_dir().join(format!("page-{}-{}", std::process::id(), page.replace('/', "-")));
    std::fs::create_dir(&folder).unwrap();
    for entry in std::fs::read_dir(crate::root()).unwrap() {
        let entry = entry.unwrap();
        std::os::unix::fs::symlink(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    let mut wrong = Vec::new();
    let mut count = 0;
    for (command, wanted) in examples(&text) {
        if command.contains("| jq ") && !installed("jq") {
            continue;
        }
        count += 1;
        let command = command.split("   #").next().unwrap_or_default().trim_end();
        let mut run = shell(verdict.to_str().unwrap(), &format!("exec 2>&1\n{command}\n"));
        let output = run.current_dir(&folder).stdin(Stdio::null()).output().unwrap();
        let got = String::from_utf8_lossy(&output.stdout).into_owned();
        let got: Vec<&str> = got.lines().map(str::trim_end).collect();
        if !matches(&wanted, &got) {
            wrong.push(format!("$ {command}\n--- wanted\n{}\n--- got\n{}", wanted.join("\n"), got.join("\n")));
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(count > 0, "{page}: no examples");
    assert!(wrong.is_empty(), "{page}: {} of {count} examples differ\n{}", wrong.len(), wrong.join("\n\n"));
}

fn installed(program: &str) -> bool {
    std::process::Command::new(program).arg("--version").output().is_ok()
}

fn examples(text: &str) -> Vec<(String, Vec<String>)> {
    let mut examples: Vec<(String, Vec<String>)> = Vec::new();
    let mut fenced = false;
    let mut open = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            open = false;
            continue;
        }
        let Some(code) = (if fenced { Some(line) } else { line.strip_prefix("    ") }) else {
            open = false;
            continue;
        };
        if let Some(command) = code.strip_prefix("$ ") {
            examples.push((command.to_owned(), Vec::new()));
            open = true;
        } else if open && let Some((command, wanted)) = examples.last_mut() {
            match code.strip_prefix("> ") {
                Some(more) if wanted.is_empty() => {
                    command.push('\n');
                    command.push_str(more);
                }
                _ => wanted.push(code.trim_end().to_owned()),
            }
        }
    }
    for (_, wanted) in &mut examples {
        while wanted.last().is_some_and(String::is_empty) {
            wanted.pop();
        }
    }
    examples
}

fn matches(wanted: &[String], got: &[&str]) -> bool {
    let Some((first, rest)) = wanted.split_first() else { return got.is_empty() };
    if first.trim() == "…" {
        return (0..=got.len()).any(|skipped| matches(rest, &got[skipped..]));
    }
    got.split_first().is_some_and(|(line, others)| same(first, line) && matches(rest, others))
}

/// Whether `line` is `wanted`, `…` standing for any text.
fn same(wanted: &str, line: &str) -> bool {
    match wanted.split_once('…') {
        None => wanted == line,
        Some((before, after)) => line.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| same(after, &rest[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_found_in_fences_and_indented() {
        let text = "a\n\n    $ echo 1   # why\n    1\n\ntext\n```console\n$ cat <<E\n> x\n> E\nx\n\n$ true\n```\n";
        let found = examples(text);
        assert_eq!(found[0], ("echo 1   # why".to_owned(), vec!["1".to_owned()]));
        assert_eq!(found[1], ("cat <<E\nx\nE".to_owned(), vec!["x".to_owned()]));
        assert_eq!(found[2], ("true".to_owned(), vec![]));
    }

    #[test]
    fn an_ellipsis_stands_for_anything_and_nothing_else_does() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        assert!(matches(&lines("a\n…\nz"), &["a", "b", "z"]));
        assert!(matches(&lines("took … ms"), &["took 12 ms"]));
        assert!(!matches(&lines("a"), &["a", "b"]));
        assert!(!matches(&lines("took … ms"), &["took 12 s"]));
        assert!(!matches(&[], &["a"]));
    }
}
