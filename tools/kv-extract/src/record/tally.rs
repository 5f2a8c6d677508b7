//! What was seen in the lines, counted beside their records.

/// What was seen in the lines, beside what was lost with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Pairs found.
    pub pairs: u64,
    /// Keys that stood in a line more than once.
    pub duplicates: u64,
    /// Values whose `"` nothing closed.
    pub unclosed: u64,
    /// Values with bytes that are not UTF-8, which became U+FFFD.
    pub replaced: u64,
    /// Keys that are ours, left out.
    pub reserved: u64,
    /// Lines that are a lone bracket or a list: JSON that is not one object a line.
    pub spread: u64,
    /// Lines that are JSON objects where prose is read.
    pub objects: u64,
    /// Lines with a JSON object that is neither the line nor a value of it, and that is not read.
    pub embedded: u64,
    /// Lines that do not fit the template or the format.
    pub unfit: u64,
    /// Records that lack what a condition asks for.
    pub undecided: u64,
    /// Records in which what a condition asks for is not what it should be.
    pub doubtful: u64,
    /// Keys that stood in a line more than once, with different values.
    pub repeated: u64,
    /// Numbers of which a unit a blank behind was passed over.
    pub passed: u64,
    /// Those of them whose unit is another one than the first of their key, so that they are in doubt.
    pub mixed: u64,
    /// Numbers that have others behind them, so that they are in doubt.
    pub listed: u64,
    /// Values that hold pairs of their own, which commas part.
    pub hiding: u64,
    /// Lines that `-m` chose and that have no pairs.
    pub unpaired: u64,
    /// How often messages came again, as syslog says, without being written.
    pub again: u64,
}

impl Tally {
    /// Adds what was seen elsewhere.
    pub fn include(&mut self, other: Tally) {
        self.pairs += other.pairs;
        self.duplicates += other.duplicates;
        self.unclosed += other.unclosed;
        self.replaced += other.replaced;
        self.reserved += other.reserved;
        self.spread += other.spread;
        self.objects += other.objects;
        self.embedded += other.embedded;
        self.unfit += other.unfit;
        self.undecided += other.undecided;
        self.doubtful += other.doubtful;
        self.repeated += other.repeated;
        self.passed += other.passed;
        self.mixed += other.mixed;
        self.listed += other.listed;
        self.hiding += other.hiding;
        self.unpaired += other.unpaired;
        self.again = self.again.saturating_add(other.again);
    }
}
