//! How deep in braces and brackets a text is: which lines of a printed record belong together.

/// How deep in braces and brackets a text is, told line by line in linear time.
#[derive(Debug, Default)]
pub struct Depth {
    depth: u64,
    in_text: bool,
}

impl Depth {
    /// Takes the bytes that come next: whole lines.
    pub fn read(&mut self, bytes: &[u8]) {
        let mut escaped = false;
        for &byte in bytes {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if self.in_text => escaped = true,
                b'"' => self.in_text = !self.in_text,
                _ if self.in_text => {}
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
    }

    /// Whether something was opened that a further line could close. A text cannot go on over a line's end, so one that is open
    /// there will never be closed.
    pub fn open(&self) -> bool {
        self.depth > 0 && !self.in_text
    }
}
