#!/usr/bin/env bash
# Shows: csvkit takes a column of 0 and 1 for truth values, and jq then finds `true` below any limit.
# Expected: a column of whole numbers stays numbers. There is an option --no-inference, and a reader may think of
# dates; that 0 and 1 are not numbers depends on what else is in the column: one 2, and all are.
# Seen: {"errors": true}; csvstat --sum of that column prints None; jq orders false and true before every number, so
# `true < 1` holds. `took` of "12 s" becomes the text "0:00:12" by the same inference.
# Who it hurts: `jq -e 'all(.[]; .errors < 1)'` over the CSV of three runs, two of which had an error, succeeds.
# Instead: csvjson --no-inference and tonumber in jq, which fails on what is no number.
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

# pypi NAME==VERSION ...: into a virtual environment
pypi() {
    python3 -m venv --without-pip py
    python3 -m pip --python py/bin/python --disable-pip-version-check install -q --no-compile "$@"
    export PATH=$work/py/bin:$PATH
    printf 'version: %s\n' "$(python3 --version)" "$@"
}

pypi csvkit==2.2.0 agate==1.14.2
deb jq 1.6-2.1+deb12u3
deb libjq1 1.6-2.1+deb12u3
deb libonig5 6.9.8-1
jq() { LD_LIBRARY_PATH=$(echo "$work"/root/usr/lib/*-linux-gnu) "$work/root/usr/bin/jq" "$@"; }

printf 'run,errors,took\na,0,12 s\nb,1,90 s\nc,1,30 s\n' >runs.csv
printf 'run,errors\na,0\nb,1\nc,2\n' >two.csv
csvjson runs.csv >runs.json
must "errors of three runs" "false,true,true" "$(jq -r 'map(.errors | tostring) | join(",")' runs.json)"
must "errors, where one run had two" "0,1,2" "$(csvjson two.csv | jq -r 'map(.errors | tostring) | join(",")')"
must "csvstat --sum" "None" "$(csvstat --sum -c errors runs.csv)"
must "took" "0:00:12,0:01:30,0:00:30" "$(jq -r 'map(.took) | join(",")' runs.json)"
must "every run has less than one error" "true" "$(jq 'all(.[]; .errors < 1)' runs.json)"
must "the same with --no-inference and tonumber" "false" \
    "$(csvjson --no-inference runs.csv | jq 'all(.[]; (.errors | tonumber) < 1)')"
