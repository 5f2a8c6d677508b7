#!/usr/bin/env bash
# Shows: one NaN in a column of a hundred numbers, and datamash's 95th percentile is anything from 45 to 100.
# Expected: `nan`, as for its mean, or an error as for text: datamash refuses "NA" unless told --narm.
# Seen: the sort before the percentile compares with NaN as if it were equal to everything, so what comes out is not
# sorted. perc:95 of the same 101 lines is a plain number, another one for each place of the NaN; so are median and
# max. Exit 0 each time.
# Who it hurts: `datamash perc:95 1` as a gate: 45 <= 90 holds where the true p95 is 95.
# Instead: --narm leaves NaN out, too (it then says 95.05), but hides that something was unreadable: count the lines
# first.
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

deb datamash 1.7-2
p95() { root/usr/bin/datamash "$@" perc:95 1; }

{ seq 51 100; echo nan; seq 1 50; } >middle
{ seq 1 100; echo nan; } >end
must "p95 of 51 to 100, nan, 1 to 50; max" "45 100" "$(p95 <middle) $(root/usr/bin/datamash max 1 <middle)"
must "p95 of 1 to 100, nan" "96" "$(p95 <end)"
must "max of nan, 300 and of 300, nan" "nan 300" \
    "$(printf 'nan\n300\n' | root/usr/bin/datamash max 1) $(printf '300\nnan\n' | root/usr/bin/datamash max 1)"
must "p95 with --narm" "95.05" "$(p95 --narm <middle)"
