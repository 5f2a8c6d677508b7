//! Stencils: the shape of a record that was read, so that the next one of that shape is judged without being read.
//!
//! Owns the match of a text with a shape: the same text but for its values (numbers, plain texts, truths, nulls), so
//! what was found true of the one (JSON, no key twice, where a path leads) is true of the other. Refuses every text
//! about which there is any doubt: that is read the plain way, which is what this one is tested against.

use std::cell::OnceCell;
use std::collections::HashMap;

use schema::{Value, json};

use crate::record::survey::Survey;
use crate::{Path, Reading};
use number::Fixed;

/// How many shapes are kept.
const SHAPES: usize = 4;
/// The longest text whose shape is kept.
const LONGEST: usize = 64 << 10;
/// To learn a shape costs about what so many fits save.
const PRICE: u32 = 8;
/// How much is saved up at most.
const SAVINGS: u32 = 8 * PRICE;

/// The shapes of the records seen last, and where the paths that are asked for lead in each.
#[derive(Debug)]
pub struct Stencils {
    paths: Vec<Path>,
    /// Whether the last path is that of the scope.
    scoped: bool,
    list: Vec<Stencil>,
    /// The values of the text at hand.
    tokens: Vec<Token>,
    /// The shape of the text before.
    latest: usize,
    /// What fits have saved, to be spent on learning.
    savings: u32,
    /// How many texts had no shape that is kept.
    strangers: u64,
}

#[derive(Debug)]
struct Stencil {
    /// What stands before each value.
    literals: Vec<Literal>,
    /// What stands behind the last.
    last: Vec<u8>,
    /// Where each path leads: a place in the tokens.
    places: Vec<usize>,
    /// For each path that is a statistic, the places of what could count its samples.
    guards: Vec<Box<[usize]>>,
    /// Places of figures that stand in the order of their ranks: each first one is at most the second.
    ordered: Vec<(usize, usize)>,
    /// Whether the text is what would be written: no blanks, no needless escapes.
    canonical: bool,
    /// How many texts had this shape lately.
    uses: u32,
}

/// A text that must stand where it stood.
#[derive(Debug)]
struct Literal {
    text: Vec<u8>,
    /// Its first and its last eight bytes, where it is that long; a shorter one is its own first, the rest zero.
    first: u64,
    last: u64,
}

/// The places of the tokens that stand for what a path does not find: nothing, or what is not quickly told.
const MISSING: usize = 0;
const ODD: usize = 1;

/// A value of the text at hand. Flat, since choices within choices are slow to move about.
#[derive(Clone, Copy, Debug)]
struct Token {
    kind: Kind,
    start: usize,
    end: usize,
    short: Fixed,
}

impl Token {
    const NONE: Token = Token { kind: Kind::Missing, start: 0, end: 0, short: Fixed::ZERO };

    /// The nearest double of a number in `text`.
    fn double(&self, text: &[u8]) -> Option<f64> {
        let number = matches!(self.kind, Kind::Fixed | Kind::Number).then(|| text.get(self.start..self.end))??;
        std::str::from_utf8(number).ok()?.parse().ok()
    }
}

/// What a path finds, where it is quickly told. As wide as its neighbours, whose copies then need no odd pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Kind {
    Missing,
    /// A number that is a short one.
    Fixed,
    /// Any other number.
    Number,
    /// A text that is not empty.
    Text,
    Yes,
    No,
    /// Everything else.
    Odd,
}

/// The same with the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scalar<'r> {
    pub kind: Kind,
    /// A number's or a text's text.
    pub text: &'r [u8],
    /// What a short number is.
    pub short: Fixed,
}

impl<'r> Scalar<'r> {
    pub(crate) const MISSING: Scalar<'static> = Scalar { kind: Kind::Missing, text: b"", short: Fixed::ZERO };
    const ODD: Scalar<'static> = Scalar { kind: Kind::Odd, ..Scalar::MISSING };

    pub(crate) fn of(reading: Reading<'r, '_>) -> Scalar<'r> {
        let plain = |kind| Scalar { kind, ..Scalar::MISSING };
        match reading {
            Reading::Missing => Scalar::MISSING,
            Reading::Found(Value::Number(number)) => {
                let text = number.as_str().as_bytes();
                match Fixed::read(text) {
                    Some(short) => Scalar { kind: Kind::Fixed, text, short },
                    None => Scalar { kind: Kind::Number, text, short: Fixed::ZERO },
                }
            }
            Reading::Found(Value::Text(text)) if !text.is_empty() => {
                Scalar { text: text.as_bytes(), ..plain(Kind::Text) }
            }
            Reading::Found(Value::Bool(yes)) => plain(if *yes { Kind::Yes } else { Kind::No }),
            Reading::Found(_) | Reading::Ambiguous => Scalar::ODD,
        }
    }

    pub(crate) fn is_truth(self) -> bool {
        matches!(self.kind, Kind::Yes | Kind::No)
    }
}

/// A record that is still text, and whose shape is known.
#[derive(Debug)]
pub struct Fit<'s> {
    text: &'s [u8],
    stencil: &'s Stencil,
    tokens: &'s [Token],
    scoped: bool,
    /// Whether the figures of each summary stand in the order of their ranks.
    in_order: bool,
    /// The record, read where somebody needs all of it.
    value: OnceCell<Value<'s>>,
}

impl Stencils {
    /// No shape yet; `paths` are those that will be asked for, by their place.
    pub(crate) fn new(mut paths: Vec<Path>, scope: Option<&Path>) -> Stencils {
        paths.extend(scope.cloned());
        Stencils {
            paths,
            scoped: scope.is_some(),
            list: Vec::new(),
            tokens: Vec::new(),
            latest: 0,
            savings: SAVINGS,
            strangers: 0,
        }
    }

    /// The record that `text` is, where its shape is known.
    pub fn fit<'s>(&'s mut self, text: &'s [u8]) -> Option<Fit<'s>> {
        let known = (0..self.list.len()).map(|place| (self.latest + place) % self.list.len());
        let found = known.into_iter().find(|place| {
            self.list.get(*place).is_some_and(|stencil| stencil.matches(text, &mut self.tokens).is_some())
        });
        let Some(place) = found else {
            self.strangers += 1;
            return None;
        };
        self.latest = place;
        self.savings = (self.savings + 1).min(SAVINGS);
        let stencil = self.list.get_mut(place)?;
        stencil.uses = stencil.uses.saturating_add(1);
        let in_order = stencil.is_in_order(text, &self.tokens);
        Some(Fit { text, stencil, tokens: &self.tokens, scoped: self.scoped, in_order, value: OnceCell::new() })
    }

    /// Keeps the shape of a record that had none which is known: `record` is what `text` says. It takes the place of
    /// the one that was of least use.
    ///
    /// Where most records have a shape of their own, few are kept: looking must not cost more than it saves.
    pub fn learn(&mut self, text: &[u8], record: &Value<'_>) {
        let affordable = self.savings >= PRICE || self.strangers.is_power_of_two();
        if text.len() > LONGEST || !affordable {
            return;
        }
        self.savings = self.savings.saturating_sub(PRICE);
        let Some(stencil) = Stencil::of(text, record, &self.paths) else { return };
        if self.list.len() < SHAPES {
            self.list.push(stencil);
            return;
        }
        if let Some(place) = self.list.iter_mut().min_by_key(|stencil| stencil.uses) {
            *place = stencil;
        }
        self.list.iter_mut().for_each(|stencil| stencil.uses /= 2);
    }
}

impl Stencil {
    /// The shape of a text that was read; `None` where a value in it is none that is quickly read, or where the record
    /// says something of itself.
    fn of(text: &[u8], record: &Value<'_>, paths: &[Path]) -> Option<Stencil> {
        if record.get("@evidence").is_some() {
            return None;
        }
        let mut literals = Vec::new();
        let mut literal = 0;
        let mut at = 0;
        while let Some(&byte) = text.get(at) {
            match byte {
                b'"' => {
                    let end = text_end(text, at)?;
                    let colon = text.get(end..)?.iter().find(|byte| !byte.is_ascii_whitespace());
                    if colon == Some(&b':') {
                        at = end;
                        continue;
                    }
                }
                b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {}
                _ => {
                    at += 1;
                    continue;
                }
            }
            literals.push(Literal::new(text.get(literal..at)?));
            at = token(text, at, &mut Vec::new())?;
            literal = at;
        }
        let last = text.get(literal..)?.to_vec();
        let mut scalars = Vec::new();
        each_scalar(record, &mut |scalar| scalars.push(std::ptr::from_ref(scalar)));
        if scalars.len() != literals.len() {
            return None;
        }
        let place_of: HashMap<*const Value<'_>, usize> =
            scalars.iter().enumerate().map(|(place, scalar)| (scalar.cast(), ODD + 1 + place)).collect();
        let place = |value: &Value<'_>| place_of.get(&std::ptr::from_ref(value).cast()).copied().unwrap_or(ODD);
        let samples = Survey::default();
        let guards = paths.iter().map(|path| match path.is_statistic() {
            true => samples.watched(path, record, &place),
            false => Box::default(),
        });
        let guards = guards.collect();
        let pairs = paths.iter().filter(|path| path.is_statistic()).flat_map(|path| samples.pairs(path, record));
        let mut ordered: Vec<(usize, usize)> = pairs.map(|(low, high)| (place(low), place(high))).collect();
        ordered.sort_unstable();
        ordered.dedup();
        let place = |path: &Path| match samples.read(path, record) {
            Reading::Missing => MISSING,
            Reading::Ambiguous => ODD,
            Reading::Found(value) => place(value),
        };
        let mut written = Vec::new();
        json::write(record, &mut written);
        let places = paths.iter().map(place).collect();
        Some(Stencil { literals, last, places, guards, ordered, canonical: written == text, uses: 0 })
    }

    /// Whether the figures that have an order stand in it.
    #[inline]
    fn is_in_order(&self, text: &[u8], tokens: &[Token]) -> bool {
        self.ordered.iter().all(|(low, high)| match (tokens.get(*low), tokens.get(*high)) {
            (Some(low), Some(high)) if (low.kind, high.kind) == (Kind::Fixed, Kind::Fixed) => {
                low.short.aligned(high.short).is_some_and(|(low, high, _)| low <= high)
            }
            (Some(low), Some(high)) => low.double(text).zip(high.double(text)).is_some_and(|(low, high)| low <= high),
            _ => false,
        })
    }

    /// Finds the values of a text of this shape; `None` where it has another one.
    fn matches(&self, text: &[u8], tokens: &mut Vec<Token>) -> Option<()> {
        tokens.clear();
        tokens.extend([Token::NONE, Token { kind: Kind::Odd, ..Token::NONE }]);
        let mut at = 0;
        for literal in &self.literals {
            if !literal.stands_at(text, at) {
                return None;
            }
            at = token(text, at + literal.text.len(), tokens)?;
        }
        (text.get(at..)? == self.last.as_slice()).then_some(())
    }
}

impl Literal {
    fn new(text: &[u8]) -> Literal {
        let eight = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte));
        let (first, last) =
            (text.get(..8).unwrap_or(text), text.last_chunk::<8>().map_or(text, |last| last.as_slice()));
        Literal { text: text.to_vec(), first: eight(first), last: eight(last) }
    }

    /// Eight bytes at a time, since a call costs more than most literals.
    #[inline]
    fn stands_at(&self, text: &[u8], at: usize) -> bool {
        let length = self.text.len();
        let word = |at: usize| {
            let eight = text.get(at..).and_then(|rest| rest.first_chunk::<8>());
            eight.map(|eight| u64::from_le_bytes(*eight))
        };
        match (length, word(at)) {
            (1..8, Some(first)) => (first ^ self.first) << (64 - 8 * length) == 0,
            (8..=16, Some(first)) => first == self.first && word(at + length - 8) == Some(self.last),
            _ => text.get(at..at + length) == Some(self.text.as_slice()),
        }
    }
}

impl<'s> Fit<'s> {
    /// What the path at `place` finds.
    #[inline]
    pub(crate) fn scalar(&self, place: usize) -> Scalar<'_> {
        self.stencil.places.get(place).map_or(Scalar::ODD, |place| self.token(*place))
    }

    #[inline]
    fn token(&self, place: usize) -> Scalar<'_> {
        let Some(Token { kind, start, end, short }) = self.tokens.get(place) else { return Scalar::ODD };
        Scalar { kind: *kind, text: self.text.get(*start..*end).unwrap_or_default(), short: *short }
    }

    /// What the path at `place` finds, and its text, where it is a short number.
    #[inline(always)]
    pub(crate) fn fixed(&self, place: usize) -> Option<(Fixed, &[u8])> {
        let token = self.tokens.get(*self.stencil.places.get(place)?).filter(|token| token.kind == Kind::Fixed)?;
        Some((token.short, self.text.get(token.start..token.end)?))
    }

    /// Whether the path at `place` finds nothing.
    #[inline(always)]
    pub(crate) fn is_missing(&self, place: usize) -> bool {
        self.stencil.places.get(place) == Some(&MISSING)
    }

    /// Whether everything that could count the samples of the statistic at `place` is simply above zero, and no figure of
    /// the record is out of its order.
    #[inline]
    pub(crate) fn is_counted(&self, place: usize) -> bool {
        if !self.in_order {
            return false;
        }
        let guards = self.stencil.guards.get(place).map(|guards| &**guards).unwrap_or_default();
        let counts = |place: &usize| {
            self.tokens.get(*place).is_some_and(|count| count.kind == Kind::Fixed && count.short.digits > 0)
        };
        guards.iter().all(counts)
    }

    /// The scope of the record; `None` where it is not one plain value, or none was asked for.
    pub fn scope(&self) -> Option<&str> {
        if !self.scoped {
            return None;
        }
        let scalar = self.scalar(self.stencil.places.len().checked_sub(1)?);
        match scalar.kind {
            Kind::Text | Kind::Fixed | Kind::Number => std::str::from_utf8(scalar.text).ok(),
            Kind::Yes => Some("true"),
            Kind::No => Some("false"),
            Kind::Missing | Kind::Odd => None,
        }
    }

    /// The whole record.
    pub fn value(&self) -> &Value<'s> {
        // A text that fits the shape of JSON is JSON; null would be a record without anything in it.
        self.value.get_or_init(|| json::parse(self.text).unwrap_or_default())
    }

    /// Appends the record as [`json::write`] does.
    pub fn write(&self, out: &mut Vec<u8>) {
        if self.stencil.canonical {
            out.extend_from_slice(self.text);
        } else {
            json::write(self.value(), out);
        }
    }
}

/// Adds the value that begins at `at`: a number without an exponent, a text without an escape, `true`, `false` or
/// `null`. Gives its end; what follows is looked at by the caller.
#[inline]
fn token(text: &[u8], at: usize, tokens: &mut Vec<Token>) -> Option<usize> {
    let rest = text.get(at..)?;
    let (kind, length) = match rest.first()? {
        b'"' => {
            let inner = rest.get(1..)?;
            let length = inner.iter().position(|&byte| byte == b'"' || byte == b'\\' || byte < 0x20)?;
            if inner.get(length) != Some(&b'"') {
                return None;
            }
            std::str::from_utf8(inner.get(..length)?).ok()?;
            // An empty text says nothing.
            let kind = if length == 0 { Kind::Odd } else { Kind::Text };
            tokens.push(Token { kind, start: at + 1, end: at + 1 + length, short: Fixed::ZERO });
            return Some(at + length + 2);
        }
        b't' if rest.starts_with(b"true") => (Kind::Yes, 4),
        b'f' if rest.starts_with(b"false") => (Kind::No, 5),
        b'n' if rest.starts_with(b"null") => (Kind::Odd, 4),
        _ => {
            let (length, short) = Fixed::scan(rest)?;
            let end = at + length;
            match short {
                Some(short) => tokens.push(Token { kind: Kind::Fixed, start: at, end, short }),
                None => tokens.push(Token { kind: Kind::Number, start: at, end, short: Fixed::ZERO }),
            }
            return Some(end);
        }
    };
    tokens.push(Token { kind, start: at, end: at, short: Fixed::ZERO });
    Some(at + length)
}

/// The byte behind the text that begins at `at`.
fn text_end(text: &[u8], at: usize) -> Option<usize> {
    let mut end = at + 1;
    loop {
        match text.get(end)? {
            b'"' => return Some(end + 1),
            b'\\' => end += 2,
            _ => end += 1,
        }
    }
}

/// The values in the order they stand in the text.
fn each_scalar<'v>(value: &'v Value<'v>, each: &mut impl FnMut(&'v Value<'v>)) {
    match value {
        Value::List(list) => list.iter().for_each(|value| each_scalar(value, each)),
        Value::Object(object) => object.iter().for_each(|(_, value)| each_scalar(value, each)),
        scalar => each(scalar),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDS: [&str; 8] = [
        r#"{"run":"r1","n":12,"f":3.25,"ok":true,"none":null,"neg":-7}"#,
        r#"{"a":{"b":[1,2,{"c":"x"}],"count":3},"e":[],"o":{},"t":"größe"}"#,
        " { \"a b\" : 1 ,\t\"c\\\"d\":\"\" , \"l\":[ true,false ] } ",
        r#"{"a.b":1,"a":{"b":2,"c":3},"x.y":4}"#,
        r#"{}"#,
        r#"{"n":1e5,"m":0.5}"#,
        r#"{"n":"a\nb","m":0.5}"#,
        r#"{"n":1,"@evidence":{"declared":["n"]}}"#,
    ];
    const PATHS: [&str; 14] =
        ["n", "f", "run", "a.b", "a.b[0]", "a.b[2].c", "a.count", "x.y", "l.1", "e", "none", "t", ".\"a b\"", "neg"];

    fn paths() -> Vec<Path> {
        PATHS.iter().map(|path| Path::parse(path).unwrap()).collect()
    }

    fn says_the_same(fit: &Fit<'_>, text: &str) {
        let value = json::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text} fits and is no JSON: {error}"));
        assert!(value.get("@evidence").is_none(), "{text}");
        for (place, path) in paths().iter().enumerate() {
            let read = format!("{:?}", Scalar::of(path.read(&value)));
            assert_eq!(format!("{:?}", fit.scalar(place)), read, "{path} of {text}");
        }
        assert_eq!(fit.value(), &value);
        let (mut written, mut again) = (Vec::new(), Vec::new());
        fit.write(&mut written);
        json::write(&value, &mut again);
        assert_eq!(written, again, "{text}");
    }

    /// Whatever fits is JSON, and says what reading it says.
    #[test]
    fn what_fits_says_what_reading_says() {
        let mut random = testkit::Random::new(31);
        let mut fits = 0;
        for _ in 0..testkit::times(40_000) {
            let mut stencils = Stencils::new(paths(), None);
            let text = *random.pick(&RECORDS);
            assert!(stencils.fit(text.as_bytes()).is_none());
            stencils.learn(text.as_bytes(), &json::parse(text.as_bytes()).unwrap());
            if let Some(fit) = stencils.fit(text.as_bytes()) {
                says_the_same(&fit, text);
            }
            for _ in 0..20 {
                let mut other = text.as_bytes().to_vec();
                for _ in 0..=random.below(2) {
                    // Mostly values of another kind or length in the place of one, else any change of any byte.
                    let digits: Vec<usize> = (0..other.len()).filter(|at| other[*at].is_ascii_digit()).collect();
                    if random.once_in(2) && !digits.is_empty() {
                        let at = *random.pick(&digits);
                        let values: [&[u8]; 12] = [
                            b"0",
                            b"17",
                            b"-1",
                            b"0.25",
                            b"1e3",
                            b"01",
                            b"\"x\"",
                            b"null",
                            b"1234567.5",
                            b"\"\\u0041\"",
                            b"12345678901234567890",
                            b"tru",
                        ];
                        other.splice(at..=at, random.pick(&values).iter().copied());
                    } else {
                        other = random.mutated(&other);
                    }
                }
                if let Some(fit) = stencils.fit(&other) {
                    fits += 1;
                    says_the_same(&fit, std::str::from_utf8(&other).unwrap());
                }
            }
        }
        assert!(fits > 1000, "hardly anything fits: {fits}");
    }

    #[test]
    fn records_of_many_shapes_are_not_learned_for_ever() {
        let mut stencils = Stencils::new(paths(), None);
        for n in 0..10_000 {
            let text = format!("{{\"key{n}\":1}}");
            assert!(stencils.fit(text.as_bytes()).is_none());
            stencils.learn(text.as_bytes(), &json::parse(text.as_bytes()).unwrap());
        }
        assert_eq!(stencils.list.len(), SHAPES);
        assert!(stencils.fit(b"{\"key8191\":-5}").is_some(), "the latest that was learned");
    }

    #[test]
    fn the_scope_is_a_plain_value_or_not_told() {
        let scope = Path::parse("run").unwrap();
        let mut stencils = Stencils::new(paths(), Some(&scope));
        let first = br#"{"run":"a"}"#;
        stencils.fit(first);
        stencils.learn(first, &json::parse(first).unwrap());
        for (text, scope) in [
            ("{\"run\":\"b c\"}", Some("b c")),
            ("{\"run\":1.50}", Some("1.50")),
            ("{\"run\":false}", Some("false")),
            ("{\"run\":null}", None),
            ("{\"run\":\"\"}", None),
        ] {
            assert_eq!(stencils.fit(text.as_bytes()).unwrap().scope(), scope, "{text}");
        }
    }
}
