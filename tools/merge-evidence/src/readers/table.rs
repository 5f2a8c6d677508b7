//! Tables with a header: CSV (quotes, newlines in cells) and TSV (plain cells), one record a row.
//!
//! A row with more or fewer cells than the header is refused: a cell that moved by one is a wrong value, not a missing
//! one. An empty cell is an empty text, never a number. What must hold between figures must hold in each row.

use schema::{Code, Object, Value};

use crate::facts::{Content, Doubt, Facts, Failure};
use crate::relations;

/// Whether a text begins as a table does: a header with the separator, of names that are no numbers, and a row that
/// has as many cells, or no row at all.
pub fn fits(text: &str, separator: char) -> bool {
    let (declared, start) = beginning(text);
    let mut lines = text.get(start..).unwrap_or_default().lines();
    let Some(header) = lines.next() else { return false };
    if declared.is_some_and(|declared| declared != separator) {
        return false;
    }
    let names: Vec<&str> = header.split(separator).map(|name| name.trim().trim_matches('"')).collect();
    let plain = |name: &&str| !name.is_empty() && name.parse::<f64>().is_err() && !name.contains(['{', '<', '=']);
    if names.len() < 2 || !names.iter().all(plain) {
        return false;
    }
    match lines.next() {
        Some(row) => row.contains('"') || row.split(separator).count() == names.len(),
        // A header alone: names, and not a sentence.
        None => declared.is_some() || names.iter().all(|name| name.split(' ').count() <= 2 && name.len() <= 40),
    }
}

/// Whether a text begins as a table of one column does: a name, and numbers alone below it.
pub fn fits_column(text: &str) -> bool {
    let (declared, start) = beginning(text);
    let mut lines = text.get(start..).unwrap_or_default().lines().map(str::trim).filter(|line| !line.is_empty());
    let Some(name) = lines.next().map(|name| name.trim_matches('"')) else { return false };
    let letter = |letter: char| letter.is_alphanumeric() || "_-.%()[]/ ".contains(letter);
    let named = name.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && name.chars().all(letter)
        && name.split(' ').count() <= 2
        && name.parse::<f64>().is_err();
    let mut rows = 0;
    let numbers = lines.inspect(|_| rows += 1).all(|row| row.trim_matches('"').parse::<f64>().is_ok());
    declared.is_none() && named && numbers && rows > 0
}

/// The separators that tables other than TSV are written with, the most usual first.
pub const SEPARATORS: [char; 3] = [',', ';', '|'];

/// What a `sep=;` line (as spreadsheets write it) says, and where the header begins, behind `#` lines and blank ones.
fn beginning(text: &str) -> (Option<char>, usize) {
    let mut declared = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let plain = line.trim_end_matches(['\r', '\n']).trim_start_matches('\u{feff}');
        let said = plain.trim_matches('"').strip_prefix("sep=").filter(|said| said.chars().count() == 1);
        match said {
            Some(said) if declared.is_none() => declared = said.chars().next(),
            _ if plain.starts_with('#') || plain.trim().is_empty() => {}
            _ => break,
        }
        start += line.len();
    }
    // A header may itself begin with '#': then nothing but comments would be left.
    if start == text.len() { (None, 0) } else { (declared, start) }
}

/// Whether a text ends within a quoted cell: the rest of it, and all rows behind it, are not there.
pub fn is_open(text: &str, separator: u8) -> bool {
    // Whether the next byte begins a cell, and whether it is within quotes.
    let (mut begins, mut quoted) = (true, false);
    for &byte in text.as_bytes() {
        quoted = if quoted { byte != b'"' } else { begins && byte == b'"' };
        // Behind a quote that closes another may stand, which was none.
        begins = byte == separator || byte == b'\n' || (byte == b'"' && !quoted);
    }
    quoted
}

/// Reads CSV: cells between commas, or between semicolons or bars where the header has those and no comma.
///
/// # Errors
/// A row that does not fit the header, a header that names a column twice.
pub fn csv(text: &str) -> Result<Facts<'static>, Failure> {
    let (declared, start) = beginning(text);
    let above = text.get(..start).unwrap_or_default().matches('\n').count();
    let text = text.get(start..).unwrap_or_default();
    let first = text.lines().next().unwrap_or_default();
    let separator =
        declared.or_else(|| SEPARATORS.into_iter().find(|separator| first.contains(*separator))).unwrap_or(',');
    // `op, p99_ms`: who writes a blank behind each comma does not mean it as part of the name.
    let blanks = first.contains(&format!("{separator} "));
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .delimiter(u8::try_from(separator).unwrap_or(b','))
        .trim(if blanks { csv::Trim::All } else { csv::Trim::Headers })
        .from_reader(text.as_bytes());
    let failed = |error: &csv::Error| {
        let line = error.position().map_or(1, |position| position.line() as usize);
        Failure { place: Some((above + line, 1)), reason: format!("not CSV: {error}") }
    };
    if is_open(text, u8::try_from(separator).unwrap_or(b',')) {
        return Err(Failure::whole("ends within a quoted cell (cut short?)"));
    }
    let header: Vec<String> = reader.headers().map_err(|error| failed(&error))?.iter().map(str::to_owned).collect();
    check(&header)?;
    let mut rows = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| failed(&error))?;
        let line = row.position().map_or(0, |position| position.line() as usize);
        rows.push(record(&header, row.iter(), row.len(), above + line)?);
    }
    Ok(facts("csv", &header, rows))
}

/// Reads TSV: tabs between cells, no quoting.
///
/// # Errors
/// As [`csv()`].
pub fn tsv(text: &str) -> Result<Facts<'static>, Failure> {
    let mut lines = text.lines().enumerate();
    let header: Vec<String> = lines.next().map_or("", |(_, line)| line).split('\t').map(str::to_owned).collect();
    check(&header)?;
    let mut rows = Vec::new();
    for (number, line) in lines {
        if !line.is_empty() {
            rows.push(record(&header, line.split('\t'), line.split('\t').count(), number + 1)?);
        }
    }
    Ok(facts("tsv", &header, rows))
}

fn facts(format: &'static str, header: &[String], rows: Vec<Value<'static>>) -> Facts<'static> {
    let mut facts = Facts { format, ..Facts::default() };
    // Rows are flat and there may be millions: the header says whether there is anything to compare.
    if header.iter().filter(|name| relations::is_ordered(name)).count() > 1 {
        for (place, row) in rows.iter().enumerate() {
            relations::generic(row, &mut vec![place.to_string()], &mut facts.doubts);
        }
    }
    if rows.is_empty() {
        facts.doubts.push(Doubt::new(&[], Code::NoRecords, "a header and no rows"));
    }
    facts.content = Content::Many(rows);
    facts
}

fn check(header: &[String]) -> Result<(), Failure> {
    let mut seen = std::collections::HashSet::new();
    for name in header {
        if name.is_empty() || !seen.insert(name) {
            let reason = format!("the column {name:?} of the header is empty or appears twice");
            return Err(Failure { place: Some((1, 1)), reason });
        }
    }
    Ok(())
}

fn record<'c>(
    header: &[String],
    cells: impl Iterator<Item = &'c str>,
    count: usize,
    line: usize,
) -> Result<Value<'static>, Failure> {
    if count != header.len() {
        let reason = format!("{count} cells where the header has {}", header.len());
        return Err(Failure { place: Some((line, 1)), reason });
    }
    let members = header.iter().zip(cells).map(|(name, cell)| (name.clone(), expr::bare(cell.as_bytes()).into_owned()));
    Ok(Value::Object(members.collect::<Object>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::test;

    #[test]
    fn rows_become_records() {
        let text = "name,p99_ms,ok\n\"a, b\",1.50,true\n\"c\n\"\"d\"\"\",,007\n";
        assert!(fits(text, ','));
        assert_eq!(
            test::text(&csv(text).unwrap()),
            r#"[{"name":"a, b","p99_ms":1.50,"ok":true},{"name":"c\n\"d\"","p99_ms":"","ok":"007"}]"#
        );
        let text = "name\tn\na \"b\"\t\n";
        assert!(fits(text, '\t'));
        assert_eq!(test::text(&tsv(text).unwrap()), r#"[{"name":"a \"b\"","n":""}]"#);
    }

    #[test]
    fn tables_as_people_write_them() {
        for text in [
            "op,p99_ms\nsend,4\n",
            "op;p99_ms\nsend;4\n",
            "op|p99_ms\nsend|4\n",
            "sep=,\nop,p99_ms\nsend,4\n",
            "sep=;\r\nop;p99_ms\r\nsend;4\r\n",
            "# made by cron\n#\nop,p99_ms\nsend,4\n",
            "op, p99_ms\nsend, 4\n",
            "\u{feff}op,p99_ms\nsend,4\n",
        ] {
            assert!(SEPARATORS.into_iter().any(|separator| fits(text, separator)), "{text}");
            assert_eq!(test::text(&csv(text).unwrap()), r#"[{"op":"send","p99_ms":4}]"#, "{text}");
        }
        assert_eq!(test::text(&csv("p99_ms\n4\n").unwrap()), r#"[{"p99_ms":4}]"#);
        assert_eq!(csv("# a\nop,p99_ms\nsend\n").unwrap_err().place, Some((3, 1)));
    }

    #[test]
    fn a_header_alone_has_no_records() {
        let text = "response-time,DNS+dialup,status-code\n";
        assert!(fits(text, ','));
        assert_eq!(test::doubts(&csv(text).unwrap()), [": no-records: a header and no rows"]);
    }

    #[test]
    fn figures_of_a_row_are_held_against_each_other() {
        let text = "op,p50_ms,p99_ms\nsend,4,40\nread,40,4\nlist,,4\n";
        let facts = csv(text).unwrap();
        let wanted = ["1/p99_ms: inconsistent: p99 < p50: 4 < 40", "1/p50_ms: inconsistent: p99 < p50: 4 < 40"];
        assert_eq!(test::doubts(&facts), wanted);
        assert_eq!(test::doubts(&tsv(&text.replace(',', "\t")).unwrap()), wanted);
        assert_eq!(test::doubts(&csv("op,p99_ms,max_s\nsend,40,4\n").unwrap()), [""; 0]);
    }

    #[test]
    fn a_row_that_does_not_fit_is_refused() {
        for text in ["a,b\n1\n", "a,b\n1,2\n1,2,3\n", "a,a\n1,2\n", "a,\n1,2\n"] {
            assert!(csv(text).is_err(), "{text}");
        }
        assert!(tsv("a\tb\n1\n").is_err());
        assert_eq!(csv("a,b\n1,2\n1,2,3\n").unwrap_err().place, Some((3, 1)));
        assert!(!fits("1,2\n3,4\n", ','));
        assert!(!fits("it went well, they say\n", ','));
        assert!(!fits("it went well, they say\nindeed\n", ','));
    }

    #[test]
    fn a_table_that_ends_within_quotes_was_cut() {
        for text in ["a,b\n1,\"2", "a,b\n1,\"2\n3,4\n", "a,b\n\"x\"\"", "\"a\",\"b"] {
            assert!(is_open(text, b','), "{text}");
            assert!(csv(text).is_err(), "{text}");
        }
        for text in ["a,b\n1,2", "a,b\n1,\"2\"", "a,b\n5\" disk,2\n", "a,b\n\"x \"\"y\"\"\",2\n", "a,b\n\"\",\"\"\n"] {
            assert!(!is_open(text, b','), "{text}");
            assert!(csv(text).is_ok(), "{text}");
        }
    }
}
