//! `--parse '{ip} {} "{method} {path} {}" {status}'`: lines without `=`, read by the text between the holes.
//!
//! Owns the template and the places of its holes; a hole takes up to the next literal, so every line is read once.

use std::ops::Range;

use memchr::memmem::Finder;

/// A template: what a line begins with, then holes, each with the literal that ends it.
#[derive(Clone, Debug)]
pub struct Template {
    start: Vec<u8>,
    holes: Vec<Hole>,
}

#[derive(Clone, Debug)]
struct Hole {
    /// Empty for one that is dropped.
    name: String,
    /// Empty for one that takes the rest of the line.
    end: Finder<'static>,
}

impl Template {
    /// Reads a template. `{{` and `}}` stand for braces.
    pub fn parse(text: &str) -> Result<Template, String> {
        let mut literals = vec![String::new()];
        let mut names = Vec::new();
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            let last = literals.len() - 1;
            match letter {
                '{' if letters.next_if_eq(&'{').is_some() => literals[last].push('{'),
                '}' if letters.next_if_eq(&'}').is_some() => literals[last].push('}'),
                '}' => return Err("a '}' without its '{'; '}}' stands for one".to_owned()),
                '{' => {
                    let mut name = String::new();
                    loop {
                        match letters.next() {
                            Some('}') => break,
                            Some('{') | None => return Err("a '{' without its '}'; '{{' stands for one".to_owned()),
                            Some(letter) => name.push(letter),
                        }
                    }
                    if names.len() == literals.len() - 1 && !names.is_empty() && literals[last].is_empty() {
                        return Err("two holes touch: wanted some text between them".to_owned());
                    }
                    if !name.is_empty() && names.contains(&name) {
                        return Err(format!("the name {name:?} stands twice"));
                    }
                    names.push(name);
                    literals.push(String::new());
                }
                _ => literals[last].push(letter),
            }
        }
        if names.iter().all(String::is_empty) {
            return Err("wanted at least one {name}".to_owned());
        }
        let mut literals = literals.into_iter();
        let start = literals.next().unwrap_or_default().into_bytes();
        let holes = names.into_iter().zip(literals);
        let holes = holes.map(|(name, end)| Hole { name, end: crate::input::selection::finder(&end) }).collect();
        Ok(Template { start, holes })
    }

    /// The names of its holes, in order, less those that are dropped.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.holes.iter().map(|hole| hole.name.as_str()).filter(|name| !name.is_empty())
    }

    /// Calls `each` with the name and the place of every hole; false, perhaps after some calls, where `line` does not
    /// fit.
    pub fn read(&self, line: &[u8], mut each: impl FnMut(&str, Range<usize>)) -> bool {
        if !line.starts_with(&self.start) {
            return false;
        }
        let mut at = self.start.len();
        let last = self.holes.len() - 1;
        for (number, hole) in self.holes.iter().enumerate() {
            let rest = &line[at..];
            let literal = hole.end.needle();
            let length = if literal.is_empty() {
                Some(rest.len())
            } else if number == last {
                // The last literal ends the line, so that what the hole holds may contain it.
                rest.strip_suffix(literal).map(<[u8]>::len).or_else(|| hole.end.find(rest))
            } else {
                hole.end.find(rest)
            };
            let Some(length) = length else { return false };
            if !hole.name.is_empty() {
                each(&hole.name, at..at + length);
            }
            at += length + literal.len();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(template: &str, line: &str) -> Option<Vec<(String, String)>> {
        let mut found = Vec::new();
        let fits = Template::parse(template).unwrap().read(line.as_bytes(), |name, place| {
            found.push((name.to_owned(), line[place].to_owned()));
        });
        fits.then_some(found)
    }

    #[test]
    fn holes_take_up_to_the_next_literal() {
        let pairs =
            |list: &[(&str, &str)]| Some(list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect());
        let web = "{ip} {} \"{method} {path} {}\" {status} {took_s}";
        assert_eq!(
            read(web, "1.2.3.4 - \"GET /a HTTP/1.1\" 200 0.005"),
            pairs(&[("ip", "1.2.3.4"), ("method", "GET"), ("path", "/a"), ("status", "200"), ("took_s", "0.005")])
        );
        assert_eq!(read("took {ms} ms", "took 12 ms"), pairs(&[("ms", "12")]));
        assert_eq!(read("[{a}] {b}", "[x] y z"), pairs(&[("a", "x"), ("b", "y z")]));
        assert_eq!(read("{{{a}}}", "{x}"), pairs(&[("a", "x")]));
        assert_eq!(read("took {ms} ms", "spent 12 ms"), None);
        assert_eq!(read("{a}:{b}", "x"), None);
    }

    #[test]
    fn templates_that_cannot_be() {
        for text in ["", "abc", "{}", "{a}{b}", "{a", "a}", "{a} {a}", "{a{b}}"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
