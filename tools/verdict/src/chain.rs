//! The chain behind an answer: whether each stage vouched for what it handed on.
//!
//! Owns `sealed`, `partly sealed` and `plain`, and what upstream seals say of rejected lines; refuses to count lines:
//! that is done where they are read.

use schema::{Check, Code, Seal};

/// How one stream came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Every stage behind it sealed what it wrote, or read files that it digested.
    Sealed,
    /// Some did.
    Partly,
    /// None did, but for the stage that made the checks.
    Plain,
}

impl Link {
    /// The word in the document.
    pub fn word(self) -> &'static str {
        match self {
            Link::Sealed => "sealed",
            Link::Partly => "partly sealed",
            Link::Plain => "plain",
        }
    }

    /// What `--require-chain` misses, and how to get it.
    pub fn lacking(self) -> &'static str {
        match self {
            Link::Partly => {
                "part of the input was neither sealed nor digested (--require-chain): set EVIDENCE_SEAL=1 for every stage, or \
                 read its evidence from files"
            }
            _ => {
                "the input was neither sealed nor digested (--require-chain): set EVIDENCE_SEAL=1 for every stage, or read \
                 the evidence from files"
            }
        }
    }

    /// The link a document's word names; an unknown one vouches for nothing.
    pub fn from_word(word: &str) -> Link {
        [Link::Sealed, Link::Partly].into_iter().find(|link| link.word() == word).unwrap_or(Link::Plain)
    }

    /// All links together: what they agree on, else `partly sealed`; of none `plain`.
    pub fn all(links: impl IntoIterator<Item = Link>) -> Link {
        links.into_iter().reduce(|a, b| if a == b { a } else { Link::Partly }).unwrap_or(Link::Plain)
    }
}

/// The links that flat seals tell of, one for each stream of checks.
///
/// The stage that made the checks closes a link. It alone seals always, so that its seal proves nothing about what it
/// read: that is known only from the seals before its own and from the files it digested.
pub fn links(seals: &[Seal]) -> Vec<Link> {
    split(seals).into_iter().map(link).collect()
}

/// The same by the rule of version 0.1, which took any digested file for evidence.
pub fn links_of_schema_1(seals: &[Seal]) -> Vec<Link> {
    let link = |stages: &[Seal]| {
        let alone = stages.len() == 1 && stages.iter().all(|seal| seal.tool == "check-threshold");
        let open = stages.iter().any(|seal| seal.unsealed);
        match alone && stages.iter().all(|seal| seal.inputs.is_empty()) {
            true => Link::Plain,
            false if open => Link::Partly,
            false => Link::Sealed,
        }
    };
    split(seals).into_iter().map(link).collect()
}

/// The seals of each stream of checks.
fn split(seals: &[Seal]) -> Vec<&[Seal]> {
    seals.split_inclusive(|seal| seal.tool == "check-threshold").collect()
}

fn link(stages: &[Seal]) -> Link {
    let alone = stages.len() == 1 && stages.iter().all(|seal| seal.tool == "check-threshold");
    if stages.iter().all(|seal| vouches(seal, alone)) {
        Link::Sealed
    } else if alone && stages.iter().all(|seal| seal.plain > 0 || seal.inputs.is_empty()) {
        Link::Plain
    } else {
        Link::Partly
    }
}

/// Whether a stage vouches for all that it read: each input was sealed, or a file that it digested.
fn vouches(seal: &Seal, alone: bool) -> bool {
    let known = match seal.schema {
        // It does not say which of its files were evidence, and which thresholds or a baseline.
        1 => !alone,
        _ => seal.plain == 0,
    };
    known && !seal.unsealed
}

/// A check for each seal that tells of more lost lines than its stage was granted.
pub fn rejections(seals: &[Seal]) -> Vec<Check<'static>> {
    seals.iter().filter_map(Seal::lost).map(|lost| fault(Code::UpstreamRejected, &lost)).collect()
}

/// What is wrong with a stream, as a check that cannot be told.
pub fn fault(code: Code, detail: &str) -> Check<'static> {
    let mut check = Check::inconclusive(crate::groups::STREAM, "", code);
    if !detail.is_empty() {
        check.reason = format!("{}: {detail}", check.reason);
    }
    check
}

#[cfg(test)]
mod tests {
    use super::*;
    use schema::Input;

    fn seal(tool: &str) -> Seal {
        Seal { tool: tool.into(), schema: 2, ..Seal::default() }
    }

    fn told(seals: &[Seal]) -> &'static str {
        Link::all(links(seals)).word()
    }

    #[test]
    fn words() {
        assert_eq!(told(&[]), "plain");
        let plain = |tool: &str, plain| Seal { plain, ..seal(tool) };
        assert_eq!(told(&[plain("check-threshold", 1)]), "plain", "what it read nobody vouched for");
        let thresholds = Seal { inputs: vec![Input::default()], ..plain("check-threshold", 1) };
        assert_eq!(told(&[thresholds]), "plain", "a file of thresholds is no evidence");
        let digested = Seal { inputs: vec![Input::default()], ..seal("check-threshold") };
        assert_eq!(told(std::slice::from_ref(&digested)), "sealed");
        let old = Seal { schema: 1, ..digested.clone() };
        assert_eq!(told(std::slice::from_ref(&old)), "partly sealed", "its file may be the thresholds");
        assert_eq!(told(&[seal("percentile"), old]), "sealed");
        assert_eq!(told(&[plain("kv-extract", 1), seal("check-threshold")]), "partly sealed");
        assert_eq!(told(&[seal("percentile"), plain("check-threshold", 1)]), "partly sealed");
        assert_eq!(told(&[seal("percentile"), seal("check-threshold")]), "sealed");
        assert_eq!(told(&[seal("percentile"), seal("check-threshold"), plain("check-threshold", 1)]), "partly sealed");
        let open = Seal { unsealed: true, ..plain("check-threshold", 1) };
        assert_eq!(told(std::slice::from_ref(&open)), "plain");
        assert_eq!(told(&[seal("percentile"), open]), "partly sealed");
        assert_eq!(told(&[digested.clone(), digested]), "sealed");
        assert_eq!(Link::all([Link::Sealed, Link::from_word("new")]).word(), "partly sealed");
    }

    #[test]
    fn rejected_lines_are_told_unless_granted() {
        let mut rejecting = Seal { rejected: 3, lines: Some(100), ..seal("kv-extract") };
        assert_eq!(
            rejections(&[rejecting.clone()])[0].reason,
            "@stream: upstream-rejected: kv-extract rejected 3 of 100 lines"
        );
        rejecting.allow_rejected = Some("3%".into());
        assert!(rejections(&[rejecting.clone()]).is_empty());
        rejecting.unfinished = 1;
        assert_eq!(
            rejections(&[rejecting.clone()])[0].reason,
            "@stream: upstream-rejected: kv-extract rejected 3 of 100 lines and left out a last line without its newline"
        );
        rejecting.rejected = 0;
        assert!(rejections(&[rejecting]).is_empty(), "the grant is for both");
    }
}
