#!/usr/bin/env bash
# Shows: `junit2html --max-failures 1 report.xml` exits 0 for a report of two failures.
# Expected: 2. Its help says: exit non-zero if FAILURES or more test cases are failures (no effect with --merge).
# Seen: the option works with --summary-matrix and --report-matrix only; in the plain form, which writes report.html, it is
# taken and has no effect. --max-failures 0 is no limit in any form. And the matrix looks no deeper than the suites of the
# first level: of PHPUnit's report, where suites contain suites, it knows no test, and exits 0.
# Who it hurts: the line of a CI job that turns the report into a page and should fail with it never fails.
# Instead: -s --max-failures 1 for flat reports, and hold the number of tests shown against the one expected.
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

pypi junit2html==31.1.4

failing='<testcase classname="c" name="a"><failure/></testcase><testcase classname="c" name="b"><failure/></testcase>'
suite="<testsuite name='s' tests='2' failures='2'>$failing</testsuite>"
echo "<testsuites>$suite</testsuites>" >flat.xml
echo "<testsuites><testsuite name='unit' tests='2' failures='2'>$suite</testsuite></testsuites>" >deep.xml
# exits ARGUMENTS: its exit code
exits() {
    local code=0
    junit2html "$@" >log 2>&1 || code=$?
    echo "$code"
}
must "2 failures, -s --max-failures 1: exit" "2" "$(exits -s --max-failures 1 flat.xml)"
must "2 failures, --max-failures 1" "0" "$(exits --max-failures 1 flat.xml)"
must "2 failures, --max-failures 1, with an output" "0" "$(exits --max-failures 1 flat.xml flat.html)"
must "2 failures, -s --max-failures 0" "0" "$(exits -s --max-failures 0 flat.xml)"
must "2 failures in a suite of a suite, -s --max-failures 1" "0" "$(exits -s --max-failures 1 deep.xml)"
