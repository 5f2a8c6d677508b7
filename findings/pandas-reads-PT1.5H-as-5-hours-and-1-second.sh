#!/usr/bin/env bash
# Shows: pandas.Timedelta reads the ISO 8601 durations PT1.5H as 5:00:01, P0.5D as 5 days, P1M as one minute and PT90 as 0.
# Expected: 1:30:00 and 12 hours: ISO 8601 allows a fraction of the smallest unit, and pandas itself reads PT1.5S; an error
# for a month, as for P1Y, and for a number without a unit.
# Seen: only seconds may have a fraction; elsewhere what stands before the point goes into another unit. No error and no
# warning. to_timedelta does the same. P1DT2H, PT90S and -PT30S are read right.
# Who it hurts: limits, ages and run times of a configuration or a report: a soak of PT1.5H is held against 5 hours, a
# maximum age of P0.5D is 5 days, and so is passed by what is 4 days old.
# Instead: isodate.parse_duration; or seconds alone, PT5400S.
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

pypi pandas==3.1.1 numpy==2.4.6

cat >read.py <<'PY'
import sys

import pandas

print(*(f"{text} {pandas.Timedelta(text).total_seconds():g}" for text in sys.argv[1:]), sep=", ")
PY
must "whole" "P1DT2H 93600, PT1H30M 5400, PT90S 90, -PT30S -30" "$(python3 read.py P1DT2H PT1H30M PT90S -PT30S)"
must "fraction of seconds" "PT1.5S 1.5" "$(python3 read.py PT1.5S)"
must "fraction of another unit" "PT1.5H 18001, PT1.5M 301, P0.5D 432000" "$(python3 read.py PT1.5H PT1.5M P0.5D)"
must "month, no unit" "P1M 60, PT90 0" "$(python3 read.py P1M PT90)"
