#!/usr/bin/env bash
# Shows: five samples of 100 and one of 5000, a minute apart but half a minute off the clock: the archive of maxima of one
# minute has 2550 twice, and no 5000. With the data source's maximum at 200, the 5000 is unknown, exit 0.
# Expected: 5000 in MAX. It is what the archive is for, and a sample a step is what there is.
# Seen: a sample is a rate that holds since the one before, and a step is the mean of what falls into it, before any of MAX,
# MIN and AVERAGE is asked. On the full minute all is right, so a test of it shows nothing. What is out of bounds is NaN,
# and `update` says nothing.
# Who it hurts: "the worst second of the night" of a monitor that fetches when it comes to it: a peak is halved, or spread
# by the part of the step; and a peak beyond the bound is a gap, which no limit finds.
# Instead: the times rounded to the step before the update; no upper bound for times and sizes.
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

deb rrdtool 1.7.2-4+b8
deb librrd8 1.7.2-4+b8
deb libdbi1 0.9.0-6
LD_LIBRARY_PATH=$(dirname "$(find "$work/root" -name 'librrd.so.8')")
export LD_LIBRARY_PATH
rrd() { root/usr/bin/rrdtool "$@"; }

begin=$((1700000100 / 60 * 60))
# maxima OFFSET BOUND: the archive of maxima, after samples each minute and OFFSET seconds
maxima() {
    rm -f ms.rrd
    rrd create ms.rrd --start $((begin - 60)) --step 60 "DS:ms:GAUGE:120:0:$2" RRA:MAX:0.5:1:10
    local minute=0 value
    for value in 100 100 100 5000 100 100; do
        rrd update ms.rrd "$((begin + minute * 60 + $1)):$value"
        minute=$((minute + 1))
    done
    rrd fetch ms.rrd MAX -s $begin -e $((begin + 240)) | sed -n 's/^[0-9]*: -\{0,1\}//p' | xargs printf '%.0f '
}
must "on the minute" "100 100 5000 100 100 " "$(maxima 0 U)"
must "half a minute later" "100 100 2550 2550 100 " "$(maxima 30 U)"
must "six seconds later" "100 100 4510 590 100 " "$(maxima 6 U)"
must "on the minute, bound 200" "100 100 nan 100 100 " "$(maxima 0 200)"
