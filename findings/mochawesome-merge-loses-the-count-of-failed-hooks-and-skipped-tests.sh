#!/usr/bin/env bash
# Shows: of a run whose before() throws mochawesome's stats say other 1 and skipped 2; behind mochawesome-merge both are
# 0, as is failures.
# Expected: the sums of what the reports say, as it makes of tests and passes.
# Seen: the counts are made anew from the tests, and a test that was not run is in tests alone: 3 tests, 1 passed, 0
# failed, 0 pending, 0 skipped, 0 other. After an after() that throws the merged stats are 1 test, 1 passed, 100 %. The
# failed hook itself is still in the results. It is so of one file, too.
# Who it hurts: Cypress writes a report for each file of tests and is merged so before anything looks at it: failures is 0
# in the single reports as well, and what could be asked for besides, other or skipped, is gone.
# Instead: mocha's exit status; the hooks in the results.
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

npmjs mochawesome-merge@5.1.1 mocha@10.8.2 mochawesome@8.1.1

cat >before.js <<'JS'
describe("database", () => {
  before(() => { throw new Error("refused"); });
  it("reads", () => {});
  it("writes", () => {});
});
JS
cat >after.js <<'JS'
describe("calc", () => {
  it("adds", () => {});
  after(() => { throw new Error("leaks"); });
});
JS
echo 'describe("calc", () => { it("adds", () => {}); });' >good.js
cat >stats.js <<'JS'
const { stats } = JSON.parse(require("fs").readFileSync(process.argv[2]));
console.log(["tests", "passes", "failures", "pending", "skipped", "other"].map((count) => stats[count]).join(" "));
JS
# stats FILE: tests, passes, failures, pending, skipped and other
stats() { node stats.js "$1"; }
# merged NAME ...: the same of these reports merged
merged() {
    node_modules/.bin/mochawesome-merge "${@/#/out/}" -o merged.json >log
    stats merged.json
}
for file in before after good; do
    status=0
    node_modules/.bin/mocha --reporter mochawesome \
        --reporter-options "reportDir=out,reportFilename=$file,html=false,quiet=true" "$file.js" >log 2>&1 || status=$?
    echo "$status" >"$file.status"
done
must "before() throws: mocha's exit status" "1" "$(cat before.status)"
must "tests, passes, failures, pending, skipped, other" "0 0 0 0 2 1" "$(stats out/before.json)"
must "merged with a good one" "3 1 0 0 0 0" "$(merged before.json good.json)"
must "after() throws: mocha's exit status" "1" "$(cat after.status)"
must "its report" "1 1 0 0 0 1" "$(stats out/after.json)"
must "merged alone" "1 1 0 0 0 0" "$(merged after.json)"
