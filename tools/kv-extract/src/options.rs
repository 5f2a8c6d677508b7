//! Options that more than one room reads.
//!
//! Owns what they may say; refuses to act on it.

/// How many threads work: as many as `--threads` says, else as there are cores, at most four.
#[derive(Clone, Copy, Debug, Default)]
pub struct Threads(Option<usize>);

impl Threads {
    /// What `--threads` may say.
    pub fn parse(text: &str) -> Result<Threads, String> {
        let count = text.parse().ok().filter(|count| (1..=8).contains(count)).ok_or("wanted 1 to 8")?;
        Ok(Threads(Some(count)))
    }

    /// Asks the system, which takes longer than a small input does: to be called once it matters.
    pub fn count(self) -> usize {
        self.0.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, |cores| cores.get().min(4)))
    }
}
