#!/usr/bin/env bash
# Shows: tdigest for Node and tdigest and pytdigest for Python say that p95 of 99 times 10 ms and once 1000 ms is 910.9.
# Expected: 10, for p50, p95 and p98; a hundred values are few enough for the sketch to keep each.
# Seen: p50 is 19.9, p95 is 910.9. Equal values become one centroid of weight 99, and a quantile is interpolated along a
# line from the middle of that centroid to the next one: half of the 99 equal values seem to lie between 10 and 1000.
# Counts in whole milliseconds, or cached answers, are full of equal values. fastdigest gives 10.
# Who it hurts: p95 < 200 fails for a service of which one request in a hundred was slow; a p50 of equal values moves
# with the slowest request, so two runs of one service differ.
# Instead: exact percentiles for as many values as memory holds; or fastdigest; or a little noise on equal values.
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

# npmjs NAME@VERSION ...: into ./node_modules
npmjs() {
    npm install --silent --no-audit --no-fund --no-save --ignore-scripts "$@" >npm.log 2>&1 || { cat npm.log >&2; exit 1; }
    printf 'version: %s\n' "node $(node --version)" "$@"
}

pypi tdigest==0.5.2.2 pytdigest==0.1.4 fastdigest==0.12.0 numpy==2.4.6
npmjs tdigest@0.1.3

cat >digest.js <<'JS'
const { TDigest } = require("tdigest");
const digest = new TDigest();
for (let i = 0; i < 100; i++) digest.push(i === 50 ? 1000 : 10);
console.log([0.5, 0.95, 0.98].map((p) => digest.percentile(p).toFixed(1)).join(" "));
JS
cat >digest.py <<'PY'
import fastdigest
import numpy
import pytdigest
import tdigest

values = [10.0] * 99 + [1000.0]
python = tdigest.TDigest()
python.batch_update(values)
c = pytdigest.TDigest.compute(numpy.array(values))
rust = fastdigest.TDigest.from_values(values)
print(*(f"{python.percentile(p):.1f}" for p in (50, 95, 98)))
print(*(f"{float(c.inverse_cdf(p)):.1f}" for p in (0.5, 0.95, 0.98)))
print(*(f"{rust.quantile(p):.1f}" for p in (0.5, 0.95, 0.98)))
PY
must "tdigest for Node: p50 p95 p98" "19.9 910.9 970.3" "$(node digest.js)"
mapfile -t line < <(python3 digest.py)
must "tdigest for Python" "19.9 910.9 970.3" "${line[0]}"
must "pytdigest" "19.9 910.9 970.3" "${line[1]}"
must "fastdigest" "10.0 10.0 10.0" "${line[2]}"
