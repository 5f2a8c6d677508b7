//! What holds nothing where others beside it hold what a wildcard asks for: `b` of `{"a":{"p95_ms":5},"b":null}`.
//!
//! Owns which of them may have been meant. Refuses to doubt what is of another kind on purpose: an object of other keys, a
//! number, a name, `"errors":{}`, and null in an object of plain values.

use schema::{Value, counts};

use crate::Step;
use crate::evaluate::datum::is_no_figure;

/// A place that lacks what others beside it have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Without {
    /// The keys that each wildcard stands for there.
    pub captured: Vec<Vec<String>>,
    /// What is there instead.
    pub words: String,
}

/// The children of one object or list: those that have what is asked for, and those that lack it.
#[derive(Debug, Default)]
pub(super) struct Siblings {
    /// How many objects and lists have it.
    having: usize,
    has_object: bool,
    /// Whether they are summaries of percentile, which writes null for the group of those that name none, never for a field.
    are_summaries: bool,
    /// How many are of other things, as far as their names do not say so.
    others: usize,
    /// By their keys, with the key behind it where that is what is empty.
    lacking: Vec<(String, Option<String>, Lack)>,
}

/// What stands there instead.
#[derive(Clone, Debug)]
enum Lack {
    Null,
    Text(String),
    EmptyObject,
    EmptyList,
}

impl Siblings {
    pub fn has(&mut self, child: &Value<'_>) {
        self.has_object |= matches!(child, Value::Object(_));
        self.are_summaries |= child.get("method").is_some() && child.get("missing").is_some();
        self.having += usize::from(matches!(child, Value::Object(_) | Value::List(_)));
    }

    /// A child in which `rest` leads to nothing.
    pub fn has_not(&mut self, key: &str, child: &Value<'_>, rest: &[Step]) {
        if rest.is_empty() {
            return;
        }
        let mut at = child;
        let mut behind: Option<&str> = None;
        for (place, step) in rest.iter().enumerate() {
            if let Some(lack) = Lack::of(at) {
                self.lacking.push((key.to_owned(), behind.map(str::to_owned), lack));
                return;
            }
            // The last key itself is not there: it is an object of another kind.
            let Step::Name { text, .. } = step else { break };
            let Some(next) = at.get(text).filter(|_| place + 1 < rest.len()) else { break };
            (at, behind) = (next, Some(text.as_str()));
        }
        self.others += usize::from(matches!(child, Value::Object(_) | Value::List(_)) && !counts::is_apart(key));
    }

    /// Those that may have been meant to have it, in `around`: the key, and what is there instead. `is_figure`: what is asked
    /// for is a statistic, of which an empty object has none; where it is a count, none of it is there.
    pub fn without<'s>(&'s self, around: &'s Value<'_>, is_figure: bool) -> impl Iterator<Item = (&'s str, String)> {
        // An object in which few have it is none of things of one kind.
        let are_alike = self.having > 0 && self.having >= self.others;
        let mut plain = None;
        let mut has_plain = move || self.are_summaries || *plain.get_or_insert_with(|| has_plain(around));
        self.lacking.iter().filter_map(move |(key, behind, lack)| {
            let is_apart = counts::is_apart;
            let is_meant = match (behind, around) {
                _ if !are_alike => false,
                (Some(behind), _) => {
                    !is_apart(behind)
                        && match lack {
                            Lack::Null => true,
                            Lack::Text(text) => is_no_figure(text),
                            Lack::EmptyObject => is_figure,
                            Lack::EmptyList => false,
                        }
                }
                (None, Value::List(_)) => true,
                (None, _) if is_apart(key) => false,
                // Beside a name and a time they may be others of its fields, that are not set.
                (None, _) => match lack {
                    Lack::EmptyObject => self.has_object && (is_figure || !has_plain()),
                    // None of them: `"pending":[]`.
                    Lack::EmptyList => false,
                    Lack::Null => !has_plain(),
                    Lack::Text(text) => is_no_figure(text) && !has_plain(),
                },
            };
            let place = behind.as_ref().map_or_else(|| key.clone(), |behind| format!("{key}.{behind}"));
            is_meant.then(|| (key.as_str(), format!("{place} is {}, while others next to it have one", lack.words())))
        })
    }
}

impl Lack {
    fn of(value: &Value<'_>) -> Option<Lack> {
        match value {
            Value::Null => Some(Lack::Null),
            Value::Text(text) => Some(Lack::Text(text.to_string())),
            Value::Object(object) if object.is_empty() => Some(Lack::EmptyObject),
            Value::List(list) if list.is_empty() => Some(Lack::EmptyList),
            _ => None,
        }
    }

    fn words(&self) -> String {
        match self {
            Lack::Null => "null".to_owned(),
            Lack::Text(text) => {
                let mut quoted = Vec::new();
                schema::json::write_text(text, &mut quoted);
                String::from_utf8_lossy(&quoted).into_owned()
            }
            Lack::EmptyObject | Lack::EmptyList => "empty".to_owned(),
        }
    }
}

/// Whether an object has plain values of its own: it is no list of things by their names.
fn has_plain(around: &Value<'_>) -> bool {
    let Value::Object(object) = around else { return false };
    object.iter().any(|(_, value)| match value {
        Value::Text(text) => !is_no_figure(text),
        Value::Number(_) | Value::Bool(_) => true,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::Path;

    fn without(path: &str, document: &str) -> Vec<String> {
        let document = schema::json::parse(document.as_bytes()).unwrap();
        let (_, without) = Path::parse(path).unwrap().matches_and_those_without(&document);
        without
            .into_iter()
            .map(|one| format!("{}: {}", crate::record::wildcard::name(&one.captured), one.words))
            .collect()
    }

    #[test]
    fn what_holds_nothing_where_others_hold_it() {
        let tail = ", while others next to it have one";
        for (path, document, wanted) in [
            ("*.p95_ms", r#"{"a":{"p95_ms":5},"b":null}"#, "b: b is null"),
            ("*.p95_ms", r#"{"b":{},"a":{"p95_ms":5}}"#, "b: b is empty"),
            ("*.p95_ms", r#"{"a":{"p95_ms":5},"b":"timeout"}"#, "b: b is \"timeout\""),
            ("*.p95_ms", r#"{"run":"nightly","a":{"p95_ms":5},"b":{}}"#, "b: b is empty"),
            ("r.*.p95_ms", r#"{"error":null,"r":{"a":{"p95_ms":5},"b":null,"meta":{"host":"x"}}}"#, "b: b is null"),
            ("v.*.p95_ms", r#"{"v":[{"p95_ms":5},null]}"#, "1: 1 is null"),
            ("v.*.p95_ms", r#"{"v":[{"p95_ms":5},{}]}"#, "1: 1 is empty"),
            ("v.*.p95_ms", r#"{"v":[{"p95_ms":5},"later"]}"#, "1: 1 is \"later\""),
            ("v.*.*", r#"{"v":[[5,6],[]]}"#, "1,*: 1 is empty"),
            ("*.latency.p95", r#"{"a":{"latency":{"p95":5}},"b":{"latency":null}}"#, "b: b.latency is null"),
            ("*.latency.p95", r#"{"a":{"latency":{"p95":5}},"b":{"latency":{}}}"#, "b: b.latency is empty"),
            ("*.errors", r#"{"a":{"errors":0},"b":{}}"#, "b: b is empty"),
            ("*.*.p95", r#"{"a":{"x":{"p95":5}},"b":null}"#, "b,*: b is null"),
            ("*.*.p95", r#"{"a":{"x":{"p95":5},"y":null}}"#, "a,y: y is null"),
            ("**.p95_ms", r#"{"r":{"a":{"p95_ms":5},"b":null}}"#, "r.b: b is null"),
        ] {
            let wanted: Vec<String> = vec![format!("{wanted}{tail}")];
            assert_eq!(without(path, document), wanted, "{path} {document}");
        }
    }

    #[test]
    fn what_is_of_another_kind_on_purpose() {
        for (path, document) in [
            ("*.p95_ms", r#"{"a":{"p95_ms":5},"meta":{"host":"x"}}"#),
            ("*.p95_ms", r#"{"a":{"p95_ms":5},"meta":null,"tags":{},"errors":[],"errorDistribution":{}}"#),
            ("*.p95_ms", r#"{"ts":"2026-03-05T20:32:12Z","a":{"p95_ms":5},"parent_run":null}"#),
            ("*.p95_ms", r#"{"run":"nightly","a":{"p95_ms":5}}"#),
            ("*.p95_ms", r#"{"a":{"p95_ms":5},"steps":[],"n":3}"#),
            ("*.p95_ms", r#"{"a.p95_ms":5,"b":null}"#),
            ("*.p95_ms", r#"{"a":{"p95_ms":5},"b":{"p99_ms":5},"c":7,"d":true}"#),
            ("*.p95_ms", r#"{"a":null,"b":{}}"#),
            ("*.error.retries", r#"{"a":{"error":{"retries":1}},"b":{"error":null}}"#),
            ("v.*", r#"{"v":[5,null]}"#),
            ("*.p99", r#"{"op":null,"ms":{"count":3,"missing":0,"p99":5,"method":"nearest-rank"}}"#),
            ("*.*.ms", r#"{"passes":[{"ms":5}],"pending":[],"failures":[]}"#),
            ("*.p99", r#"{"summary":{"rps":5},"percentiles":{"p99":5},"first_byte":null,"codes":{"200":9}}"#),
            ("*.codes.500", r#"{"a":{"codes":{"500":1}},"b":{"codes":{}}}"#),
            ("*.checks.*.passes", r#"{"a":{"checks":[{"passes":1}]},"b":{"checks":[]}}"#),
            ("g.*.*.passes", r#"{"g":{"name":"","groups":[],"checks":[{"passes":1}]}}"#),
            ("g.*.*.passes", r#"{"g":{"name":"","groups":{},"checks":{"a":{"passes":1}}}}"#),
            ("**.p95_ms", r#"{"x":{"y":{"p95_ms":5}},"b":null}"#),
            ("**.p95_ms", r#"{"p95_ms":5,"b":null}"#),
            ("a.p95_ms", r#"{"a":{"p95_ms":5},"b":null}"#),
            ("*.p95_ms", r#"{"a":{"p95_ms":5},"@evidence":null,"@source":{}}"#),
        ] {
            assert_eq!(without(path, document), Vec::<String>::new(), "{path} {document}");
        }
    }
}
