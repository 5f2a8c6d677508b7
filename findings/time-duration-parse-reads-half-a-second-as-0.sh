#!/usr/bin/env bash
# Shows: Perl's Time::Duration::Parse reads 0.5s as 0 and 1.4s as 1; 1,500s is 2 s, and 5M is five months.
# Expected: 0.5 and 1.4, as it reads 1.5 hours as 5400; 1500 or an error.
# Seen: whole seconds: the sum is rounded. A comma is the point of a fraction, so that 1,500 is 1.5, which is rounded to 2; in
# "1 hour, 5 minutes" it separates. ms is an error.
# Who it hurts: limits and time-outs below some seconds: a time-out of 0 in a configuration means none in most programs, and a
# limit of 1.4 s that is 1 s fails a good run.
# Instead: numbers in ms; or a check that what is read has the same text when it is written.
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

deb libtime-duration-parse-perl 0.16-1

export PERL5LIB=$work/root/usr/share/perl5
read_as() { perl -MTime::Duration::Parse -e 'print join " ", map { parse_duration($_) } @ARGV' -- "$@"; }
must "90s, 1h30m, 1.5 hours" "90 5400 5400" "$(read_as 90s 1h30m '1.5 hours')"
must "1 hour, 5 minutes" "3900" "$(read_as '1 hour, 5 minutes')"
must "0.5s 1.4s 1.6s" "0 1 2" "$(read_as 0.5s 1.4s 1.6s)"
must "1,500s" "2" "$(read_as 1,500s)"
must "5M" "12960000" "$(read_as 5M)"
