//! Which of the three standard descriptors were closed when the process began.
//!
//! Rust's runtime opens /dev/null over a closed descriptor before `main`, so `tool <&-` would read an empty input and
//! `tool >&-` would lose its output in silence. Only code that runs before the runtime can see it: an entry of
//! `.init_array`, which needs the `unsafe` that this file exists to hold.
#![expect(unsafe_code, reason = "runs before main, and borrows descriptors by number that may be closed")]

use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicU8, Ordering};

static CLOSED: AtomicU8 = AtomicU8::new(0);

#[used]
// SAFETY: the C runtime calls each entry of this section once before main; `look` has the type it calls.
#[cfg_attr(target_os = "linux", unsafe(link_section = ".init_array"))]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
static LOOK: extern "C" fn() = look;

extern "C" fn look() {
    for number in 0..3 {
        // SAFETY: the borrow lasts for one fcntl call that accepts any number and answers EBADF for a closed one.
        let descriptor = unsafe { BorrowedFd::borrow_raw(number) };
        if rustix::io::fcntl_getfd(descriptor).is_err() {
            CLOSED.fetch_or(1 << number, Ordering::Relaxed);
        }
    }
}

/// Whether standard input was closed.
pub fn stdin_closed() -> bool {
    CLOSED.load(Ordering::Relaxed) & 1 != 0
}

/// Whether standard output was closed.
pub fn stdout_closed() -> bool {
    CLOSED.load(Ordering::Relaxed) & 2 != 0
}
