//! Digits, marks and words, one after the other; every step fails at once where the form is another one.

/// A place in a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    pub rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub fn new(rest: &'a [u8]) -> Self {
        Cursor { rest }
    }

    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The byte `ahead` of the next one.
    pub fn ahead(&self, ahead: usize) -> Option<u8> {
        self.rest.get(ahead).copied()
    }

    pub fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    pub fn byte(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then(|| self.skip(1))
    }

    pub fn any(&mut self, wanted: &[u8]) -> Option<u8> {
        let first = self.peek()?;
        wanted.contains(&first).then(|| self.skip(1))?;
        Some(first)
    }

    pub fn text(&mut self, wanted: &[u8]) -> Option<()> {
        self.rest.starts_with(wanted).then(|| self.skip(wanted.len()))
    }

    /// How many digits come next.
    pub fn digits(&self) -> usize {
        self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// How many letters come next.
    pub fn letters(&self) -> usize {
        self.rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count()
    }

    /// A number of exactly `digits` digits, at most nine.
    pub fn number(&mut self, digits: usize) -> Option<i32> {
        let number = self.rest.get(..digits)?;
        let value =
            number.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i32::from(byte - b'0')))?;
        self.skip(digits);
        Some(value)
    }

    pub fn small(&mut self, digits: usize) -> Option<i8> {
        i8::try_from(self.number(digits)?).ok()
    }

    /// A number of one or two digits.
    pub fn short(&mut self) -> Option<i8> {
        match self.digits() {
            count @ 1..=2 => self.small(count),
            _ => None,
        }
    }

    /// Passes over blanks; how many there were.
    pub fn blanks(&mut self) -> usize {
        let count = self.rest.iter().take_while(|byte| **byte == b' ').count();
        self.skip(count);
        count
    }

    /// Passes over blanks, also those at which a line does not break (U+00A0, U+202F).
    pub fn spaces(&mut self) {
        loop {
            match self.rest {
                [b' ', ..] => self.skip(1),
                [0xC2, 0xA0, ..] => self.skip(2),
                [0xE2, 0x80, 0xAF, ..] => self.skip(3),
                _ => return,
            }
        }
    }

    /// Whether no letter or digit runs on here.
    pub fn ends_word(&self) -> bool {
        !self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    }
}
