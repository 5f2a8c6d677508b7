//! Percentiles and their definitions: which order statistics one stands between, by exact arithmetic.
//!
//! Owns the percentile as a rational number and the nine definitions of Hyndman and Fan (The American Statistician
//! 50, 1996). Refuses doubles: `ceil(55/100*100)` is 56 in them.

use number::Sample;

/// A percentile as the exact fraction that its decimal text says, and the name it is printed under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Percentile {
    /// `p99.9`
    pub name: String,
    numerator: u128,
    denominator: u128,
}

/// Sample places a percentile may have; more could not be told apart by any number of samples.
const PLACES: usize = 14;

impl Percentile {
    /// Reads `99.9` or `p99.9`, 0 to 100.
    pub fn parse(text: &str) -> Result<Percentile, String> {
        let wrong = || "wanted percentiles from 0 to 100, like 50,99 or 99.9".to_owned();
        let digits = text.strip_prefix(['p', 'P']).unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let fraction = fraction.trim_end_matches('0');
        let only_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || digits.ends_with('.') || !only_digits(whole) || !only_digits(fraction) {
            return Err(wrong());
        }
        if fraction.len() > PLACES {
            return Err(format!("more than {PLACES} decimal places: wanted a percentile like 99.999"));
        }
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        let numerator: u128 = format!("{whole}{fraction}").parse().map_err(|_| wrong())?;
        let denominator = 10u128.pow(2 + fraction.len() as u32);
        if numerator > denominator {
            return Err(wrong());
        }
        let point = if fraction.is_empty() { "" } else { "." };
        Ok(Percentile { name: format!("p{whole}{point}{fraction}"), numerator, denominator })
    }

    /// The percentile that is this share of a hundred percent.
    #[cfg(test)]
    pub fn share(numerator: u128, denominator: u128) -> Percentile {
        Percentile { name: format!("{numerator}/{denominator}"), numerator, denominator }
    }

    /// Reads a comma list; the same percentile twice stands once.
    pub fn parse_list(text: &str) -> Result<Vec<Percentile>, String> {
        let mut list: Vec<Percentile> = Vec::new();
        for part in text.split(',') {
            let one = Percentile::parse(part.trim())?;
            if !list.contains(&one) {
                list.push(one);
            }
        }
        Ok(list)
    }

    /// The share of samples below it, and the share above.
    pub fn shares(&self) -> (f64, f64) {
        let share = |part: u128| part as f64 / self.denominator as f64;
        (share(self.numerator), share(self.denominator - self.numerator))
    }

    /// How many parts of how many lie below it, in whole numbers.
    pub fn parts(&self) -> (u64, u64) {
        // At most 16 digits each.
        (self.numerator as u64, self.denominator as u64)
    }

    /// The percentile that was meant where a share was given: 99 where this is 0.99.
    pub fn of_share(&self) -> Option<String> {
        let is_share = self.numerator > 0 && self.numerator * 100 < self.denominator;
        let meant = Sample::parse(self.name.get(1..)?.as_bytes())?;
        is_share.then(|| Sample::new(meant.mantissa(), meant.exponent() + 2).number().to_string())
    }

    /// Whether it is the minimum.
    pub fn is_least(&self) -> bool {
        self.numerator == 0
    }

    /// The share of samples at or below it, for interpolation inside buckets and for plots.
    pub fn fraction(&self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }
}

/// A level of confidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// As a share of one, exactly as it was written.
    pub share: Sample,
    /// The same as a double.
    pub value: f64,
}

impl Level {
    /// The share in whole numbers: so much of how much.
    pub fn parts(&self) -> (u64, u64) {
        let places = self.share.exponent().unsigned_abs();
        (self.share.mantissa().unsigned_abs(), 10u64.pow(u32::from(places.min(18))))
    }

    /// Reads `95%` or `0.95`.
    ///
    /// # Errors
    /// What was wanted.
    pub fn parse(text: &str) -> Result<Level, String> {
        let read = || {
            let (digits, places) = text.strip_suffix('%').map_or((text, 0), |digits| (digits, 2));
            let one = Sample::parse(digits.as_bytes())?;
            let share = Sample::new(one.mantissa(), one.exponent() - places);
            let value = share.to_f64();
            ((0.5..=0.999_999).contains(&value) && share.exponent() >= -16).then_some(Level { share, value })
        };
        read().ok_or_else(|| "wanted a level from 50% to 99.9999%, like 95%".to_owned())
    }
}

/// A definition of a percentile: where between the order statistics it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Method {
    /// `nearest-rank` = `sorted[ceil(p n) - 1]`, which is `r1`
    #[default]
    Nearest,
    /// `r1`: the inverse of the empirical distribution function
    R1,
    /// `r2`: as `r1`, with the mean of both neighbours at a discontinuity
    R2,
    /// `r3`: the nearest even order statistic (SAS)
    R3,
    /// `r4`: linear interpolation of the empirical distribution function, `p n`
    R4,
    /// `r5`: Hazen, `p n + 1/2`
    R5,
    /// `r6`: Weibull, `p (n + 1)` (Minitab, SPSS)
    R6,
    /// `linear` = `r7`: Gumbel, `1 + p (n - 1)` (R, NumPy, Excel)
    R7,
    /// `r8`: median-unbiased, `1/3 + p (n + 1/3)`
    R8,
    /// `r9`: unbiased for a normal distribution, `3/8 + p (n + 1/4)`
    R9,
}

/// A place between two order statistics, counted from 1: `x[low] + (x[high] - x[low]) * above / parts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The order statistic at or below the place.
    pub low: u64,
    /// The order statistic at or above the place.
    pub high: u64,
    /// How far towards `high`, in parts.
    pub above: u128,
    /// How many parts there are between the two.
    pub parts: u128,
}

impl Method {
    /// Every method, in the order of the help.
    pub const ALL: [Method; 10] = [
        Method::Nearest,
        Method::R1,
        Method::R2,
        Method::R3,
        Method::R4,
        Method::R5,
        Method::R6,
        Method::R7,
        Method::R8,
        Method::R9,
    ];

    /// Reads a method's name; `linear` is `r7`.
    pub fn parse(text: &str) -> Result<Method, String> {
        let lower = text.to_ascii_lowercase();
        let known = Method::ALL.into_iter().find(|method| method.name() == lower);
        let seventh = (lower == "r7").then_some(Method::R7);
        known.or(seventh).ok_or_else(|| "wanted nearest-rank, linear, or r1 to r9".to_owned())
    }

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Method::Nearest => "nearest-rank",
            Method::R1 => "r1",
            Method::R2 => "r2",
            Method::R3 => "r3",
            Method::R4 => "r4",
            Method::R5 => "r5",
            Method::R6 => "r6",
            Method::R7 => "linear",
            Method::R8 => "r8",
            Method::R9 => "r9",
        }
    }

    /// Where the percentile stands among `count` samples, at least one.
    ///
    /// All products fit: a percentile has at most 16 digits and a count less than 2^63.
    pub fn place(self, percentile: &Percentile, count: u64) -> Place {
        let (a, b, n) = (percentile.numerator, percentile.denominator, u128::from(count));
        // The position h as a fraction: its whole part is j, the rest g, as in the paper.
        let (position, unit) = match self {
            Method::Nearest | Method::R1 | Method::R2 | Method::R4 => (n * a, b),
            Method::R3 => ((2 * n * a).saturating_sub(b), 2 * b),
            Method::R5 => (2 * n * a + b, 2 * b),
            Method::R6 => ((n + 1) * a, b),
            Method::R7 => ((n - 1) * a + b, b),
            Method::R8 => ((3 * n + 1) * a + b, 3 * b),
            Method::R9 => ((8 * n + 2) * a + 3 * b, 8 * b),
        };
        let (j, g) = (position / unit, position % unit);
        let (above, parts) = match self {
            Method::Nearest | Method::R1 => (u128::from(g > 0), 1),
            Method::R2 => (1 + u128::from(g > 0), 2),
            // Below 1/2 (where the subtraction saturated) the first order statistic stands anyway.
            Method::R3 => (u128::from(g > 0 || j % 2 == 1), 1),
            _ => (g, unit),
        };
        let clip = |rank: u128| rank.clamp(1, n) as u64;
        let (low, high) = (clip(j), clip(j + 1));
        if above == 0 || low == high {
            return Place { low, high: low, above: 0, parts: 1 };
        }
        if above == parts {
            return Place { low: high, high, above: 0, parts: 1 };
        }
        Place { low, high, above, parts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(method: Method, p: &str, n: u64) -> Place {
        method.place(&Percentile::parse(p).unwrap(), n)
    }

    #[test]
    fn names() {
        for (text, name) in [("99", "p99"), ("p99.90", "p99.9"), ("0", "p0"), ("00.5", "p0.5"), ("100.0", "p100")] {
            assert_eq!(Percentile::parse(text).unwrap().name, name);
        }
        for text in ["", "p", "-1", "101", "100.1", "1e1", ".5", "5.", "99,9", "0.123456789012345"] {
            assert!(Percentile::parse(text).is_err(), "{text}");
        }
        assert_eq!(Percentile::parse_list("50, 95,p50").unwrap().len(), 2);
        for (text, meant) in
            [("0.99", Some("99")), ("0.999", Some("99.9")), ("0.5", Some("50")), ("1", None), ("0", None)]
        {
            assert_eq!(Percentile::parse(text).unwrap().of_share().as_deref(), meant);
        }
        assert_eq!(Level::parse("95%"), Level::parse("0.95"));
        assert!(["5%", "100%", "1", "x", ""].iter().all(|text| Level::parse(text).is_err()));
        for method in Method::ALL {
            assert_eq!(Method::parse(method.name()), Ok(method));
        }
        assert_eq!(Method::parse("R7"), Ok(Method::R7));
        assert!(Method::parse("r10").is_err());
    }

    #[test]
    fn ranks_are_exact_where_doubles_are_not() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases/percentile/rank_float_traps.csv");
        let text = std::fs::read_to_string(path).unwrap_or_else(|_| "p,n,exact_rank\n55,100,55\n14,50,7".to_owned());
        let mut doubles_wrong = 0;
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let (p, n, rank): (f64, u64, u64) =
                (cells[0].parse().unwrap(), cells[1].parse().unwrap(), cells[2].parse().unwrap());
            assert_eq!(place(Method::Nearest, cells[0], n).low, rank, "{line}");
            doubles_wrong += u64::from((p / 100.0 * n as f64).ceil() as u64 != rank);
        }
        assert!(doubles_wrong > 0);
    }

    #[test]
    fn ends_are_the_extremes() {
        for method in Method::ALL {
            for n in [1, 2, 3, 1000, u64::MAX >> 1] {
                assert_eq!(place(method, "0", n), Place { low: 1, high: 1, above: 0, parts: 1 }, "{method:?} {n}");
                assert_eq!(place(method, "100", n), Place { low: n, high: n, above: 0, parts: 1 }, "{method:?} {n}");
            }
        }
    }
}
