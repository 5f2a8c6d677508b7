#!/usr/bin/env bash
# Shows: 1000 and then 100 within ten seconds are 100 in Graphite's whisper, and three seconds of 900 are no value at all where
# seconds are put together to tens by their maximum.
# Expected: with aggregation `max`, 1000 and 900.
# Seen: in the finest archive a step has one place, and the last write wins: the aggregation is not asked. Into the coarser one
# goes a maximum only if half of the steps below are known (xFilesFactor, 0.5 if not set), else None.
# Who it hurts: a maximum over a night, read back from Graphite: sent more often than its step, or with gaps, and peaks are not
# in it.
# Instead: the maximum before it is sent; xFilesFactor=0.
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

pypi whisper==1.1.10 six==1.17.0

cat >store.py <<'PY'
import sys

import whisper

START = 1700000000


def stored(archives, points, now, factor=0.5):
    whisper.create("w", archives, xFilesFactor=factor, aggregationMethod="max")
    for second, value in points:
        whisper.update("w", value, START + second, now=START + 20)
    (_, _, step), values = whisper.fetch("w", START - 10, START + 20, now=START + now)
    return f"{max([value for value in values if value is not None], default=None)} in steps of {step}"


fine = [(10, 60)]
both = [(1, 60), (10, 60)]
print({
    "once": lambda: stored(fine, [(1, 1000)], 20),
    "twice": lambda: stored(fine, [(1, 1000), (9, 100)], 20),
    "whole": lambda: stored(both, [(second, 900 if second == 4 else 100) for second in range(10)], 300),
    "gaps": lambda: stored(both, [(3, 900), (4, 900), (5, 900)], 300),
    "gaps, 0": lambda: stored(both, [(3, 900), (4, 900), (5, 900)], 300, factor=0),
}[sys.argv[1]]())
PY
stored() { rm -f w; python3 store.py "$1"; }
must "1000" "1000.0 in steps of 10" "$(stored once)"
must "1000, then 100" "100.0 in steps of 10" "$(stored twice)"
must "ten seconds, one of 900" "900.0 in steps of 10" "$(stored whole)"
must "three seconds of 900" "None in steps of 10" "$(stored gaps)"
must "with xFilesFactor=0" "900.0 in steps of 10" "$(stored 'gaps, 0')"
