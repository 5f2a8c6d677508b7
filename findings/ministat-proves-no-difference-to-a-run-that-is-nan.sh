#!/usr/bin/env bash
# Shows: ministat says "No difference proven at 95.0% confidence" between runs of 100 ms and a file with one nan, exit 0.
# Expected: an error, as for a line of `-` or of 1000ms: "Invalid data on line 2".
# Seen: nan is read as a number, the average is nan, and a comparison with it is false, which is the branch of no difference.
# Two values of 1000 and 1001 beside the nan do not count. inf gives the same.
# Who it hurts: `ministat -A old new | grep -q "No difference"` as a gate: a new run whose p99 could not be computed once
# is equal to any other.
# Instead: grep -qiE 'nan|inf' before; ask for "Difference" and its sign, not for the lack of it.
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

deb ministat 20150715-1+b1
ministat() { root/usr/bin/ministat -A "$@" 2>&1; }

printf '%s\n' 100 101 102 >old
printf '%s\n' 1000 1001 1002 >slow
printf '%s\n' 1000 - 1001 >dash
printf '%s\n' 1000 nan 1001 >nan
printf '%s\n' 1000 inf 1001 >inf
must "1000 1001 1002" "Difference at 95.0% confidence" "$(ministat old slow | grep -o '.*95.0% confidence')"
must "1000 - 1001" "ministat: Invalid data on line 2 in dash" "$(ministat old dash | tail -n 1)"
must "1000 inf 1001" "No difference proven at 95.0% confidence" "$(ministat old inf | tail -n 1)"
must "1000 nan 1001" "No difference proven at 95.0% confidence" "$(ministat old nan | tail -n 1)"
