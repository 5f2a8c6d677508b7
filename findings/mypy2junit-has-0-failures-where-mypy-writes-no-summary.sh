#!/usr/bin/env bash
# Shows: mypy2junit of `mypy --no-error-summary` with two errors: tests="0" failures="0", exit 0, and two failures inside.
# Expected: the number of the failures that it writes; and the same exit status as with the summary.
# Seen: the counts and the status come from the line `Found 2 errors`; the test cases from the lines of the errors. Of
# `--show-column-numbers` it is the other way round: failures="2" and not one test case.
# Who it hurts: a gate that reads the attributes passes, as does the step itself; a page that lists the failures has none.
# Instead: mypy --junit-xml; and mypy's own exit status.
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

pypi mypy==2.4.1 mypy2junit==1.9.0

printf 'limit: int = "200"\nshare: float = "1 %%"\n' >gate.py
# report OPTION ...: of mypy with these; prints what the report counts, the failures in it and the exit status
report() {
    local status=0
    { mypy --no-incremental "$@" gate.py || true; } >found 2>err
    mypy2junit found >report || status=$?
    echo "$(grep -oE '(tests|failures)="[0-9]*"' report | sort | xargs) inside $(grep -c '<failure' report || true) exit $status"
}
must "errors of mypy" "2" "$(mypy --no-incremental gate.py | grep -c ': error: ')"
must "mypy" "failures=2 tests=2 inside 2 exit 1" "$(report)"
must "--no-error-summary" "failures=0 tests=0 inside 2 exit 0" "$(report --no-error-summary)"
must "--show-column-numbers" "failures=2 tests=2 inside 0 exit 1" "$(report --show-column-numbers)"
