//! CSV (RFC 4180), one line a check, columns that stay.
//!
//! Owns the quoting; refuses a cell that a spreadsheet would run: text that begins like a formula gets a `'`.

use schema::{Number, Verdict};

use super::{all_rows, plain, visible};

const HEAD: &str = "group,id,metric,status,code,actual,op,expected,unit,margin,samples,source,origin,reason,threshold,generated_at,low,high,sure,runs\n";

/// The whole report.
pub fn render(verdict: &Verdict<'static>) -> String {
    let nobody = schema::Group { id: "@verdict".to_owned(), ..schema::Group::default() };
    let mut out = String::from(HEAD);
    for row in all_rows(verdict, &nobody) {
        let check = &row.check;
        let known =
            |value: &schema::Value<'_>| if *value == schema::Value::Null { String::new() } else { plain(value) };
        let interval = check.interval.clone().unwrap_or_default();
        let cells = [
            row.group.id.clone(),
            row.title().into_owned(),
            check.metric.clone(),
            check.status.word().to_owned(),
            check.code.map_or(String::new(), |code| code.name().to_owned()),
            known(&check.actual),
            check.op.clone(),
            known(&check.expected),
            check.unit.clone(),
            check.margin.as_ref().map_or(String::new(), known),
            check.samples.map_or(String::new(), |samples| samples.to_string()),
            check.source.clone().unwrap_or_default(),
            check.origin.word().to_owned(),
            check.reason.clone(),
            check.threshold.clone().unwrap_or_default(),
            verdict.generated_at.clone(),
            known(&interval.low),
            known(&interval.high),
            known(&interval.sure),
            interval.runs.map_or(String::new(), |runs| runs.to_string()),
        ];
        let line: Vec<String> = cells.iter().map(|text| cell(text)).collect();
        out.push_str(&line.join(","));
        out.push('\n');
    }
    out
}

fn cell(text: &str) -> String {
    let shown = visible(text);
    let formula = shown.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let guard = if formula && Number::parse(&*shown).is_none() { "'" } else { "" };
    let text = format!("{guard}{shown}");
    // A semicolon separates cells where the decimal mark is a comma.
    if text.contains(['"', ',', ';', '\'', ' ']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn nothing_is_a_formula() {
        assert_eq!(cell("=cmd|'/c calc'!A1"), "\"'=cmd|'/c calc'!A1\"");
        assert_eq!(cell(" -1+2"), "\"' -1+2\"");
        assert_eq!(cell("@SUM(1)"), "\"'@SUM(1)\"");
        assert_eq!(cell("-400"), "-400");
        assert_eq!(cell("<="), "<=");
        assert_eq!(cell("a \"b\""), "\"a \"\"b\"\"\"");
    }
}
