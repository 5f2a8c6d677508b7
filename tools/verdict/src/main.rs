//! verdict: turn checks into one answer that carries its evidence.
//!
//! Decides before anything is written; refuses to end without an answer.

mod answer;
mod chain;
mod claims;
mod contradictions;
mod copies;
mod document;
mod flags;
mod formats;
mod freshness;
mod gates;
mod groups;
mod intake;
mod ramp;
mod reports;
mod session;
mod signature;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    filter::main_with(&flags::TOOL, if asks_for_nagios(std::env::args_os()) { 3 } else { 2 }, session::run)
}

/// Under Nagios a usage error must not read as CRITICAL, and it is found before there is a configuration.
fn asks_for_nagios(arguments: impl Iterator<Item = OsString>) -> bool {
    let arguments: Vec<OsString> = arguments.collect();
    arguments.iter().any(|argument| argument == "--format=nagios")
        || arguments.windows(2).any(|pair| matches!(pair, [flag, word] if flag == "--format" && word == "nagios"))
}
