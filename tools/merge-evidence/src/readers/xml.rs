//! XML for the readers of reports: its text decoded, its elements one by one.
//!
//! Owns encodings, the depth limit and what is no whole document; refuses a document type that declares entities, and
//! knows no vocabulary.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event as Raw};

use super::Failure;

/// What comes next in a document. Names are without their prefix.
pub enum Event<'r> {
    /// An element begins.
    Open(Element<'r>),
    /// The element of this name ends.
    Close(&'r str),
    /// Text of the element that is open, in pieces, entities resolved.
    Text(&'r str),
    /// A comment.
    Comment(&'r str),
}

/// The start of an element.
pub struct Element<'r> {
    start: &'r BytesStart<'r>,
    /// How many elements it lies in; 0 for the root.
    pub depth: usize,
}

impl Element<'_> {
    /// Its name without a prefix.
    pub fn name(&self) -> &str {
        self.start.local_name().into_inner()
    }

    /// Refuses attributes that are no XML, one that appears twice among them: the second may say the opposite.
    ///
    /// # Errors
    /// The first that is wrong.
    pub fn check(&self) -> Result<(), String> {
        let bad = self.start.attributes().find_map(Result::err);
        bad.map_or(Ok(()), |error| Err(format!("broken XML: {error}")))
    }

    /// The attribute `name`, entities resolved; one that nobody declared is left as it is written.
    ///
    /// # Errors
    /// Attributes that are no XML.
    pub fn get(&self, name: &str) -> Result<Option<String>, String> {
        let found = self.start.try_get_attribute(name).map_err(|error| format!("broken XML: {error}"))?;
        let Some(found) = found else { return Ok(None) };
        let raw = found.value.into_owned();
        Ok(Some(quick_xml::escape::unescape(&raw).map_or_else(|_| raw.clone(), Cow::into_owned)))
    }
}

/// Calls `each` with every event of one document.
///
/// # Errors
/// What `each` refuses; XML that is broken, ends before its root does, or has a second root.
pub fn walk(text: &str, mut each: impl FnMut(Event<'_>) -> Result<(), String>) -> Result<(), Failure> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().allow_dangling_amp = true;
    let (mut depth, mut roots) = (0usize, 0usize);
    loop {
        let at = reader.buffer_position() as usize;
        let failure = |reason: String| Failure { place: Some(place(text, at)), reason };
        match reader.read_event().map_err(|error| failure(format!("broken XML: {error}")))? {
            Raw::Start(start) => {
                roots += usize::from(depth == 0);
                if roots > 1 {
                    return Err(failure("a second document after the first".to_owned()));
                }
                each(Event::Open(Element { start: &start, depth })).map_err(failure)?;
                depth += 1;
                if depth > schema::json::DEPTH_LIMIT {
                    return Err(failure(format!("nested deeper than {}", schema::json::DEPTH_LIMIT)));
                }
            }
            Raw::End(end) => {
                depth = depth.saturating_sub(1);
                each(Event::Close(end.local_name().into_inner())).map_err(failure)?;
            }
            Raw::Text(text) if depth > 0 => each(Event::Text(&text)).map_err(failure)?,
            Raw::Text(text) if !text.trim().is_empty() => {
                return Err(failure("text outside of the document".to_owned()));
            }
            Raw::CData(text) => each(Event::Text(&text)).map_err(failure)?,
            Raw::GeneralRef(name) => {
                let written = format!("&{};", &*name);
                let resolved = quick_xml::escape::unescape(&written).unwrap_or(Cow::Borrowed(&written));
                each(Event::Text(&resolved)).map_err(failure)?;
            }
            Raw::Comment(text) => each(Event::Comment(&text)).map_err(failure)?,
            Raw::DocType(text) if text.contains("<!ENTITY") => {
                return Err(failure("a document type that declares entities is not read".to_owned()));
            }
            Raw::Eof if depth > 0 => {
                return Err(failure("the document ends inside an element (cut short?)".to_owned()));
            }
            Raw::Eof if roots == 0 => return Err(failure("the document has no root (cut short?)".to_owned())),
            Raw::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// The name, without a prefix, of the root that a text begins with; `None` where it is no XML.
pub fn root(text: &str) -> Option<&str> {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let (close, begun) = if let Some(rest) = rest.strip_prefix("<?") {
            ("?>", rest)
        } else if let Some(rest) = rest.strip_prefix("<!--") {
            ("-->", rest)
        } else if let Some(rest) = rest.strip_prefix("<!DOCTYPE") {
            (if rest.split('>').next().is_some_and(|head| head.contains('[')) { "]>" } else { ">" }, rest)
        } else {
            break;
        };
        rest = begun.split_once(close)?.1.trim_start();
    }
    let name = rest.strip_prefix('<')?;
    let name = name.split(|letter: char| letter.is_whitespace() || matches!(letter, '>' | '/')).next()?;
    Some(name.rsplit(':').next().unwrap_or(name)).filter(|name| !name.is_empty())
}

/// The text of a document in another encoding than UTF-8, as its first bytes say: UTF-16, or one of a byte a letter.
/// `None` for what is UTF-8, or no XML.
///
/// # Errors
/// An encoding that we do not know; text that is not what it says.
pub fn decoded(bytes: &[u8]) -> Result<Option<String>, Failure> {
    let wide: Option<fn([u8; 2]) -> u16> = match bytes {
        [0xff, 0xfe, ..] | [b'<', 0, ..] => Some(u16::from_le_bytes),
        [0xfe, 0xff, ..] | [0, b'<', ..] => Some(u16::from_be_bytes),
        _ => None,
    };
    if let Some(unit) = wide {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let text: Result<String, _> = char::decode_utf16(pairs.iter().map(|&pair| unit(pair))).collect();
        return match text {
            Ok(text) if rest.is_empty() => Ok(Some(text.trim_start_matches('\u{feff}').to_owned())),
            _ => Err(Failure::whole("is UTF-16 by its first bytes, but not to its end (cut short?)")),
        };
    }
    let Some(declared) = declared(bytes) else { return Ok(None) };
    match declared.to_ascii_lowercase().replace('_', "-").as_str() {
        "utf-8" | "utf8" | "us-ascii" | "ascii" => Ok(None),
        "iso-8859-1" | "iso8859-1" | "latin1" | "latin-1" => {
            Ok(Some(bytes.iter().map(|&byte| char::from(byte)).collect()))
        }
        "windows-1252" | "cp1252" => Ok(Some(bytes.iter().map(|&byte| windows(byte)).collect())),
        "iso-8859-15" | "latin-9" => Ok(Some(bytes.iter().map(|&byte| latin_9(byte)).collect())),
        // What is all ASCII reads alike in every encoding that a declaration in ASCII can name.
        _ if bytes.is_ascii() => Ok(None),
        _ => Err(Failure::whole(format!("is XML in {declared}, which is not read: write it as UTF-8"))),
    }
}

/// The encoding that the XML declaration names.
fn declared(bytes: &[u8]) -> Option<&str> {
    let start = bytes.trim_ascii_start().strip_prefix(b"<?xml")?;
    let end = memchr::memmem::find(&start[..start.len().min(400)], b"?>")?;
    let declaration = std::str::from_utf8(&start[..end]).ok()?;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|letter| matches!(letter, '"' | '\''))?;
    value[1..].split(quote).next()
}

/// The 32 letters that windows-1252 has where ISO 8859-1 has controls; what it leaves open stays a control.
fn windows(byte: u8) -> char {
    const LETTERS: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    byte.checked_sub(0x80).and_then(|place| LETTERS.get(usize::from(place))).copied().unwrap_or(char::from(byte))
}

/// The eight letters in which ISO 8859-15 differs from ISO 8859-1.
fn latin_9(byte: u8) -> char {
    match byte {
        0xa4 => '€',
        0xa6 => 'Š',
        0xa8 => 'š',
        0xb4 => 'Ž',
        0xb8 => 'ž',
        0xbc => 'Œ',
        0xbd => 'œ',
        0xbe => 'Ÿ',
        _ => char::from(byte),
    }
}

/// Line and column, both from 1, of the byte `at`.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_found_behind_what_may_stand_before_it() {
        for (text, name) in [
            ("<a/>", Some("a")),
            ("\u{feff}<?xml version=\"1.0\"?>\n<!-- <b> --><a:testsuite x='1'>", Some("testsuite")),
            ("<!DOCTYPE a SYSTEM \"a.dtd\"><a>", Some("a")),
            ("<!DOCTYPE a [<!ELEMENT a ANY>]>\n<a>", Some("a")),
            ("<?xml", None),
            ("text", None),
            ("< 5", None),
        ] {
            assert_eq!(root(text), name, "{text}");
        }
    }

    #[test]
    fn encodings_are_told_by_the_first_bytes() {
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a n='caf\xe9'/>";
        assert!(decoded(latin).unwrap().unwrap().contains("café"));
        let windows = b"<?xml version=\"1.0\" encoding=\"windows-1252\"?><a n='\x80\x93'/>";
        assert!(decoded(windows).unwrap().unwrap().contains("€“"));
        let text = "<a n='ü€𝄞'/>";
        for (mark, order) in [(true, 0), (true, 1), (false, 0), (false, 1)] {
            let units = mark.then_some(0xfeffu16).into_iter().chain(text.encode_utf16());
            let bytes: Vec<u8> =
                units.flat_map(|unit| if order == 0 { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect();
            assert_eq!(decoded(&bytes).unwrap().as_deref(), Some(text));
            assert!(decoded(&bytes[..bytes.len() - 1]).is_err());
        }
        assert_eq!(decoded("<a n='ü'/>".as_bytes()), Ok(None));
        assert_eq!(decoded(b"<?xml version='1.0' encoding='Shift_JIS'?><a/>"), Ok(None));
        assert!(decoded(b"<?xml version='1.0' encoding='Shift_JIS'?><a>\x83</a>").is_err());
    }

    #[test]
    fn no_half_and_no_second_document() {
        let refused = |text: &str| walk(text, |_| Ok(())).unwrap_err().reason;
        assert_eq!(refused("<a><b></b>"), "the document ends inside an element (cut short?)");
        assert_eq!(refused("<a/><b/>"), "a second document after the first");
        assert_eq!(refused("<a/>text"), "text outside of the document");
        assert!(refused("<!DOCTYPE a [<!ENTITY x '<failure/>'>]><a>&x;</a>").contains("declares entities"));
        assert!(refused(&"<a>".repeat(2000)).starts_with("nested deeper than"));
        assert!(walk("<!DOCTYPE a><a>&lt;&unknown; & so on</a>\n", |_| Ok(())).is_ok());
    }
}
