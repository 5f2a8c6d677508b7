#!/usr/bin/env bash
# Shows: ddsketch gives the fastest request as p99 when the weights add up to 1, and -0.99 when to less than 1.
# Expected: the quantiles of 100, 200 ... 10,000 do not depend on whether each has the weight 1, 10 or 0.01: a weight is
# any positive number, and only its share counts.
# Seen: with weights of 1 p99 is 9801. With 0.01 each, p50, p99 and the maximum are all 100.5. With 0.009 each, all but the
# minimum are -0.99, a latency below 0: the rank is q * (count - 1), which is 0 or negative for a count of 1 or less.
# Who it hurts: whoever weighs samples by probability, by their share of a day's traffic, or scales two sketches down
# to compare them: p99 < 200 holds for any service.
# Instead: weights scaled up so that the smallest is 1 or more; hold get_quantile_value(1) against the known maximum.
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

pypi ddsketch==3.0.1

cat >weigh.py <<'PY'
import sys

from ddsketch import DDSketch

sketch = DDSketch()
for value in range(100, 10_001, 100):
    sketch.add(value, weight=float(sys.argv[1]))
print(f"{sketch.count:.2f}", *(f"{sketch.get_quantile_value(q):.2f}" for q in (0, 0.5, 0.99, 1)))
PY
must "weight 1: count, min, p50, p99, max" "100.00 100.49 4965.32 9801.16 9999.17" "$(python3 weigh.py 1)"
must "weight 0.01" "1.00 100.49 100.49 100.49 100.49" "$(python3 weigh.py 0.01)"
must "weight 0.009" "0.90 100.49 -0.99 -0.99 -0.99" "$(python3 weigh.py 0.009)"
