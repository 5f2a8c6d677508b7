#!/usr/bin/env bash
# Shows: `cat hosts | while read -r host; do assertEquals … ; done` in a shunit2 test: "ASSERT:expected:<1> but was:<2>",
# then "OK" and exit 0.
# Expected: FAILED and exit 1, as of the same loop with `done < file`, and as of an assertion that is the last thing in
# the pipe.
# Seen: the loop is a process of its own, and the count of failures in it is lost with it; the test returns what the last
# round returned. A file whose tests are not at the beginnings of lines, or are called check_…, is "Ran 0 tests." and OK.
# Who it hurts: tests that go through a list: a failure of each entry but the last is on the screen and nowhere else.
# After a rename of functions, nothing is tested and all is green.
# Instead: done < <(…) or done < file; a look for "Ran 0 tests" and "ASSERT:".
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

deb shunit2 2.1.8-3

printf '1\n2\n1\n' >answers
# runs: the test file on standard input; its failures, its last word and its exit status
runs() {
    local status=0
    { cat && echo '. root/usr/share/shunit2/shunit2'; } >tests.sh
    sh tests.sh >out 2>&1 || status=$?
    sed -i 's/\x1b\[[0-9;]*m//g' out
    echo "$(grep -c '^ASSERT:' out || true) $(grep -oE '^(OK|FAILED)' out) $status"
}
must "done < file" "1 FAILED 1" "$(runs <<'SH'
testAnswers() {
    failed=0
    while read -r answer; do assertEquals 1 "$answer" || failed=1; done <answers
    return $failed
}
SH
)"
must "done < file, the last round is good" "1 FAILED 1" "$(runs <<'SH'
testAnswers() {
    while read -r answer; do assertEquals 1 "$answer"; done <answers
}
SH
)"
must "behind a pipe" "1 OK 0" "$(runs <<'SH'
testAnswers() {
    cat answers | while read -r answer; do assertEquals 1 "$answer"; done
}
SH
)"
must "behind a pipe, the last round is bad, too" "2 FAILED 1" "$(runs <<'SH'
testAnswers() {
    cat answers answers | sed '$d' | while read -r answer; do assertEquals 1 "$answer"; done
}
SH
)"
must "two functions in one line" "0 OK 0" "$(runs <<'SH'
setUp() { :; }; testAnswers() { fail "not run"; }
SH
)"
must "what it says" "Ran 0 tests." "$(grep '^Ran' out)"
