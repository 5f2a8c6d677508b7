#!/usr/bin/env bash
# Shows: Perl's Number::Bytes::Human reads 1,000K, `1,5M` and 1e6 as 0.
# Expected: 1024000, 1572864 and 1000000; or undef, which it gives for `5 minutes`.
# Seen: 0, which is a size; only in the log perl warns of a value that is not there. 1.5G, 500KiB, 10 MB are right.
# Who it hurts: a limit of memory in a configuration, or the greatest size in a table that was written for people: a limit of 0
# fails each run or is taken for none, a size of 0 is within every limit.
# Instead: no separators; or a check that what is read is above 0.
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

deb libnumber-bytes-human-perl 0.11-4

export PERL5LIB=$work/root/usr/share/perl5
read_as() { perl -MNumber::Bytes::Human=parse_bytes -e 'print join " ", map { parse_bytes($_) // "undef" } @ARGV' -- "$@" 2>/dev/null; }
must "1.5G 500KiB 10MB" "1610612736 512000 10000000" "$(read_as 1.5G 500KiB 10MB)"
must "5 minutes" "undef" "$(read_as '5 minutes')"
must "1,000K" "0" "$(read_as 1,000K)"
must "1,5M" "0" "$(read_as 1,5M)"
must "1e6" "0" "$(read_as 1e6)"
