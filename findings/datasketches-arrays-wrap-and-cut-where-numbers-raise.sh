#!/usr/bin/env bash
# Shows: kll_ints_sketch takes a numpy array of 3,000,000,000 as -1,294,967,296 and 2.7 as 2.
# Expected: a TypeError, which update() gives for the same number alone.
# Seen: the array is converted to 32-bit integers before it comes to the sketch: latencies over 2.147 s in
# nanoseconds become negative, and sort below all others. NaN in an array of doubles is left out without a word, so
# n is one less.
# Who it hurts: p99 of half the requests at 3 s and half at 40 ms is 40 ms; the slower the service, the smaller the
# figure.
# Instead: kll_doubles_sketch for arrays, and n held against the length of what was given.
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

pypi datasketches==5.2.0 numpy==2.4.6

cat >sketch.py <<'PY'
import numpy
from datasketches import kll_doubles_sketch, kll_ints_sketch


def sketch(kind, values):
    made = kind(200)
    made.update(numpy.array(values))
    return made


slow = sketch(kll_ints_sketch, [3_000_000_000] * 50 + [40_000_000] * 50)
print(slow.n, slow.get_min_value(), slow.get_max_value(), slow.get_quantile(0.99))
print(sketch(kll_ints_sketch, [2.7]).get_max_value())
for value in 3_000_000_000, 2.7:
    try:
        kll_ints_sketch(200).update(value)
        print("taken")
    except TypeError:
        print("TypeError", end=" ")
print()
print(sketch(kll_doubles_sketch, [1.0, float("nan"), 3.0]).n)
PY
mapfile -t line < <(python3 sketch.py)
must "n, min, max, p99 of fifty 3 s and fifty 40 ms in ns" "100 -1294967296 40000000 40000000" "${line[0]}"
must "max of an array of 2.7" "2" "${line[1]}"
must "3 s alone, 2.7 alone" "TypeError TypeError " "${line[2]}"
must "n of 1, NaN, 3 as doubles" "2" "${line[3]}"
