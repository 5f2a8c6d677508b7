#!/usr/bin/env bash
# Shows: junit-processor rewrites the totals of a report: a test that was skipped and whose teardown then failed counts as
# skipped alone, and patch 4, which is to keep the tests with a requirement, removes them.
# Expected: errors="1", as pytest writes it, or a total that is left alone; of the tests with and without the property,
# those with.
# Seen: errors="0". With --removeSkipped the error is gone and the report has one passed test. Patch 4 takes away the
# first test of the suite for each test without the property.
# Who it hurts: a fixture that cannot clean up, a full disk or a container that hangs, fails pytest with exit 1, and the
# report behind the processor is green; the tests of the requirements are not in the report that is sent to the test
# manager.
# Instead: pytest's own report, or its exit status.
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

# pypi NAME==VERSION ...: into a virtual environment
pypi() {
    python3 -m venv --without-pip py
    python3 -m pip --python py/bin/python --disable-pip-version-check install -q --no-compile "$@"
    export PATH=$work/py/bin:$PATH
    printf 'version: %s\n' "$(python3 --version)" "$@"
}

npmjs junit-processor@0.0.6
pypi pytest==9.2.0

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
status=0
pytest -q --junit-xml=report.xml test_disk.py >log 2>&1 || status=$?
# totals FILE: of its suite
totals() { grep -oE '<testsuite [^>]*' "$1" | grep -oE '(tests|errors|failures|skipped)="[0-9]+"' | sort | xargs echo; }
processed() { node_modules/.bin/junit-processor "$@" -o new.xml; }
must "pytest: exit status" "1" "$status"
must "its report" "errors=1 failures=0 skipped=1 tests=2" "$(totals report.xml)"
processed report.xml
must "processed" "errors=0 failures=0 skipped=1 tests=2" "$(totals new.xml)"
processed --removeSkipped report.xml
must "--removeSkipped" "errors=0 failures=0 skipped=0 tests=1" "$(totals new.xml)"

cat >linked.xml <<'XML'
<testsuites name="all"><testsuite name="unit">
<testcase name="linked"><properties><property name="requirements" value="CALC-5"/></properties><failure message="x"/></testcase>
<testcase name="plain"/>
</testsuite></testsuites>
XML
processed --patches 4 linked.xml
must "patch 4 of linked and plain leaves" 'name="plain"' "$(grep -o '<testcase [^>/]*' new.xml | cut -d ' ' -f 2)"
must "its totals" "errors=0 failures=0 skipped=0 tests=1" "$(totals new.xml)"
