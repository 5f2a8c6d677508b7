#!/usr/bin/env bash
# Shows: of 120, 1.5s and 90 Miller's stats1 says count 3, sum 210 and mean 105.
# Expected: an error, as its own `+` gives for 1.5s, or a count of 2.
# Seen: what is no number is left out of sum and mean in silence and counted in count; the mean is over the other two, so
# that mean times count is not the sum. A "-" or a word is the same; an empty cell is left out of all three.
# Who it hurts: programs that write milliseconds until a request takes a second, `90` and then `1.5s`, or `-` for one that
# was never answered: the mean is that of the fast requests, below each limit, and the count says that none is missing.
# max and p99 of the same column are the text.
# Instead: filter -x 'is_string($ms)' with a count of what was dropped.
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

# stats VALUE ...: of a column of these
stats() { printf 'ms\n%s\n' "$(printf '%s\n' "$@")" | root/usr/bin/mlr --icsv --onidx stats1 -a count,sum,mean,max -f ms; }
must "count, sum, mean and max of 120 150 90" "3 360 120 150" "$(stats 120 150 90)"
must "of 120 1.5s 90" "3 210 105 1.5s" "$(stats 120 1.5s 90)"
must "of 120 - 90" "3 210 105 -" "$(stats 120 - 90)"
# shellcheck disable=SC2016  # $ms is Miller's
must "1.5s + 90" "(error)" "$(printf 'ms\n1.5s\n' | root/usr/bin/mlr --icsv --onidx put '$ms = $ms + 90')"
