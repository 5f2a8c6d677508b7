#!/usr/bin/env bash
# Shows: prometheus_client lets a counter be increased by NaN, and from then on it is NaN.
# Expected: a ValueError, as for a negative amount: "Counters can only be incremented by non-negative amounts".
# Seen: inc(float("nan")) is taken, NaN plus 1 is NaN until the process ends. Histogram.observe(NaN) makes _sum NaN
# for good, while _count (that of the buckets) leaves the observation out; a Summary counts it.
# Who it hurts: rate() and increase() of it are NaN, `> limit` is false: the alert on bytes or errors is silent
# until the next deploy, and nothing is logged.
# Instead: check amounts that were divided (0 / 0 in numpy is NaN, without an exception) before inc() and observe().
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

pypi prometheus_client==0.26.0

cat >nan.py <<'PY'
from prometheus_client import CollectorRegistry, Counter, Histogram, Summary

registry = CollectorRegistry()
counter = Counter("c", "a counter", registry=registry)
histogram = Histogram("h", "a histogram", registry=registry)
summary = Summary("s", "a summary", registry=registry)
try:
    counter.inc(-1)
except ValueError:
    print("ValueError")
for amount in 1, float("nan"), 1:
    counter.inc(amount)
    histogram.observe(amount)
    summary.observe(amount)
print(registry.get_sample_value("c_total"))
print(*(registry.get_sample_value(name) for name in ["h_count", "h_sum", "s_count", "s_sum"]))
PY
mapfile -t line < <(python3 nan.py)
must "inc(-1)" "ValueError" "${line[0]}"
must "a counter after 1, NaN, 1" "nan" "${line[1]}"
must "histogram's count and sum, summary's count and sum" "2.0 nan 3.0 nan" "${line[2]}"
