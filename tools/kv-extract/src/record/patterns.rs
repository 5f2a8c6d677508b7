//! Lists of keys with wildcards, as `-k`, `--drop` and `--having` take them: `p99_us,http.*`.
//!
//! Owns matching on bytes: `*` is any run, `?` any one byte; refuses every other wildcard.

/// Some key patterns.
#[derive(Clone, Debug, Default)]
pub struct Keys(Vec<Vec<u8>>);

impl Keys {
    /// Adds the patterns of a comma-separated list.
    pub fn add(&mut self, list: &str) -> Result<(), String> {
        for pattern in list.split(',').map(str::trim) {
            if pattern.is_empty() {
                return Err("wanted keys like p99_us,http.*".to_owned());
            }
            self.0.push(pattern.as_bytes().to_vec());
        }
        Ok(())
    }

    /// Matches every key.
    pub fn all(&mut self) {
        self.0.push(b"*".to_vec());
    }

    /// Whether there are no patterns.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The patterns that are names, without a wildcard.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let plain = self.0.iter().filter(|pattern| !pattern.iter().any(|byte| matches!(byte, b'*' | b'?')));
        plain.filter_map(|pattern| std::str::from_utf8(pattern).ok())
    }

    /// How many patterns there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether any pattern matches `key`.
    pub fn matches(&self, key: &[u8]) -> bool {
        self.0.iter().any(|pattern| matches(pattern, key))
    }

    /// Calls `hit` with the place of every pattern that matches `key`.
    pub fn each_match(&self, key: &[u8], mut hit: impl FnMut(usize)) {
        for (at, pattern) in self.0.iter().enumerate() {
            if matches(pattern, key) {
                hit(at);
            }
        }
    }
}

/// Whether all of `text` matches `pattern`; on a mismatch only the last `*` takes one byte more.
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut retry = None;
    while from < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                retry = Some((at, from));
                at += 1;
            }
            Some(&byte) if byte == b'?' || text.get(from) == Some(&byte) => {
                at += 1;
                from += 1;
            }
            _ => match retry {
                Some((star, taken)) => {
                    retry = Some((star, taken + 1));
                    at = star + 1;
                    from = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, text) in
            [("a", "a"), ("*", ""), ("p*_us", "p99_us"), ("*.p95", "a.b.p95"), ("a?c", "abc"), ("**", "x")]
        {
            assert!(matches(pattern.as_bytes(), text.as_bytes()), "{pattern} {text}");
        }
        for (pattern, text) in [("a", "ab"), ("p*_us", "p99_ms"), ("a?c", "ac"), ("", "a"), ("*b", "ba")] {
            assert!(!matches(pattern.as_bytes(), text.as_bytes()), "{pattern} {text}");
        }
        assert!(!matches("*a".repeat(50).as_bytes(), "a".repeat(40).as_bytes()));
    }
}
