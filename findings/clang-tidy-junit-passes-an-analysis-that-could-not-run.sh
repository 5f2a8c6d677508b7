#!/usr/bin/env bash
# Shows: clang-tidy stopped at a compiler option that it does not know, or found no file or no check: clang-tidy-junit
# makes a report with one passed test of its output.
# Expected: an error, as of a header that is missing, or a report that no test is in.
# Seen: only messages that begin with FILE:LINE:COLUMN are read. "error: unknown argument" has no place, "Error: no checks
# enabled." no check in brackets. Without any message the report says one test, passed; the converter exits 0.
# Who it hurts: a compile_commands.json that GCC's options stand in, a file that was renamed, a .clang-tidy that disables
# all: nothing was analysed, and the report is the same as of clean code. In the usual `clang-tidy … > log;
# clang-tidy-junit log report.xml` the exit status 1 is lost.
# Instead: clang-tidy's own exit status, or "Error while processing" in what it printed.
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

pypi clang-tidy==23.1.4 clang-tidy-junit==0.5.1.post3

printf 'int main(void) { return 0; }\n' >good.c
printf '#include "missing.h"\nint main(void) { return 0; }\n' >header.c
# report ARGUMENT ...: exit status of clang-tidy, exit status of the converter and what its report holds
report() {
    local status=0 converted=0
    clang-tidy "$@" >log 2>&1 || status=$?
    clang-tidy-junit log report.xml || converted=$?
    echo "$status $converted $(grep -oE '<testsuite [^>]*' report.xml | grep -oE '(tests|errors|failures)="[0-9]+"' | xargs)"
}
checks='--checks=-*,bugprone-*'
must "clean code" "0 0 tests=1 errors=0 failures=0" "$(report "$checks" good.c --)"
must "a header is missing" "1 0 tests=1 errors=1 failures=0" "$(report "$checks" header.c --)"
must "an option of another compiler" "1 0 tests=1 errors=0 failures=0" "$(report "$checks" good.c -- -fanother-option)"
must "what clang-tidy said" "error: unknown argument: '-fanother-option' [clang-diagnostic-error]" "$(grep '^error' log)"
must "a file that is not there" "1 0 tests=1 errors=0 failures=0" "$(report "$checks" renamed.c --)"
must "no check is enabled" "1 0 tests=1 errors=0 failures=0" "$(report '--checks=-*' good.c --)"
