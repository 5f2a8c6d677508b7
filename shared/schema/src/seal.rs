//! The seal: the last line of a stream, which counts the stream, so that a stage that died is seen.

use serde::{Serialize, Serializer};

use crate::fields::Fields;
use crate::{Object, Value};

/// The version of the wire this crate writes. Version 1 had no digest: its seals are held to their counts.
pub const SCHEMA_VERSION: u64 = 2;

/// How many upstream seals a seal lists before those of one tool are added up.
pub const UPSTREAM_LIMIT: usize = 64;

/// So many lines are the same of two runs only where one is a copy.
const MANY: u64 = 30;

/// What a stage says of the segment it wrote. On the wire: `{"@seal":{…}}`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Seal {
    /// The tool that wrote the segment.
    pub tool: String,
    /// That tool's version.
    pub version: String,
    /// [`SCHEMA_VERSION`] of the writer.
    pub schema: u64,
    /// Input lines or records read: `used + skipped + rejected`. Absent where a file was read backward.
    pub lines: Option<u64>,
    /// Of those, the ones that went into the output.
    pub used: Option<u64>,
    /// Of those, the ones left out on purpose: no pairs, not selected.
    pub skipped: Option<u64>,
    /// Of those, the ones that were not what they should be.
    pub rejected: u64,
    /// Last lines without their newline, left out since somebody may still be writing them.
    pub unfinished: u64,
    /// Records left out though a condition could not be told of them, since what it asks for is there and is not what it
    /// should be: they may have been among those that are wanted.
    pub doubtful: u64,
    /// What else was told of the lines: a word for each thing, like `outside` or `without_time`, and how many there were.
    pub told: Vec<(String, u64)>,
    /// Lines written since the previous seal.
    pub records: u64,
    /// Bytes written since the previous seal, newlines in.
    pub bytes: u64,
    /// XXH3 of those bytes, 32 lower-case hexadecimal digits: an accident of one bit and lines that changed places are
    /// seen. Absent in seals of schema 1, and where seals were added up.
    pub digest: Option<String>,
    /// `--source-id`, where given.
    pub source: Option<String>,
    /// `--allow-rejected` of this stage, as written, where given.
    pub allow_rejected: Option<String>,
    /// Whether this stage let an unsealed stream in (`--unsealed`).
    pub unsealed: bool,
    /// Whether this stage let what is equal count twice (`--allow-equal`).
    pub allow_equal: bool,
    /// Inputs of evidence that nothing vouched for: neither a seal nor a file with a name that could be digested. In schema
    /// 2 only.
    pub plain: u64,
    /// Windows between the first and the last of their group that held nothing, and were left out: of them nothing is
    /// known. Windows that `--fill` made are not among them.
    pub empty_windows: u64,
    /// After how many lines this stage stopped, since what it was asked was certain; 0 where it read to the end.
    pub stopped: u64,
    /// The regular files read, digested.
    pub inputs: Vec<Input>,
    /// How many seals this one stands for, where seals of one tool were added up.
    pub merged: Option<u64>,
    /// The seals read, flat: each without its own `upstream`. Absent in a seal that is itself listed.
    pub upstream: Option<Vec<Seal>>,
}

impl Serialize for Seal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = Fields::new(serializer)?;
        fields.put("tool", &self.tool)?;
        fields.put("version", &self.version)?;
        fields.put("schema", self.schema)?;
        fields.put_if(self.lines.is_some(), "lines", self.lines)?;
        fields.put_if(self.used.is_some(), "used", self.used)?;
        fields.put_if(self.skipped.is_some(), "skipped", self.skipped)?;
        fields.put("rejected", self.rejected)?;
        fields.put_if(self.unfinished != 0, "unfinished", self.unfinished)?;
        fields.put_if(self.doubtful != 0, "doubtful", self.doubtful)?;
        fields.put_if(!self.told.is_empty(), "told", Told(&self.told))?;
        fields.put("records", self.records)?;
        fields.put("bytes", self.bytes)?;
        fields.put_if(self.digest.is_some(), "digest", &self.digest)?;
        fields.put_if(self.source.is_some(), "source", &self.source)?;
        fields.put_if(self.allow_rejected.is_some(), "allow_rejected", &self.allow_rejected)?;
        fields.put_if(self.unsealed, "unsealed", self.unsealed)?;
        fields.put_if(self.allow_equal, "allow_equal", self.allow_equal)?;
        fields.put_if(self.plain != 0, "plain", self.plain)?;
        fields.put_if(self.empty_windows != 0, "empty_windows", self.empty_windows)?;
        fields.put_if(self.stopped != 0, "stopped", self.stopped)?;
        fields.put("inputs", &self.inputs)?;
        fields.put_if(self.merged.is_some(), "merged", self.merged)?;
        fields.put_if(self.upstream.is_some(), "upstream", &self.upstream)?;
        fields.end()
    }
}

/// A list of counts as an object.
struct Told<'a>(&'a [(String, u64)]);

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, count)| (name, count)))
    }
}

/// A regular file a stage read.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Input {
    /// The path as given on the command line.
    pub path: String,
    /// Its size in bytes, as far as it was read.
    pub bytes: u64,
    /// SHA-256 of those bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

impl Serialize for Input {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = Fields::new(serializer)?;
        fields.put("path", &self.path)?;
        fields.put("bytes", self.bytes)?;
        fields.put("sha256", &self.sha256)?;
        fields.end()
    }
}

impl Input {
    /// Reads one element of `inputs`.
    pub fn from_value(value: &Value<'_>) -> Option<Input> {
        let sha256 = value.get("sha256")?.as_text()?;
        is_hex(sha256, 64).then_some(())?;
        Some(Input {
            path: value.get("path")?.as_text()?.to_owned(),
            bytes: value.get("bytes")?.as_number()?.as_u64()?,
            sha256: sha256.to_owned(),
        })
    }
}

impl Seal {
    /// Reads what stands under `@seal`. Unknown fields are ignored; a missing count, an odd field or a later version of
    /// the schema is `None` as a whole.
    pub fn from_value(value: &Value<'_>) -> Option<Seal> {
        Seal::read(value.as_object()?, true)
    }

    /// The seals this one stands on and itself, flat, itself last and without its `upstream`.
    pub fn flattened(mut self) -> Vec<Seal> {
        let mut seals = self.upstream.take().unwrap_or_default();
        seals.push(self);
        seals
    }

    /// Whether more lines were rejected than this stage was allowed to reject.
    pub fn rejects_too_much(&self) -> bool {
        self.is_too_much(self.rejected)
    }

    /// Whether another seal of the same text is a copy, not another run that came out alike: what it was made from was not
    /// empty, and is named (its files, each with its digest), or it seals so many lines that no two runs agree in all.
    pub fn tells_copies(&self) -> bool {
        if self.records == 0 || self.lines == Some(0) {
            return false;
        }
        self.names_its_evidence() || self.records >= MANY
    }

    /// Whether all that it was made from is named. A check-threshold that reads a stream names its threshold files only.
    fn names_its_evidence(&self) -> bool {
        let upstream = self.upstream.as_deref().unwrap_or_default();
        let is_full = |inputs: &[Input]| inputs.iter().any(|input| input.bytes > 0);
        self.plain == 0
            && match upstream {
                [] => is_full(&self.inputs),
                seals => seals.iter().all(|seal| seal.plain == 0) && seals.iter().any(|seal| is_full(&seal.inputs)),
            }
    }

    /// What this stage lost beyond its grant, in words: lines that it rejected, last lines that it left out since they had
    /// no newline.
    pub fn lost(&self) -> Option<String> {
        if !self.is_too_much(self.all_lost()) {
            return None;
        }
        let mut words = Vec::new();
        if self.rejected > 0 {
            let of = self.lines.map_or(String::new(), |lines| format!(" of {lines}"));
            let lines = if self.rejected == 1 && of.is_empty() { "line" } else { "lines" };
            words.push(format!("rejected {}{of} {lines}", self.rejected));
        }
        match self.unfinished {
            0 => {}
            1 => words.push("left out a last line without its newline".to_owned()),
            count => words.push(format!("left out {count} last lines without their newlines")),
        }
        match self.doubtful {
            0 => {}
            1 => words.push("could not tell whether 1 record is wanted".to_owned()),
            count => words.push(format!("could not tell whether {count} records are wanted")),
        }
        Some(format!("{} {}", self.tool, words.join(" and ")))
    }

    fn all_lost(&self) -> u64 {
        self.rejected.saturating_add(self.unfinished).saturating_add(self.doubtful)
    }

    /// That windows held nothing and were left out, in words; nothing where there were none.
    pub fn holes(&self) -> Option<String> {
        match self.empty_windows {
            0 => None,
            1 => Some(format!("{} left out 1 empty window", self.tool)),
            count => Some(format!("{} left out {count} empty windows", self.tool)),
        }
    }

    /// Whether the lines it read are those that became something: `lines = used + skipped + rejected`. True, too, of a seal
    /// that says neither how many were used nor how many skipped, as that of state rows, which carry their sum alone.
    pub fn adds_up(&self) -> bool {
        match (self.lines, self.used, self.skipped) {
            (Some(lines), Some(used), Some(skipped)) => {
                used.checked_add(skipped).and_then(|sum| sum.checked_add(self.rejected)) == Some(lines)
            }
            (_, None, None) => true,
            _ => false,
        }
    }

    fn is_too_much(&self, lost: u64) -> bool {
        if lost == 0 {
            return false;
        }
        let Some(allowed) = &self.allow_rejected else { return true };
        match allowed.strip_suffix('%') {
            None => allowed.parse().map_or(true, |allowed: u64| lost > allowed),
            Some(percent) => {
                let lines = self.lines.unwrap_or(0) as f64;
                percent.parse().map_or(true, |percent: f64| lost as f64 * 100.0 > percent * lines)
            }
        }
    }

    fn read(object: &Object<'_>, with_upstream: bool) -> Option<Seal> {
        // Each is `None` where the field is there and is not what it should be.
        let count = |key: &str| optional(object, key, |value| value.as_number()?.as_u64());
        let text = |key: &str| optional(object, key, |value| Some(value.as_text()?.to_owned()));
        let list = |key: &str| optional(object, key, Value::as_list);
        let upstream = if with_upstream { list("upstream")? } else { None };
        Some(Seal {
            tool: text("tool")??,
            version: text("version")?.unwrap_or_default(),
            schema: count("schema")?.unwrap_or(1),
            lines: count("lines")?,
            used: count("used")?,
            skipped: count("skipped")?,
            rejected: count("rejected")?.unwrap_or(0),
            unfinished: count("unfinished")?.unwrap_or(0),
            doubtful: count("doubtful")?.unwrap_or(0),
            told: match optional(object, "told", Value::as_object)? {
                None => Vec::new(),
                Some(told) => told
                    .iter()
                    .map(|(name, count)| Some((name.to_owned(), count.as_number()?.as_u64()?)))
                    .collect::<Option<_>>()?,
            },
            records: count("records")??,
            bytes: count("bytes")??,
            digest: text("digest")?,
            source: text("source")?,
            allow_rejected: text("allow_rejected")?,
            unsealed: object.get("unsealed") == Some(&Value::Bool(true)),
            allow_equal: object.get("allow_equal") == Some(&Value::Bool(true)),
            plain: count("plain")?.unwrap_or(0),
            empty_windows: count("empty_windows")?.unwrap_or(0),
            stopped: count("stopped")?.unwrap_or(0),
            inputs: list("inputs")?.unwrap_or_default().iter().map(Input::from_value).collect::<Option<_>>()?,
            merged: count("merged")?,
            upstream: match upstream {
                None => None,
                Some(seals) => {
                    Some(seals.iter().map(|seal| Seal::read(seal.as_object()?, false)).collect::<Option<_>>()?)
                }
            },
        })
        .filter(|seal| {
            (1..=SCHEMA_VERSION).contains(&seal.schema)
                && seal.digest.as_deref().is_none_or(|digest| is_hex(digest, 32))
                && seal.allow_rejected.as_deref().is_none_or(is_grant)
        })
    }
}

/// What stands under a key: `Some(None)` where nothing does, `None` where it is not what `read` wants.
fn optional<'v, 'a, T>(
    object: &'v Object<'a>,
    key: &str,
    read: impl Fn(&'v Value<'a>) -> Option<T>,
) -> Option<Option<T>> {
    match object.get(key) {
        None => Some(None),
        Some(value) => read(value).map(Some),
    }
}

/// Whether a text is so many lower-case hexadecimal digits.
fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a text is what `--allow-rejected` takes: `5`, `0.1%`.
fn is_grant(text: &str) -> bool {
    let number = text.strip_suffix('%').unwrap_or(text);
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    [whole, part].iter().all(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Seals in the order they were read, at most [`UPSTREAM_LIMIT`]: past that, those of one tool are added up.
pub fn bounded(seals: Vec<Seal>) -> Vec<Seal> {
    if seals.len() <= UPSTREAM_LIMIT {
        return seals;
    }
    let mut sums: Vec<Seal> = Vec::new();
    for seal in seals {
        let merged = seal.merged.unwrap_or(1);
        let Some(sum) = sums.iter_mut().find(|sum| sum.tool == seal.tool && sum.version == seal.version) else {
            // Inputs of a sum would grow without end; each was in a seal that was checked when it was read.
            sums.push(Seal { merged: Some(merged), inputs: Vec::new(), source: None, digest: None, ..seal });
            continue;
        };
        // What one seal rejected beyond its grant stays visible: a sum keeps a grant only if all gave the same.
        let too_much = sum.lost().is_some() || seal.lost().is_some();
        let add = |a: Option<u64>, b: Option<u64>| a.zip(b).map(|(a, b)| a.saturating_add(b));
        sum.lines = add(sum.lines, seal.lines);
        sum.used = add(sum.used, seal.used);
        sum.skipped = add(sum.skipped, seal.skipped);
        sum.rejected = sum.rejected.saturating_add(seal.rejected);
        sum.unfinished = sum.unfinished.saturating_add(seal.unfinished);
        sum.doubtful = sum.doubtful.saturating_add(seal.doubtful);
        for (name, count) in seal.told {
            match sum.told.iter().position(|(other, _)| *other == name) {
                Some(at) => sum.told[at].1 = sum.told[at].1.saturating_add(count),
                None if sum.told.len() < UPSTREAM_LIMIT => sum.told.push((name, count)),
                None => {}
            }
        }
        sum.records = sum.records.saturating_add(seal.records);
        sum.bytes = sum.bytes.saturating_add(seal.bytes);
        sum.unsealed |= seal.unsealed;
        sum.allow_equal |= seal.allow_equal;
        sum.plain = sum.plain.saturating_add(seal.plain);
        sum.empty_windows = sum.empty_windows.saturating_add(seal.empty_windows);
        sum.stopped = sum.stopped.saturating_add(seal.stopped);
        // A sum is as old as the oldest seal in it.
        sum.schema = sum.schema.min(seal.schema);
        sum.merged = add(sum.merged, Some(merged));
        let lost = sum.all_lost();
        sum.allow_rejected = (!too_much && lost > 0).then(|| lost.to_string());
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn reads_what_it_writes() {
        let seal = Seal {
            tool: "kv-extract".into(),
            version: "0.1.0".into(),
            schema: 2,
            digest: Some("0".repeat(32)),
            lines: Some(1000),
            used: Some(43),
            skipped: Some(957),
            doubtful: 2,
            told: vec![("outside".into(), 3)],
            records: 43,
            bytes: 5120,
            source: Some("web1".into()),
            empty_windows: 3,
            stopped: 1000,
            inputs: vec![Input { path: "run.log".into(), bytes: 81234, sha256: "0".repeat(64) }],
            upstream: Some(vec![Seal { tool: "x".into(), schema: 1, ..Seal::default() }]),
            ..Seal::default()
        };
        let mut text = Vec::new();
        json::write_struct(&seal, &mut text).unwrap();
        let read = Seal::from_value(&json::parse(&text).unwrap()).unwrap();
        assert_eq!(read, seal);
        assert_eq!(read.flattened().len(), 2);
    }

    #[test]
    fn odd_counts_are_no_seal() {
        for text in [
            r#"{"tool":"x","records":-1,"bytes":0}"#,
            r#"{"tool":"x","bytes":0}"#,
            r#"{"records":1,"bytes":1}"#,
            "[]",
            r#"{"tool":"x","records":1,"bytes":0,"schema":3,"digest":"00000000000000000000000000000000"}"#,
            r#"{"tool":"x","records":1,"bytes":0,"digest":"0"}"#,
            r#"{"tool":"x","records":1,"bytes":0,"allow_rejected":"1.%"}"#,
            r#"{"tool":"x","records":1,"bytes":0,"upstream":{}}"#,
            r#"{"tool":"x","records":1,"bytes":0,"inputs":1}"#,
            r#"{"tool":"x","records":1,"bytes":0,"inputs":[{"path":"a","bytes":1,"sha256":"0A"}]}"#,
        ] {
            assert_eq!(Seal::from_value(&json::parse(text.as_bytes()).unwrap()), None, "{text}");
        }
    }

    #[test]
    fn a_seal_tells_copies_where_it_names_what_it_was_made_from() {
        let file = |bytes| vec![Input { path: "run.log".into(), bytes, sha256: "0".repeat(64) }];
        let seal = Seal { records: 1, lines: Some(9), ..Seal::default() };
        for (seal, wanted) in [
            (seal.clone(), false),
            (Seal { inputs: file(9), ..seal.clone() }, true),
            (Seal { inputs: file(9), records: 0, ..seal.clone() }, false),
            (Seal { inputs: file(9), lines: Some(0), ..seal.clone() }, false),
            (Seal { inputs: file(0), ..seal.clone() }, false),
            // The thresholds of what came by a pipe.
            (Seal { inputs: file(9), plain: 1, ..seal.clone() }, false),
            (Seal { inputs: file(9), upstream: Some(vec![Seal { plain: 1, ..seal.clone() }]), ..seal.clone() }, false),
            (Seal { upstream: Some(vec![Seal { inputs: file(9), ..seal.clone() }]), ..seal.clone() }, true),
            (Seal { records: 30, plain: 1, ..seal.clone() }, true),
        ] {
            assert_eq!(seal.tells_copies(), wanted, "{seal:?}");
        }
    }

    #[test]
    fn rejected_lines_need_a_grant() {
        let seal = |rejected, allow: Option<&str>| Seal {
            rejected,
            lines: Some(1000),
            allow_rejected: allow.map(str::to_owned),
            ..Seal::default()
        };
        assert!(!seal(0, None).rejects_too_much());
        assert!(seal(1, None).rejects_too_much());
        assert!(!seal(10, Some("1%")).rejects_too_much());
        assert!(seal(11, Some("1%")).rejects_too_much());
        assert!(!seal(5, Some("5")).rejects_too_much());
        assert!(seal(1, Some("many")).rejects_too_much());
    }

    #[test]
    fn many_seals_add_up_without_hiding_a_rejection() {
        let mut seals: Vec<Seal> = (0..100)
            .map(|_| Seal { tool: "a".into(), lines: Some(2), records: 2, bytes: 10, ..Seal::default() })
            .collect();
        seals[50].rejected = 1;
        let sums = bounded(seals);
        assert_eq!((sums.len(), sums[0].records, sums[0].merged), (1, 200, Some(100)));
        assert!(sums[0].rejects_too_much());
    }
}
