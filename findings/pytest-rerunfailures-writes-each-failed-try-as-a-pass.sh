#!/usr/bin/env bash
# Shows: a test that fails three times, with --reruns 2, is three test cases of one name in pytest's JUnit file, of which
# two have no failure; junit-to-ctrf counts 3 of 4 passed, and flakeguard finds a flaky test.
# Expected: one test case with a failure, as pytest-retry has it and as tests="2" failures="1" of the same file say; or
# Surefire's rerunFailure.
# Seen: pytest writes a test case for each report it is given, and what a report with the outcome "rerun" was like is not
# written. With the plugin flaky it is the same. A test that passes the second time has two passed cases, so no trace of a
# failure.
# Who it hurts: a share of passed tests counted from the cases: the more reruns, the greener; and a quarantine of flaky
# tests takes in those that always fail.
# Instead: pytest-retry; or, of cases with one name, the last one alone.
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

pypi pytest==9.2.0 pytest-rerunfailures==16.7 flaky==3.8.1 pytest-retry==1.7.0 flakeguard==0.9.0
npmjs junit-to-ctrf@0.0.14

cat >test_shop.py <<'PY'
def test_pay():
    assert False


def test_cart():
    pass
PY
cat >cases.py <<'PY'
import sys
import xml.etree.ElementTree

suite = xml.etree.ElementTree.parse(sys.argv[1]).getroot().find("testsuite")
cases = [f"{case.get('name')} {'failed' if case.find('failure') is not None else 'passed'}" for case in suite]
print(f"tests {suite.get('tests')} failures {suite.get('failures')}:", ", ".join(cases))
PY
export PYTEST_DISABLE_PLUGIN_AUTOLOAD=1
# report FILE OPTION...
report() {
    python3 -m pytest -q -p no:cacheprovider --junitxml "$1" "${@:2}" test_shop.py >out.txt 2>&1 || true
    python3 cases.py "$1"
}
must "pytest-retry" "tests 2 failures 1: test_pay failed, test_cart passed" \
    "$(report retry.xml -p pytest_retry.retry_plugin --retries 2)"
all="tests 2 failures 1: test_pay passed, test_pay passed, test_pay failed, test_cart passed"
must "flaky" "$all" "$(report flaky.xml -p flaky.flaky_pytest_plugin --force-flaky --max-runs 3)"
must "pytest-rerunfailures" "$all" "$(report rerun.xml -p pytest_rerunfailures --reruns 2)"
npx junit-to-ctrf rerun.xml -o ctrf.json >ctrf.log
must "junit-to-ctrf: tests, passed, failed" "4 3 1" "$(python3 -c '
import json
summary = json.load(open("ctrf.json"))["results"]["summary"]
print(summary["tests"], summary["passed"], summary["failed"])')"
flakeguard scan rerun.xml --min-runs 1 --single-run --format json >flaky.json
must "flakeguard: new flaky" "test_pay" "$(python3 -c '
import json
print(*(test["name"] for test in json.load(open("flaky.json"))["flaky_tests"]))')"
