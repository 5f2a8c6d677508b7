#!/usr/bin/env bash
# Shows: the mean of 0.001, 0.002 and 0.003 s is printed as 0 by Perl's Statistics::Basic, that of 1234.5 ms as 1,234.5.
# Expected: 0.002 and 1234.5, as Perl prints numbers.
# Seen: the object that mean() gives is a number when it is compared, 0.002 > 0, and a text for people when it is printed: two
# digits behind the point and commas between thousands. awk reads `1,234.5` as 1. The standard deviation, 0.82 for 1, 2 and 3,
# is that of a whole population, as long as the module is not told otherwise.
# Who it hurts: a script that prints its statistics for a gate: times in seconds are 0 or have one digit that says something,
# and above 1000 the limit is held against the first digits.
# Instead: printf "%s", mean(...)->query.
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

deb libstatistics-basic-perl 1.6611-3
deb libnumber-format-perl 1.75-3

export PERL5LIB=$work/root/usr/share/perl5
basic() { perl -MStatistics::Basic=:all -e "$1"; }
must "mean of 0.001 0.002 0.003 > 0" "1" "$(basic 'print mean(0.001, 0.002, 0.003) > 0')"
must "query" "0.002" "$(basic 'print mean(0.001, 0.002, 0.003)->query')"
must "printed" "0" "$(basic 'print mean(0.001, 0.002, 0.003)')"
must "mean of 1200 and 1269, printed" "1,234.5" "$(basic 'print mean(1200, 1269)')"
must "the same, <= 200 in Perl" "" "$(basic 'print mean(1200, 1269) <= 200')"
must "the same, read by awk, <= 200" "1" "$(basic 'print mean(1200, 1269)' | awk '{ print ($1 + 0 <= 200) }')"
must "standard deviation of 1 2 3" "0.82" "$(basic 'print stddev(1, 2, 3)')"
