#!/usr/bin/env bash
# Shows: jo, with which scripts make their JSON, rewrites words that look like numbers: an id loses its last digit, version
# 1.10 becomes 1.1, job 007 is 7 and commit 0x1F is 31, while 1e400 is a text.
# Expected: the digits as they were given, or texts where they are no JSON numbers.
# Seen: as said, exit 0. A word is a number where C's strtod takes all of it, and is printed with 16 digits.
# Who it hurts: evidence that a shell script collects: two runs, builds or releases become one, and a commit 12e45 a number.
# Instead: jo -s key=value for what is a text, or jq -n --arg.
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

deb jo 1.9-1
made() { root/usr/bin/jo "$@"; }
must "id=9007199254740993" '{"id":9007199254740992}' "$(made id=9007199254740993)"
must "release=1.10" '{"release":1.1}' "$(made release=1.10)"
must "job=007" '{"job":7}' "$(made job=007)"
must "commit=0x1F" '{"commit":31}' "$(made commit=0x1F)"
must "commit=12e45" '{"commit":1.2e+46}' "$(made commit=12e45)"
must "p99=1e400" '{"p99":"1e400"}' "$(made p99=1e400)"
must "-s release=1.10" '{"release":"1.10"}' "$(made -- -s release=1.10)"
