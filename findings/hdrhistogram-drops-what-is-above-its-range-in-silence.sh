#!/usr/bin/env bash
# Shows: the Python port of HdrHistogram does not record what is above its range, and says so by a return value alone.
# Expected: an exception, as in Java and in the JavaScript port, where autoResize is off; where it is on, that one grows.
# Seen: record_value(5000) in a histogram up to 1000 returns False. Count, maximum and every percentile are those of
# the rest: of 90 requests of 10 ms and 10 of 5 s, p99 and p100 are 10. Up to which value it takes is another than was
# asked for, too: 2047.
# Who it hurts: the range is set to what is thought possible, one minute say; just the requests beyond it are lost,
# and the slower the service the better the p99.
# Instead: check each return value; or compare get_total_count() with the number of requests.
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

pypi hdrhistogram==0.10.8
npmjs hdr-histogram-js@3.0.1

cat >record.py <<'PY'
from hdrh.histogram import HdrHistogram

histogram = HdrHistogram(1, 1000, 3)
taken = [histogram.record_value(10) for _ in range(90)] + [histogram.record_value(5000) for _ in range(10)]
print(taken.count(True), taken.count(False))
print(histogram.get_total_count(), *(histogram.get_value_at_percentile(p) for p in (50, 99, 100)))
print(histogram.record_value(2047), histogram.record_value(2048))
PY
cat >record.js <<'JS'
const { build } = require("hdr-histogram-js");
const histogram = build({ lowestDiscernibleValue: 1, highestTrackableValue: 1000, numberOfSignificantValueDigits: 3,
  autoResize: false });
try {
  histogram.recordValue(5000);
  console.log(histogram.totalCount);
} catch (error) {
  console.log(error.message);
}
JS
mapfile -t line < <(python3 record.py)
must "Python: taken, not taken" "90 10" "${line[0]}"
must "count, p50, p99, p100" "90 10 10 10" "${line[1]}"
must "2047 and 2048 where 1000 is the highest" "True False" "${line[2]}"
must "JavaScript" "Value 5000 is outside of histogram covered range" "$(node record.js)"
