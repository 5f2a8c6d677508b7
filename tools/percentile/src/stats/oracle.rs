//! What the arithmetic is held against: exact rational numbers, R's nine types, the Java HdrHistogram.

use testkit::Random;

use crate::groups::Groups;
use crate::report::summary::percentile as percentile_of_samples;
use crate::samples::Samples;
use crate::stats::buckets;
use crate::stats::definitions::{Method, Percentile};
use crate::stats::sketch::Precision;
use number::Sample;
use number::Total;
use number::natural::Natural;

fn of(all: &[Sample]) -> Samples {
    let mut samples = Samples::default();
    all.iter().for_each(|one| assert!(samples.add_many(*one, 1)));
    samples
}

/// The printed value of one percentile.
fn printed(samples: &Samples, method: Method, percentile: &Percentile) -> String {
    percentile_of_samples(samples, method, percentile).unwrap().to_string()
}

/// The exact place by the paper: `j` and the weight `γ` of the upper neighbour as a fraction, for p = `a / b`.
fn paper(method: Method, a: i128, b: i128, n: i128) -> (i128, (i128, i128)) {
    // m as a fraction over 24 b, then n p + m.
    let m = match method {
        Method::Nearest | Method::R1 | Method::R2 | Method::R4 => 0,
        Method::R3 => -12 * b,
        Method::R5 => 12 * b,
        Method::R6 => 24 * a,
        Method::R7 => 24 * (b - a),
        Method::R8 => 8 * (a + b),
        Method::R9 => 6 * a + 9 * b,
    };
    let (position, unit) = (24 * n * a + m, 24 * b);
    let (j, g) = (position.div_euclid(unit), position.rem_euclid(unit));
    let gamma = match method {
        Method::Nearest | Method::R1 => (i128::from(g != 0), 1),
        Method::R2 => {
            if g == 0 {
                (1, 2)
            } else {
                (1, 1)
            }
        }
        Method::R3 => (i128::from(!(g == 0 && j % 2 == 0)), 1),
        _ => (g, unit),
    };
    (j, gamma)
}

/// A decimal as sign, digits and power of ten.
fn scaled(one: Sample, weight: u128, exponent: i32) -> (bool, Natural) {
    let digits = Natural::from(u128::from(one.mantissa().unsigned_abs())).times_natural(&Natural::from(weight));
    let power = (i32::from(one.exponent()) - exponent) as u32;
    (one.mantissa() < 0, digits.times_natural(&Natural::power_of_ten(power)))
}

fn plus(a: (bool, Natural), b: (bool, Natural)) -> (bool, Natural) {
    if a.0 == b.0 {
        return (a.0, a.1.plus(&b.1));
    }
    let (size, swapped) = a.1.difference(&b.1);
    (a.0 != swapped, size)
}

/// How far a double is from `exact * 10^exponent / parts`, times a common factor.
fn distance(value: f64, exact: &(bool, Natural), exponent: i32, parts: u128) -> Natural {
    let bits = value.abs().to_bits();
    let (field, fraction) = ((bits >> 52) as i32, bits & ((1 << 52) - 1));
    let (digits, power) = if field == 0 { (fraction, -1074) } else { (fraction | 1 << 52, field - 1075) };
    let mut left = Natural::from(u128::from(digits)).times_natural(&Natural::from(parts));
    let mut right = exact.1.clone();
    // Both sides times 2^1074 and ten to whatever keeps them whole.
    left = left.shifted((power + 1074) as u32);
    right = right.shifted(1074);
    if exponent < 0 {
        left = left.times_natural(&Natural::power_of_ten(exponent.unsigned_abs()));
    } else {
        right = right.times_natural(&Natural::power_of_ten(exponent.unsigned_abs()));
    }
    plus((value < 0.0, left), (!exact.0, right)).1
}

fn sample(random: &mut Random, kind: usize) -> Sample {
    let sign = if random.below(3) == 0 { "-" } else { "" };
    let text = match kind {
        0 => format!("{sign}{}.{:03}", random.below(500), random.below(1000)),
        1 => format!("{sign}{}", random.below(6)),
        2 => format!("{sign}{}e-324", random.below(5_000_000)),
        3 => format!("{sign}{}e{}", random.below(1 << 50), random.below(560) as i32 - 300),
        _ => format!("{sign}{}", random.below(1 << 62)),
    };
    Sample::parse(text.as_bytes()).unwrap()
}

#[test]
fn all_methods_agree_with_exact_rationals_and_sketches_keep_their_error() {
    let mut random = Random::new(2026);
    for round in 0..testkit::times(1_000_000) {
        let kind = if round % 16 == 0 { 2 + random.below(3) } else { random.below(2) };
        let size = 1 + random.below(200);
        let mut all: Vec<Sample> = (0..size).map(|_| sample(&mut random, kind)).collect();
        let samples = of(&all);
        all.sort();
        let n = all.len() as i128;
        let a = random.below(1001) as i128;
        let percentile = Percentile::share(a as u128, 1000);
        let mut sketched = samples.clone();
        sketched.sketch(Precision::default());
        sketched.settle();
        for method in Method::ALL {
            let (j, (above, parts)) = paper(method, a, 1000, n);
            let at = |rank: i128| all[(rank.clamp(1, n) - 1) as usize];
            let (low, high) = (at(j), at(j + 1));
            let exponent = i32::from(low.exponent().min(high.exponent())).min(0);
            let exact = plus(scaled(low, (parts - above) as u128, exponent), scaled(high, above as u128, exponent));
            let text = printed(&samples, method, &percentile);
            let context = || format!("{method:?} {a}/1000 of {all:?}: {text}");
            if low == high || above == 0 || above == parts {
                let one = if above == parts { high } else { low };
                assert_eq!(text, one.number().to_string(), "{}", context());
            } else {
                let value: f64 = text.parse().unwrap();
                if text.parse::<i64>().is_err() {
                    let here = distance(value, &exact, exponent, parts as u128);
                    for other in [value.next_up(), value.next_down()] {
                        assert!(here <= distance(other, &exact, exponent, parts as u128), "{}", context());
                    }
                }
            }
            if method == Method::Nearest {
                let estimate = printed(&sketched, method, &percentile).parse::<f64>().unwrap();
                let (exact, error) = (low_of(&text), sketched.as_sketch().unwrap().relative_error());
                assert!((estimate - exact).abs() <= error * exact.abs() * (1.0 + 1e-12), "{} {estimate}", context());
            }
        }
    }
}

fn low_of(text: &str) -> f64 {
    text.parse().unwrap()
}

/// The percentile whose share is the decimal text of a double, 1/3 where it is meant.
fn percentile_of(text: &str) -> Percentile {
    let p: f64 = text.parse().unwrap();
    if p == 1.0 / 3.0 {
        return Percentile::share(1, 3);
    }
    let one = Sample::from_f64(p).unwrap();
    let scale = (-one.exponent()).max(0) as u8;
    Percentile::share(one.at_scale(scale).unwrap() as u128, 10u128.pow(u32::from(scale)))
}

fn dataset(name: &str) -> Option<Vec<Sample>> {
    let text = testkit::outside(&format!("cases/percentile/r/{name}.txt"))?;
    Some(text.lines().map(|line| Sample::parse(line.as_bytes()).unwrap()).collect())
}

#[test]
fn agrees_with_r() {
    let Some(text) = testkit::outside("cases/percentile/r/quantiles.csv") else { return };
    let mut checked = 0;
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [name, n, kind, p, wanted] = cells.as_slice() else { panic!("{line}") };
        let samples = of(&dataset(name).unwrap());
        assert_eq!(samples.count().to_string(), *n);
        let method = Method::parse(&format!("r{kind}")).unwrap();
        let got: f64 = printed(&samples, method, &percentile_of(p)).parse().unwrap();
        let wanted: f64 = wanted.parse().unwrap();
        assert!((got - wanted).abs() <= 1e-9 * wanted.abs().max(1e-300), "{line}: {got}");
        checked += 1;
    }
    assert_eq!(checked, 2295);
    let text = testkit::outside("cases/percentile/r/summary.csv").unwrap();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let samples = of(&dataset(cells[0]).unwrap());
        let (sum, squares) = samples.totals();
        let near = |got: f64, wanted: &str| {
            let wanted: f64 = wanted.parse().unwrap();
            assert!(wanted.is_infinite() || (got - wanted).abs() <= 1e-13 * wanted.abs(), "{line}: {got}");
        };
        near(sum.mean(samples.count()).unwrap().to_f64().unwrap(), cells[4]);
        if let Some(deviation) = sum.deviation(&squares, samples.count()) {
            near(deviation.to_f64().unwrap(), cells[5]);
        }
        let (least, most) = samples.ends().unwrap();
        near(least.to_f64(), cells[2]);
        near(most.to_f64(), cells[3]);
    }
}

#[test]
fn corrects_omission_as_hdrhistogram_does() {
    let mut samples = Samples::default();
    samples.add_many(Sample::new(1000, 0), 10_000);
    samples.add_many(Sample::new(100_000_000, 0), 1);
    assert!(samples.correct(Sample::new(10_000, 0), 1 << 30));
    assert_eq!(samples.count(), 20_000);
    let Some(text) = testkit::outside("cases/percentile/co/expected.json") else { return };
    let document = schema::json::parse(text.as_bytes()).unwrap();
    let wanted = document.get("corrected_at_record").unwrap().get("value_at_percentile").unwrap();
    for (p, value) in wanted.as_object().unwrap().iter() {
        let got: i64 = printed(&samples, Method::Nearest, &Percentile::parse(p).unwrap()).parse().unwrap();
        // Java counts in buckets of three digits and gives the highest value of one.
        let got = if p == "0.0" { got } else { buckets::highest(got) };
        assert_eq!(Some(got), value.as_number().unwrap().as_i64(), "p{p}");
    }
}

#[test]
fn a_total_is_its_parts_in_any_order() {
    let mut random = Random::new(8);
    for _ in 0..testkit::times(2000) {
        let kinds = 1 + random.below(5);
        let mut all: Vec<Sample> = (0..50)
            .map(|_| {
                let kind = random.below(kinds);
                sample(&mut random, kind)
            })
            .collect();
        let totals: (Total, Total) = of(&all).totals();
        random.shuffle(&mut all);
        assert_eq!(of(&all).totals(), totals);
    }
}

#[test]
fn fifty_groups_of_every_kind_merge_in_place() {
    let mut random = Random::new(5);
    let mut whole = Groups::new(vec!["x".to_owned()], None);
    let mut parts: Vec<Groups> = (0..4).map(|_| whole.fork()).collect();
    for _ in 0..5000 {
        let key = schema::Value::from(random.below(50) as u64);
        let kind = random.below(5);
        let one = sample(&mut random, kind);
        let part = random.below(4);
        for groups in [&mut whole, &mut parts[part]] {
            let place = groups.place(&[&key]);
            assert!(groups.take(place, 0, one, 1));
        }
    }
    let mut merged = whole.fork();
    for part in parts {
        assert!(merged.merge(part));
    }
    merged.sort(1);
    whole.sort(1);
    for (a, b) in merged.list.iter().zip(&whole.list) {
        assert_eq!(a.key(), b.key());
        assert_eq!(a.metrics[0].samples.distinct(), b.metrics[0].samples.distinct());
    }
}
