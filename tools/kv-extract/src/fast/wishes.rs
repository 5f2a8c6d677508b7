//! What is asked of keys and values, made once: each key is looked up when it is first met, and never again.
//!
//! Owns which questions the field road answers; `None` sends the whole input the plain way.

use expr::Probe;

use crate::fast::key_cache::About;
use crate::grammar::auto::{Kind, WRAPPERS, is_pair_key};
use crate::record::RESERVED;
use crate::record::convert::Conversion;
use crate::record::escape;
use crate::record::options::Shape;
use crate::run::extractor::Extractor;

/// How many values conditions may ask for.
pub const WANTED: usize = 64;
/// How many patterns `--having` may have: a bit each.
const HAVING: usize = 16;

/// What is asked of the lines, by key.
#[derive(Clone, Debug)]
pub struct Wishes {
    shape: Shape,
    /// The conditions, each with the places of its keys among those that are wanted.
    pub probes: Vec<(Probe, Vec<u8>)>,
    /// The keys that conditions ask for.
    wanted: Vec<Vec<u8>>,
    /// The types of `--as`.
    pub types: Vec<Conversion>,
    /// Which of them have numbers alone that are in doubt beside others with a unit.
    pub doubts_bare: Vec<bool>,
    /// The bits that a line must have.
    pub having: u16,
    /// Keys that are met under another name, so that lines with them are for the plain way.
    odd: Vec<Vec<u8>>,
    /// `,"key":value` of everything that is set.
    pub set: Vec<u8>,
    /// Whether values are left as they are, whatever they look like.
    pub text: bool,
    /// `--na`
    pub none: Vec<Vec<u8>>,
    /// `--source`
    pub source: bool,
    /// Whether a line that was chosen is a record without pairs, too: the plain way makes it.
    pub pairless: bool,
    /// Whether nothing is asked of single values.
    pub is_plain: bool,
    /// Whether keys must be such as a line of nothing but pairs has.
    pub of_pairs: bool,
}

impl Wishes {
    /// What `extractor` asks for, if all of it can be answered by key.
    pub fn of(extractor: &Extractor) -> Option<Wishes> {
        let Extractor { shape, conditions, window, people, source, .. } = extractor;
        if *people
            || window.is_some()
            || shape.inner.is_some()
            || shape.kind
            || shape.decimal_comma
            || extractor.extras.rejects.is_some()
            || extractor.extras.stages.is_some()
            || shape.having.len() > HAVING
            || shape.types.len() > 200
        {
            return None;
        }
        let mut wanted: Vec<Vec<u8>> = Vec::new();
        let mut place = |key: &[u8]| match wanted.iter().position(|other| other == key) {
            Some(at) => at as u8,
            None => {
                wanted.push(key.to_vec());
                (wanted.len() - 1) as u8
            }
        };
        let mut probes = Vec::new();
        for condition in conditions {
            let probe = condition.probe()?;
            // Where a line comes from is no key of the line: it is known only once the record is made.
            if probe.keys().iter().any(|key| key.starts_with("@source")) {
                return None;
            }
            let places = probe.keys().iter().map(|key| place(key.as_bytes())).collect();
            probes.push((probe, places));
        }
        let renamed = |key: &[u8], conversion: Conversion| {
            let suffix = if key.ends_with(conversion.suffix().as_bytes()) { "" } else { conversion.suffix() };
            [key, suffix.as_bytes()].concat()
        };
        let mut odd = Vec::new();
        for (key, conversion) in &shape.types {
            // Numbers that have a unit by the name of their key are read with it: that is for the plain way.
            if conversion.own_unit(key).is_some() {
                return None;
            }
            let name = renamed(key, *conversion);
            // A condition on a value that is converted, and a set key that it becomes, are for the plain way.
            if wanted.contains(key) || wanted.contains(&name) || shape.set.iter().any(|(set, _)| *set == name) {
                return None;
            }
            if name != *key {
                odd.push(name);
            }
            // `httpRequest.latency` may stand inside an object, which is for the plain way.
            odd.extend(memchr::memchr_iter(b'.', key).map(|dot| key[..dot].to_vec()));
        }
        if wanted.len() > WANTED || wanted.iter().any(|key| shape.set.iter().any(|(set, _)| set == key)) {
            return None;
        }
        let mut set = Vec::new();
        for (key, json) in &shape.set {
            set.push(b',');
            escape::write(key, &mut set);
            set.push(b':');
            set.extend_from_slice(json);
        }
        Some(Wishes {
            probes,
            wanted,
            types: shape.types.iter().map(|(_, conversion)| *conversion).collect(),
            doubts_bare: shape.types.iter().map(|(key, conversion)| conversion.doubts_bare(key)).collect(),
            having: ((1_u32 << shape.having.len()) - 1) as u16,
            odd,
            set,
            text: shape.text,
            none: shape.none.clone(),
            source: *source,
            pairless: !extractor.selection.any.is_empty() && (*source || !shape.set.is_empty()),
            is_plain: shape.none.is_empty() && shape.types.is_empty(),
            of_pairs: false,
            shape: shape.clone(),
        })
    }

    /// Those for the values of these keys alone, the preferred one first; `None` where they are too many.
    pub fn of_values(keys: &[Vec<u8>]) -> Option<Wishes> {
        let mut shape = Shape::default();
        shape.drop.all();
        (keys.len() <= WANTED).then(|| Wishes {
            probes: Vec::new(),
            wanted: keys.to_vec(),
            types: Vec::new(),
            doubts_bare: Vec::new(),
            having: 0,
            odd: Vec::new(),
            set: Vec::new(),
            text: false,
            none: Vec::new(),
            source: false,
            pairless: false,
            is_plain: true,
            of_pairs: false,
            shape,
        })
    }

    /// Of lines of this kind: their wrappers, and what is no key there, are for the plain way.
    pub fn of_kind(mut self, kind: Kind) -> Wishes {
        if kind == Kind::Object {
            self.odd.extend(WRAPPERS.map(<[u8]>::to_vec));
        }
        self.of_pairs = kind == Kind::Pairs;
        self
    }

    /// Whether every line with a pair that is kept is a record, so that it can be written as it is read.
    pub fn chooses_nothing(&self) -> bool {
        self.probes.is_empty() && self.wanted.is_empty() && self.having == 0
    }

    /// How many values are wanted.
    pub fn wanted(&self) -> usize {
        self.wanted.len()
    }

    /// What is to be done with the values of `key`, and what is written behind it.
    pub fn about(&self, key: &[u8]) -> (About, &'static str) {
        let shape = &self.shape;
        let is_plain = !escape::is_copied(key)
            || RESERVED.contains(&key)
            || self.odd.iter().any(|odd| odd == key)
            || self.of_pairs && !is_pair_key(key);
        let is_kept = (shape.keep.is_empty() || shape.keep.matches(key)) && !shape.drop.matches(key);
        let mut having = 0;
        shape.having.each_match(key, |at| having |= 1 << at);
        let typed = shape.types.iter().position(|(typed, _)| typed == key);
        let suffix = match typed.and_then(|at| self.types.get(at)) {
            Some(conversion) if !key.ends_with(conversion.suffix().as_bytes()) => conversion.suffix(),
            _ => "",
        };
        let wanted = self.wanted.iter().position(|wanted| wanted == key).map_or(0, |at| at as u8 + 1);
        let is_written = is_kept && !shape.set.iter().any(|(set, _)| set == key);
        let about = About {
            is_plain,
            is_simple: is_written
                && !is_plain
                && wanted == 0
                && typed.is_none()
                && having == 0
                && shape.none.is_empty(),
            is_looked_at: is_plain || is_kept || wanted > 0 || typed.is_some(),
            is_kept,
            is_written,
            wanted,
            typed: typed.map_or(0, |at| at as u8 + 1),
            suffix: 0,
            having,
        };
        (about, suffix)
    }
}
