//! `--expect`: which sources must be there, by name, by range or by number.

/// What `--expect` says of the sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Expected {
    /// Nothing.
    #[default]
    Any,
    /// So many.
    Count(usize),
    /// These, and no others.
    Names(Vec<String>),
    /// Those that a file names, one a line.
    File(String),
}

/// More names than this a range does not stand for.
const RANGE: u64 = 1_000_000;

impl Expected {
    /// Reads a count, a comma list of names and ranges `web[01..40]`, or `@FILE`.
    ///
    /// # Errors
    /// What was wanted.
    pub fn parse(text: &str) -> Result<Expected, String> {
        if let Ok(count) = text.parse() {
            return Ok(Expected::Count(count));
        }
        if let Some(file) = text.strip_prefix('@') {
            return Ok(Expected::File(file.to_owned()));
        }
        let mut names = Vec::new();
        for name in text.split(',') {
            names.extend(range(name.trim())?);
        }
        if names.iter().any(String::is_empty) {
            return Err("wanted names like web1,web2 or web[01..40], a count, or @FILE".to_owned());
        }
        Ok(Expected::Names(names))
    }

    /// The names of a file, where one is to be read.
    ///
    /// # Errors
    /// The file cannot be read, or names nothing.
    pub fn resolve(self) -> Result<Expected, String> {
        let Expected::File(path) = self else { return Ok(self) };
        let text = std::fs::read_to_string(&path).map_err(|error| format!("@{path}: {error}"))?;
        let mut names = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            names.extend(range(line)?);
        }
        if names.is_empty() { Err(format!("@{path}: the file names no source")) } else { Ok(Expected::Names(names)) }
    }

    /// Whether the sources are those that are expected.
    ///
    /// # Errors
    /// `missing-source` or `unexpected-source`, in words.
    pub fn check(&self, sources: &[String]) -> Result<(), String> {
        match self {
            Expected::Any | Expected::File(_) => Ok(()),
            Expected::Count(count) if *count == sources.len() => Ok(()),
            Expected::Count(count) => {
                let code = if sources.len() < *count { "missing-source" } else { "unexpected-source" };
                Err(format!("{code}: {} sources where {count} are expected: {}", sources.len(), few(sources)))
            }
            Expected::Names(names) => {
                let there: std::collections::BTreeSet<&String> = sources.iter().collect();
                let wanted: std::collections::BTreeSet<&String> = names.iter().collect();
                let absent: Vec<&String> = wanted.difference(&there).copied().collect();
                if !absent.is_empty() {
                    return Err(format!("missing-source: {}", few(&absent)));
                }
                let more: Vec<&String> = there.difference(&wanted).copied().collect();
                if more.is_empty() { Ok(()) } else { Err(format!("unexpected-source: {}", few(&more))) }
            }
        }
    }
}

/// The names that `web[01..40]` stands for, with as many digits as are written; any other text stands for itself.
fn range(text: &str) -> Result<Vec<String>, String> {
    let parts = || {
        let (before, rest) = text.split_once('[')?;
        let (inside, after) = rest.split_once(']')?;
        let (from, to) = inside.split_once("..")?;
        let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        (are_digits(from) && are_digits(to)).then_some((before, from, to, after))
    };
    let Some((before, from, to, after)) = parts() else { return Ok(vec![text.to_owned()]) };
    let wrong = || format!("{text:?}: wanted a range like web[01..40] of at most 1,000,000 names");
    let (first, last): (u64, u64) = (from.parse().map_err(|_| wrong())?, to.parse().map_err(|_| wrong())?);
    if last < first || last - first >= RANGE {
        return Err(wrong());
    }
    let width = from.len();
    Ok((first..=last).map(|number| format!("{before}{number:0width$}{after}")).collect())
}

/// At most five names, and how many more there are.
pub fn few<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<&str> = names.iter().take(5).map(T::as_ref).collect();
    let more = if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_counts() {
        let names = |text: &str| {
            Expected::parse(text).map(|expected| match expected {
                Expected::Names(names) => names.join(" "),
                other => format!("{other:?}"),
            })
        };
        assert_eq!(names("web[08..11]").as_deref(), Ok("web08 web09 web10 web11"));
        assert_eq!(names("a, b[1..2].x").as_deref(), Ok("a b1.x b2.x"));
        assert_eq!(names("web[1]").as_deref(), Ok("web[1]"));
        assert_eq!(names("3").as_deref(), Ok("Count(3)"));
        assert!(names("w[2..1]").is_err() && names("w[1..2000000]").is_err() && names("a,,b").is_err());
        let there: Vec<String> = (1..=9).map(|number| format!("web{number}")).collect();
        let check =
            |text: &str| Expected::parse(text).unwrap().check(&there).unwrap_or_else(|reason| panic!("{reason}"));
        check("web[1..9]");
        check("9");
        let refused = |text: &str| Expected::parse(text).unwrap().check(&there).unwrap_err();
        assert_eq!(
            refused("8"),
            "unexpected-source: 9 sources where 8 are expected: web1, web2, web3, web4, web5 and 4 more"
        );
        assert_eq!(refused("web[1..17]"), "missing-source: web10, web11, web12, web13, web14 and 3 more");
        assert_eq!(refused("web[1..8]"), "unexpected-source: web9");
    }
}
