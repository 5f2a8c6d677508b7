#!/usr/bin/env bash
# Shows: dateparser.parse("20261129T074818Z") is a time of 1822, and 20260101T000000Z is now.
# Expected: 2026-11-29T07:48:18Z, the basic form of ISO 8601, which each of dateutil, arrow, pandas and Python itself reads;
# or None, as for the same without Z.
# Seen: no parser of dates fits, and the one of relative times ("3 days ago") finds months in it: 74818 of them before now.
# So the result moves with the clock. 2026-11-29T07:48:18Z is read right.
# Who it hurts: the form is that of file names, of iCalendar, of signed requests: a report named so is 200 years old, and
# one of midnight is always fresh.
# Instead: PARSERS without relative-time in the settings; the standard library's fromisoformat.
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

pypi dateparser==1.5.0

cat >read.py <<'PY'
import datetime
import json
import sys

import dateparser

now = datetime.datetime.now()
found = dateparser.parse(sys.argv[1], settings=json.loads(sys.argv[2]) if sys.argv[2:] else None)
if found is None:
    print(None)
elif abs(found.replace(tzinfo=None) - now) < datetime.timedelta(minutes=1):
    print("now")
elif found.year < now.year - 100:
    print("over 100 years ago")
else:
    print(found.isoformat())
PY
must "2026-11-29T07:48:18Z" "2026-11-29T07:48:18+00:00" "$(python3 read.py 2026-11-29T07:48:18Z)"
must "20261129T074818" "None" "$(python3 read.py 20261129T074818)"
must "20261129T074818Z" "over 100 years ago" "$(python3 read.py 20261129T074818Z)"
must "20260101T000000Z" "now" "$(python3 read.py 20260101T000000Z)"
must "20261129T074818Z by absolute-time alone" "None" "$(python3 read.py 20261129T074818Z '{"PARSERS": ["absolute-time"]}')"
