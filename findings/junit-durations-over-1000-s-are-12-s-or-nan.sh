#!/usr/bin/env bash
# Shows: a test of 12,345.678 s takes 12 s for junit-to-ctrf, NaN for test-results-parser and 0 for junit-time-diff;
# xunitparser raises.
# Expected: 12345.678 s. Maven Surefire writes its times so, with a comma after the thousands, and has done so for years.
# Seen: parseFloat stops at the comma, Number() gives NaN, which JSON writes as null. junitparser and junit2html know
# the comma. Below 1000 s all agree.
# Who it hurts: the long tests alone, soak and load tests of more than 16 minutes: one of 3 h 25 min is the shortest of the
# run, and a limit on the duration of a test is kept; a sum with a NaN is below no limit and above none.
# Instead: take the commas out of time="..." before.
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

# npmjs NAME@VERSION ...: into ./node_modules
npmjs() {
    npm install --silent --no-audit --no-fund --no-save --ignore-scripts "$@" >npm.log 2>&1 || { cat npm.log >&2; exit 1; }
    printf 'version: %s\n' "node $(node --version)" "$@"
}

npmjs junit-to-ctrf@0.0.14 test-results-parser@0.4.6
pypi junitparser==5.0.3 xunitparser==1.3.4 junit-time-diff==0.2.0

cat >soak.xml <<'XML'
<testsuites><testsuite name="SoakIT" tests="2" errors="0" failures="0" skipped="0" time="12,346.178">
<testcase name="soak" classname="SoakIT" time="12,345.678"/>
<testcase name="ping" classname="SoakIT" time="0.5"/>
</testsuite></testsuites>
XML
node_modules/.bin/junit-to-ctrf soak.xml -o soak.json >log
cat >read.js <<'JS'
const { parse } = require("test-results-parser");
const run = parse({ type: "junit", files: [`${process.cwd()}/soak.xml`] });
console.log(JSON.stringify(run.suites[0].cases.map((one) => one.duration)));
JS
cat >read.py <<'PY'
import xunitparser
from junitparser import JUnitXml

print([case.time for suite in JUnitXml.fromfile("soak.xml") for case in suite])
try:
    with open("soak.xml") as report:
        xunitparser.parse(report)
except ValueError:
    print("ValueError")
PY
mapfile -t line < <(python3 read.py)
must "junitparser, in s" "[12345.678, 0.5]" "${line[0]}"
must "xunitparser" "ValueError" "${line[1]}"
must "junit-time-diff" "Baseline: 2 tests, 0.50s total" "$(junit-time-diff soak.xml soak.xml | grep Baseline:)"
must "junit-to-ctrf, in ms" "12000,500" "$(node -p 'require("./soak.json").results.tests.map((one) => one.duration).join()')"
must "test-results-parser, in ms" "[null,500]" "$(node read.js)"
