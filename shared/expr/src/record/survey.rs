//! What is found out about a large record once, however many paths are read from it.
//!
//! Owns an index of the keys of wide objects, and the counts of each object that has statistics. Without it a wildcard
//! with 100,000 matches would look through 100,000 keys for each.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;

use schema::counts::{self, Counts, Level, Order, Resolution};
use schema::{Code, Object, Value};

use crate::{Decimal, Path, Quantity, Reading};

/// Objects with fewer members are looked through.
const WIDE: usize = 32;
/// Keys looked for in an object before it is worth an index.
const FEW: u32 = 8;

/// What was found out about the objects of a record (and of the baseline beside it). Each is known by its address, so a
/// survey lasts no longer than they stay in their place.
#[derive(Debug, Default)]
pub struct Survey {
    keys: RefCell<HashMap<usize, Index>>,
    counts: RefCell<HashMap<usize, Rc<Counts>>>,
    orders: RefCell<HashMap<usize, Rc<Order>>>,
}

/// The keys of a wide object, once it is worth it.
#[derive(Debug, Default)]
struct Index {
    /// How often a key was looked for: a few times are sooner done without.
    looked: u32,
    keys: Option<Rc<Keys>>,
}

/// The places of an object's keys by their hash.
#[derive(Debug)]
struct Keys {
    hasher: RandomState,
    places: HashMap<u64, usize>,
}

impl Survey {
    /// What `path` means in `value`: the same as [`Path::read`], in a time that does not grow with the object.
    pub fn read<'v, 'a>(&self, path: &Path, value: &'v Value<'a>) -> Reading<'v, 'a> {
        path.read_by(value, 0, &|object, key| self.get(object, key).map(|(_, value)| value))
    }

    /// The member `key`, with the key as the object has it.
    pub(crate) fn get<'v, 'a>(&self, object: &'v Object<'a>, key: &str) -> Option<(&'v str, &'v Value<'a>)> {
        object.at(self.place(object, key)?)
    }

    /// Where in the object the member `key` is.
    pub(crate) fn place(&self, object: &Object<'_>, key: &str) -> Option<usize> {
        let search = || object.iter().position(|(found, _)| found == key);
        if object.len() < WIDE {
            return search();
        }
        let keys = {
            let mut all = self.keys.borrow_mut();
            let Index { looked, keys } = all.entry(std::ptr::from_ref(object).addr()).or_default();
            *looked = looked.saturating_add(1);
            if *looked <= FEW {
                return search();
            }
            Rc::clone(keys.get_or_insert_with(|| Rc::new(Keys::of(object))))
        };
        let place = keys.places.get(&keys.hasher.hash_one(key)).copied()?;
        // Two keys of one hash: the slow way tells them apart.
        if object.at(place).is_some_and(|(found, _)| found == key) { Some(place) } else { search() }
    }

    /// Why the statistic at `path` was not measured.
    pub(crate) fn doubt(&self, path: &Path, record: &Value<'_>) -> Option<Code> {
        self.with(path, record, counts::doubt)
    }

    /// The same where statistics that thresholds read were left out: see [`counts::doubt_without`].
    pub(crate) fn doubt_without(
        &self,
        path: &Path,
        record: &Value<'_>,
        left_out: &dyn Fn() -> Vec<String>,
    ) -> Option<Code> {
        self.with(path, record, |levels| counts::doubt_without(levels, left_out))
    }

    /// Which object on the way to the statistic at `path` has the count that decides: 0 is the one that it stands in.
    pub(crate) fn decided(&self, path: &Path, record: &Value<'_>) -> Option<usize> {
        self.with(path, record, counts::decided)
    }

    /// Every value that could make the statistic at `path` one of no samples, by its place.
    pub(crate) fn watched(
        &self,
        path: &Path,
        record: &Value<'_>,
        place: &impl Fn(&Value<'_>) -> usize,
    ) -> Box<[usize]> {
        self.with(path, record, |levels| counts::watched(levels).into_iter().map(place).collect())
    }

    /// How many samples the statistic at `path` was made of, where that is said.
    pub(crate) fn samples(&self, path: &Path, record: &Value<'_>) -> Option<Quantity> {
        self.with(path, record, |levels| {
            let mut total = Quantity::new(Decimal::ZERO);
            for number in counts::samples(levels)? {
                total = total.plus(Quantity::new(Decimal::from_number(number)?))?;
            }
            Some(total)
        })
    }

    /// Whether the figure at `path` lies below one of a lower rank beside it, or above one of a higher.
    pub(crate) fn is_misplaced(&self, path: &Path, record: &Value<'_>) -> bool {
        self.ordered(path, record).is_some_and(|(order, place)| order.is_misplaced(place))
    }

    /// The pairs of values in the object of the figure at `path` of which the first is at most the second where nothing is
    /// misplaced.
    pub(crate) fn pairs<'v>(&self, path: &Path, record: &'v Value<'v>) -> Vec<(&'v Value<'v>, &'v Value<'v>)> {
        let Some((order, _)) = self.ordered(path, record) else { return Vec::new() };
        let trail = path.trail(record, self);
        let Some(object) = trail.last().map(|place| place.object) else { return Vec::new() };
        let at = |place: usize| object.at(place).map(|(_, value)| value);
        order.pairs().into_iter().filter_map(|(low, high)| at(low).zip(at(high))).collect()
    }

    /// The order of the figures beside that at `path`, and its place among them.
    fn ordered(&self, path: &Path, record: &Value<'_>) -> Option<(Rc<Order>, usize)> {
        let trail = path.trail(record, self);
        let (last, above) = trail.split_last()?;
        let place = self.place(last.object, last.key)?;
        let within = above.last().is_some_and(|place| counts::holds_statistics(place.key));
        let at = std::ptr::from_ref(last.object).addr();
        let mut orders = self.orders.borrow_mut();
        let order = orders.entry(at).or_insert_with(|| {
            let beside = above.last().map(|place| Resolution::beside(place.object, place.key));
            Rc::new(Order::of(last.object, within, beside.unwrap_or_default()))
        });
        Some((Rc::clone(order), place))
    }

    fn with<T>(&self, path: &Path, record: &Value<'_>, ask: impl FnOnce(&[Level<'_, '_>]) -> T) -> T {
        let trail = path.trail(record, self);
        let made: Vec<Rc<Counts>> = trail.iter().map(|place| self.counts(place.object)).collect();
        let levels: Vec<Level<'_, '_>> = trail
            .iter()
            .zip(&made)
            .rev()
            .map(|(place, counts)| Level { object: place.object, counts, key: place.key })
            .collect();
        ask(&levels)
    }

    fn counts(&self, object: &Object<'_>) -> Rc<Counts> {
        let place = std::ptr::from_ref(object).addr();
        let mut counts = self.counts.borrow_mut();
        Rc::clone(counts.entry(place).or_insert_with(|| Rc::new(Counts::of(object))))
    }
}

impl Keys {
    fn of(object: &Object<'_>) -> Keys {
        let hasher = RandomState::new();
        let places = object.iter().enumerate().map(|(place, (key, _))| (hasher.hash_one(key), place)).collect();
        Keys { hasher, places }
    }
}
