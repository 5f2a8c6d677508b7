#!/usr/bin/env bash
# Shows: mlx-unity2junit makes a pass of Unity's "…:test_state:FAIL: Expected 'pump:FAIL' Was 'pump:PASS'", leaves out
# each ignored test, and makes a green report of a log that ends in the middle.
# Expected: a failure, a skipped test, and an error or at least as many tests as the run was to have.
# Seen: the last of :PASS, :FAIL and :SKIP in a line is its result. Unity says IGNORE, and such a line is not read. The
# lines "3 Tests 1 Failures 0 Ignored" and "FAIL" at the end are not looked for.
# Who it hurts: firmware that talks of states by these words; and a test binary that crashes or hangs, of which the log
# has the tests before: all passed.
# Instead: Unity's last line and the number of tests above it.
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

pypi mlx-unity2junit==0.0.9

# converted LINE ...: the totals of the report of these lines
converted() {
    printf '%s\n' "$@" >unity.log
    unity2junit unity.log report.xml >log
    grep -oE '<testsuite [^>]*' report.xml | head -n 1 | grep -oE '(tests|failures|skipped)="[0-9]+"' | xargs
}
adds="test/calc.c:5:test_adds:PASS"
must "a failure" "tests=2 failures=1 skipped=0" \
    "$(converted "$adds" "test/calc.c:9:test_state:FAIL: Expected 1 Was 2" ----- "2 Tests 1 Failures 0 Ignored" FAIL)"
state="test/calc.c:9:test_state:FAIL: Expected 'pump:FAIL' Was 'pump:PASS'"
must "a failure that speaks of :PASS" "tests=2 failures=0 skipped=0" \
    "$(converted "$adds" "$state" ----- "2 Tests 1 Failures 0 Ignored" FAIL)"
must "an ignored test" "tests=1 failures=0 skipped=0" \
    "$(converted "$adds" "test/calc.c:9:test_state:IGNORE: no pump" ----- "2 Tests 0 Failures 1 Ignored" OK)"
must "the log ends after the first of three" "tests=1 failures=0 skipped=0" "$(converted "$adds")"
must "nothing was printed" "tests=0 failures=0 skipped=0" "$(converted "")"
