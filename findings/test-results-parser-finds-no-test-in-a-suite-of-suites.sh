#!/usr/bin/env bash
# Shows: test-results-parser reads PHPUnit's report of one failure as a run of 0 tests, 0 failures, status SKIP.
# Expected: 2 tests, 1 failure, FAIL. PHPUnit writes a suite for each class within a suite for all; the outer one has the
# counts as well.
# Seen: a suite without a test case of its own is left out, and nobody looks into it. With one passing case beside the
# inner suite that case is all there is of the run.
# Who it hurts: its users are the tools that post results to a chat or a dashboard: a failed run of PHPUnit, or of any
# writer with nested suites, is posted as skipped.
# Instead: flatten the report before; fail where the total is 0.
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

npmjs test-results-parser@0.4.6

inner='<testsuite name="CartTest" tests="2" errors="0" failures="1" skipped="0">
<testcase name="testEmpty" classname="CartTest"/>
<testcase name="testTotal" classname="CartTest"><failure type="ExpectationFailedException">3 is not 4</failure></testcase>
</testsuite>'
outer="<testsuite name='unit' errors='0' failures='1' skipped='0'"
echo "<testsuites>$inner</testsuites>" >flat.xml
echo "<testsuites>$outer tests='2'>$inner</testsuite></testsuites>" >deep.xml
echo "<testsuites>$outer tests='3'>$inner<testcase name='testTop' classname='Top'/></testsuite></testsuites>" >both.xml
cat >read.js <<'JS'
const path = require("path");
const { parse } = require("test-results-parser");
const run = parse({ type: "junit", files: [path.resolve(process.argv[2])] });
const cases = run.suites.flatMap((suite) => suite.cases.map((one) => `${one.name} ${one.status}`));
console.log(run.status, `${run.failed} of ${run.total}:`, cases.join() || "no test");
JS
must "a suite" "FAIL 1 of 2: testEmpty PASS,testTotal FAIL" "$(node read.js flat.xml)"
must "a suite and a case in a suite: the cases" "testTop PASS" "$(node read.js both.xml | cut -d: -f2 | cut -c2-)"
must "a suite in a suite" "SKIP 0 of 0: no test" "$(node read.js deep.xml)"
