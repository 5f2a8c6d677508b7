#!/usr/bin/env bash
# Shows: zerocase, which exists to fail a job that ran no test, says "2 of 2 tests ran" of a googletest report whose tests
# are all disabled, and "1 of 2" of a Node run that skipped everything.
# Expected: 0 tests ran, exit 3, as where a report has <skipped/> in each case.
# Seen: a case counts as run unless it holds <skipped>; googletest says status="notrun". In TAP it takes the lines of
# subtests for points of the plan, and a group whose subtests were all skipped for a test.
# Who it hurts: a suite that somebody disabled, DISABLED_ before each name or skip in each subtest: the guard against
# empty runs passes, exit 0, with the sentence that tests ran.
# Instead: googletest's disabled="..." against tests="..."; the "# skipped" lines at the end of Node's TAP.
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

# pypi NAME==VERSION ...: into a virtual environment
pypi() {
    python3 -m venv --without-pip py
    python3 -m pip --python py/bin/python --disable-pip-version-check install -q --no-compile "$@"
    export PATH=$work/py/bin:$PATH
    printf 'version: %s\n' "$(python3 --version)" "$@"
}

pypi zerocase==0.1.7

cat >skipped.xml <<'XML'
<testsuites><testsuite name="Calc" tests="2"><testcase name="adds"><skipped/></testcase>
<testcase name="rounds"><skipped/></testcase></testsuite></testsuites>
XML
cat >googletest.xml <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="2" failures="0" disabled="2" errors="0" time="0." name="AllTests">
  <testsuite name="Calc" tests="2" failures="0" disabled="2" skipped="0" errors="0" time="0.">
    <testcase name="DISABLED_adds" file="calc.cc" line="3" status="notrun" result="suppressed" time="0." classname="Calc" />
    <testcase name="DISABLED_rounds" file="calc.cc" line="5" status="notrun" result="suppressed" time="0." classname="Calc" />
  </testsuite>
</testsuites>
XML
cat >calc.test.mjs <<'JS'
import test from "node:test";
test("writes", { skip: "no disk" }, () => {});
test("reads", async (t) => {
  await t.test("a file", { skip: "no disk" }, () => {});
  await t.test("a folder", { skip: "no disk" }, () => {});
});
JS
node --test --test-reporter=tap calc.test.mjs >node.tap
# says KIND FILE: how many ran, and the exit status of the guard
says() {
    local status=0
    zerocase "--$1" "$2" --allow-stale -- true >log 2>&1 || status=$?
    echo "$(zerocase read "--$1" "$2" | grep -oE '[0-9]+ of [0-9]+ tests'), exit $status"
}
must "JUnit, both skipped" "0 of 2 tests, exit 3" "$(says junit skipped.xml)"
must "googletest, both disabled" "2 of 2 tests, exit 0" "$(says junit googletest.xml)"
must "Node, all skipped" "1 of 2 tests, exit 0" "$(says tap node.tap)"
must "Node's own count" "# skipped 3" "$(grep '^# skipped' node.tap)"
