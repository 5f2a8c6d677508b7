//! Case folders: `testdata/TOOL/CASE/{cmd,stdin,stdout,stderr,status}`. `BLESS=1` rewrites what differs; `CASE=TEXT` runs those
//! whose name has TEXT in it (`just case TOOL TEXT`).
//!
//! `cmd` is run by `sh` in the case's folder with the tool first in PATH. An absent `stdin` is /dev/null, an absent
//! `stdout` or `stderr` is empty, an absent `status` is 0.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Runs the cases of `tool`, whose binary is `binary`, on all cores.
pub fn run(binary: &str, tool: &str) {
    let folder = crate::root().join("testdata").join(tool);
    let wanted = std::env::var("CASE").unwrap_or_default();
    let mut cases: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("cmd").exists() && path.file_name().unwrap().to_string_lossy().contains(&wanted))
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "{}: no case whose name has \"{wanted}\" in it", folder.display());
    let bless = std::env::var_os("BLESS").is_some_and(|value| value == "1");
    let next = AtomicUsize::new(0);
    let work = || {
        let mut wrong = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            wrong.extend(differences(binary, case, bless));
        }
        wrong
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let mut wrong: Vec<String> = thread::scope(|scope| {
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        running.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    wrong.sort();
    assert!(wrong.is_empty(), "{} of {} cases differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn differences(binary: &str, case: &Path, bless: bool) -> Option<String> {
    let command = fs::read_to_string(case.join("cmd")).unwrap();
    let stdin = fs::File::open(case.join("stdin")).map_or_else(|_| Stdio::null(), Stdio::from);
    let output = shell(binary, &command).current_dir(case).stdin(stdin).output().unwrap();
    let status = output.status.code().map_or("ended by a signal".to_owned(), |code| code.to_string());
    let got = [("stdout", output.stdout), ("stderr", output.stderr), ("status", format!("{status}\n").into_bytes())];
    let mut told = String::new();
    for (name, got) in got {
        let path = case.join(name);
        let default: &[u8] = if name == "status" { b"0\n" } else { b"" };
        let wanted = fs::read(&path).unwrap_or_else(|_| default.to_vec());
        if got == wanted {
            continue;
        }
        if bless {
            if got == default {
                fs::remove_file(&path).unwrap()
            } else {
                fs::write(&path, &got).unwrap()
            }
            continue;
        }
        let show = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        told.push_str(&format!("--- {name} wanted\n{}--- {name} got\n{}", show(&wanted), show(&got)));
    }
    (!told.is_empty()).then(|| format!("{}\n$ {command}{told}", case.display()))
}

/// `sh -c COMMAND` with the folder of `binary` first in PATH, and nothing in the environment that changes an answer.
pub(crate) fn shell(binary: &str, command: &str) -> Command {
    let tools = Path::new(binary).parent().unwrap();
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap_or_default());
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).env("PATH", path).env("LC_ALL", "C").env("TZ", "UTC");
    shell.env_remove("EVIDENCE_SEAL").env_remove("SOURCE_DATE_EPOCH");
    shell
}
