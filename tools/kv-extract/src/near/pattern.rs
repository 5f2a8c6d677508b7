//! Texts that look like patterns of grep and of a shell, of which there are none here.

/// The texts of `A|B`, as grep would read it; `None` where a bar stands at an end or beside a blank, as in a log's own columns.
pub fn alternatives(text: &str) -> Option<Vec<&str>> {
    let inner = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text);
    let parts: Vec<&str> = inner.split('|').map(|part| part.strip_suffix('\\').unwrap_or(part)).collect();
    let is_text = |part: &&str| !part.is_empty() && part.trim().len() == part.len();
    (parts.len() > 1 && parts.iter().all(is_text)).then_some(parts)
}

/// Whether a text has what only a pattern has: `^ERROR`, `ERR.*`, `[Ee]rror`, `\bERROR\b`, `(?i)error`, `*error*`.
pub fn is_pattern(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (first, last) = (text.chars().next(), text.chars().next_back());
    let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
    let second = bytes.get(1);
    let before_last = bytes.len().checked_sub(2).and_then(|at| bytes.get(at));
    let starts = first == Some('^') && (is_letter(second) || matches!(second, Some(b'[' | b'(')))
        || first == Some('*') && is_letter(second);
    let ends = matches!(last, Some('$' | '*')) && is_letter(before_last);
    let holds = [".*", ".+", "(?i)", "(?:", "\\b", "\\d+", "\\d*", "\\w+", "\\w*", "\\s+", "\\s*", "\\.", "\\[", "\\("];
    let is_path = text.contains(":\\");
    starts || ends || !is_path && holds.iter().any(|sign| text.contains(sign)) || has_class(bytes)
}

/// Whether there is a class of letters: `[Ee]`, `[a-z]`, `[0-9]`.
fn has_class(text: &[u8]) -> bool {
    text.windows(4).any(|four| {
        matches!(four, [b'[', one, other, b']'] if one != other && one.eq_ignore_ascii_case(other))
    }) || text.windows(5).any(|five| {
        matches!(five, [b'[', first, b'-', last, b']'] if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() && first < last)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_and_texts_like_them() {
        for text in [
            "^ERROR",
            "ERROR$",
            "ERR.*",
            "[Ee]rror",
            "\\bERROR\\b",
            "(?i)error",
            "*error*",
            "took=\\d+",
            "[0-9] failed",
            "a\\.b",
        ] {
            assert!(is_pattern(text), "{text}");
        }
        for text in [
            "ERROR",
            "[error]",
            "[E]",
            "*1 upstream",
            "a.b",
            "C:\\data\\b",
            "^^^",
            "$",
            "what?",
            "f(x)",
            "a*b",
            "[web-1]",
            "12$",
        ] {
            assert!(!is_pattern(text), "{text}");
        }
        assert_eq!(alternatives("ERROR|FATAL"), Some(vec!["ERROR", "FATAL"]));
        assert_eq!(alternatives("ERROR\\|FATAL"), Some(vec!["ERROR", "FATAL"]));
        assert_eq!(alternatives("(a b|c)"), Some(vec!["a b", "c"]));
        for text in ["|ERROR|", "| ERROR", "a | b", "ERROR|", "ERROR", "|"] {
            assert_eq!(alternatives(text), None, "{text}");
        }
    }
}
