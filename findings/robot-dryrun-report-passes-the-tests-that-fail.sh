#!/usr/bin/env bash
# Shows: Robot Framework's --dryrun writes a report in which a test that always fails has passed, and rebot --merge
# puts it over the real one.
# Expected: tests marked as not run, or no xUnit file: the guide says that keywords are not executed.
# Seen: the xUnit file has failures="0" skipped="0" and a time for each test, nothing says dry run; in output.xml
# the keywords are NOT RUN, but the test and the suite PASS. rebot --merge run.xml dry.xml replaces the failed test
# by the passed one, exit 0.
# Who it hurts: a linting job and a test job that write xunit.xml into one workspace; a gate on the file cannot tell
# the two.
# Instead: --dryrun with --output NONE --xunit NONE; merge only what a rerun wrote.
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

pypi robotframework==7.5

cat >shop.robot <<'ROBOT'
*** Test Cases ***
Orders are kept
    Should Be Equal    1 order    0 orders
ROBOT
status=0
robot --output run.xml --xunit run-junit.xml --log NONE --report NONE shop.robot >/dev/null 2>&1 || status=$?
counts() { grep -oE '<testsuite [^>]*' "$1" | grep -oE '(tests|failures|skipped)="[0-9]+"' | xargs; }
must "the run: exit, report" "1 tests=1 failures=1 skipped=0" "$status $(counts run-junit.xml)"
status=0
robot --dryrun --output dry.xml --xunit dry-junit.xml --log NONE --report NONE shop.robot >/dev/null 2>&1 || status=$?
must "--dryrun: exit, report" "0 tests=1 failures=0 skipped=0" "$status $(counts dry-junit.xml)"
must "words for it in the report" "0" "$(grep -ciE 'dry|not.run' dry-junit.xml || true)"
status=0
rebot --merge --xunit merged.xml --log NONE --report NONE run.xml dry.xml >/dev/null 2>&1 || status=$?
must "the two merged: exit, report" "0 tests=1 failures=0 skipped=0" "$status $(counts merged.xml)"
