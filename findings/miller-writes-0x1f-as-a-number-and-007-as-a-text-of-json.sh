#!/usr/bin/env bash
# Shows: Miller writes the cells 0x1f, 0b11 and 5. into JSON as they stand there, without quotes, and +5, 007 and each
# integer of JSON above 9223372036854775807 as texts.
# Expected: numbers as JSON has them, or quotes around what JSON has no number for; an integer that came from JSON as a
# number leaves as one.
# Seen: 0x1f in the output is no JSON, and the whole file is refused by Python and jq. 007, +5 and 9223372036854775808
# become texts, though Miller reads the number of the last from JSON itself.
# Who it hurts: a text is above every number in jq: `.rate >= 100` is true of "+5" and "007", so a floor always holds and
# a ceiling never does. One hexadecimal id or address in a column makes a good report unreadable.
# Instead: fmtnum($rate, "%d") for columns that are numbers.
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

deb miller 6.6.0-2+b3
deb jq 1.6-2.1+deb12u3
deb libjq1 1.6-2.1+deb12u3
deb libonig5 6.9.8-1

LD_LIBRARY_PATH=$(cd root && pwd)/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH
# writes CELL: as a line of JSON
writes() { printf 'rate\n%s\n' "$1" | root/usr/bin/mlr --icsv --ojsonl cat; }
# floor CELL: whether jq finds it at least 100
floor() { writes "$1" | root/usr/bin/jq -c '.rate >= 100' 2>/dev/null || echo "no JSON"; }
must "150" '{"rate": 150}' "$(writes 150)"
must "0x1f" '{"rate": 0x1f}' "$(writes 0x1f)"
must "0x1f for jq" "no JSON" "$(floor 0x1f)"
must "5." '{"rate": 5.}' "$(writes 5.)"
must "5. for Python" "no JSON" "$(writes 5. | python3 -m json.tool 2>/dev/null || echo "no JSON")"
must "007" '{"rate": "007"}' "$(writes 007)"
must "5 >= 100, by jq" "false" "$(floor 5)"
must "+5 >= 100" "true" "$(floor +5)"
must "2^63 of JSON" '{"id": "9223372036854775808"}' "$(echo '{"id": 9223372036854775808}' | root/usr/bin/mlr --ijson --ojsonl cat)"
