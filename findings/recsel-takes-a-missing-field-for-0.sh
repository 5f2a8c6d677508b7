#!/usr/bin/env bash
# Shows: recsel -e 'p99 <= 200' lists the run that has no p99, and Avg(p99) of 150, `-`, 90ms and 300 is 112.5.
# Expected: a run without the field is in no list, as one whose p99 is `-` or 1000ms is in none; the average of what can be
# read is 225, or an error.
# Seen: in an expression an absent field is 0: the run is also found by 'p99 = 0'. In Sum and Avg a field that is no number is
# 0 and counts as a record.
# Who it hurts: a record for each run, kept in a file under version control: the run that crashed before it wrote its p99 is
# among those within the limit, and the more time-outs are written as `-`, the lower is the average.
# Instead: -e '#p99 && p99 <= 200', and the number of records held against the number of runs.
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

deb recutils 1.9-2
deb librec1 1.9-2
LD_LIBRARY_PATH=$(dirname "$(find "$work/root" -name 'librec.so.1')")
export LD_LIBRARY_PATH
runs() { root/usr/bin/recsel -e "$1" -P run runs.rec | xargs; }

printf 'run: %s\np99: %s\n\n' a 150 b - c 1000ms d 300 >runs.rec
printf 'run: crashed\n' >>runs.rec
printf 'p99: %s\n\n' 150 - 90ms 300 >values.rec
must "p99 > 200" "d" "$(runs 'p99 > 200')"
must "#p99 && p99 <= 200" "a" "$(runs '#p99 && p99 <= 200')"
must "p99 = 0" "crashed" "$(runs 'p99 = 0')"
must "p99 <= 200" "a crashed" "$(runs 'p99 <= 200')"
must "Avg(p99) of 150 - 90ms 300" "112.5" "$(root/usr/bin/recsel -P 'Avg(p99)' values.rec)"
