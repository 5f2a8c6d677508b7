#!/usr/bin/env bash
# Shows: numaverage of 1e-05 is 1, numsum of 1e3 and 1 is 2, and numbound finds 7 the largest of 5, 1e3 and 7.
# Expected: 0.00001, 1001 and 1e3, as awk, sort -g and datamash have them; or an error.
# Seen: a number ends at the first sign that is no digit, point or leading minus: 1,000 is 1, 1e3 is 1, 100ms is 100, and
# what does not begin with a digit (nan, inf, +5) is no line at all. Nothing is said.
# Who it hurts: many writers have an exponent below 0.0001 and above a million, Python and C's %g among them: the share of
# errors of a good run is 1, and the largest number of bytes is the one written in digits.
# Instead: datamash mean 1; or a pattern first: grep -vxE '[0-9.]+' must find nothing.
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

deb num-utils 0.5-15

each() {
    local tool=$1
    shift
    printf '%s\n' "$@" | "root/usr/bin/$tool"
}
must "average of 0.5 and 1.5" "1" "$(each numaverage 0.5 1.5)"
must "average of 1e-05" "1" "$(each numaverage 1e-05)"
must "sum of 1e3 and 1" "2" "$(each numsum 1e3 1)"
must "sum of 1,000 and 2" "3" "$(each numsum 1,000 2)"
must "largest of 5, 1e3 and 7" "7" "$(each numbound 5 1e3 7)"
must "average of nan and 5" "5" "$(each numaverage nan 5)"
