//! The orders in which other systems merge states, beside ours.

use schema::Status;

/// A state of another system in our words; `None` for a header's or an exit's own words.
fn ours(word: &str) -> Option<Status> {
    Some(match word.trim_start_matches(':').to_lowercase().as_str() {
        "ok" | "true" | "successful" | "exit 0" => Status::Pass,
        "warning" => Status::Warn,
        // Their error is ours: it could not be told. So is Jepsen's crash.
        "unknown" | "inconclusive" | "error" | "crashed" | "exit 2" | "exit 255" => Status::Inconclusive,
        "critical" | "false" | "failed" | "exit 1" => Status::Fail,
        _ => return None,
    })
}

#[test]
fn merge_orders_of_others() {
    let Some(table) = testkit::outside("cases/verdict-merge-orders.tsv") else { return };
    let mut agreed = 0;
    let mut differ: Vec<String> = Vec::new();
    for row in table.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [states, merged, rule, _] = columns[..] else { panic!("{row}") };
        let list = states.split(',').filter(|word| !word.is_empty()).map(|word| ours(word).unwrap());
        let worst = Status::all(list);
        let worst = if worst == Status::Skip { Status::Inconclusive } else { worst };
        let merged = merged.split_once(" (").map_or(merged, |(word, _)| word);
        if ours(merged) == Some(worst) {
            agreed += 1;
        } else {
            let system = rule.split(':').next().unwrap_or_default().split(" worst").next().unwrap_or_default();
            differ.push(format!("{system}: [{states}] {merged}, ours {}", worst.verdict()));
        }
    }
    // Each of these is an order in which the unknown hides something, or nothing at all passes.
    assert_eq!(
        differ,
        [
            "Perl/C max_state: [WARNING,UNKNOWN] WARNING, ours INCONCLUSIVE",
            "Perl/C max_state: [OK,UNKNOWN] OK, ours INCONCLUSIVE",
            "Perl/C max_state_alt: [WARNING,UNKNOWN] WARNING, ours INCONCLUSIVE",
            "Python nagiosplugin: [] ok, ours INCONCLUSIVE",
            "Jepsen merge-valid: [] true, ours INCONCLUSIVE",
            "Jepsen test-all-exit!: [unknown,false] exit 2, ours FAIL",
            "Jepsen test-all-exit!: [crashed,unknown,false] exit 255, ours FAIL",
        ]
    );
    assert_eq!(agreed + differ.len(), 31);
}
