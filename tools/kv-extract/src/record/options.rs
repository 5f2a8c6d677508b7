//! What is asked of every record: `-k --drop --having --text --as --na --dup --set`.
//!
//! Owns no more than the answers; `mod.rs` acts on them.

use crate::record::convert::Conversion;
use crate::record::patterns::Keys;

/// What `--dup` does with a key that appears twice in one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Duplicates {
    /// The last value wins, in the first one's place.
    #[default]
    Last,
    /// The first value wins.
    First,
    /// All of them, as a list.
    Array,
    /// None: the line is an error.
    Error,
}

/// What is asked of every record.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// `-k`: the keys to keep; all of them where there are none.
    pub keep: Keys,
    /// `--drop`: the keys to leave out.
    pub drop: Keys,
    /// `--having`: keys a line must have.
    pub having: Keys,
    /// `--text`: bare values stay text.
    pub text: bool,
    /// `--as`: the types of keys.
    pub types: Vec<(Vec<u8>, Conversion)>,
    /// `--na`: values that mean none.
    pub none: Vec<Vec<u8>>,
    /// `--dup`
    pub duplicates: Duplicates,
    /// Whether `--dup` was said.
    pub duplicates_said: bool,
    /// `--shape`: the kind of the line is wanted, too.
    pub kind: bool,
    /// `--decimal ,`: a comma begins the fraction of a number, and full stops part thousands.
    pub decimal_comma: bool,
    /// `--long-keys`: keys may be of several words.
    pub long_keys: bool,
    /// `--set`, `--set-text`: keys and the JSON of their values.
    pub set: Vec<(Vec<u8>, Vec<u8>)>,
    /// `--in`: the key whose value is a line of its own.
    pub inner: Option<Vec<u8>>,
    /// The keys whose values are wanted as times, the preferred one first.
    pub time_keys: Vec<Vec<u8>>,
}

impl Shape {
    /// Whether keys are left out.
    pub fn narrows(&self) -> bool {
        !self.keep.is_empty() || !self.drop.is_empty()
    }

    /// Whether nothing is asked that changes a record.
    pub fn is_plain(&self) -> bool {
        let keys = !self.narrows() && self.having.is_empty();
        let values = !self.text && !self.kind && !self.decimal_comma && self.types.is_empty() && self.none.is_empty();
        keys && values && self.inner.is_none() && self.duplicates == Duplicates::Last && self.set.is_empty()
    }
}
