#!/usr/bin/env bash
# Shows: cucumber-json-to-junit-xml writes the last scenario of each feature; one before it that failed is in no test
# case.
# Expected: a test case for each scenario.
# Seen: tests="2" failures="1" over one case, which passed. The totals count all scenarios, or two failures of one
# scenario where two of its steps failed; a step that is undefined or pending leaves its scenario passed, and the file has
# no skipped one.
# Who it hurts: readers of the cases, which most are, since totals are often missing: junitparser verify exits 0. The
# failure shows only where the scenario is the last of its file.
# Instead: cucumber's own JUnit writer, or the totals.
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

pypi cucumber-json-to-junit-xml==0.0.10 junitparser==5.0.3

cat >features.py <<'PY'
# features STATUS ...: a feature with a scenario of each status
import json
import sys


def scenario(status):
    result = {"status": status, "duration": 1000000} | ({"error_message": "1 is not 2"} if status == "failed" else {})
    return {"type": "scenario", "name": status, "tags": [], "steps": [{"keyword": "Then ", "name": "it adds", "result": result}]}


with open("cucumber.json", "w") as report:
    json.dump([{"name": "calculator", "elements": [scenario(status) for status in sys.argv[1:]]}], report)
PY
# report STATUS ...: totals, the names of the cases, and what junitparser makes of it
report() {
    local status=0
    python3 features.py "$@"
    json_to_junit cucumber.json junit.xml >log
    junitparser verify junit.xml || status=$?
    {
        grep -oE '(tests|failures)="[0-9]+"' junit.xml | sort
        grep -oE '<testcase [^>]*' junit.xml | grep -oE ' name="[a-z]+'
        echo "exit $status"
    } | tr -d '"' | xargs
}
must "passed, then failed" "failures=1 tests=2 name=failed exit 1" "$(report passed failed)"
must "failed, then passed" "failures=1 tests=2 name=passed exit 0" "$(report failed passed)"
must "undefined" "failures=0 tests=1 name=undefined exit 0" "$(report undefined)"
