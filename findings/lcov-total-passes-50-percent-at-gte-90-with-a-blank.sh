#!/usr/bin/env bash
# Shows: `lcov-total lcov.info --gte 90` exits 0 of a coverage of 50 %, and prints nothing.
# Expected: exit 1, as of --gte=90, or an error for an option without a value.
# Seen: the second argument is cut at its first "=", and what is behind it is the floor; where that is no number, the
# floor is 0. So it is with "--gte= 90" and "--gte=.9", and with a variable that is empty.
# Who it hurts: a gate of coverage that is written as most programs take their options, or `--gte=$MINIMUM` where MINIMUM
# is not set in this job: PASS at any coverage, without a word.
# Instead: --gte=90, tried once with a floor of 101; or the number that it prints without the option.
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

npmjs lcov-total@2.1.1

printf 'TN:\nSF:calc.js\nDA:1,1\nDA:2,0\nLF:2\nLH:1\nend_of_record\n' >lcov.info
# gate ARGUMENT ...: its exit status, and what it prints
gate() {
    local status=0
    node_modules/.bin/lcov-total lcov.info "$@" >out 2>&1 || status=$?
    echo "$status $(cat out)"
}
must "without a floor" "0 50" "$(gate)"
must "--gte=90" "1 " "$(gate --gte=90)"
must "--gte 90" "0 " "$(gate --gte 90)"
must "--gte= of a variable that is not set" "0 " "$(gate --gte=)"
must "--gte 101" "0 " "$(gate --gte 101)"
must "--gte=.9" "0 " "$(gate --gte=.9)"
