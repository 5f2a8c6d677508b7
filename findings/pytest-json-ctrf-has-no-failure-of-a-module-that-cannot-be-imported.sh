#!/usr/bin/env bash
# Shows: in the CTRF report of pytest-json-ctrf a test module that cannot be imported is nowhere, and a test that was
# skipped and whose teardown then failed is skipped: failed 0, while pytest exits 2 and 1.
# Expected: a failed entry for each, as pytest's own JUnit report has an error for each.
# Seen: only reports of tests are gathered, not those of collecting them; and the first outcome that is not a pass stays.
# With --continue-on-collection-errors the rest runs, and its summary is all passed.
# Who it hurts: a missing dependency takes a whole file of tests away: summary.failed == 0 holds over fewer tests. A
# fixture that cannot give back what it took is seen by the exit status alone.
# Instead: pytest's exit status, or --junit-xml.
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

pypi pytest-json-ctrf==0.6.1 pytest==9.2.0

cat >test_database.py <<'PY'
import not_installed


def test_reads():
    assert False
PY
cat >test_disk.py <<'PY'
import pytest


@pytest.fixture
def disk():
    yield
    raise OSError("no space left on device")


def test_adds():
    pass


def test_writes(disk):
    pytest.skip("no disk")
PY
printf 'def test_adds():\n    pass\n\n\ndef test_rounds():\n    assert False\n' >test_calc.py
cat >summary.py <<'PY'
import json

with open("ctrf.json") as report:
    summary = json.load(report)["results"]["summary"]
print(*(summary[count] for count in ("tests", "passed", "failed", "skipped")))
PY
# summary ARGUMENT ...: pytest's exit status, then the report's counts
summary() {
    local status=0
    rm -f ctrf.json
    pytest -q --ctrf ctrf.json "$@" >log 2>&1 || status=$?
    echo "$status $(python3 summary.py)"
}
must "exit, tests, passed, failed, skipped: a failed test" "1 2 1 1 0" "$(summary test_calc.py)"
must "skipped, then its teardown failed" "1 2 1 0 1" "$(summary test_disk.py)"
must "a module that cannot be imported" "2 0 0 0 0" "$(summary test_database.py)"
must "with --continue-on-collection-errors" "1 1 1 0 0" \
    "$(summary --continue-on-collection-errors -k adds test_database.py test_calc.py)"
