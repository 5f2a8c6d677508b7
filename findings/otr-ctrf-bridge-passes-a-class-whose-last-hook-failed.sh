#!/usr/bin/env bash
# Shows: otr2ctrf makes "passed" of an Open Test Reporting file in which a class FAILED behind its passed tests, as of an
# exception in JUnit 5's @AfterAll.
# Expected: a failed entry for the class, or failed 1, as where the class has no tests below it.
# Seen: the result of whatever has children is not read. A class that failed before its first test, without children, is
# an entry of its own. status ABORTED, an assumption that did not hold and which JUnit counts as skipped, is failed.
# Who it hurts: what is looked at when all tests of a class are through, a leak of connections or threads, a container
# that did not stop: the build fails and summary.failed is 0. The other way round, a run whose assumptions do not hold on
# this machine is red.
# Instead: the exit status of the build, or the file itself: result status="FAILED".
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

pypi otr-ctrf-bridge==0.1.0

cat >summary.py <<'PY'
import json

with open("ctrf.json") as report:
    summary = json.load(report)["results"]["summary"]
print(summary["passed"], summary["failed"], summary["skipped"])
PY
# report CLASS TEST: an OTR file of a class with one test, of these statuses; "none" is a class without a test
report() {
    local test="<h:child name=\"adds()\" start=\"2026-11-29T07:48:18Z\" duration=\"PT0.1S\"><result status=\"$2\"/></h:child>"
    [ "$2" != none ] || test=""
    cat >otr.xml <<XML
<?xml version="1.0"?>
<h:execution xmlns="https://schemas.opentest4j.org/reporting/core/0.2.0"
             xmlns:h="https://schemas.opentest4j.org/reporting/hierarchy/0.2.0">
  <h:root name="JUnit Jupiter" start="2026-11-29T07:48:18Z" duration="PT0.3S"><result status="SUCCESSFUL"/>
    <h:child name="CalcTest" start="2026-11-29T07:48:18Z" duration="PT0.2S"><result status="$1"/>$test</h:child>
  </h:root>
</h:execution>
XML
    otr-ctrf otr2ctrf otr.xml -o ctrf.json
    python3 summary.py
}
must "passed, failed and skipped: all is well" "1 0 0" "$(report SUCCESSFUL SUCCESSFUL)"
must "the test failed" "0 1 0" "$(report SUCCESSFUL FAILED)"
must "the class failed before its test" "0 1 0" "$(report FAILED none)"
must "the class failed behind its test" "1 0 0" "$(report FAILED SUCCESSFUL)"
must "an assumption did not hold" "0 1 0" "$(report SUCCESSFUL ABORTED)"
