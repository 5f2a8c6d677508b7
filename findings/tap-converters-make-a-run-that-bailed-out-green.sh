#!/usr/bin/env bash
# Shows: tap-junit and tap-xunit turn "Bail out!" and all that was not run into a JUnit report without a failure, exit 0.
# Expected: a failure. A plan of 1..3 with one result and a bail-out has failed by the TAP specification; tap-parser and
# tap.py exit 1.
# Seen: 1 test, 0 failures. Without the bail-out, a plan of 3 and two results, which is a process that died, is green in
# tap-xunit; tap-junit says failures="1" there, without a failing test.
# Who it hurts: the suite stops at its first step for want of a database: the report that CI reads has one passed test.
# Instead: the exit code of the program that wrote the TAP, with pipefail; or tap-parser before the conversion.
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

npmjs tap-junit@5.0.4 tap-xunit@2.4.1 tap-parser@18.0.0
pypi tap.py==3.2.1

printf 'TAP version 13\n1..3\nok 1 - connects\nBail out! no database\n' >bail.tap
printf 'TAP version 13\n1..3\nok 1 - connects\nok 2 - writes\n' >died.tap
# counts TOOL FILE: exit code, tests and failures of its report
counts() {
    local code=0 tests failures
    "node_modules/.bin/$1" <"$2" >report.xml || code=$?
    tests=$(grep -o '<testcase ' report.xml | wc -l)
    failures=$(grep -o '<testsuite [^>]*' report.xml | grep -oE 'failures="[0-9]+"')
    echo "exit $code, $tests tests, $failures, $(grep -cE '<(failure|error)' report.xml) failing"
}
exits() {
    local code=0
    "$@" >log 2>&1 || code=$?
    echo "$code"
}
must "tap-parser, tap.py: exit" "1 1" "$(exits node_modules/.bin/tap-parser <bail.tap) $(exits tappy bail.tap)"
must "bailed out, tap-junit" 'exit 0, 1 tests, failures="0", 0 failing' "$(counts tap-junit bail.tap)"
must "bailed out, tap-xunit" 'exit 0, 1 tests, failures="0", 0 failing' "$(counts tap-xunit bail.tap)"
must "two of three, tap-junit" 'exit 0, 2 tests, failures="1", 0 failing' "$(counts tap-junit died.tap)"
must "two of three, tap-xunit" 'exit 0, 2 tests, failures="0", 0 failing' "$(counts tap-xunit died.tap)"
