//! A tool run inside the test's own process: a small part of what starting one costs, so that a property can be held to
//! 100,000 inputs.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Mutex;

use rustix::pipe::fcntl_setpipe_size;
use rustix::stdio::{dup2_stderr, stderr};

/// What a pipe holds without anybody reading it.
const HELD: usize = 60 << 10;

/// Runs `run` with the paths of its input, a pipe that holds `input` (at most 60 KiB), and of another for its output; gives
/// what it wrote there (at most 1 MiB), and its status. What it says on standard error is dropped.
pub fn in_process(input: &[u8], run: impl FnOnce(String, String) -> u8) -> (Vec<u8>, u8) {
    static ONE: Mutex<()> = Mutex::new(());
    let guard = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    assert!(input.len() <= HELD, "{} bytes do not fit into a pipe", input.len());
    let (from, mut to) = std::io::pipe().unwrap();
    to.write_all(input).unwrap();
    drop(to);
    let (mut written, output) = std::io::pipe().unwrap();
    fcntl_setpipe_size(&output, 1 << 20).unwrap();
    let silent = Silent::new();
    let path = |descriptor: i32| format!("/dev/fd/{descriptor}");
    let status = run(path(from.as_raw_fd()), path(output.as_raw_fd()));
    drop((silent, output));
    let mut bytes = Vec::new();
    written.read_to_end(&mut bytes).unwrap();
    drop(guard);
    (bytes, status)
}

/// Standard error as it was; put back where it is dropped, also by a panic.
struct Silent(OwnedFd);

impl Silent {
    fn new() -> Silent {
        let before = Silent(stderr().try_clone_to_owned().unwrap());
        dup2_stderr(OpenOptions::new().write(true).open("/dev/null").unwrap()).unwrap();
        before
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        dup2_stderr(&self.0).unwrap();
    }
}
