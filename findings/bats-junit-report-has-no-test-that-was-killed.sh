#!/usr/bin/env bash
# Shows: bats exits 1 after a test that was killed, and its JUnit report has one test and no failure.
# Expected: a failure or an error for that test, as for one that failed; or tests="2".
# Seen: the test is not in the report at all. TAP has it as a gap: `1..2`, then `ok 2`, with a warning. A test that ends itself
# by `exit 0` half way is a failure in both.
# Who it hurts: a gate on the report, or a page that shows it: the test that took all memory and was killed for it is the one
# that is missing, and the rest is green.
# Instead: the exit status; or the plan of TAP against its results.
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

deb bats 1.8.2-1

cat >killed.bats <<'BATS'
@test "takes all memory" { kill -9 "$BASHPID"; }
@test "is fine" { true; }
BATS
cat >early.bats <<'BATS'
@test "exits half way" { exit 0; false; }
@test "is fine" { true; }
BATS
# report FILE FORMAT: into ./out; prints the exit status
report() {
    local status=0
    root/usr/bin/bats --formatter "$2" "$1" >out 2>/dev/null || status=$?
    echo "$status"
}
must "early: exit" "1" "$(report early.bats junit)"
must "early: report" 'tests="2" failures="1" errors="0"' "$(grep -oE 'tests="[0-9]*" failures="[0-9]*" errors="[0-9]*"' out)"
must "killed: exit" "1" "$(report killed.bats tap)"
must "killed: TAP" "1..2 ok 2 is fine" "$(grep -v '^#' out | xargs)"
must "killed: exit" "1" "$(report killed.bats junit)"
must "killed: report" 'tests="1" failures="0" errors="0"' "$(grep -oE 'tests="[0-9]*" failures="[0-9]*" errors="[0-9]*"' out)"
must "killed: names" 'name="is fine"' "$(sed -n 's/.*<testcase.* \(name="[^"]*"\).*/\1/p' out)"
