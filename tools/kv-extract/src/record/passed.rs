//! Units a blank away that nobody asked for: `took=900 ms` is 900, and so is `took=900 s`.
//!
//! Owns which keys were seen with which units, the first few, so that it is told once; the numbers stay as they are.

/// How many different pairs of a key and a unit are kept.
const KEPT: usize = 16;

/// Keys whose numbers had a unit one blank behind them, with that unit, in the order they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed(Vec<(String, String)>);

impl Passed {
    /// Notes a key and its unit.
    pub fn add(&mut self, key: &[u8], unit: &str) {
        let is_same = |(other, of): &(String, String)| other.as_bytes() == key && of == unit;
        if self.0.len() < KEPT && !self.0.iter().any(is_same) {
            self.0.push((String::from_utf8_lossy(key).into_owned(), unit.to_owned()));
        }
    }

    /// Adds what was seen later.
    pub fn include(&mut self, other: &Passed) {
        for (key, unit) in &other.0 {
            self.add(key.as_bytes(), unit);
        }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// What is told of it, where something was passed over `count` times.
    pub fn told(&self, count: u64) -> Option<String> {
        let (first, unit) = self.0.first()?;
        let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
        // A key with two units first: its numbers do not compare.
        for (key, one) in &self.0 {
            if let Some((_, other)) = self.0.iter().find(|(same, other)| same == key && other != one) {
                return Some(format!(
                    "the key {} stands with {one} and with {other} a blank behind its number, so that its numbers do not \
                     compare (units passed over {times}); --as {key}=UNIT reads them",
                    schema::json::quote(key.as_bytes())
                ));
            }
        }
        Some(format!(
            "the {unit} a blank behind the number of {} is passed over ({times}); --as {first}=UNIT reads it",
            schema::json::quote(first.as_bytes())
        ))
    }
}
