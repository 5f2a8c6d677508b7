#!/usr/bin/env bash
# Shows: 10 requests took 5 ms, 80 took 10 ms and 10 took 20 ms. The share within 10 ms is 0.5 in tdigest and pytdigest, 0.1
# in fastdigest and in the rank of DataSketches' kll, req and quantiles sketches.
# Expected: 0.9: a distribution function counts what is equal to the limit, and a sketch errs by some thousandths.
# Seen: the digests keep the 80 as points in one place and count half of what lies at the limit, or none; between two places
# tdigest and pytdigest draw a line, so that even within 10.5 ms they find half. get_rank counts what is below, unless told
# `inclusive`.
# Who it hurts: an objective such as "80 % within 10 ms", where times are whole milliseconds or ticks of a coarse clock: a
# service that keeps it is far from it.
# Instead: a counter of those within the limit; get_rank(10, True).
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

pypi tdigest==0.5.2.2 pytdigest==0.1.4 fastdigest==0.12.0 datasketches==5.2.0 numpy==2.4.6 pandas==3.1.1

cat >share.py <<'PY'
import sys

import datasketches
import fastdigest
import numpy
import pytdigest
import tdigest

took = numpy.array([5.0] * 10 + [10.0] * 80 + [20.0] * 10)
limit = float(sys.argv[1])
digest = tdigest.TDigest()
digest.batch_update(took)
sketches = [datasketches.kll_doubles_sketch(), datasketches.req_floats_sketch(12), datasketches.quantiles_doubles_sketch()]
for sketch in sketches:
    sketch.update(took)
shares = [
    numpy.mean(took <= limit),
    digest.cdf(limit),
    pytdigest.TDigest.compute(took).cdf(numpy.array([limit]))[0],
    fastdigest.TDigest.from_values(took).cdf(limit),
    *(sketch.get_rank(limit) for sketch in sketches),
]
print(*(f"{share:.1f}" for share in shares))
PY
echo "seen: the columns: truly, tdigest, pytdigest, fastdigest, kll, req, quantiles"
must "within 9" "0.1 0.4 0.4 0.1 0.1 0.1 0.1" "$(python3 share.py 9)"
must "within 10" "0.9 0.5 0.5 0.1 0.1 0.1 0.1" "$(python3 share.py 10)"
must "within 10.5" "0.9 0.5 0.5 0.9 0.9 0.9 0.9" "$(python3 share.py 10.5)"
