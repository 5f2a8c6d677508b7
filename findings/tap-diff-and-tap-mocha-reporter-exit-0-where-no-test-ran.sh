#!/usr/bin/env bash
# Shows: of a program that printed nothing, or an error instead of TAP, tap-diff and tap-mocha-reporter exit 0; tap-min
# exits 0 of a run that bailed out.
# Expected: exit 1, as from tap-spec and tap-min of an empty stream, and from the first two of a run that bailed out.
# Seen: neither TAP nor a plan is asked for. tap-diff prints "All of 0 tests passed!", tap-mocha-reporter "0 passing
# (NaNms)"; tap-min says "1 test complete" of "1..3", one test and "Bail out!".
# Who it hurts: `tape test.js | tap-diff`: test.js has a syntax error or imports what is not installed; node writes that
# to standard error and exits 1, which the pipe forgets. No test ran and the job is green.
# Instead: set -o pipefail.
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

npmjs tap-diff@0.1.1 tap-mocha-reporter@5.0.4 tap-min@3.0.0 tap-spec@5.0.0

# status REPORTER [ARGUMENT]: its exit status of the TAP on standard input
status() {
    local status=0
    "node_modules/.bin/$1" "${@:2}" >out 2>&1 || status=$?
    echo "$status"
}
cat >test.js <<'JS'
require("./not-installed");
JS
node test.js >nothing.tap 2>error.txt || true
printf 'TAP version 13\n1..3\nok 1 - adds\nBail out! no database\n' >bail.tap
printf 'TAP version 13\n1..2\nok 1 - adds\nnot ok 2 - rounds\n' >failed.tap
must "bytes on standard output of a test that cannot be loaded" "0" "$(wc -c <nothing.tap)"
for reporter in tap-spec tap-min; do must "$reporter of that" "1" "$(status "$reporter" <nothing.tap)"; done
must "tap-diff of that" "0" "$(status tap-diff <nothing.tap)"
must "tap-mocha-reporter of that" "0" "$(status tap-mocha-reporter spec <nothing.tap)"
must "tap-diff of the error's text" "0" "$(status tap-diff <error.txt)"
must "tap-mocha-reporter" "0" "$(status tap-mocha-reporter spec <error.txt)"
must "a failed test, tap-diff" "1" "$(status tap-diff <failed.tap)"
must "tap-mocha-reporter" "1" "$(status tap-mocha-reporter spec <failed.tap)"
must "bail out, tap-diff" "1" "$(status tap-diff <bail.tap)"
must "tap-mocha-reporter" "1" "$(status tap-mocha-reporter spec <bail.tap)"
must "tap-min" "0" "$(status tap-min <bail.tap)"
must "what it says" "1 test complete" "$(grep -oE '1 test complete' out)"
