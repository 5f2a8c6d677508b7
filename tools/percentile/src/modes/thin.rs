//! Rows of states read in a fraction of the time: the lists of steps and counts, which are nearly all of a row, are taken as
//! integers where they stand, and only what is left of the row is read as JSON.
//!
//! Owns which rows are written as this version writes them, without blanks; any other is read the plain way, which is the
//! oracle of the test below. Refuses to judge: [`crate::modes::merge`] does.

use std::ops::Range;

use filter::states::row_text;
use memchr::memmem;
use schema::{Object, Value};
use sha2::{Digest, Sha256};

/// Behind the scale, where a list of steps begins.
const STEPS: &[u8] = b",\"steps\":[";

/// What [`schema::json::write`] makes of a list that was taken out.
const EMPTY: &[u8] = b"\"steps\":[]";

/// A row without its lists of steps.
#[derive(Default)]
pub struct Thin {
    /// The row with empty lists in their places.
    pub text: Vec<u8>,
    /// The texts of the lists, one behind the other.
    raw: Vec<u8>,
    /// Their integers: steps and counts in turns.
    numbers: Vec<i64>,
    /// Of each list, where its text and its integers are.
    lists: Vec<(Range<usize>, Range<usize>)>,
}

impl Thin {
    /// Takes a row apart; false where the plain way must read it.
    pub fn take(&mut self, row: &[u8]) -> bool {
        self.text.clear();
        self.raw.clear();
        self.numbers.clear();
        self.lists.clear();
        let mut at = 0;
        while let Some(found) = memmem::find(&row[at..], STEPS) {
            let start = at + found + STEPS.len();
            let first = self.numbers.len();
            let Some(length) = integers(&row[start..], &mut self.numbers) else { return false };
            self.text.extend_from_slice(&row[at..start]);
            let text = self.raw.len();
            self.raw.extend_from_slice(&row[start..start + length]);
            self.lists.push((text..self.raw.len(), first..self.numbers.len()));
            at = start + length;
        }
        self.text.extend_from_slice(&row[at..]);
        // Short lists are read as quickly as they are.
        self.numbers.len() >= 64
    }

    /// Whether the lists are those of the metrics of a state, and no others of that look.
    pub fn is_of(&self, record: &Value<'_>) -> bool {
        let metrics = record.get("@state").and_then(|state| state.get("metrics")).and_then(Value::as_object);
        let steps =
            metrics.into_iter().flat_map(Object::iter).filter_map(|(_, metric)| metric.get("exact")?.get("steps"));
        let empty = steps.filter(|steps| steps.as_list().is_some_and(<[_]>::is_empty)).count();
        empty == self.lists.len() && memmem::find_iter(&self.text, EMPTY).count() == empty
    }

    /// The steps and counts of the list with this number.
    pub fn numbers(&self, list: usize) -> &[i64] {
        self.lists.get(list).and_then(|(_, numbers)| self.numbers.get(numbers.clone())).unwrap_or_default()
    }

    /// The digest of the row as it was before.
    pub fn digest(&self, key: &[&Value<'_>], state: &Object<'_>) -> String {
        let text = row_text(key, state);
        let mut digest = Sha256::new();
        let mut at = 0;
        for ((list, _), empty) in self.lists.iter().zip(memmem::find_iter(&text, EMPTY)) {
            let bracket = empty + EMPTY.len() - 1;
            digest.update(&text[at..bracket]);
            digest.update(self.raw.get(list.clone()).unwrap_or_default());
            at = bracket;
        }
        digest.update(&text[at..]);
        filter::hex(digest.finalize().get(..16).unwrap_or_default())
    }
}

/// Reads the integers of a list up to its bracket, in pairs, as [`schema::json::write`] writes them; gives the length of the
/// text. `None` for anything else, and for numbers of more than 18 digits.
fn integers(text: &[u8], numbers: &mut Vec<i64>) -> Option<usize> {
    let mut at = 0;
    let before = numbers.len();
    if text.first() == Some(&b']') {
        return Some(0);
    }
    loop {
        let negative = text.get(at) == Some(&b'-');
        at += usize::from(negative);
        let start = at;
        let mut number = 0i64;
        while let Some(digit) = text.get(at).map(|byte| byte.wrapping_sub(b'0')).filter(|&digit| digit <= 9) {
            if at - start == 18 {
                return None;
            }
            number = number * 10 + i64::from(digit);
            at += 1;
        }
        let zeros = at - start > 1 && text.get(start) == Some(&b'0');
        if at == start || zeros {
            return None;
        }
        numbers.push(if negative { -number } else { number });
        match text.get(at) {
            Some(b',') => at += 1,
            Some(b']') if (numbers.len() - before).is_multiple_of(2) => return Some(at),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use filter::states::row_digest;
    use schema::json;
    use testkit::Random;

    use super::*;

    #[test]
    fn the_digest_is_that_of_the_whole() {
        let mut random = Random::new(3);
        let mut thin = Thin::default();
        let mut taken = 0;
        for _ in 0..testkit::times(20_000) {
            let metrics: Vec<String> = (0..1 + random.below(3))
                .map(|metric| {
                    let pairs: Vec<String> = (0..random.below(80))
                        .map(|_| format!("{},{}", random.below(1 << 20) as i64 - 500, 1 + random.below(9)))
                        .collect();
                    format!("\"m{metric}\":{{\"count\":1,\"exact\":{{\"scale\":1,\"steps\":[{}]}}}}", pairs.join(","))
                })
                .collect();
            let row = format!("{{\"g\":\"x\",\"@state\":{{\"version\":2,\"metrics\":{{{}}}}}}}", metrics.join(","));
            if !thin.take(row.as_bytes()) {
                continue;
            }
            taken += 1;
            let (whole, rest) = (json::parse(row.as_bytes()).unwrap(), thin.text.clone());
            let rest = json::parse(&rest).unwrap();
            assert!(thin.is_of(&rest));
            let key = [whole.get("g").unwrap()];
            let state = |value: &Value<'_>| value.get("@state").unwrap().as_object().unwrap().clone().into_owned();
            assert_eq!(thin.digest(&key, &state(&rest)), row_digest(&key, &state(&whole)), "{row}");
            let all = whole.get("@state").unwrap().get("metrics").unwrap();
            for (place, (_, metric)) in all.as_object().unwrap().iter().enumerate() {
                let steps = metric.get("exact").unwrap().get("steps").unwrap().as_list().unwrap();
                let steps: Vec<i64> = steps.iter().map(|step| step.as_number().unwrap().as_i64().unwrap()).collect();
                assert_eq!(thin.numbers(place), steps);
            }
        }
        assert!(taken > 10);
    }

    #[test]
    fn what_is_written_another_way_is_left() {
        let pairs = |list: &str| {
            let many = "1,1,".repeat(40);
            format!("{{\"@state\":{{\"metrics\":{{\"m\":{{\"exact\":{{\"scale\":0,\"steps\":[{many}{list}]}}}}}}}}}}")
        };
        let taken = |list: &str| Thin::default().take(pairs(list).as_bytes());
        assert!(taken("-5,1"));
        for list in
            ["1", "1,1,", "01,1", "1.0,1", "1, 1", "1e2,1", "1234567890123456789,1", "-,1", "+1,1", "\"1\",1", "[1,1]"]
        {
            assert!(!taken(list), "{list}");
        }
        // The same look at another place is none of the samples.
        let text = pairs("1,1").replace("{\"@state\"", "{\"k\":{\"x\":0,\"steps\":[1,1]},\"@state\"");
        let mut thin = Thin::default();
        assert!(thin.take(text.as_bytes()));
        assert!(!thin.is_of(&json::parse(&thin.text.clone()).unwrap()));
    }
}
