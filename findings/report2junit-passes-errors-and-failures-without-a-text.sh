#!/usr/bin/env bash
# Shows: report2junit, which gathers reports of several kinds in one JUnit file, writes a test with an <error> as passed,
# and one whose <failure> has a message but no text, too.
# Expected: both as they were, and exit 1, since it fails where the report has failures.
# Seen: of the cases of a JUnit file only <failure> and <skipped> are looked at, and of a failure the text alone, without
# which junit-xml, the library behind it, writes no element. Of an error alone the exit status is 0.
# Who it hurts: pytest has an <error> for each fixture that fails, Surefire for each exception, and many writers say the
# reason in message="..." only: the gathered file is green.
# Instead: junitparser merge for what is JUnit already.
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

pypi report2junit==0.3.2 pytest==9.2.0

cat >test_database.py <<'PY'
import pytest


@pytest.fixture
def database():
    raise ConnectionError("refused")


def test_reads(database):
    pass
PY
pytest -q --junit-xml=error.xml test_database.py >log 2>&1 || true
cat >message.xml <<'XML'
<testsuite name="unit" tests="1" failures="1"><testcase name="adds"><failure message="1 is not 2"/></testcase></testsuite>
XML
cat >text.xml <<'XML'
<testsuite name="unit" tests="1" failures="1"><testcase name="adds"><failure>1 is not 2</failure></testcase></testsuite>
XML
# gathered FILE: exit status, and the totals of what it wrote
gathered() {
    local status=0
    rm -f all.xml
    report2junit --destination-file all.xml "$1" >log 2>&1 || status=$?
    echo "$status $(totals testsuites all.xml)"
}
totals() { grep -oE "<$1 [^>]*" "$2" | grep -oE '(tests|failures|errors)="[0-9]+"' | sort | xargs; }
must "pytest's own totals" "errors=1 failures=0 tests=1" "$(totals testsuite error.xml)"
must "gathered" "0 errors=0 failures=0 tests=1" "$(gathered error.xml)"
must "a failure with a message" "1 errors=0 failures=0 tests=1" "$(gathered message.xml)"
must "a failure with a text" "1 errors=0 failures=1 tests=1" "$(gathered text.xml)"
