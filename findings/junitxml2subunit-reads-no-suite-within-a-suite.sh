#!/usr/bin/env bash
# Shows: of Node's and PHPUnit's JUnit reports junitxml2subunit takes no test, or only those of the outermost suite: exit
# 0, and subunit-stats counts no failure.
# Expected: the failed test, and exit 1, as of a report with one level of suites; an error where nothing was read.
# Seen: a <testcase> below a second <testsuite>, or directly below <testsuites>, is passed over. Node writes the one for a
# describe() within another, the other for test(); PHPUnit has a suite for each class in one for the whole run.
# Who it hurts: a job that gathers the reports of several languages as one subunit stream for its history: the failures of
# these two are in none of them. Where one report of the stream has tests, the count is not 0 either.
# Instead: the totals of the report beside those of subunit-stats.
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

pypi python-subunit==1.4.6

# stats FILE: exit status of the reader, then what subunit-stats counts
stats() {
    local status=0
    junitxml2subunit "$1" >stream || status=$?
    { echo "$status"; subunit-stats <stream || true; } | grep -oE '^[0-9]+|(Total|Passed|Failed) tests: *[0-9]+' | xargs echo
}
cat >one.xml <<'XML'
<testsuites><testsuite name="calc" tests="2" failures="1"><testcase classname="calc" name="adds"/>
<testcase classname="calc" name="rounds"><failure message="0 is not 1">0 is not 1</failure></testcase></testsuite></testsuites>
XML
cat >phpunit.xml <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="tests" tests="2" assertions="2" errors="0" failures="1" skipped="0" time="0.004">
    <testsuite name="CalcTest" file="/app/tests/CalcTest.php" tests="2" errors="0" failures="1" skipped="0" time="0.004">
      <testcase name="testAdds" class="CalcTest" classname="CalcTest" file="/app/tests/CalcTest.php" line="5" time="0.001"/>
      <testcase name="testRounds" class="CalcTest" classname="CalcTest" file="/app/tests/CalcTest.php" line="9" time="0.003">
        <failure type="PHPUnit\Framework\ExpectationFailedException">CalcTest::testRounds: 0 is not 1</failure>
      </testcase>
    </testsuite>
  </testsuite>
</testsuites>
XML
cat >calc.test.mjs <<'JS'
import test from "node:test";
test("adds", () => {});
test("rounds", () => { throw new Error("0 is not 1"); });
JS
node --test --test-reporter=junit calc.test.mjs >node.xml || true
must "one level of suites" "1 Total tests: 2 Passed tests: 1 Failed tests: 1" "$(stats one.xml)"
must "PHPUnit's" "0 Total tests: 0 Passed tests: 0 Failed tests: 0" "$(stats phpunit.xml)"
must "Node's own count of failures" "# fail 1" "$(node --test --test-reporter=tap calc.test.mjs | grep '^# fail')"
must "Node's" "0 Total tests: 0 Passed tests: 0 Failed tests: 0" "$(stats node.xml)"
