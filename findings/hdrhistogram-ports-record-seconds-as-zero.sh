#!/usr/bin/env bash
# Shows: the HdrHistogram libraries for JavaScript and Python take 0.93 and record 0.
# Expected: an error. The format counts whole numbers; Java's recordValue takes a long, so 0.93 does not compile
# there. Both ports do refuse other things: a negative number, in Python a text.
# Seen: a fraction is cut to the whole number below. Of a hundred answers in seconds between 0.12 and 0.93 every
# percentile and the mean are 0; in JavaScript max is 0.93 (taken beside the counts), so max and p100 of one object
# disagree.
# Who it hurts: performance.now() and time.perf_counter() give fractions; a p99 in seconds is 0, or 1 for 1.9 s, and
# any limit holds.
# Instead: record Math.round(seconds * 1e6).
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

cat >record.js <<'JS'
const hdr = require("hdr-histogram-js");
const seconds = hdr.build();
for (let i = 0; i < 100; i++) seconds.recordValue(i % 2 ? 0.12 : 0.93);
const { p50, p99, max } = JSON.parse(JSON.stringify(seconds));
console.log(seconds.totalCount, p50, p99, seconds.mean, max, seconds.getValueAtPercentile(100));
JS
cat >record.py <<'PY'
from hdrh.histogram import HdrHistogram

seconds = HdrHistogram(1, 3_600_000, 3)
taken = [seconds.record_value(value) for value in [0.12, 0.93] * 50]
late = HdrHistogram(1, 3_600_000, 3)
late.record_value(1.9)
print(all(taken), seconds.get_total_count(), seconds.get_value_at_percentile(99), seconds.get_max_value(), late.get_max_value())
PY
must "JavaScript: count p50 p99 mean max p100" "100 0 0 0 0.93 0" "$(node record.js)"
must "Python: taken, count, p99, max, max of 1.9" "True 100 0 0 1" "$(python3 record.py)"
