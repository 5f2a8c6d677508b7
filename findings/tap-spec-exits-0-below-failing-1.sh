#!/usr/bin/env bash
# Shows: of what Perl's Test::More, or any writer without YAML, says of a failed test behind a comment, tap-spec prints
# "failing: 1" and exits 0; so it does of a run that ended before its plan or bailed out.
# Expected: exit 1, as without the comment, and as from tap-min and tap-diff.
# Seen: behind a comment, "# rounding" of a note or "# Subtest: calc", a failure without a YAML block is in the text and
# not in the exit status. Of "1..3" with one test nothing is said at all.
# Who it hurts: `perl t.pl | tap-spec`, where the exit status of the pipe is that of its last command: a red summary in a
# green job. tape writes YAML, and of it the failure is seen.
# Instead: tap-parser, or pipefail.
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

# npmjs NAME@VERSION ...: into ./node_modules
npmjs() {
    npm install --silent --no-audit --no-fund --no-save --ignore-scripts "$@" >npm.log 2>&1 || { cat npm.log >&2; exit 1; }
    printf 'version: %s\n' "node $(node --version)" "$@"
}

npmjs tap-spec@5.0.0 tap-min@3.0.0 tap-diff@0.1.1

# status REPORTER: its exit status of the TAP on standard input; what it prints is in out
status() {
    local status=0
    "node_modules/.bin/$1" >out 2>&1 || status=$?
    echo "$status"
}
failing() { grep -oE '(total|failing): *[0-9]+' out | tr -s ' ' | xargs; }
printf '1..2\nok 1 - adds\nnot ok 2 - rounds\n' >plain.tap
printf '1..2\n# rounding\nok 1 - adds\nnot ok 2 - rounds\n' >note.tap
printf '# Subtest: calc\n    1..1\n    not ok 1 - rounds\nnot ok 1 - calc\n1..1\n' >subtest.tap
printf '# calc\nnot ok 1 rounds\n  ---\n    operator: equal\n    expected: 1\n    actual: 0\n  ...\n\n1..1\n' >yaml.tap
printf '# calc\n1..3\nok 1 - adds\n' >short.tap
printf '1..3\nok 1 - adds\nBail out! no database\n' >bail.tap
must "no comment" "1" "$(status tap-spec <plain.tap)"
must "with a YAML block" "1" "$(status tap-spec <yaml.tap)"
must "behind a note" "0" "$(status tap-spec <note.tap)"
must "what it prints" "total: 2 failing: 1" "$(failing)"
must "tap-min" "1" "$(status tap-min <note.tap)"
must "a failed subtest" "0" "$(status tap-spec <subtest.tap)"
must "what it prints" "total: 1 failing: 1" "$(failing)"
must "tap-diff" "1" "$(status tap-diff <subtest.tap)"
must "one test of three" "0" "$(status tap-spec <short.tap)"
must "bail out" "0" "$(status tap-spec <bail.tap)"
