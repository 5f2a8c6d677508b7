#!/usr/bin/env bash
# Shows: a CUnit suite whose set-up or clean-up fails is no failure in the JUnit report that cunit-to-junit makes; with a
# failed set-up its tests are nowhere.
# Expected: an error, or as many tests as the summary of CUnit's file says: 2, of which 1 was run.
# Seen: tests="1" failures="0" errors="0". CUnit writes such a suite as CUNIT_RUN_SUITE_FAILURE with its reason, and
# counts it under Suites; only the records of tests are converted. Its totals are then made anew of what was converted.
# Who it hurts: the database that the suite connects to is down: the one suite that needs it drops out, the report is
# green and one test shorter. CUnit's own exit status is whatever the program makes of it.
# Instead: FAILED of the Suites record in CUnit's file, or the number of tests that the report should have.
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

# deb NAME VERSION: unpacked into ./root, nothing is installed
deb() {
    apt-get -qq download "$1=$2" >apt.log 2>&1 ||
        { apt-get -qq update && apt-get -qq download "$1=$2"; } >apt.log 2>&1 ||
        { cat apt.log >&2; exit 1; }
    dpkg -x "$1"_*.deb root
    echo "version: $1 $2"
}

# pypi NAME==VERSION ...: into a virtual environment
pypi() {
    python3 -m venv --without-pip py
    python3 -m pip --python py/bin/python --disable-pip-version-check install -q --no-compile "$@"
    export PATH=$work/py/bin:$PATH
    printf 'version: %s\n' "$(python3 --version)" "$@"
}

deb libcunit1 2.1-3-dfsg-2.6
pypi cunit-to-junit==0.1.0

cat >suites.py <<'PY'
# two suites of one test each, run by the library itself; what fails is the first argument
import ctypes
import sys

unit = ctypes.CDLL("root/usr/lib/x86_64-linux-gnu/libcunit.so.1")
Hook = ctypes.CFUNCTYPE(ctypes.c_int)
Test = ctypes.CFUNCTYPE(None)
unit.CU_add_suite.argtypes = [ctypes.c_char_p, Hook, Hook]
unit.CU_add_suite.restype = ctypes.c_void_p
unit.CU_add_test.argtypes = [ctypes.c_void_p, ctypes.c_char_p, Test]
unit.CU_add_test.restype = ctypes.c_void_p


def asserts(value):
    def test():
        unit.CU_assertImplementation(value, 5, b"value", b"calc.c", b"", 0)

    return Test(test)


good, bad, adds, rounds = Hook(lambda: 0), Hook(lambda: 1), asserts(1), asserts(0)
what = sys.argv[1]
unit.CU_initialize_registry()
unit.CU_add_test(unit.CU_add_suite(b"calc", good, good), b"adds", adds)
suite = unit.CU_add_suite(b"database", bad if what == "set-up" else good, bad if what == "clean-up" else good)
unit.CU_add_test(suite, b"reads", rounds if what == "test" else adds)
unit.CU_set_output_filename(b"cunit")
unit.CU_automated_run_tests()
PY
# fails WHAT: the suites that failed by CUnit's file, then the totals of the converted one
fails() {
    python3 suites.py "$1"
    cunit-to-junit cunit-Results.xml junit.xml 2>log
    grep -A 5 'TYPE> Suites' cunit-Results.xml | grep -oE 'FAILED> [0-9]+' | grep -oE '[0-9]+'
    grep -oE '<testsuite [^>]*' junit.xml | grep -oE '(tests|failures|errors)="[0-9]+"'
}
must "nothing fails" "0 tests=2 failures=0 errors=0" "$(fails nothing | xargs)"
must "a test fails" "0 tests=2 failures=1 errors=0" "$(fails test | xargs)"
must "set-up of the second suite fails" "1 tests=1 failures=0 errors=0" "$(fails set-up | xargs)"
must "its clean-up fails" "1 tests=2 failures=0 errors=0" "$(fails clean-up | xargs)"
