#!/usr/bin/env bash
# Shows: sarif-junit writes a SARIF result that has no `level` as a passed test; where it reads or writes nothing, it
# exits 0.
# Expected: a failure: SARIF 2.1.0 says in 3.27.10 that a result without a level has that of its rule, and else "warning",
# and results of the level "warning" are failures here.
# Seen: a test case without a failure. "error" and "warning" must be spelt out in the result. A file that is missing, or a
# result without a place in a file, is a red line on standard output, no report, and exit 0.
# Who it hurts: analysers that leave out what is the default, and those that give the level once in the rule: "error" in
# defaultConfiguration is a pass, too. All that they found is green; and a report of the run before stays where the file
# could not be read.
# Instead: the level written into each result before, as jq can: .level // "warning".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# must WHAT WANTED SEEN
must() {
    echo "seen: $1: $3"
    [ "$3" = "$2" ] || {
        echo "differs: $1: this script states: $2" >&2
        exit 1
    }
}

# npmjs NAME@VERSION ...: into ./node_modules
npmjs() {
    npm install --silent --no-audit --no-fund --no-save --ignore-scripts "$@" >npm.log 2>&1 || { cat npm.log >&2; exit 1; }
    printf 'version: %s\n' "node $(node --version)" "$@"
}

npmjs sarif-junit@1.1.4

cat >log.js <<'JS'
// log LEVEL RULE'S-LEVEL: one result
const [level, rule] = process.argv.slice(2);
const result = { ruleId: "unused-result", message: { text: "the result is not used" } };
if (level !== "none") result.level = level;
result.locations = [{ physicalLocation: { artifactLocation: { uri: "calc.c" }, region: { startLine: 3 } } }];
const driver = { name: "lint", rules: [{ id: "unused-result", defaultConfiguration: rule && { level: rule } }] };
console.log(JSON.stringify({ version: "2.1.0", runs: [{ tool: { driver }, results: [result] }] }));
JS
# report LEVEL [RULE'S LEVEL]: totals
report() {
    node log.js "$@" >log.sarif
    node_modules/.bin/sarif-junit -i log.sarif -o report.xml >out
    grep -oE '<testsuite [^>]*' report.xml | grep -oE '(tests|failures)="[0-9]+"' | xargs
}
must "level warning" "tests=1 failures=1" "$(report warning)"
must "no level" "tests=1 failures=0" "$(report none)"
must "no level, that of its rule is error" "tests=1 failures=0" "$(report none error)"
status=0
rm report.xml
node_modules/.bin/sarif-junit -i missing.sarif -o report.xml >out || status=$?
must "a file that is missing: exit status" "0" "$status"
must "reports written" "0" "$(find . -maxdepth 1 -name report.xml | wc -l)"
