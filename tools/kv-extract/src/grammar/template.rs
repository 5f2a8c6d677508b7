//! `--parse '{ip} {} "{method} {path} {}" {status:int}'`: lines read by the text between the holes.
//!
//! Owns the template and the places of its holes. A hole takes up to the next literal, so that every line is read once;
//! what a hole may hold is bounded (a type, a quote, no comma before a blank), so that a shifted line does not fit.

use std::ops::Range;

use memchr::memmem::Finder;

use crate::fast::cpu::Machine;
use crate::grammar::prose::Quoting;

/// A value: its column, where it begins and ends, and how it stands there.
pub type Place = (usize, usize, usize, Quoting);

/// What a hole may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Kind {
    /// Anything.
    #[default]
    Any,
    /// An integer, or `-` for none.
    Int,
    /// A number, or `-` for none.
    Num,
    /// A length of time as a number, or `-` or `-1` for none: haproxy and the load balancers of AWS write that of what did not
    /// come so far.
    Span,
    /// One word, without a blank.
    Word,
    /// Values parted by `, ` or ` : `, as nginx writes them for several upstreams.
    List,
    /// The pairs of the rest of the line.
    Pairs,
}

impl Kind {
    /// Whether a value of this kind says that there is none.
    pub fn is_none(self, value: &[u8]) -> bool {
        match self {
            Kind::Int | Kind::Num | Kind::List => value == b"-",
            Kind::Span => matches!(value, b"-" | b"-1"),
            Kind::Any | Kind::Word | Kind::Pairs => false,
        }
    }
}

/// One template, or several of which the first that fits is taken.
#[derive(Clone, Debug)]
pub struct Template {
    forms: Vec<Form>,
}

/// What a line begins with, then holes, each with the literal that ends it.
#[derive(Clone, Debug)]
struct Form {
    start: Vec<u8>,
    holes: Vec<Hole>,
    /// The literals behind the holes, where all of them are short and no hole is more than a value without quotes.
    short: Option<Vec<Short>>,
}

/// A literal of up to eight bytes.
#[derive(Clone, Copy, Debug)]
struct Short {
    /// Its first byte and its second one, the first again where it has but one: both together are seldom elsewhere.
    first: u8,
    second: u8,
    /// All of it, and which bytes of it count.
    word: u64,
    mask: u64,
    length: usize,
    /// Whether the hole before it may hold anything, and whether it has a name.
    is_any: bool,
    is_named: bool,
}

#[derive(Clone, Debug)]
struct Hole {
    /// Empty for one that is dropped.
    name: String,
    kind: Kind,
    /// Whether it stands between quotes.
    quoted: bool,
    /// Empty for one that takes the rest of the line.
    end: Finder<'static>,
    /// Whether what follows a blank behind it is left out or read for pairs, so that a unit there would be passed over.
    drops_unit: bool,
}

/// Templates by name, each with its forms.
const NAMED: &[(&str, &[&str])] = &[
    (
        "nginx",
        &[
            "{remote_addr} - {remote_user} [{time_local}] \"{request}\" {status:int} {body_bytes_sent:int} \"{http_referer}\" \"{http_user_agent}\" {*}",
            "{remote_addr} - {remote_user} [{time_local}] \"{request}\" {status:int} {body_bytes_sent:int} \"{http_referer}\" \"{http_user_agent}\"",
        ],
    ),
    (
        "nginx-ingress",
        &[
            "{remote_addr} - {remote_user} [{time_local}] \"{request}\" {status:int} {body_bytes_sent:int} \"{http_referer}\" \"{http_user_agent}\" {request_length:int} {request_time_s:num} [{upstream_name}] [{alternative_upstream}] {upstream_addr:list} {upstream_response_length:list} {upstream_response_time_s:list} {upstream_status:list} {req_id:word}",
            "{remote_addr} - {remote_user} [{time_local}] \"{request}\" {status:int} {body_bytes_sent:int} \"{http_referer}\" \"{http_user_agent}\" {request_length:int} {request_time_s:num} [{upstream_name}] {upstream_addr:list} {upstream_response_length:list} {upstream_response_time_s:list} {upstream_status:list} {req_id:word}",
        ],
    ),
    (
        "haproxy",
        &[
            "{}: {client:word} [{time}] {frontend} {backend}/{server} {tq_ms:span}/{tw_ms:span}/{tc_ms:span}/{tr_ms:span}/{tt_ms:word} {status:int} {bytes:word} {} {} {state} {actconn:int}/{feconn:int}/{beconn:int}/{srvconn:int}/{retries:word} {srv_queue:int}/{backend_queue:int} {}\"{request}\"",
            "{client:word} [{time}] {frontend} {backend}/{server} {tq_ms:span}/{tw_ms:span}/{tc_ms:span}/{tr_ms:span}/{tt_ms:word} {status:int} {bytes:word} {} {} {state} {actconn:int}/{feconn:int}/{beconn:int}/{srvconn:int}/{retries:word} {srv_queue:int}/{backend_queue:int} {}\"{request}\"",
            "{}: {client:word} [{time}] {frontend} {backend}/{server} {tw_ms:span}/{tc_ms:span}/{tt_ms:word} {bytes:word} {state:word} {actconn:int}/{feconn:int}/{beconn:int}/{srvconn:int}/{retries:word} {srv_queue:int}/{backend_queue:int}",
            "{client:word} [{time}] {frontend} {backend}/{server} {tw_ms:span}/{tc_ms:span}/{tt_ms:word} {bytes:word} {state:word} {actconn:int}/{feconn:int}/{beconn:int}/{srvconn:int}/{retries:word} {srv_queue:int}/{backend_queue:int}",
        ],
    ),
    (
        "envoy",
        &[
            "[{time}] \"{request}\" {status:int} {flags:word} {bytes_received:int} {bytes_sent:int} {duration_ms:int} {upstream_service_time_ms:int} \"{forwarded_for}\" \"{user_agent}\" \"{request_id}\" \"{authority}\" \"{upstream_host}\"{}",
            "[{time}] \"{request}\" {status:int} {flags:word} {}\"{}\" {bytes_received:int} {bytes_sent:int} {duration_ms:int} {upstream_service_time_ms:int} \"{forwarded_for}\" \"{user_agent}\" \"{request_id}\" \"{authority}\" \"{upstream_host}\"{}",
        ],
    ),
    (
        "alb",
        &[
            "{type:word} {time:word} {elb:word} {client:word} {target:word} {request_processing_s:span} {target_processing_s:span} {response_processing_s:span} {elb_status:int} {target_status:int} {received_bytes:int} {sent_bytes:int} \"{request}\" \"{user_agent}\" {ssl_cipher:word} {ssl_protocol:word} {}",
        ],
    ),
    (
        "postgresql",
        &[
            "{time} [{pid:int}] {user}@{database} {level:word}:  duration: {duration_ms:num} ms{}",
            "{time} [{pid:int}] {level:word}:  duration: {duration_ms:num} ms{}",
            "{time} [{pid:int}] {user}@{database} {level:word}:  {message}",
            "{time} [{pid:int}] {level:word}:  {message}",
        ],
    ),
];

impl Template {
    /// Reads a template, or finds the one of this name. `{{` and `}}` stand for braces.
    pub fn parse(text: &str) -> Result<Template, String> {
        if let Some((_, forms)) = NAMED.iter().find(|(name, _)| *name == text) {
            let forms = forms.iter().map(|form| Form::parse(form)).collect::<Result<_, _>>()?;
            return Ok(Template { forms });
        }
        if !text.contains('{') {
            let names: Vec<&str> = NAMED.iter().map(|(name, _)| *name).collect();
            return Err(format!("wanted at least one {{name}}, or one of {}", names.join(", ")));
        }
        Ok(Template { forms: vec![Form::parse(text)?] })
    }

    /// The names of the holes of the only form there is, in order, less those that are dropped; `None` where there are
    /// several, or holes that are more than a value.
    pub fn columns(&self) -> Option<Vec<&str>> {
        let [form] = self.forms.as_slice() else { return None };
        let is_value = |hole: &Hole| !matches!(hole.kind, Kind::List | Kind::Pairs);
        form.holes
            .iter()
            .all(is_value)
            .then(|| form.holes.iter().map(|hole| hole.name.as_str()).filter(|name| !name.is_empty()).collect())
    }

    /// Whether a unit a blank behind the hole of this name would stand in one that is dropped.
    pub fn drops_unit(&self, name: &str) -> bool {
        self.forms.iter().any(|form| form.holes.iter().any(|hole| hole.drops_unit && hole.name == name))
    }

    /// Calls `each` with the name, the kind and the place of every hole; false, without a call, where `line` does not
    /// fit.
    pub fn read(&self, line: &[u8], mut each: impl FnMut(&str, Kind, Range<usize>)) -> bool {
        let Some(form) = self.forms.iter().find(|form| form.read(line, |_, _, _| {}).is_ok()) else { return false };
        form.read(line, &mut each).is_ok()
    }

    /// Up to where `line` fits the form that takes most of it, and what is wanted there; `None` where it fits.
    pub fn miss(&self, line: &[u8]) -> Option<(usize, String)> {
        let mut furthest: Option<(usize, String)> = None;
        for form in &self.forms {
            let Err(miss) = form.read(line, |_, _, _| {}) else { return None };
            if furthest.as_ref().is_none_or(|(at, _)| *at < miss.at) {
                furthest = Some((miss.at, form.wanted(&miss)));
            }
        }
        furthest
    }

    /// The same in one pass, for who can take back what was called: where `line` does not fit the only form there is,
    /// the holes before it were told. False where there are several forms.
    pub fn read_once(&self, line: &[u8], each: impl FnMut(&str, Kind, Range<usize>)) -> bool {
        matches!(self.forms.as_slice(), [form] if form.read(line, each).is_ok())
    }

    /// Whether [`Template::places`] knows this template.
    pub fn is_short(&self) -> bool {
        matches!(self.forms.as_slice(), [form] if form.short.is_some())
    }

    /// Puts where the named holes are in the line that begins and ends there into `places`, and says how many there are.
    /// `None` where [`Template::read`], whose answers these are, must look: also for a `-` that stands for none. Many bytes
    /// must stand behind the line.
    #[inline(always)]
    pub fn places<M: Machine>(&self, bytes: &[u8], start: usize, end: usize, places: &mut [Place]) -> Option<usize> {
        let [form] = self.forms.as_slice() else { return None };
        if !bytes.get(start..end)?.starts_with(&form.start) {
            return None;
        }
        let byte = |at: usize| bytes.get(at).copied().unwrap_or(b'\n');
        let short = form.short.as_deref()?;
        let (mut at, mut count, last) = (start + form.start.len(), 0, short.len().wrapping_sub(1));
        for (number, literal) in short.iter().enumerate() {
            // Only a hole that may not hold everything is looked at.
            let hole = if literal.is_any { None } else { form.holes.get(number) };
            if hole.is_some() {
                while at < end && byte(at) == b' ' {
                    at += 1;
                }
            }
            let to = if literal.length == 0 {
                end
            } else if number == last
                && end.wrapping_sub(at) >= literal.length
                && literal.is_at(bytes, end.wrapping_sub(literal.length))
            {
                end.wrapping_sub(literal.length)
            } else {
                literal.find::<M>(bytes, at, end)?
            };
            if let Some(hole) = hole
                && (hole.kind.is_none(bytes.get(at..to)?) || !hole.holds(bytes.get(at..to)?))
            {
                return None;
            }
            if literal.first == b' ' && to > at && byte(to.wrapping_sub(1)) == b',' {
                return None;
            }
            if literal.is_named {
                *places.get_mut(count)? = (count, at, to, Quoting::Bare);
                count = count.wrapping_add(1);
            }
            at = to.wrapping_add(literal.length);
        }
        Some(count)
    }
}

impl Short {
    fn of(hole: &Hole) -> Option<Short> {
        let literal = hole.end.needle();
        let mut word = [0; 8];
        word.get_mut(..literal.len())?.copy_from_slice(literal);
        let mask = if literal.len() < 8 { !(u64::MAX << (8 * literal.len())) } else { u64::MAX };
        let first = literal.first().copied().unwrap_or(0);
        let second = literal.get(1).copied().unwrap_or(first);
        let (is_any, is_named) = (hole.kind == Kind::Any, !hole.name.is_empty());
        Some(Short { first, second, word: u64::from_le_bytes(word), mask, length: literal.len(), is_any, is_named })
    }

    /// Whether it stands there.
    #[inline(always)]
    fn is_at(&self, bytes: &[u8], at: usize) -> bool {
        let word = bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |word| u64::from_le_bytes(*word));
        (word ^ self.word) & self.mask == 0
    }

    /// Where it stands first between two places.
    #[inline(always)]
    fn find<M: Machine>(&self, bytes: &[u8], mut at: usize, end: usize) -> Option<usize> {
        let step = usize::from(self.length > 1);
        while at.wrapping_add(self.length) <= end {
            let near = bytes.get(at..)?.first_chunk()?;
            let behind = bytes.get(at.wrapping_add(step)..)?.first_chunk()?;
            let mut found = M::both((near, self.first), (behind, self.second));
            while found != 0 {
                let place = at.wrapping_add(found.trailing_zeros() as usize);
                found &= found.wrapping_sub(1);
                // Both its bytes were seen, where it has no more.
                if self.length <= 2 || self.is_at(bytes, place) {
                    return (place.wrapping_add(self.length) <= end).then_some(place);
                }
            }
            at = at.wrapping_add(64);
        }
        None
    }
}

/// Where a line does not fit.
struct Miss {
    /// Up to where it does.
    at: usize,
    /// The hole that takes what stands there; none for what the line begins with.
    hole: Option<usize>,
    /// Whether the literal behind the hole is missing, and not what the hole holds another thing.
    literal: bool,
}

impl Form {
    fn wanted(&self, miss: &Miss) -> String {
        let quote = |text: &[u8]| schema::json::quote(text);
        let Some(hole) = miss.hole.and_then(|hole| self.holes.get(hole)) else {
            return format!("{} at the start", quote(&self.start));
        };
        let name = if hole.name.is_empty() { "a hole".to_owned() } else { format!("{{{}}}", hole.name) };
        if miss.literal {
            return format!("{name}, then {}", quote(hole.end.needle()));
        }
        let kind = match hole.kind {
            Kind::Int => "an integer or -",
            Kind::Num | Kind::Span => "a number or -",
            Kind::Word => "one word",
            _ => "no quote and no comma at its end",
        };
        format!("{name}: {kind}")
    }

    fn parse(text: &str) -> Result<Form, String> {
        let mut literals = vec![String::new()];
        let mut names: Vec<(String, Kind)> = Vec::new();
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            let last = literals.len() - 1;
            match letter {
                '{' if letters.next_if_eq(&'{').is_some() => literals[last].push('{'),
                '}' if letters.next_if_eq(&'}').is_some() => literals[last].push('}'),
                '}' => return Err("a '}' without its '{'; write '}}' for a brace".to_owned()),
                '{' => {
                    let mut name = String::new();
                    loop {
                        match letters.next() {
                            Some('}') => break,
                            Some('{') | None => return Err("a '{' without its '}'; write '{{' for a brace".to_owned()),
                            Some(letter) => name.push(letter),
                        }
                    }
                    if names.len() == literals.len() - 1 && !names.is_empty() && literals[last].is_empty() {
                        return Err("two holes touch: wanted some text between them".to_owned());
                    }
                    let (name, kind) = named(name)?;
                    if !name.is_empty() && names.iter().any(|(other, _)| *other == name) {
                        return Err(format!("the name {name:?} appears twice"));
                    }
                    names.push((name, kind));
                    literals.push(String::new());
                }
                _ => literals[last].push(letter),
            }
        }
        if names.iter().all(|(name, kind)| name.is_empty() && *kind != Kind::Pairs) {
            return Err("wanted at least one {name}".to_owned());
        }
        if names.iter().rev().skip(1).any(|(_, kind)| *kind == Kind::Pairs) {
            return Err("{*} takes the rest of a line: wanted it last".to_owned());
        }
        let mut quotes = 0;
        let mut literals = literals.into_iter();
        let start = literals.next().unwrap_or_default();
        quotes += start.matches('"').count();
        let mut holes = Vec::new();
        let is_left_out: Vec<bool> = names.iter().map(|(name, _)| name.is_empty()).collect();
        for (at, ((name, kind), end)) in names.into_iter().zip(literals).enumerate() {
            let quoted = quotes % 2 == 1 && end.contains('"');
            let quoted = quoted || (quotes % 2 == 1 && !end.is_empty());
            quotes += end.matches('"').count();
            let is_blank = !end.is_empty() && end.bytes().all(|byte| matches!(byte, b' ' | b'\t'));
            let drops_unit = is_blank && !name.is_empty() && is_left_out.get(at + 1) == Some(&true);
            holes.push(Hole { name, kind, quoted, end: crate::input::selection::finder(&end), drops_unit });
        }
        let short = holes.iter().map(|hole: &Hole| {
            let is_value = !hole.quoted && !matches!(hole.kind, Kind::List | Kind::Pairs);
            Short::of(hole).filter(|_| is_value)
        });
        let short = short.collect();
        Ok(Form { start: start.into_bytes(), holes, short })
    }

    fn read(&self, line: &[u8], mut each: impl FnMut(&str, Kind, Range<usize>)) -> Result<(), Miss> {
        if !line.starts_with(&self.start) {
            return Err(Miss { at: 0, hole: None, literal: true });
        }
        let mut at = self.start.len();
        let last = self.holes.len() - 1;
        for (number, hole) in self.holes.iter().enumerate() {
            let miss = |literal| Miss { at, hole: Some(number), literal };
            // Servers pad numbers and words: `  11`.
            let padded = matches!(hole.kind, Kind::Int | Kind::Num | Kind::Span | Kind::Word);
            let rest = line.get(at..).unwrap_or_default();
            let blanks = if padded { rest.iter().take_while(|&&byte| byte == b' ').count() } else { 0 };
            let rest = &rest[blanks..];
            let miss = |literal| Miss { at: at + blanks, ..miss(literal) };
            let literal = hole.end.needle();
            let length = if literal.is_empty() {
                Some(rest.len())
            } else if hole.quoted && literal.first() == Some(&b'"') {
                // The quote ends it, if what goes on there is the literal.
                closing(rest).filter(|&end| rest[end..].starts_with(literal))
            } else if hole.kind == Kind::List {
                list(rest, &hole.end)
            } else if number == last {
                // The last literal ends the line, so that what the hole holds may contain it.
                rest.strip_suffix(literal).map(<[u8]>::len).or_else(|| hole.find(rest))
            } else {
                hole.find(rest)
            };
            let Some(length) = length else { return Err(miss(true)) };
            if !hole.holds(&rest[..length]) {
                return Err(miss(false));
            }
            if !hole.name.is_empty() || hole.kind == Kind::Pairs {
                each(&hole.name, hole.kind, at + blanks..at + blanks + length);
            }
            at += blanks + length + literal.len();
        }
        // What is left behind the last literal is not in the template.
        let ends = self.holes.last().is_some_and(|hole| hole.end.needle().is_empty()) || at <= line.len();
        if ends { Ok(()) } else { Err(Miss { at, hole: None, literal: true }) }
    }
}

/// How often the first byte of a literal may be met without the rest of it before the library searches: it begins
/// slowly, and a literal is mostly there where its first byte is.
const TRIES: usize = 4;

impl Hole {
    /// Where the literal that ends it begins.
    #[inline]
    fn find(&self, rest: &[u8]) -> Option<usize> {
        let literal = self.end.needle();
        let first = *literal.first()?;
        let mut at = 0;
        for _ in 0..TRIES {
            at += memchr::memchr(first, rest.get(at..)?)?;
            if rest.get(at..)?.starts_with(literal) {
                return Some(at);
            }
            at += 1;
        }
        self.end.find(rest.get(at..)?).map(|step| at + step)
    }

    /// Whether it may hold this.
    fn holds(&self, text: &[u8]) -> bool {
        let is_none = text == b"-";
        let fits = match self.kind {
            Kind::Any | Kind::Pairs | Kind::List => true,
            Kind::Int => is_none || is_integer(text),
            Kind::Num | Kind::Span => is_none || crate::record::number::is_number(text),
            Kind::Word => !text.is_empty() && !text.iter().any(|byte| matches!(byte, b' ' | b'\t')),
        };
        let shifted = self.kind != Kind::List && self.end.needle().first() == Some(&b' ') && text.ends_with(b",");
        fits && !shifted && (!self.quoted || closing(text).is_none())
    }
}

fn is_integer(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// The first quote that no backslash protects.
fn closing(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let found = at + memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[found] == b'"' {
            return Some(found);
        }
        at = found + 2;
    }
}

/// How long a list is: past every literal that a comma or a lone colon stands before or behind.
fn list(rest: &[u8], end: &Finder<'static>) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + end.find(rest.get(from..)?)?;
        let goes_on = rest[..at].ends_with(b",") || rest[..at].ends_with(b" :") || rest[at..].starts_with(b" : ");
        if !goes_on {
            return Some(at);
        }
        from = at + 1;
    }
}

/// A hole's name and kind: `status:int`, `*`.
fn named(text: String) -> Result<(String, Kind), String> {
    if text == "*" {
        return Ok((String::new(), Kind::Pairs));
    }
    let Some((name, kind)) = text.rsplit_once(':') else { return Ok((text, Kind::Any)) };
    let kind = match kind {
        "int" => Kind::Int,
        "num" => Kind::Num,
        "span" => Kind::Span,
        "word" => Kind::Word,
        "list" => Kind::List,
        "text" => Kind::Any,
        _ => return Err(format!("{{{text}}}: wanted a type: int, num, span, word, list or text")),
    };
    Ok((name.to_owned(), kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(template: &str, line: &str) -> Option<Vec<(String, String)>> {
        let mut found = Vec::new();
        let fits = Template::parse(template).unwrap().read(line.as_bytes(), |name, _, place| {
            found.push((name.to_owned(), line[place].to_owned()));
        });
        fits.then_some(found)
    }

    #[test]
    fn holes_take_up_to_the_next_literal() {
        let pairs =
            |list: &[(&str, &str)]| Some(list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect());
        let web = "{ip} {} \"{method} {path} {}\" {status} {took_s}";
        assert_eq!(
            read(web, "1.2.3.4 - \"GET /a HTTP/1.1\" 200 0.005"),
            pairs(&[("ip", "1.2.3.4"), ("method", "GET"), ("path", "/a"), ("status", "200"), ("took_s", "0.005")])
        );
        assert_eq!(read("took {ms} ms", "took 12 ms"), pairs(&[("ms", "12")]));
        assert_eq!(read("[{a}] {b}", "[x] y z"), pairs(&[("a", "x"), ("b", "y z")]));
        assert_eq!(read("{{{a}}}", "{x}"), pairs(&[("a", "x")]));
        let drops = |template: &str| Template::parse(template).unwrap().drops_unit("took");
        assert!(drops("took {took} {}") && drops("took {took:int} {*}"));
        assert!(
            !drops("took {took} ms {}") && !drops("took {took} {unit}") && !drops("{} {took}") && !drops("{took}, {}")
        );
        assert_eq!(read("took {ms} ms", "spent 12 ms"), None);
        assert_eq!(read("{a}:{b}", "x"), None);
    }

    #[test]
    fn a_shifted_line_does_not_fit() {
        // A quote ends what stands between quotes, and a word that ends in a comma goes on.
        assert_eq!(read("{} \"{method} {path} {}\" {status} {}", "x \"-\" 400 0 \"-\" \"-\" 0.100"), None);
        assert_eq!(read("{addr} {status}", "10.0.0.7:80, 10.0.0.8:80 502, 502"), None);
        assert_eq!(read("{status:int} {id:word}", "502, 502 bb"), None);
        assert_eq!(read("{status:int} {id:word}", "502 bb cc"), None);
        assert!(read("{status:int} {took:num} {id:word}", "- 0.5 bb").is_some());
        let squid =
            read("{time:num} {took:int} {client:word} {}", "1772742732.345     11 10.0.0.7 TCP_MISS/200").unwrap();
        assert_eq!(squid[1].1, "11");
        let lists = read("{addr:list} {status:list} {id:word}", "10.0.0.7:80, 10.0.0.8:80 502, 200 bb").unwrap();
        assert_eq!(lists[1].1, "502, 200");
        assert_eq!(lists[2].1, "bb");
    }

    #[test]
    fn names_are_templates() {
        let ingress = "10.0.0.7 - - [05/Mar/2026:20:32:12 +0000] \"GET /a HTTP/1.1\" 502 5 \"-\" \"curl/8\" 79 4.001 \
                       [default-web-80] [] 10.1.0.5:80, 10.1.0.6:80 0, 0 2.000, 2.001 502, 502 b7d0";
        let found = read("nginx-ingress", ingress).unwrap();
        assert!(found.contains(&("upstream_status".to_owned(), "502, 502".to_owned())), "{found:?}");
        let alb = "https 2026-03-05T20:32:12.345678Z app/web/50dc 10.0.0.7:2817 10.1.0.5:80 0.086 0.048 0.037 200 200 0 57 \
                   \"GET https://x:443/ HTTP/1.1\" \"curl/8\" ECDHE TLSv1.2 arn:aws:x \"Root=1\"";
        assert!(read("alb", alb).is_some());
        let haproxy = "10.0.0.7:33317 [05/Mar/2026:20:32:12.655] front back/one 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 \
                       {1wt.eu} {} \"GET /index.html HTTP/1.1\"";
        assert!(read("haproxy", haproxy).is_some());
        assert!(read("haproxy", &format!("Mar  5 20:32:12 lb haproxy[7]: {haproxy}")).is_some());
        let envoy = "[2026-03-05T20:32:12.345Z] \"POST /api HTTP/2\" 204 - 154 0 226 100 \"10.0.35.28\" \"nsq2http\" \"cc21\" \
                     \"locations\" \"tcp://10.0.2.1:80\"";
        assert!(read("envoy", envoy).is_some());
        let postgres = "2026-03-05 20:32:12.345 UTC [7] app@shop LOG:  duration: 12.345 ms  statement: SELECT 1";
        assert!(read("postgresql", postgres).unwrap().contains(&("duration_ms".to_owned(), "12.345".to_owned())));
        let nginx = "10.0.0.7 - - [05/Mar/2026:20:32:12 +0000] \"\" 408 0 \"-\" \"-\"";
        assert!(read("nginx", nginx).is_some());
    }

    #[test]
    fn templates_that_cannot_be() {
        for text in ["", "abc", "{}", "{a}{b}", "{a", "a}", "{a} {a}", "{a{b}}", "{a:x}", "{*} {a}"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
