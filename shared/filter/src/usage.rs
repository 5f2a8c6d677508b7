//! Everything a tool says of itself, from its flag table: help, man page, shell completions.
//!
//! Owns the layout of these texts; refuses words of its own: what is said of a flag stands in the table.

use crate::flags::{ANSWERS, COMMON, Flag, GENERATED, Tool};

/// One flag as help shows it, whatever configuration it sets.
struct Row {
    short: Option<char>,
    long: &'static str,
    value: Option<&'static str>,
    words: &'static [&'static str],
    help: &'static str,
    more: &'static str,
}

/// What a tool says of itself.
pub(crate) struct Usage {
    name: &'static str,
    synopsis: &'static str,
    about: &'static str,
    more: &'static str,
    examples: &'static [(&'static str, &'static str)],
    own: Vec<Row>,
    common: Vec<Row>,
}

const EXIT: &str = "Exit status: 0 done (check-threshold and verdict: PASS or WARN), 1 FAIL (only those two), \
                    3 INCONCLUSIVE (those two, and merge-evidence --get of what is unknown), 2 error, \
                    141 the reader closed the pipe.";

/// What the tools read from the environment.
const ENVIRONMENT: [(&str, &str); 4] = [
    (
        "EVIDENCE_SEAL",
        "Where it is 1, the output ends with a seal and piped input must end with one, as --seal has it.",
    ),
    (
        "SOURCE_DATE_EPOCH",
        "Seconds since 1970: when the output says that it was made, where --now is not given. What is new is decided by the clock.",
    ),
    ("NO_COLOR", "Where it is set and not empty, a terminal gets no colours; --color overrides it."),
    ("TZ", "Of kv-extract: the zone of time stamps that say none, where --tz is not given."),
];

/// The pages of the whole set, each with its section.
const PAGES: [(&str, u8); 7] = [
    ("kv-extract", 1),
    ("percentile", 1),
    ("merge-evidence", 1),
    ("check-threshold", 1),
    ("verdict", 1),
    ("thresholds", 5),
    ("evidence-seal", 7),
];

impl Usage {
    /// Gathers the rows of `tool` and of what all tools share.
    pub(crate) fn new<C>(tool: &'static Tool<C>) -> Self {
        let own: Vec<Row> = tool.flags.iter().map(row).collect();
        let shadowed = |long: &str| own.iter().any(|row| row.long == long);
        let mut common: Vec<Row> = COMMON.iter().filter(|flag| !shadowed(flag.long)).map(row).collect();
        common.extend(ANSWERS.iter().map(|&(short, long, value, help)| Row {
            short,
            long,
            value,
            words: if long == "generate" { &GENERATED } else { &[] },
            help,
            more: "",
        }));
        let Tool { name, synopsis, about, more, examples, .. } = *tool;
        Usage { name, synopsis, about, more, examples, own, common }
    }

    /// `-h`: a line a flag, or two, within 80 columns.
    pub(crate) fn short(&self) -> String {
        let mut text = format!("{}\nUsage: {} {}\n", wrapped(self.about, ""), self.name, self.synopsis);
        for (title, rows) in self.sections() {
            text.push_str(&format!("\n{title}:\n"));
            for row in rows {
                let words = row.words();
                // A help text has up to 60 letters.
                let is_short = row.help.chars().count() <= 54;
                if words.len() < 24 && is_short {
                    text.push_str(&format!("  {words:<24}{}\n", row.help));
                } else {
                    let indent = if is_short { 26 } else { 20 };
                    text.push_str(&format!("  {words}\n{:<indent$}{}\n", "", row.help));
                }
            }
        }
        if let Some((line, what)) = self.examples.first() {
            text.push_str(&format!("\nExample: {line}\n  {what}\n"));
        }
        text
    }

    /// `--help`: everything.
    pub(crate) fn long(&self) -> String {
        let mut text = format!("{}\n\nUsage: {} {}\n", self.about, self.name, self.synopsis);
        for paragraph in self.more.split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
            text.push('\n');
            text.push_str(&wrapped(paragraph, ""));
        }
        for (title, rows) in self.sections() {
            text.push_str(&format!("\n{title}:\n"));
            for row in rows {
                text.push_str(&format!("  {}\n", row.words()));
                text.push_str(&wrapped(&row.sentences(), "      "));
            }
        }
        if !self.examples.is_empty() {
            text.push_str("\nExamples:\n");
        }
        for (line, what) in self.examples {
            text.push_str(&format!("  {line}\n      {what}\n"));
        }
        text.push('\n');
        text.push_str(&wrapped(EXIT, ""));
        text
    }

    /// `--generate WHAT`; `None` where WHAT is none of man, bash, zsh, fish.
    pub(crate) fn generate(&self, what: &str) -> Option<String> {
        match what {
            "man" => Some(self.man()),
            "bash" => Some(self.bash()),
            "zsh" => Some(self.zsh()),
            "fish" => Some(self.fish()),
            _ => None,
        }
    }

    fn sections(&self) -> [(&'static str, &[Row]); 2] {
        [("Options", &self.own), ("Common to all five tools", &self.common)]
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.own.iter().chain(&self.common)
    }

    fn man(&self) -> String {
        let mut page = format!(
            ".TH {} 1 \"\" \"{} {}\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n.B {}\n{}\n.SH DESCRIPTION\n{}\n",
            roff(&self.name.to_uppercase()),
            roff(self.name),
            crate::VERSION,
            roff(self.name),
            roff(self.about.trim_end_matches('.')),
            roff(self.name),
            roff(self.synopsis),
            roff(self.about),
        );
        for paragraph in self.more.split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
            page.push_str(&format!(".PP\n{}\n", roff(paragraph)));
        }
        for (title, rows) in self.sections() {
            page.push_str(&format!(".SH {}\n", roff(&title.to_uppercase())));
            for row in rows {
                page.push_str(&format!(".TP\n.B {}\n{}\n", roff(&row.words()), roff(&row.sentences())));
            }
        }
        page.push_str(&format!(".SH EXIT STATUS\n{}\n.SH EXAMPLES\n", roff(EXIT)));
        for (line, what) in self.examples {
            page.push_str(&format!(".TP\n.B {}\n{}\n", roff(line), roff(what)));
        }
        page.push_str(".SH ENVIRONMENT\n");
        for (name, what) in ENVIRONMENT {
            page.push_str(&format!(".TP\n.B {name}\n{}\n", roff(what)));
        }
        page.push_str(".SH SEE ALSO\n");
        let others = PAGES.iter().filter(|(name, _)| *name != self.name);
        let others: Vec<String> = others.map(|(name, section)| format!(".BR {} ({section})", roff(name))).collect();
        page.push_str(&others.join(" ,\n"));
        page.push('\n');
        page
    }

    fn bash(&self) -> String {
        let function = self.name.replace('-', "_");
        let words: Vec<String> = self.rows().flat_map(Row::spellings).collect();
        let mut text = format!("# bash completion for {}\n_{function}() {{\n    local word=$2 before=$3\n", self.name);
        text.push_str("    case $before in\n");
        for row in self.rows() {
            let Some(value) = row.value else { continue };
            let reply = match row.choices() {
                // What follows the word's = is a file's name: no blank after it.
                Some(list) if value.contains('=') => {
                    format!("$(compgen -W '{list}' -- \"$word\")); compopt -o nospace")
                }
                Some(list) => format!("$(compgen -W '{list}' -- \"$word\"))"),
                None => "$(compgen -f -- \"$word\"))".to_owned(),
            };
            text.push_str(&format!("    {}) COMPREPLY=({reply}; return ;;\n", row.spellings().join(" | ")));
        }
        text.push_str("    esac\n    if [[ $word == -* ]]; then\n");
        text.push_str(&format!("        COMPREPLY=($(compgen -W '{}' -- \"$word\"))\n", words.join(" ")));
        text.push_str("    else\n        COMPREPLY=($(compgen -f -- \"$word\"))\n    fi\n}\n");
        text.push_str(&format!("complete -o filenames -F _{function} {}\n", self.name));
        text
    }

    fn zsh(&self) -> String {
        let mut text = format!("#compdef {}\n_arguments -s \\\n", self.name);
        for row in self.rows() {
            let help = row.help.replace('\'', "'\\''").replace('[', "\\[").replace(']', "\\]").replace(':', "\\:");
            let action = match row.value {
                None => String::new(),
                Some(value) => match row.choices() {
                    Some(list) => format!(":{}:({list})", value.replace(':', "\\:")),
                    None => format!(":{}:_files", value.replace(':', "\\:")),
                },
            };
            for word in row.spellings() {
                text.push_str(&format!("    '*{word}[{help}]{action}' \\\n"));
            }
        }
        text.push_str("    '*:file:_files'\n");
        text
    }

    fn fish(&self) -> String {
        let mut text = format!("# fish completion for {}\n", self.name);
        for row in self.rows() {
            text.push_str(&format!("complete -c {}", self.name));
            if let Some(letter) = row.short {
                text.push_str(&format!(" -s {letter}"));
            }
            text.push_str(&format!(" -l {}", row.long));
            match row.value.map(|_| row.choices()) {
                Some(Some(list)) => text.push_str(&format!(" -x -a '{list}'")),
                Some(None) => text.push_str(" -r"),
                None => {}
            }
            text.push_str(&format!(" -d '{}'\n", row.help.replace('\\', "\\\\").replace('\'', "\\'")));
        }
        text
    }
}

impl Row {
    fn words(&self) -> String {
        let short = self.short.map_or("    ".to_owned(), |letter| format!("-{letter}, "));
        let value = self.value.map_or(String::new(), |name| format!(" {name}"));
        format!("{short}--{}{value}", self.long)
    }

    fn spellings(&self) -> Vec<String> {
        let mut words: Vec<String> = self.short.iter().map(|letter| format!("-{letter}")).collect();
        words.push(format!("--{}", self.long));
        words
    }

    /// The words that the value may be, parted by blanks; with `=` where something follows.
    fn choices(&self) -> Option<String> {
        let equals = if self.value.is_some_and(|value| value.contains('=')) { "=" } else { "" };
        let words: Vec<String> = self.words.iter().map(|word| format!("{word}{equals}")).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    fn sentences(&self) -> String {
        if self.more.is_empty() { format!("{}.", self.help) } else { format!("{}. {}", self.help, self.more) }
    }
}

fn row<C>(flag: &'static Flag<C>) -> Row {
    let (value, words) = (flag.takes.value_name(), flag.takes.words());
    Row { short: flag.short, long: flag.long, value, words, help: flag.help, more: flag.more }
}

/// A paragraph, or lines that begin with a blank as they are, within 80 columns.
fn wrapped(text: &str, indent: &str) -> String {
    let mut wrapped = String::new();
    let mut column = 0;
    for line in text.lines() {
        if line.starts_with(' ') {
            wrapped.push_str(&format!("{}{indent}{line}\n", if column > 0 { "\n" } else { "" }));
            column = 0;
            continue;
        }
        for word in line.split(' ').filter(|word| !word.is_empty()) {
            let width = word.chars().count();
            if column > 0 && column + 1 + width > 79 {
                wrapped.push('\n');
                column = 0;
            }
            if column == 0 {
                wrapped.push_str(indent);
                column = indent.len();
            } else {
                wrapped.push(' ');
                column += 1;
            }
            wrapped.push_str(word);
            column += width;
        }
    }
    if column > 0 {
        wrapped.push('\n');
    }
    wrapped
}

/// Plain words as roff takes them: backslashes, hyphens, and a dot or quote at a line's start made harmless.
fn roff(text: &str) -> String {
    let escaped = text.replace('\\', "\\e").replace('-', "\\-");
    let lines: Vec<String> = escaped
        .lines()
        .map(|line| if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line.to_owned() })
        .collect();
    lines.join("\n")
}
