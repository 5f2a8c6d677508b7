//! The report people look at: one HTML file without script, readable on a phone, on paper, and without its style sheet.
//!
//! Owns the page; refuses scripts, style attributes, links to anything but the page itself, and a text that is not
//! escaped.

mod bar;
mod checks;
mod evidence;
mod plot;

use schema::{Code, Group, Status, Verdict};

use super::{Decision, clipped, codes, collapsed, decision, name, status, tally, visible};
use crate::ramp;
use evidence::Places;

/// How many reasons stand in the first screenful.
const REASONS: usize = 5;
/// How many checks are named beside what to do about them.
const NAMED: usize = 3;
/// Groups past this number are folded where they passed.
const OPEN_GROUPS: usize = 3;

/// The whole page.
pub fn render(verdict: &Verdict<'static>, title: Option<&str>) -> String {
    let places = Places::of(&verdict.groups);
    let Decision { status, reason, .. } = decision(verdict);
    let mut out = String::from("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.push_str("<meta name=\"color-scheme\" content=\"light dark\">\n");
    out.push_str(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         img-src data:; base-uri 'none'; form-action 'none'\">\n",
    );
    let name = title.map_or_else(String::new, |title| format!("{}: ", long(title, 80)));
    out.push_str(&format!("<title>{name}{}: {}</title>\n", status.verdict(), escaped(&clipped(&reason, 100))));
    out.push_str(&format!(
        "<link rel=\"icon\" href=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 10 \
         10'%3E%3Ccircle cx='5' cy='5' r='5' fill='%23{}'/%3E%3C/svg%3E\">\n",
        bar::colour(status).trim_start_matches('#')
    ));
    out.push_str(&format!("<style>\n{}</style>\n</head>\n<body>\n", include_str!("style.css")));
    hero(verdict, title, &mut out);
    out.push_str("<main>\n");
    ramp_section(verdict, &mut out);
    gates(verdict, &mut out);
    groups(verdict, &places, &mut out);
    chain(verdict, &mut out);
    places.list_sources(&mut out);
    out.push_str("</main>\n");
    let made = escaped(&verdict.generated_at);
    out.push_str(&format!(
        "<footer>Made by verdict {} at {made}. Every figure is in the JSON document, with its evidence.</footer>\n",
        filter::VERSION
    ));
    out.push_str("</body>\n</html>\n");
    out
}

fn hero(verdict: &Verdict<'static>, title: Option<&str>, out: &mut String) {
    let Decision { status: decided, reason, gate } = decision(verdict);
    let class = decided.word();
    let gate = gate.map_or(String::new(), |gate| format!(" <small>gate {}</small>", long(gate, 60)));
    let title = title.map_or_else(String::new, |title| format!("<p class=\"title\">{}</p>", long(title, 120)));
    out.push_str(&format!(
        "<header>{title}<div class=\"hero {class}\"><div class=\"top\">{}<div><h1>{}{gate}</h1><p>{}</p></div></div>\n<div class=\"body\">",
        bar::mark(decided),
        decided.verdict(),
        headline(verdict, decided, &reason)
    ));
    why(verdict, decided, &reason, out);
    advice(verdict, out);
    let counts = &verdict.counts.checks;
    let shares = [
        (Status::Fail, counts.fail),
        (Status::Inconclusive, counts.inconclusive),
        (Status::Warn, counts.warn),
        (Status::Pass, counts.pass),
        (Status::Skip, counts.skip),
    ];
    if counts.total > 0 {
        out.push_str(&format!("<div class=\"tally\">{}<ul class=\"legend\">", bar::tally(&shares)));
        for (status, count) in shares.iter().filter(|(_, count)| *count > 0) {
            out.push_str(&format!("<li class=\"{0}\"><b>{count}</b> {0}</li>", status.word()));
        }
        out.push_str("</ul></div>");
    }
    out.push_str("<dl class=\"facts\">");
    let mut fact = |name: &str, value: &str| {
        out.push_str(&format!("<div><dt>{name}</dt><dd>{value}</dd></div>"));
    };
    let unsealed = if verdict.unsealed { ", with checks that came unsealed" } else { "" };
    fact("input seals", &format!("{}{unsealed}", chain_words(&verdict.chain)));
    fact("created", &escaped(&verdict.generated_at));
    for (key, value) in verdict.extra.iter() {
        fact(&long(key, 60), &long(&super::plain(value), 120));
    }
    out.push_str("</dl></div></div></header>\n");
}

/// What to do about each code: beside the checks that it is said of.
fn advice(verdict: &Verdict<'static>, out: &mut String) {
    let codes = codes(verdict);
    if codes.is_empty() {
        return;
    }
    out.push_str("<ul class=\"mend\">");
    for code in codes.iter().take(REASONS) {
        let mut of: Vec<String> = Vec::new();
        let mut more = 0;
        for (number, group) in verdict.groups.iter().enumerate() {
            for check in group.checks.iter().filter(|check| check.code == Some(*code)) {
                // The stream itself and a whole group are named by their reasons.
                let name = match (group.id.as_str(), check.id.starts_with('@')) {
                    (id, true) => id.to_owned(),
                    ("", false) => check.id.clone(),
                    (id, false) => format!("{id}: {}", check.id),
                };
                let link = format!("<a href=\"#g{number}\">{}</a>", long(&name, 80));
                if name.is_empty() || of.contains(&link) {
                    continue;
                }
                if of.len() < NAMED { of.push(link) } else { more += 1 }
            }
        }
        if more > 0 {
            of.push(format!("{more} more"));
        }
        let of = if of.is_empty() { String::new() } else { format!("{} ", of.join(", ")) };
        out.push_str(&format!("<li>{of}<b>{}</b>: {}: {}</li>", code.name(), code.meaning(), code.remedy()));
    }
    out.push_str("</ul>");
}

/// What the reasons below add up to.
fn headline(verdict: &Verdict<'static>, decided: Status, reason: &str) -> String {
    let groups = verdict.groups.len();
    let of_groups = if groups > 1 {
        let passed = verdict.counts.groups.pass + verdict.counts.groups.warn;
        format!(", {passed} of {groups} groups")
    } else {
        String::new()
    };
    if let Some(found) = &verdict.ramp {
        return escaped(&ramp::answer(found));
    }
    match decided {
        Status::Pass => format!("{}; {}{of_groups}", long(reason, 200), tally(verdict)),
        _ => format!("{}{of_groups}", tally(verdict)),
    }
}

/// The reasons: one a group that decided, with a link to it.
fn why(verdict: &Verdict<'static>, decided: Status, reason: &str, out: &mut String) {
    if decided == Status::Pass && verdict.ramp.is_none() {
        return;
    }
    out.push_str("<ul class=\"why\">");
    let deciding: Vec<(usize, &Group<'static>)> =
        verdict.groups.iter().enumerate().filter(|(_, group)| group.verdict == decided.verdict()).collect();
    if verdict.decided_by.is_some() || verdict.ramp.is_some() || deciding.is_empty() {
        let ramp = verdict.ramp.as_ref().filter(|found| !found.next_limit.is_empty());
        match ramp {
            Some(found) => out.push_str(&format!("<li>Next limit: {}</li>", long(&found.next_limit, 300))),
            None => out.push_str(&format!("<li>{}</li>", long(&collapsed(reason), 400))),
        }
        if status(verdict) != decided {
            let all = status(verdict);
            out.push_str(&format!(
                "<li>all checks together: {}: {}</li>",
                all.verdict(),
                long(&collapsed(&verdict.reason), 300)
            ));
        }
    } else {
        for (number, group) in deciding.iter().take(REASONS) {
            let reason = reasons(group);
            let title = name(group);
            if group.id.is_empty() || group.reason.starts_with(&*group.id) {
                out.push_str(&format!("<li>{reason}</li>"));
            } else {
                out.push_str(&format!("<li><b><a href=\"#g{number}\">{}</a></b> {reason}</li>", long(&title, 80)));
            }
        }
        if deciding.len() > REASONS {
            out.push_str(&format!("<li>… and {} more groups</li>", deciding.len() - REASONS));
        }
    }
    out.push_str("</ul>");
}

/// A group's reason, in which what many records say is said once.
fn reasons(group: &Group<'static>) -> String {
    let own = Status::from_verdict(&group.verdict).unwrap_or(Status::Inconclusive);
    let deciding = group.checks.iter().filter(|check| check.status == own && !check.reason.is_empty());
    let mut counted: Vec<(&str, &str, u64)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for check in deciding {
        let place = *places.entry(check.id.as_str()).or_insert_with(|| {
            counted.push((&check.id, &check.reason, 0));
            counted.len() - 1
        });
        if let Some((_, _, count)) = counted.get_mut(place) {
            *count += 1;
        }
    }
    if own <= Status::Pass || group.document.is_some() || counted.iter().all(|(_, _, count)| *count == 1) {
        return long(&collapsed(&group.reason), 300);
    }
    let words = counted.iter().take(REASONS).map(|(_, reason, count)| match count {
        1 => long(&collapsed(reason), 200),
        2 => format!("{} and once more", long(&collapsed(reason), 200)),
        count => format!("{} and {} more times", long(&collapsed(reason), 200), count - 1),
    });
    let mut line = words.collect::<Vec<_>>().join("; ");
    if counted.len() > REASONS {
        line.push_str(&format!("; and {} more checks", counted.len() - REASONS));
    }
    line
}

fn ramp_section(verdict: &Verdict<'static>, out: &mut String) {
    let Some(found) = &verdict.ramp else { return };
    out.push_str("<h2>Ramp</h2><section class=\"card\"><div class=\"ramp\">");
    out.push_str(&format!("<p class=\"answer\">{}</p>", escaped(&ramp::answer(found))));
    let limit = match (found.next_limit.as_str(), found.inconclusive.len()) {
        ("", 0) => "no limit was found: the highest step passed".to_owned(),
        ("", unknown) => format!("no step failed; {unknown} inconclusive"),
        (limit, 0) => format!("next limit: {}", long(limit, 300)),
        (limit, unknown) => format!("next limit: {}; {unknown} of the steps inconclusive", long(limit, 300)),
    };
    out.push_str(&format!("<p>{limit}</p>"));
    out.push_str(&checks::ramp_plot(verdict));
    out.push_str("</div></section>\n");
}

fn gates(verdict: &Verdict<'static>, out: &mut String) {
    if verdict.gates.is_empty() {
        return;
    }
    out.push_str("<h2>Gates</h2><div class=\"card\"><table class=\"stack\"><thead><tr><th>gate</th><th></th><th>why</th><th>asks for</th></tr></thead><tbody>");
    for (name, gate) in verdict.gates.iter() {
        let Some(gate) = schema::Gate::from_value(gate) else { continue };
        let status = Status::from_verdict(&gate.verdict).unwrap_or(Status::Inconclusive);
        let decides = if verdict.decided_by.as_deref() == Some(name) { " <small>decides</small>" } else { "" };
        out.push_str(&format!(
            "<tr><td><b>{}</b>{decides}</td><td>{}</td><td>{}</td><td data-label=\"asks for\">{}</td></tr>",
            long(name, 80),
            pill(status, status.verdict()),
            long(&collapsed(&gate.reason), 160),
            long(&gate.checks.join(", "), 200)
        ));
    }
    out.push_str("</tbody></table></div>\n");
}

fn groups(verdict: &Verdict<'static>, places: &Places, out: &mut String) {
    let total = verdict.groups.len();
    let title = if total > 1 { format!("Groups <small>{total}</small>") } else { "Checks".to_owned() };
    out.push_str(&format!("<h2>{title}</h2>\n"));
    let mut order: Vec<(usize, &Group<'static>)> = verdict.groups.iter().enumerate().collect();
    // A ramp keeps the order of its steps.
    if verdict.ramp.is_none() {
        order.sort_by_key(|(_, group)| {
            std::cmp::Reverse(Status::from_verdict(&group.verdict).unwrap_or(Status::Inconclusive))
        });
    }
    for (number, group) in order {
        let own = Status::from_verdict(&group.verdict).unwrap_or(Status::Inconclusive);
        let open = own > Status::Pass || total <= OPEN_GROUPS;
        let title = format!(
            "{} <span>{}</span> <small>{}</small>",
            pill(own, own.verdict()),
            long(&name(group), 120),
            reasons(group)
        );
        let open = if open { " open" } else { "" };
        out.push_str(&format!(
            "<details class=\"card group {}\" id=\"g{number}\"{open}><summary>{title}</summary>",
            own.word()
        ));
        if let Some(document) = &group.document {
            out.push_str(&format!(
                "<div class=\"pad\"><small>a verdict of its own: {}, made {}, chain {}</small></div>",
                long(&document.path, 160),
                escaped(&document.generated_at),
                escaped(&document.chain)
            ));
        }
        checks::list(number, group, places, out);
        places.list(group, out);
        out.push_str("</details>\n");
    }
    if total == 0 {
        out.push_str(&format!("<div class=\"card\"><div class=\"pad\">{}</div></div>\n", Code::NoChecks.meaning()));
    }
}

/// The chain as a reader means it who knows no seals.
fn chain_words(chain: &str) -> String {
    match chain {
        "sealed" => "sealed end to end".to_owned(),
        "plain" => "none".to_owned(),
        other => escaped(other),
    }
}

fn chain(verdict: &Verdict<'static>, out: &mut String) {
    out.push_str(&format!("<h2>Input seals <small>{}</small></h2><div class=\"card\">", chain_words(&verdict.chain)));
    if verdict.seals.is_empty() && verdict.inputs.is_empty() {
        out.push_str("<div class=\"pad\">no stage sealed what it wrote</div></div>\n");
        return;
    }
    out.push_str("<table class=\"stack\"><thead><tr><th>stage</th><th class=\"num\">lines read</th><th class=\"num\">used</th><th class=\"num\">skipped</th><th class=\"num\">rejected</th><th class=\"num\">written</th><th>files</th></tr></thead><tbody>");
    for seal in &verdict.seals {
        let count = |count: Option<u64>| count.map_or(String::new(), |count| count.to_string());
        let files: Vec<String> = seal.inputs.iter().map(|input| long(&input.path, 120)).collect();
        let allowed = seal
            .allow_rejected
            .as_ref()
            .map_or(String::new(), |allowed| format!(" <small>of {} allowed</small>", escaped(allowed)));
        let unsealed = if seal.unsealed { " <small>read unsealed</small>" } else { "" };
        let holes = match seal.empty_windows {
            0 => String::new(),
            1 => " <small>1 empty window left out</small>".to_owned(),
            count => format!(" <small>{count} empty windows left out</small>"),
        };
        let holes = match seal.stopped {
            0 => holes,
            lines => format!("{holes} <small>stopped after {lines} lines</small>"),
        };
        let merged = seal.merged.map_or(String::new(), |merged| format!(" <small>{merged} seals</small>"));
        out.push_str(&format!(
            "<tr><td><b>{}</b>{unsealed}{merged}{holes}</td><td class=\"num\" data-label=\"read\">{}</td><td class=\"num\" data-label=\"used\">{}</td>\
             <td class=\"num\" data-label=\"skipped\">{}</td><td class=\"num\" data-label=\"rejected\">{}{allowed}</td>\
             <td class=\"num\" data-label=\"written\">{}</td><td data-label=\"files\">{}</td></tr>",
            long(&seal.tool, 60),
            count(seal.lines),
            count(seal.used),
            count(seal.skipped),
            seal.rejected,
            seal.records,
            files.join("<br>")
        ));
    }
    for input in &verdict.inputs {
        out.push_str(&format!(
            "<tr><td><b>verdict</b></td><td></td><td></td><td></td><td></td><td></td><td data-label=\"read\">{} <small>({} bytes, SHA-256 <code>{}</code>)</small></td></tr>",
            long(if input.path == "-" { "standard input" } else { &input.path }, 160),
            input.bytes,
            long(&input.sha256, 64)
        ));
    }
    out.push_str("</tbody></table></div>\n");
}

fn pill(status: Status, words: &str) -> String {
    format!("<span class=\"pill {}\">{words}</span>", status.word())
}

/// A text that means itself, between tags and in a quoted attribute.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in visible(text).chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}

/// A text of any length: past `limit` characters it is clipped.
fn long(text: &str, limit: usize) -> String {
    escaped(&clipped(text, limit))
}
