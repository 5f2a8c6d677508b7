#!/usr/bin/env bash
# Shows: cram and prysk pass a test whose shell ended in the middle of it.
# Expected: a failure, or at least an incomplete test: commands of it were never run, and their status is unknown.
# Seen: all commands go into one shell. Where that ends, by `exit`, by a signal, or by a command that fails under
# `set -e`, what comes after it has no output and no status, and where none is expected the test is passed, also in
# the JUnit report. The same test without `set -e` fails.
# Who it hurts: `set -e` is added to be strict, and turns checks that speak by their status alone (`grep -q`,
# `test`, `cmp`, `curl -sf`) off: the failing one ends the shell, and that is a pass.
# Instead: no `set -e`; or `  $ echo end` with `  end` as the last command of each test.
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

pypi cram==0.7 prysk==0.20.0

check='  $ echo starting >log\n  $ grep -q ready log\n  $ test -s log\n'
printf '%b' "$check" >plain.t
printf '%b' "  \$ set -e\n$check" >strict.t
printf '%b' "  \$ set -e\n$check  \$ echo end\n  end\n" >ended.t
printf '  $ kill -9 $$\n  $ false\n' >killed.t
# exits TEST: exit status of cram, of prysk, and failures in cram's report
exits() {
    local cram=0 prysk=0
    cram --xunit-file=cram.xml "$1.t" >out 2>&1 || cram=$?
    prysk "$1.t" >out 2>&1 || prysk=$?
    echo "$cram $prysk $(grep -o 'failures="[0-9]*"' cram.xml)"
}
must "grep -q that fails: cram, prysk, report" '1 1 failures="1"' "$(exits plain)"
must "after set -e" '0 0 failures="0"' "$(exits strict)"
must "after set -e, with an end" '1 1 failures="1"' "$(exits ended)"
must "the shell was killed" '0 0 failures="0"' "$(exits killed)"
