#!/usr/bin/env bash
# Shows: sqlite3's .import of a CSV file into a new table makes every column a text, so that `dur_ms > 200` leaves out 1000
# and takes 90.
# Expected: 1000 is above 200. A column without a declared type, as a query's result has, compares 1000 as a number.
# Seen: of 90, 150 and 1000 only 90 is above 200, and the greatest is 90; the mean is right, since avg() makes numbers of texts.
# Who it hurts: slow requests counted out of an access log or a JTL file in a CI job: 0 above the limit, whatever happened.
# Instead: create the table with its types before .import, or compare dur_ms + 0.
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

deb sqlite3 3.40.1-2+deb12u2
deb libsqlite3-0 3.40.1-2+deb12u2
printf 'route,dur_ms\n/a,90\n/b,150\n/c,1000\n' >log.csv
asked() { LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu root/usr/bin/sqlite3 :memory: "$@"; }
must "above 200" /a,90 "$(asked '.mode csv' '.import log.csv log' 'select * from log where dur_ms > 200' | tr -d '\r')"
must "greatest, mean" "90 413.333333333333" "$(asked '.mode csv' '.import log.csv log' '.mode list' '.separator " "' 'select max(dur_ms), avg(dur_ms) from log')"
must "above 200, of dur_ms + 0" /c,1000 "$(asked '.mode csv' '.import log.csv log' 'select * from log where dur_ms + 0 > 200' | tr -d '\r')"
must "above 200, with a type" /c,1000 "$(asked 'create table log(route text, dur_ms real)' '.mode csv' '.import --skip 1 log.csv log' 'select route, cast(dur_ms as integer) from log where dur_ms > 200' | tr -d '\r')"
