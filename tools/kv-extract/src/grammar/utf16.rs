//! Lines of UTF-16 in a log that is UTF-8 elsewhere, as `>>` of PowerShell and `wsl` leave them.
//!
//! Owns how such a line is told from one with zero bytes of another kind; refuses to decode it: what it says is not searched.

/// Why such a line is refused.
pub const REASON: &str =
    "a line of UTF-16 in a log of another encoding: iconv -f UTF-16LE -t UTF-8 reads that part by itself";

/// Fewer letters are none.
const LETTERS: usize = 4;

/// Whether a line is UTF-16: of most pairs of its bytes one, always the same, is zero. A hole of zeros has pairs of two.
pub fn is_line(line: &[u8]) -> bool {
    if memchr::memchr(0, line).is_none() {
        return false;
    }
    let mut zeros = [0, 0];
    for (at, _) in line.iter().enumerate().filter(|(_, byte)| **byte == 0) {
        zeros[at % 2] += 1;
    }
    let [even, odd] = zeros;
    (even == 0 || odd == 0) && even + odd >= LETTERS && 5 * (even + odd) > 2 * line.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_utf16_and_others() {
        let text = "ERROR a=1 \u{e4}\r\nlevel=error\n";
        for big in [false, true] {
            let bytes: Vec<u8> = text
                .encode_utf16()
                .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect();
            let lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').collect();
            assert!(is_line(lines[0]) && is_line(lines[1]), "{lines:?}");
        }
        for line in [
            &b"took=5"[..],
            b"a\0b",
            b"a\0b\0c\0d\0e PANIC",
            b"\0\0\0\0\0\0\0\0took=5",
            b"a=1\0b=2\0c=3\0d=4\0",
            b"a\0\0\0b\0\0\0c\0",
            b"",
            b"\0",
        ] {
            assert!(!is_line(line), "{line:?}");
        }
    }
}
