//! Paths (DESIGN sec. 4): `latency_ms.p99`, `stages[0].vu`, `metrics."a b".p95`, `actions.*.p95_ms`, `**.p95_ms`.
//!
//! Owns how a path is written, read from a record and set into one. Refuses to guess: where a flat key and a nested
//! path both answer, the reading is ambiguous.

use std::cell::Cell;
use std::fmt;

use schema::{Object, Value};

use crate::language::word;
use crate::{Error, Survey, Unit};

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A member; `quoted` never joins with its neighbours to a flat key. Digits are also a place in a list.
    Name {
        /// The member's key.
        text: String,
        /// Whether it stood in quotes.
        quoted: bool,
    },
    /// `[3]`: an element of a list.
    Index(usize),
    /// `*`: any one step.
    Any,
    /// `**`: any number of steps.
    Deep,
}

/// What a path finds in a record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading<'v, 'a> {
    /// One value.
    Found(&'v Value<'a>),
    /// Nothing.
    Missing,
    /// More than one: a flat key and a nested path both have this name.
    Ambiguous,
}

/// A path into a record.
#[derive(Clone, Debug)]
pub struct Path {
    pub(crate) steps: Vec<Step>,
    /// `flat[i][k]` is the flat key that the steps `i ..= i + k` make together; made once, since records are many.
    pub(crate) flat: Vec<Vec<String>>,
    dotted: String,
}

impl PartialEq for Path {
    fn eq(&self, other: &Path) -> bool {
        self.steps == other.steps
    }
}

impl Eq for Path {}

impl std::hash::Hash for Path {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.steps.hash(state);
    }
}

impl Path {
    /// How many steps a path may have.
    pub const STEP_LIMIT: usize = 64;

    /// Reads a path that is the whole text.
    pub fn parse(text: &str) -> Result<Path, Error> {
        let (path, end) = Path::scan(text, 0).map_err(|error| error.on_line(1, text))?;
        if end < text.len() {
            let found = text.get(end..).and_then(|rest| rest.chars().next()).unwrap_or_default();
            let message = format!("{found:?} in the path {text:?}: put steps of other characters in double quotes");
            return Err(Error::new(message, end, end + found.len_utf8()).on_line(1, text));
        }
        Ok(path)
    }

    /// The path of these steps; none for no steps, too many, or more than one `**`.
    pub fn from_steps(steps: Vec<Step>) -> Option<Path> {
        let deep = steps.iter().filter(|step| **step == Step::Deep).count();
        if steps.is_empty() || steps.len() > Path::STEP_LIMIT || deep > 1 {
            return None;
        }
        let mut dotted = String::new();
        for (place, step) in steps.iter().enumerate() {
            if place > 0 {
                dotted.push('.');
            }
            match step {
                Step::Name { text, .. } => dotted.push_str(text),
                Step::Index(index) => dotted.push_str(&index.to_string()),
                Step::Any => dotted.push('*'),
                Step::Deep => dotted.push_str("**"),
            }
        }
        let flat = (0..steps.len()).map(|start| flat_keys(steps.get(start..).unwrap_or_default())).collect();
        Some(Path { steps, flat, dotted })
    }

    /// The path of these keys, taken as they are.
    pub fn from_keys<K: Into<String>>(keys: impl IntoIterator<Item = K>) -> Option<Path> {
        Path::from_steps(keys.into_iter().map(|key| Step::Name { text: key.into(), quoted: false }).collect())
    }

    /// Reads a path that starts at byte `at` of `text`; gives it and the byte after it.
    pub(crate) fn scan(text: &str, at: usize) -> Result<(Path, usize), Error> {
        let bytes = text.as_bytes();
        let start = at;
        let mut at = at;
        let mut steps: Vec<Step> = Vec::new();
        if bytes.get(at) == Some(&b'.') {
            at += 1;
        } else if bytes.get(at) == Some(&b'"') {
            let message = "a path whose first step is quoted begins with a dot: .\"a b\".c";
            return Err(Error::new(message, at, at + 1));
        }
        loop {
            let from = at;
            match bytes.get(at) {
                Some(b'"') => {
                    let (name, end) = word::quoted(text, at)?;
                    steps.push(Step::Name { text: name, quoted: true });
                    at = end;
                }
                Some(b'*') if bytes.get(at + 1) == Some(&b'*') => {
                    steps.push(Step::Deep);
                    at += 2;
                }
                Some(b'*') => {
                    steps.push(Step::Any);
                    at += 1;
                }
                _ => {
                    at = word::end(text, at);
                    let name = text.get(from..at).unwrap_or_default();
                    if name.is_empty() {
                        let after = if from == start { "" } else { " after the dot" };
                        let found = match text.get(from..).and_then(|rest| rest.chars().next()) {
                            Some(found) => format!("{found:?} where a name should be{after}"),
                            None => format!("the text ends where a name should be{after}"),
                        };
                        return Err(Error::new(found, from, from + 1));
                    }
                    // `.null` says that a name is meant, as quotes do: so it is written back with them.
                    let quoted = steps.is_empty() && from > start && !word::is_name(name);
                    steps.push(Step::Name { text: name.to_owned(), quoted });
                }
            }
            while bytes.get(at) == Some(&b'[') {
                let digits = bytes.iter().skip(at + 1).take_while(|byte| byte.is_ascii_digit()).count();
                let close = at + 1 + digits;
                let index = text.get(at + 1..close).and_then(|digits| digits.parse().ok());
                let (Some(index), Some(b']')) = (index, bytes.get(close)) else {
                    return Err(Error::new("a place in a list is written [0], [1] …", at, close + 1));
                };
                steps.push(Step::Index(index));
                at = close + 1;
            }
            let next = (bytes.get(at), bytes.get(at + 1));
            // `a..b` is a range, not a step without a name.
            if !matches!(next, (Some(b'.'), second) if second != Some(&b'.')) {
                break;
            }
            at += 1;
        }
        match Path::from_steps(steps) {
            Some(path) => Ok((path, at)),
            None => Err(Error::new(
                format!("a path has at most {} steps, and one of them may be **", Path::STEP_LIMIT),
                start,
                at,
            )),
        }
    }

    /// The steps.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The steps' texts joined by dots, without quotes: what is compared where a flat key and a nested path mean the same.
    pub fn dotted(&self) -> &str {
        &self.dotted
    }

    /// Whether this path is at or below `other`, taken as their texts: a flat key counts as the steps it is made of.
    pub fn is_at_or_below(&self, other: &Path) -> bool {
        covers(&other.dotted, &self.dotted)
    }

    /// Whether it may lead to something at or below the member `key` of a record, which may be the flat key (`a.b`) of a nested path.
    pub fn leads_into(&self, key: &str) -> bool {
        match self.steps.first() {
            Some(Step::Name { text, .. }) => {
                let rest = key.strip_prefix(text.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '['])) || text.starts_with(key)
            }
            Some(Step::Index(_) | Step::Any | Step::Deep) | None => true,
        }
    }

    /// Whether a `*` or `**` is in it.
    pub fn has_wildcard(&self) -> bool {
        self.wildcards() > 0
    }

    /// How many `*` and `**` are in it.
    pub fn wildcards(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Step::Any | Step::Deep)).count()
    }

    /// The path as it is written below `baseline`.
    pub(crate) fn below(&self) -> Below<'_> {
        Below(self)
    }

    /// The metric's unit, by the suffixes of the steps' names.
    pub fn unit(&self) -> Option<Unit> {
        Unit::of_steps(self.steps.iter().map(|step| match step {
            Step::Name { text, .. } => text.as_str(),
            _ => "",
        }))
    }

    /// The last step's name; `None` where it is none.
    pub fn last_name(&self) -> Option<&str> {
        match self.steps.last() {
            Some(Step::Name { text, .. }) => Some(text),
            _ => None,
        }
    }

    /// Whether it ends in the name of a finished percentile.
    pub fn is_percentile(&self) -> bool {
        let name = |step: &Step| match step {
            Step::Name { text, .. } => names_percentile(text),
            _ => false,
        };
        // `p99.9` without quotes is two steps, which mean the flat key too.
        let fraction =
            |step: &Step| matches!(step, Step::Name { text, .. } if text.bytes().all(|b| b.is_ascii_digit()));
        match self.steps.as_slice() {
            [.., whole, last] => name(last) || (name(whole) && fraction(last)),
            [last] => name(last),
            [] => false,
        }
    }

    /// The path without its last step.
    pub fn parent(&self) -> Option<Path> {
        let (_, rest) = self.steps.split_last()?;
        Path::from_steps(rest.to_vec())
    }

    /// The path with one more step, which is the key `key`.
    pub fn child(&self, key: &str) -> Option<Path> {
        let mut steps = self.steps.clone();
        steps.push(Step::Name { text: key.to_owned(), quoted: false });
        Path::from_steps(steps)
    }

    /// The value this path means in `value`. A path with a wildcard finds nothing here: see [`Path::matches`].
    pub fn read<'v, 'a>(&self, value: &'v Value<'a>) -> Reading<'v, 'a> {
        self.read_by(value, 0, &|object, key| object.get(key))
    }

    /// The same, where the path is one plain name: its member is looked for first where it stood the last time.
    pub(crate) fn read_near<'v, 'a>(
        &self,
        value: &'v Value<'a>,
        place: &Cell<usize>,
        survey: &Survey,
    ) -> Reading<'v, 'a> {
        let ([Step::Name { text, .. }], Value::Object(object)) = (self.steps.as_slice(), value) else {
            return survey.read(self, value);
        };
        if let Some((_, value)) = object.at(place.get()).filter(|(key, _)| key == text) {
            return Reading::Found(value);
        }
        match survey.place(object, text).and_then(|at| Some((at, object.at(at)?.1))) {
            Some((at, value)) => {
                place.set(at);
                Reading::Found(value)
            }
            None => Reading::Missing,
        }
    }

    /// The steps from `from` on, with `get` to look up a member.
    pub(crate) fn read_by<'v, 'a>(
        &self,
        value: &'v Value<'a>,
        from: usize,
        get: &impl Fn(&'v Object<'a>, &str) -> Option<&'v Value<'a>>,
    ) -> Reading<'v, 'a> {
        let Some(step) = self.steps.get(from) else { return Reading::Found(value) };
        match (value, step) {
            (Value::Object(object), Step::Name { .. }) => {
                let mut found = Reading::Missing;
                let keys = self.flat.get(from).map(Vec::as_slice).unwrap_or_default();
                for (place, key) in keys.iter().enumerate().rev() {
                    let Some(member) = get(object, key) else { continue };
                    match (found, self.read_by(member, from + place + 1, get)) {
                        (_, Reading::Missing) => {}
                        (Reading::Missing, reading) => found = reading,
                        _ => return Reading::Ambiguous,
                    }
                }
                found
            }
            (Value::List(list), Step::Index(index)) => match list.get(*index) {
                Some(element) => self.read_by(element, from + 1, get),
                None => Reading::Missing,
            },
            (Value::List(list), Step::Name { text, .. }) => match place_in_list(text).and_then(|place| list.get(place))
            {
                Some(element) => self.read_by(element, from + 1, get),
                None => Reading::Missing,
            },
            _ => Reading::Missing,
        }
    }
}

/// Whether a name is that of a finished percentile (`p99`, `p95_ms`, `p(95)`, `median`), which cannot be merged or
/// averaged.
pub fn names_percentile(name: &str) -> bool {
    schema::counts::is_percentile(name)
}

/// Whether the dotted text `path` is at or below the dotted text `above`.
pub(crate) fn covers(above: &str, path: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

pub(crate) fn place_in_list(text: &str) -> Option<usize> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// The flat keys that a run of unquoted steps makes, shortest first.
fn flat_keys(steps: &[Step]) -> Vec<String> {
    let mut keys = Vec::new();
    let mut key = String::new();
    for (place, step) in steps.iter().enumerate() {
        match step {
            Step::Name { text, quoted: true } => {
                if place == 0 {
                    keys.push(text.clone());
                }
                break;
            }
            Step::Name { text, .. } => {
                if place > 0 {
                    key.push('.');
                }
                key.push_str(text);
            }
            Step::Index(index) if place > 0 => key.push_str(&format!("[{index}]")),
            _ => break,
        }
        keys.push(key.clone());
    }
    keys
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.steps.iter().enumerate() {
            let first = place == 0;
            match step {
                Step::Name { text, quoted: false } if first && word::is_name(text) => f.write_str(text)?,
                Step::Any if first => f.write_str("*")?,
                Step::Deep if first => f.write_str("**")?,
                Step::Name { text, .. } if first => {
                    f.write_str(".")?;
                    word::write_quoted(text, f)?;
                }
                step => write_below(step, f)?,
            }
        }
        Ok(())
    }
}

/// A step as it is written after another.
fn write_below(step: &Step, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match step {
        Step::Index(index) => write!(f, "[{index}]"),
        Step::Name { text, quoted: false } if word::is_step(text) => write!(f, ".{text}"),
        Step::Name { text, .. } => {
            f.write_str(".")?;
            word::write_quoted(text, f)
        }
        Step::Any => f.write_str(".*"),
        Step::Deep => f.write_str(".**"),
    }
}

/// A path as it is written below a name: every step with its dot.
pub(crate) struct Below<'p>(&'p Path);

impl fmt::Display for Below<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.steps.iter().try_for_each(|step| write_below(step, f))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use schema::json;

    fn path(text: &str) -> Path {
        Path::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn read(text: &str, document: &str) -> String {
        match path(text).read(&json::parse(document.as_bytes()).unwrap()) {
            Reading::Found(value) => {
                let mut out = Vec::new();
                json::write(value, &mut out);
                String::from_utf8(out).unwrap()
            }
            Reading::Missing => "missing".into(),
            Reading::Ambiguous => "ambiguous".into(),
        }
    }

    #[test]
    fn it_leads_into_the_members_it_may_read() {
        for (path, into, apart) in [
            ("a.b", &["a", "a.b", "a.x"][..], &["ab", "b", "x"][..]),
            ("a[0].b", &["a", "a[0]"], &["ab"]),
            ("*.p99", &["a", "x"], &[]),
            ("**.p99", &["a"], &[]),
        ] {
            let path = Path::parse(path).unwrap();
            assert!(into.iter().all(|key| path.leads_into(key)));
            assert!(!apart.iter().any(|key| path.leads_into(key)));
        }
    }

    #[test]
    fn writes_what_it_reads() {
        for text in [
            "latency_ms.p99",
            "stages[0].vu",
            r#"metrics."http_req_duration{expected:true}".p95"#,
            r#"."a b".p95"#,
            "actions.*.p95_ms",
            "**.p95_ms",
            "a.0.b",
            "deploy-count",
            "@source.line",
            "5xx_rate",
            r#"."5ms".x"#,
            r#"."in".x"#,
            "a.in",
            r#"a."b""#,
            "größe.p99",
        ] {
            assert_eq!(path(text).to_string(), text);
        }
        assert_eq!(path(".p99").to_string(), "p99");
        assert_eq!(path("true").to_string(), r#"."true""#);
        assert_eq!(Path::from_keys(["http.status", "a\"b\n"]).unwrap().to_string(), r#"."http.status"."a\"b\n""#);
        for text in ["", ".", "a.", "a..b", "a b", "a[", "a[x]", "a[-1]", "\"a\"", "a.\"b", "**.**", "a-", "a=b"] {
            assert!(Path::parse(text).is_err(), "{text}");
        }
        assert!(Path::parse(&"a.".repeat(5000)).is_err());
    }

    #[test]
    fn flat_keys_and_steps() {
        assert_eq!(read("http.status", r#"{"http.status":1}"#), "1");
        assert_eq!(read("http.status", r#"{"http":{"status":2}}"#), "2");
        assert_eq!(read("http.status", r#"{"http.status":1,"http":{"status":2}}"#), "ambiguous");
        assert_eq!(read("http.status", r#"{"http.status":1,"http":{"code":2}}"#), "1");
        assert_eq!(read(r#"."http.status""#, r#"{"http.status":1,"http":{"status":2}}"#), "1");
        assert_eq!(read(r#"http."status""#, r#"{"http.status":1,"http":{"status":2}}"#), "2");
        assert_eq!(read("a.b.c.d", r#"{"a.b":{"c.d":5}}"#), "5");
        assert_eq!(read("a.b.c.d", r#"{"a":{"b.c":{"d":5}}}"#), "5");
        assert_eq!(read("stages[1].vu", r#"{"stages":[{"vu":1},{"vu":2}]}"#), "2");
        assert_eq!(read("stages.1.vu", r#"{"stages":[{"vu":1},{"vu":2}]}"#), "2");
        assert_eq!(read("stages[1].vu", r#"{"stages[1].vu":7}"#), "7");
        assert_eq!(read("a.0", r#"{"a":{"0":7}}"#), "7");
        assert_eq!(read("a[0]", r#"{"a":{"0":7}}"#), "missing");
        assert_eq!(read("a.b", r#"{"a":null}"#), "missing");
        assert_eq!(read("a", r#"{"a":null}"#), "null");
        assert_eq!(read("a.*", r#"{"a":{"b":1}}"#), "missing");
    }

    fn matches(text: &str, document: &str) -> Vec<String> {
        let document = json::parse(document.as_bytes()).unwrap();
        path(text).matches(&document).iter().map(|found| format!("{}={}", found.name(), found.path)).collect()
    }

    #[test]
    fn wildcards() {
        let document =
            r#"{"@evidence":{"p95_ms":1},"actions":{"send":{"p95_ms":1,"n":1},"read":{"p95_ms":2},"x":{}},"p95_ms":3}"#;
        assert_eq!(matches("actions.*.p95_ms", document), ["send=actions.send.p95_ms", "read=actions.read.p95_ms"]);
        assert_eq!(
            matches("**.p95_ms", document),
            ["=p95_ms", "actions.send=actions.send.p95_ms", "actions.read=actions.read.p95_ms"]
        );
        assert_eq!(matches("*.p95_ms", r#"[{"p95_ms":1}]"#), ["0=.\"0\".p95_ms"]);
        assert_eq!(matches("a.*.b.*", r#"{"a":{"x":{"b":{"y":1}}}}"#), ["x,y=a.x.b.y"]);
        assert_eq!(matches("a.b", r#"{"a.b":1}"#), ["=a.b"]);
        assert_eq!(matches("a.**", r#"{"a":{"x":{"b":1},"y":[2]}}"#), ["x.b=a.x.b", "y.0=a.y.0"]);
        assert!(matches("none.*", document).is_empty());
        assert_eq!(path("b.*.c").fill(&[vec!["x y".into()]]).unwrap().to_string(), r#"b."x y".c"#);
        assert_eq!(path("b.*.*").fill(&[vec!["x".into()]]), None);
    }

    #[test]
    fn below() {
        assert!(path("a.b.c").is_at_or_below(&path("a.b")));
        assert!(path("a.b").is_at_or_below(&path(r#"."a.b""#)));
        assert!(!path("a.bc").is_at_or_below(&path("a.b")));
    }
}
