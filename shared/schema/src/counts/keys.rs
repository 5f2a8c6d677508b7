//! What a key names: a statistic of samples, or a count of them.

use super::words::{
    AMOUNTS, APART, ASKED, BECAME, COUNTS, EVENTS, FAULTS, GAUGES, HAPPENINGS, KINDS, LOOKS, OUTCOMES, PACES, PERHAPS,
    SAMPLES, SHARES, THROUGHPUTS, is_latency, is_plural, is_size, is_time, is_wrapper, stem, words,
};

/// What a key is a statistic of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistic {
    /// Which one.
    pub kind: Kind,
    /// The words of the key without those of the statistic and of the unit.
    pub stem: Vec<String>,
    /// Whether its unit is one of time.
    pub timed: bool,
    /// Whether its unit is one of size.
    pub sized: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Percentile,
    Mean,
    Least,
    Greatest,
    Spread,
    /// `error_rate`
    Share,
    /// `rate`
    Rate,
    /// `pct`: the share that its object is named for.
    Portion,
    /// `latency_ms`: one figure for all of them, which where it is zero may be that of none.
    Single,
}

/// What a key counts, the nearest to the statistic first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Count {
    /// `latency_ms_count`: the samples of that stem.
    Of(Vec<String>),
    /// `count`
    Own,
    /// `samples`, `totalCount`
    Samples,
    /// `requests`, `Request Count`
    Events,
    /// `probes`, `rounds`: events that an uptime is a share of, too.
    Looks,
    /// `checks`, `polls`: what an uptime is a share of, and of latencies another thing.
    Checks,
    /// `passes`, `fails`: together they count what a rate is made of.
    Part,
    /// `n`, `N`
    Letter,
    /// `total`, `completed`, `messages`, `http_reqs`: of samples, or of another thing.
    Perhaps,
}

impl Statistic {
    /// What a statistic, to which `keys` lead, the innermost first, is to the object `level` above its own, and whether
    /// it counts as in another object. `None` where that one is too far away.
    pub fn seen(keys: &[&str], level: usize) -> Option<(Statistic, bool)> {
        let (first, around) = keys.split_first()?;
        let within =
            around.first().is_some_and(|key| is_wrapper(key) || words(key).iter().any(|word| is_latency(word)));
        let mut statistic = Statistic::of(first, within)?;
        for (place, key) in around.iter().take(level).enumerate() {
            if is_wrapper(key) {
                continue;
            }
            if place + 1 < level {
                return None;
            }
            let unit = words(key);
            let kind = match statistic.kind {
                // What `cpu.pct` is a share of was not counted.
                Kind::Portion if !unit.iter().any(|word| OUTCOMES.contains(&word.as_str())) => return None,
                Kind::Rate | Kind::Portion => Kind::Share,
                kind => kind,
            };
            statistic = Statistic {
                kind,
                stem: stem(key).into_iter().chain(statistic.stem).collect(),
                timed: statistic.timed || unit.iter().any(|word| is_time(word)),
                sized: statistic.sized || unit.iter().any(|word| is_size(word)),
            };
            return Some((statistic, true));
        }
        Some((statistic, false))
    }

    /// What a key is a statistic of. `within`: it stands among percentiles, where a plain number names one.
    pub fn of(key: &str, within: bool) -> Option<Statistic> {
        let all = words(key);
        let mut timed = all.iter().any(|word| is_time(word));
        let sized = all.iter().any(|word| is_size(word));
        let mut kind = None;
        let mut stem = Vec::new();
        let mut rest = all.iter().map(String::as_str).peekable();
        while let Some(word) = rest.next() {
            let found = figure(word, within).filter(|_| kind.is_none());
            // `p_99`, `p97_5`, `percentile_99`, statsd's `upper_95`: the digits behind belong to it.
            let named = matches!(word, "p" | "tp" | "percentile" | "quantile" | "pct" | "perc" | "pctl" | "upper");
            // `lat_99`, which a `latency_5` is not.
            let latency = matches!(word, "lat" | "latency") && rest.peek().is_some_and(|word| is_high_rank(word));
            let named = (named || latency) && kind.is_none();
            let digits = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            if let Some(found) = found {
                kind = Some(found);
                if found == Kind::Percentile {
                    while rest.next_if(digits).is_some() {}
                }
            } else if named && rest.peek().is_some_and(digits) {
                kind = Some(Kind::Percentile);
                while rest.next_if(digits).is_some() {}
                if latency {
                    timed = true;
                    stem.push(word.to_owned());
                }
            } else if !is_time(word) && !is_size(word) {
                stem.push(word.to_owned());
            }
        }
        if let Some(kind) = kind {
            // `p99_pct` is a percentile of a share; `min_replicas` is a setting, and its count is another thing.
            // `99% Line`, `99th percentile`
            stem.retain(|word| !matches!(word.as_str(), "pct" | "percent" | "ratio" | "line" | "percentile"));
            return Some(Statistic { kind, stem, timed, sized });
        }
        if is_single(&stem) && !sized {
            return Some(Statistic { kind: Kind::Single, stem: Vec::new(), timed: true, sized });
        }
        let share = stem.pop_if(|word| word == "rate" || SHARES.contains(&word.as_str()))?;
        let rate = share == "rate";
        if stem.is_empty() {
            let kind = if rate { Kind::Rate } else { Kind::Portion };
            return Some(Statistic { kind, stem, timed, sized });
        }
        let throughput = rate && stem.last().is_some_and(|word| THROUGHPUTS.contains(&word.as_str()));
        let gauge = stem.iter().any(|word| GAUGES.contains(&word.as_str()));
        (!throughput && !gauge).then_some(Statistic { kind: Kind::Share, stem, timed: false, sized: false })
    }
}

/// Whether words are those of a latency of all that happened: `latency`, `response time`, `http latency`.
fn is_single(words: &[String]) -> bool {
    let before = match words {
        [before @ .., response, time] if response == "response" && time == "time" => before,
        [before @ .., last] if is_latency(last) || matches!(last.as_str(), "rtt" | "ttfb") => before,
        _ => return false,
    };
    before.iter().all(|word| KINDS.contains(&word.as_str()) || EVENTS.contains(&word.as_str()))
}

/// Whether digits alone are the rank of a percentile that people name: `50`, `99`, `999`.
fn is_high_rank(digits: &str) -> bool {
    matches!(digits, "50" | "75" | "80" | "90" | "95" | "98" | "99" | "995" | "999" | "9999")
}

/// The statistic that one word names.
fn figure(word: &str, within: bool) -> Option<Kind> {
    match word {
        "min" | "minimum" | "fastest" | "lowest" => return Some(Kind::Least),
        "max" | "maximum" | "slowest" | "highest" => return Some(Kind::Greatest),
        "mean" | "avg" | "average" => return Some(Kind::Mean),
        "med" | "median" => return Some(Kind::Percentile),
        "stddev" | "stdev" | "std" | "sd" | "variance" => return Some(Kind::Spread),
        _ => {}
    }
    let percent = |text: &str| {
        let number = text.starts_with(|first: char| first.is_ascii_digit())
            && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        number && text.parse::<f64>().is_ok_and(|number| (0.0..=100.0).contains(&number))
    };
    let letter = word.strip_prefix("tp").or_else(|| word.strip_prefix(['p', 'q'])).is_some_and(|rest| {
        // `p999` is one, too, and `tp99`.
        rest.starts_with(|first: char| first.is_ascii_digit()) && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    });
    let letter = letter
        || ["pct", "perc", "pctl", "percentile", "quantile", "latency", "lat"]
            .iter()
            .any(|before| word.strip_prefix(before).is_some_and(is_high_rank));
    let ordinal = ["%", "th", "st", "nd", "rd"].iter().any(|end| word.strip_suffix(end).is_some_and(percent));
    let number = percent(word) && (within || word.contains('.'));
    (letter || ordinal || number).then_some(Kind::Percentile)
}

impl Count {
    /// The highest rank.
    pub const RANKS: u8 = 5;

    /// The nearer to the statistic, the smaller.
    pub fn rank(&self) -> u8 {
        match self {
            Count::Of(_) => 0,
            Count::Part => 1,
            Count::Own => 2,
            Count::Samples => 3,
            Count::Events | Count::Looks | Count::Checks => 4,
            Count::Letter | Count::Perhaps => Count::RANKS,
        }
    }

    /// What a key counts, if anything.
    pub fn of(key: &str) -> Option<Count> {
        match key {
            "n" | "N" => return Some(Count::Letter),
            "passes" | "fails" => return Some(Count::Part),
            _ => {}
        }
        let mut all = words(key);
        // `requests_total`, `request_total`
        let is_total = all.len() > 1 && all.pop_if(|word| word == "total").is_some();
        let (last, before) = all.split_last()?;
        let rest: Vec<&str> = before.iter().map(String::as_str).filter(|word| !AMOUNTS.contains(word)).collect();
        let events = |word: &str| {
            EVENTS.contains(&word) && (is_total || !matches!(word, "request" | "response" | "transaction"))
        };
        // `data_points`
        if last == "points" && before.last().is_some_and(|word| word == "data") {
            let stem: Vec<&str> = rest.iter().copied().filter(|word| *word != "data").collect();
            return Some(if stem.is_empty() { Count::Samples } else { Count::Of(unitless(&stem)) });
        }
        if COUNTS.contains(&last.as_str()) {
            return Some(match rest.as_slice() {
                [] if before.is_empty() => Count::Own,
                [] => Count::Samples,
                [one] if SAMPLES.contains(one) => Count::Samples,
                [one] if LOOKS.iter().any(|look| is_plural(look, one)) => Count::look(one),
                [one] if EVENTS.contains(one) => Count::Events,
                _ => Count::Of(unitless(&rest)),
            });
        }
        if matches!(last.as_str(), "samples" | "observations" | "measurements" | "datapoints") {
            return Some(if rest.is_empty() { Count::Samples } else { Count::Of(unitless(&rest)) });
        }
        // `sampleSize`, statsmodels' `nobs`
        let of_samples = last == "size" && matches!(rest.as_slice(), ["sample" | "samples"]);
        if of_samples || rest.is_empty() && matches!(last.as_str(), "obs" | "nobs") {
            return Some(Count::Samples);
        }
        if last == "n" && !rest.is_empty() {
            return Some(Count::Of(unitless(&rest)));
        }
        if rest.is_empty() && LOOKS.contains(&last.as_str()) {
            return Some(Count::look(last));
        }
        if events(last) && rest.is_empty() {
            return Some(Count::Events);
        }
        // `messages_received`, `received_messages`
        let thing = |word: &str| PERHAPS.contains(&word) || EVENTS.contains(&word);
        let became = |word: &str| BECAME.contains(&word);
        let perhaps = PERHAPS.contains(&last.as_str()) && rest.iter().all(|word| became(word))
            || became(last) && matches!(rest.as_slice(), [one] if thing(one))
            || events(last) && rest.iter().all(|word| KINDS.contains(word));
        perhaps.then_some(Count::Perhaps)
    }

    /// What a word of looks at something counts.
    fn look(word: &str) -> Count {
        let of_latencies = EVENTS.iter().any(|event| *event == word || is_plural(event, word));
        if of_latencies { Count::Looks } else { Count::Checks }
    }
}

fn unitless(words: &[&str]) -> Vec<String> {
    words.iter().filter(|word| !is_time(word) && !is_size(word)).map(|word| (*word).to_owned()).collect()
}

/// Whether what `names` lead to, the innermost first, is how much happens, or was meant to: `requests`, `target_rps`,
/// `http_reqs.rate`, `expected`. A part of none of it is no bound for none. Gauges and sizes are none: of no swap none is used.
pub fn is_of_what_happens(names: &[&str]) -> bool {
    let Some((name, above)) = names.split_first() else { return false };
    let own = words(name);
    let is_apart = |word: &String| GAUGES.contains(&word.as_str()) || is_size(word);
    if own.iter().any(is_apart) {
        return false;
    }
    let amount = |word: &str| AMOUNTS.contains(&word) || matches!(word, "count" | "rate");
    let is_left = |word: &&str| !amount(word) && !ASKED.contains(word) && !is_time(word) && *word != "per";
    let left: Vec<&str> = own.iter().map(String::as_str).filter(is_left).collect();
    if left.is_empty() {
        // `total`, `target`, `http_reqs.rate`
        return above.is_empty() || is_wrapper(above[0]) || is_of_what_happens(above);
    }
    left.iter().any(|word| {
        [&EVENTS[..], &PERHAPS, &HAPPENINGS, &PACES, &BECAME].iter().any(|list| list.contains(word))
            || THROUGHPUTS.contains(word) && own.last().is_some_and(|last| last == "rate")
    })
}

/// Whether a key names what stands beside figures and has none itself: `meta`, `tags`, `errors`, `errorDistribution`.
pub fn is_apart(key: &str) -> bool {
    words(key).iter().any(|word| APART.contains(&word.as_str()) || FAULTS.contains(&word.as_str()))
}

fn ends_with(key: &[u8], word: &[u8]) -> bool {
    key.len() >= word.len() && key[key.len() - word.len()..].eq_ignore_ascii_case(word)
}

/// Whether a key is worth a closer look: most are not.
pub fn may_count(key: &str) -> bool {
    const PARTS: [&[u8]; 29] = [
        b"ount",
        b"amples",
        b"ample",
        b"equest",
        b"eqs",
        b"ransaction",
        b"espons",
        b"ound",
        b"alls",
        b"uer",
        b"robes",
        b"perations",
        b"nvocations",
        b"uns",
        b"ops",
        b"vents",
        b"hits",
        b"passes",
        b"fails",
        b"cnt",
        b"iter",
        b"xecutions",
        b"trials",
        b"txns",
        b"pings",
        b"hecks",
        b"polls",
        b"crapes",
        b"eartbeats",
    ];
    let bytes = key.as_bytes();
    let more: [&[u8]; 5] = [b"bservation", b"easurement", b"atapoint", b"oints", b"ommands"];
    let has = |part: &&[u8]| bytes.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part));
    bytes.len() == 1 && bytes.eq_ignore_ascii_case(b"n")
        || PARTS.iter().any(has)
        || more.iter().any(has)
        || PERHAPS.iter().chain(&BECAME).any(|word| ends_with(bytes, word.as_bytes()))
        || bytes.ends_with(b"_n")
        || ends_with(bytes, b"obs")
}
