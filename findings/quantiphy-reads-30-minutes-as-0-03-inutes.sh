#!/usr/bin/env bash
# Shows: QuantiPhy reads "30 minutes" as 0.03 "inutes", "5 min" as 0.005 "in", "4 cores" as 0.04 "ores", and "200 requests"
# as 2e-25 "equests".
# Expected: 30 "minutes", or an error; "2 days", "3 hours" and "5 errors" do come as 2, 3 and 5.
# Seen: a first letter that is the sign of a power of ten is taken off the unit: m, c, n, p, r (ronto), u, y, f, a ... A unit
# whose first letter is none stays whole, so half of the words work.
# Who it hurts: limits written with words: minutes, requests, retries, pods, nodes, cores, users, failures: all are far below
# what was meant, and what is held against them in plain numbers lies above.
# Instead: ignore_sf=True for such texts.
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

# pypi NAME==VERSION ...: into a virtual environment
pypi() {
    python3 -m venv --without-pip py
    python3 -m pip --python py/bin/python --disable-pip-version-check install -q --no-compile "$@"
    export PATH=$work/py/bin:$PATH
    printf 'version: %s\n' "$(python3 --version)" "$@"
}

pypi quantiphy==2.23

cat >read.py <<'PY'
import sys

from quantiphy import Quantity

option, *texts = sys.argv[1:]
for text in texts:
    quantity = Quantity(text, ignore_sf=option == "ignore_sf")
    print(f"{quantity.real:g} {quantity.units}", end=";")
PY
must "10 ms, 2 days, 3 hours, 5 errors" "0.01 s;2 days;3 hours;5 errors;" \
    "$(python3 read.py as_is "10 ms" "2 days" "3 hours" "5 errors")"
must "30 minutes, with ignore_sf" "30 minutes;" "$(python3 read.py ignore_sf "30 minutes")"
must "30 minutes, 5 min, 4 cores, 200 requests" "0.03 inutes;0.005 in;0.04 ores;2e-25 equests;" \
    "$(python3 read.py as_is "30 minutes" "5 min" "4 cores" "200 requests")"
