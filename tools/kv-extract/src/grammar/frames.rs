//! What a program that shows a log writes around its lines: journalctl's own.
//!
//! Owns which lines are no entries; refuses to read them.

/// Whether a line is one of journalctl's about the journal, and no entry of it: `-- No entries --`, `-- Boot … --`.
pub fn is_frame(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"-- ") else { return false };
    if let Some(cursor) = rest.strip_prefix(b"cursor: ") {
        return cursor.starts_with(b"s=") && !cursor.contains(&b' ');
    }
    let Some(text) = rest.strip_suffix(b" --") else { return false };
    let is_boot = |id: &[u8]| id.len() == 32 && id.iter().all(u8::is_ascii_hexdigit);
    matches!(text, b"No entries" | b"Reboot")
        || text.strip_prefix(b"Boot ").is_some_and(is_boot)
        || text.starts_with(b"Journal begins at ")
        || text.starts_with(b"Logs begin at ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_and_lines_like_them() {
        for line in [
            "-- No entries --",
            "-- Reboot --",
            "-- Boot 0123456789abcdef0123456789abcdef --",
            "-- Journal begins at Thu 2026-03-05 20:32:12 UTC, ends at Thu 2026-03-05 20:40:00 UTC. --",
            "-- Logs begin at Thu 2026-03-05 20:32:12 UTC, end at Thu 2026-03-05 20:40:00 UTC. --",
            "-- cursor: s=0123;i=1;b=4567;m=1;t=2;x=3",
        ] {
            assert!(is_frame(line.as_bytes()), "{line}");
        }
        for line in ["-- ERROR --", "-- Boot failed --", "-- Subject: a unit failed", "-- cursor: lost", "No entries"] {
            assert!(!is_frame(line.as_bytes()), "{line}");
        }
    }
}
