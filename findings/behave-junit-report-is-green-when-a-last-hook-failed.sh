#!/usr/bin/env bash
# Shows: behave exits 1 because after_all (or after_feature) raised, and its JUnit report says that all passed.
# Expected: an <error>, as an exception in after_scenario gives one; this is where a suite looks for leaks, lost
# messages, what the fault left behind.
# Seen: tests="1" errors="0" failures="0", each case status="passed". Where before_all raised, so that nothing ran,
# the report is of skipped tests with errors="0".
# Who it hurts: a gate on the report, as most servers of CI have: FAIL on the terminal, green in the table. The
# report is complete, so no check for missing tests finds it.
# Instead: keep the exit status beside the report, or make the last check a scenario.
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

pypi behave==1.3.3

mkdir -p features/steps
printf 'Feature: f\n  Scenario: s\n    Given a service\n' >features/f.feature
printf 'from behave import given\n\n\n@given("a service")\ndef step(context):\n    pass\n' >features/steps/s.py
# hook NAME: exit status, and what the report says, where that hook raises
hook() {
    local status=0
    printf 'def %s(*_):\n    raise RuntimeError("three messages were lost")\n' "$1" >features/environment.py
    rm -rf reports
    behave --junit --junit-directory reports >/dev/null 2>&1 || status=$?
    echo "$status $(grep -ohE '(errors|failures|skipped)="[0-9]+"' reports/*.xml | xargs)"
}
must "after_scenario raises: exit, report" "1 errors=1 failures=0 skipped=0" "$(hook after_scenario)"
must "after_all raises" "1 errors=0 failures=0 skipped=0" "$(hook after_all)"
must "after_feature raises" "1 errors=0 failures=0 skipped=0" "$(hook after_feature)"
must "before_all raises" "1 errors=0 failures=0 skipped=1" "$(hook before_all)"
