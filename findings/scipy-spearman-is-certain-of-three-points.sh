#!/usr/bin/env bash
# Shows: scipy's rank correlation of three or four points in order has p = 0.
# Expected: what can be counted: three points lie in one order of six, so the two-sided p is 1/3, and of four 1/12.
# kendalltau, which is exact for few points, says so.
# Seen: spearmanr is p = 0.0 for three points and for four, 1e-24 for five: its t is infinite where all agree. Its
# page does say that p is meant for hundreds of points, but that it is off by all there is one would not think.
# Who it hurts: a gate on trends, memory or latency over a few nights, `fail if p < 0.01`: of three nights without any
# change one in three is an alarm, and it comes with the greatest certainty.
# Instead: kendalltau, or permutation_test with spearmanr's statistic.
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

pypi numpy==2.4.6 scipy==1.17.1

cat >order.py <<'PY'
from scipy.stats import kendalltau, permutation_test, spearmanr

for n in (3, 4, 5):
    nights, times = list(range(n)), [200 + 0.01 * night for night in range(n)]
    counted = permutation_test(
        (times,), lambda x: spearmanr(nights, x).statistic, permutation_type="pairings", vectorized=False)
    print(*(f"{p:.3f}" for p in (
        spearmanr(nights, times).pvalue, kendalltau(nights, times).pvalue, counted.pvalue)))
PY
mapfile -t line < <(python3 order.py)
must "three points in order: p of spearmanr, kendalltau, counted" "0.000 0.333 0.333" "${line[0]}"
must "four" "0.000 0.083 0.083" "${line[1]}"
must "five" "0.000 0.017 0.017" "${line[2]}"
