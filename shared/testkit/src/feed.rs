//! A command that is given its whole input.

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// What a pipe holds without anybody reading it.
const HELD: usize = 60 << 10;

/// Runs `command` on `input`; what it wrote and how it ended. One that stops reading early may.
pub fn feed(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    if input.len() <= HELD {
        drop(stdin.write_all(input));
        drop(stdin);
        return child.wait_with_output().unwrap();
    }
    std::thread::scope(|scope| {
        // In a thread of its own: what is written meanwhile must be read, or both would wait for each other.
        scope.spawn(move || drop(stdin.write_all(input)));
        child.wait_with_output().unwrap()
    })
}
