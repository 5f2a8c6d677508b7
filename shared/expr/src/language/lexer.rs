//! Tokens: one line of the language cut into numbers, texts, paths and signs, each with its span.
//!
//! Owns where a token ends, comments, and the advice for signs of other languages. Refuses what no token begins with.

use crate::language::advice::near_unit;
use crate::language::syntax::Span;
use crate::language::word;
use crate::{Decimal, Error, Path, Step, Unit};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    Number {
        text: String,
        value: Decimal,
        unit: Option<Unit>,
    },
    Text(String),
    /// A path, and its word where it is a single plain one that may be a keyword.
    Path(Path, Option<String>),
    Sign(&'static str),
    End,
}

impl Token {
    /// How the token is called in a message.
    pub(crate) fn shown(&self, source: &str, span: Span) -> String {
        match self {
            Token::End => "the end of the line".to_owned(),
            _ => format!("{:?}", source.get(span.start..span.end).unwrap_or_default()),
        }
    }
}

/// Signs, longer ones first.
const SIGNS: [&str; 18] =
    ["<=", ">=", "==", "!=", "..", "<", ">", "+", "-", "/", "*", "(", ")", "[", "]", ",", "{", "}"];

/// Signs of other languages, and what is written here.
const FOREIGN: [(&str, &str); 16] = [
    ("===", "write == for equal"),
    ("!==", "write != for not equal"),
    ("<>", "write != for not equal"),
    ("=>", "write >= for at least"),
    ("=<", "write <= for at most"),
    ("=~", "there are no patterns here: write contains(x, \"a\"), starts_with, ends_with, or == and in"),
    ("=", "write == for equal"),
    ("&&", "write and"),
    ("||", "write or"),
    ("!", "write not"),
    ("<<", "write < or <="),
    (">>", "write > or >="),
    ("'", "a text goes in double quotes"),
    ("\u{2264}", "write <= for at most"),
    ("\u{2265}", "write >= for at least"),
    ("\u{2260}", "write != for not equal"),
];

/// Cuts `text` into tokens; the last one is always [`Token::End`].
///
/// A `*` where an operand is wanted begins a path, anywhere else it multiplies.
pub(crate) fn tokens(text: &str) -> Result<Vec<(Token, Span)>, Error> {
    let bytes = text.as_bytes();
    let mut tokens: Vec<(Token, Span)> = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let after_operand = matches!(
            tokens.last(),
            Some((Token::Number { .. } | Token::Text(_) | Token::Sign(")" | "]"), _)) | Some((Token::Path(_, None), _))
        ) || matches!(tokens.last(), Some((Token::Path(_, Some(word)), _)) if !joins(word));
        let (token, end) = token(text, at, after_operand)?;
        tokens.push((token, Span { start: at, end }));
        at = end;
    }
    tokens.push((Token::End, Span { start: text.len(), end: text.len() }));
    Ok(tokens)
}

/// Words after which an operand is wanted.
fn joins(word: &str) -> bool {
    matches!(word, "and" | "or" | "not" | "in" | "given" | "when" | "where")
}

fn token(text: &str, at: usize, after_operand: bool) -> Result<(Token, usize), Error> {
    let rest = text.get(at..).unwrap_or_default();
    let byte = rest.bytes().next().unwrap_or_default();
    if byte.is_ascii_digit()
        && let Some((scanned, end)) = word::number(text, at)
    {
        return number(text, at, scanned, end).map(|token| (token, end));
    }
    if byte == b'"' {
        let (quoted, end) = word::quoted(text, at)?;
        if text.as_bytes().get(end) == Some(&b'.') && text.as_bytes().get(end + 1) != Some(&b'.') {
            let message = "a path whose first step is quoted begins with a dot: .\"a b\".c";
            return Err(Error::new(message, at, end));
        }
        return Ok((Token::Text(quoted), end));
    }
    for (foreign, advice) in FOREIGN {
        if rest.starts_with(foreign) && !SIGNS.iter().any(|sign| sign.len() >= foreign.len() && rest.starts_with(sign))
        {
            return Err(Error::new(format!("{foreign:?}: {advice}"), at, at + foreign.len()));
        }
    }
    let wildcard = byte == b'*' && !after_operand;
    let dotted = byte == b'.' && !rest.starts_with("..");
    if dotted && after_operand {
        return Err(Error::new("\".\" after a blank: a path has no blanks around its dots", at, at + 1));
    }
    if dotted && rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit) {
        return Err(Error::new("a number begins with a digit: write 0.5", at, at + 1));
    }
    if !wildcard && !dotted {
        if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            return Ok((Token::Sign(sign), at + sign.len()));
        }
        if word::end(text, at) == at {
            let found = rest.chars().next().unwrap_or_default();
            let message = match found {
                '%' => "a unit touches its number: 5%".to_owned(),
                ':' => "a label ends with a colon and a blank: p99: p99_us <= 2000".to_owned(),
                ';' => "\";\": one threshold a line; join two with and".to_owned(),
                _ => format!("{found:?} begins nothing: put a name with it in double quotes"),
            };
            return Err(Error::new(message, at, at + found.len_utf8()));
        }
    }
    if byte == b'#' {
        return Err(Error::new("# begins a comment: a name that begins with it needs quotes, .\"#a\"", at, at + 1));
    }
    let (path, end) = Path::scan(text, at)?;
    if byte.is_ascii_digit()
        && let Some(Step::Name { text: first, quoted: false }) = path.steps().first()
        && !word::is_name(first)
    {
        let text = text.get(at..end).unwrap_or_default();
        let letters = text.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
        let digits = text.get(..text.len() - letters.len()).unwrap_or_default();
        let message = match near_unit(letters).filter(|_| digits.parse::<f64>().is_ok()) {
            Some(unit) => format!("{letters:?} is not a unit: did you mean {digits}{unit}?"),
            None => {
                format!("neither a number nor a name: put the first step of a path in quotes, .{first:?}")
            }
        };
        return Err(Error::new(message, at, end));
    }
    if let [_, .., Step::Name { text: last, quoted: false }] = path.steps()
        && text.get(end..).is_some_and(|rest| rest.starts_with('('))
        && let Some(close) = text.get(end..).and_then(|rest| rest.find(')'))
    {
        let step = format!("{last}{}", text.get(end..=end + close).unwrap_or_default());
        let number = step.strip_prefix("p(").and_then(|rest| rest.strip_suffix(')'));
        let advice = match number {
            Some(number) => format!(" (merge-evidence k6=FILE reads it as p{number})"),
            None => String::new(),
        };
        let message = format!("a step with parentheses needs quotes: .{step:?}{advice}");
        return Err(Error::new(message, end - last.len(), end + close + 1));
    }
    if let [Step::Name { text: first, quoted: false }, _, ..] = path.steps()
        && first != "baseline"
        && word::RESERVED.contains(&first.as_str())
    {
        let message =
            format!("{first} is a word of the language: as the first step of a path it needs quotes, .{first:?}");
        return Err(Error::new(message, at, at + first.len()));
    }
    let word = match path.steps() {
        [Step::Name { text, quoted: false }] if !dotted => Some(text.clone()),
        _ => None,
    };
    Ok((Token::Path(path, word), end))
}

fn number(text: &str, at: usize, scanned: word::Scanned, end: usize) -> Result<Token, Error> {
    if text.as_bytes().get(end) == Some(&b'.') && text.as_bytes().get(end + 1) != Some(&b'.') {
        let message =
            "a number with two points, or a path that begins with digits: put its first step in quotes, .\"5\".x";
        return Err(Error::new(message, at, end + 1));
    }
    let digits = text.get(at..scanned.digits_end).unwrap_or_default();
    let written = text.get(at..end).unwrap_or_default().to_owned();
    if digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.") && !digits.starts_with(['e', 'E']) {
        let plain = digits.trim_start_matches('0');
        if plain.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(Error::new(format!("{digits:?}: a number has no zeros before it, write {plain}"), at, end));
        }
    }
    match Decimal::parse(digits).and_then(|value| value.times(Decimal::new(1, scanned.multiplier)?)) {
        Some(value) => Ok(Token::Number { text: written, value, unit: scanned.unit }),
        None => Err(Error::new(format!("{digits:?} is beyond 38 digits"), at, end)),
    }
}

/// A line without its comment: `#` at the start or after a blank, outside quotes.
pub(crate) fn without_comment(line: &str) -> &str {
    let (mut quoted, mut escaped, mut blank) = (false, false, true);
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'#' if blank && !quoted => return line.get(..at).unwrap_or_default(),
            b'"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = quoted && byte == b'\\' && !escaped;
        blank = byte.is_ascii_whitespace();
    }
    line
}
