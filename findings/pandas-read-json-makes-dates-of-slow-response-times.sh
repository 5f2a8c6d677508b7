#!/usr/bin/env bash
# Shows: pandas reads {"response_time": 45000000}, nanoseconds, as a date of 1971, but only while every request of
# the file took over 31.5 ms.
# Expected: numbers. Nothing in the value looks like a date, and the same key with smaller numbers is read as one.
# Seen: read_json converts columns by name (those that end in `_time` or `_at`, begin with `timestamp`, or are
# `date` or `modified`), where all values are above 31,536,000, a year of seconds. The page names the columns; the
# bound is in the code.
# Who it hurts: the gate works for years of fast nights. On the night when the server is slow, `.quantile(0.99) <=
# 2e8` raises a TypeError, or, through .astype("int64"), counts another unit.
# Instead: dtype=False.
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

cat >times.py <<'PY'
import io
import json

import pandas


def read(key, values, **how):
    text = json.dumps([{key: value} for value in values])
    return pandas.read_json(io.StringIO(text), **how)[key]


fast = read("response_time", [31_000_000, 45_000_000])
slow = read("response_time", [32_000_000, 45_000_000])
print(fast.dtype, slow.dtype.kind, slow.max().date())
try:
    print(slow.quantile(0.99) <= 2e8)
except TypeError:
    print("TypeError")
print(read("duration", [32_000_000, 45_000_000]).dtype)
print(read("response_time", [32_000_000, 45_000_000], dtype=False).dtype)
PY
mapfile -t line < <(python3 times.py)
must "response_time of 31 and 45 ms; of 32 and 45 ms; its max" "int64 M 1971-06-05" "${line[0]}"
must "p99 <= 2e8 of the second" "TypeError" "${line[1]}"
must "the same numbers as duration" "int64" "${line[2]}"
must "with dtype=False" "int64" "${line[3]}"
