#!/usr/bin/env bash
# Shows: scipy.stats.bootstrap, as it comes, gives the interval (nan, nan) for the runs that are most alike.
# Expected: an interval that is a point, (0, 0) for the error rate of a hundred requests without an error, and
# something about 100 ms for the median of thirty requests of 100 ms and three of 900.
# Seen: the default method, BCa, divides by the spread of the jackknife, which is 0 in both cases. NaN and a
# DegenerateDataWarning come out; method="percentile" gives (0, 0) and (100, 100). Both are too good to be true:
# three errors in a hundred are possible behind a hundred without one (Clopper-Pearson says up to 3.6 %).
# Who it hurts: `low > limit`, the usual rule for "certainly worse", is false for NaN, so is `high < limit` for
# "certainly better": a gate has no opinion exactly where the run is clean, or where the median is rock solid.
# Instead: check for NaN; for rates use binomtest(k, n).proportion_ci(), for quantiles order statistics.
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

cat >interval.py <<'PY'
import warnings

import numpy
from scipy.stats import binomtest, bootstrap

warnings.simplefilter("ignore")


def interval(sample, statistic, **how):
    found = bootstrap((numpy.array(sample),), statistic, rng=1, **how).confidence_interval
    return float(found.low), float(found.high)


errors = [0.0] * 100
times = [100.0] * 30 + [900.0] * 3
low, high = interval(errors, numpy.mean)
print(low, high, low > 0.01, high < 0.01)
print(*interval(times, numpy.median))
print(*interval(errors, numpy.mean, method="percentile"), *interval(times, numpy.median, method="percentile"))
print(f"{binomtest(0, 100).proportion_ci().high:.3f}")
PY
mapfile -t line < <(python3 interval.py)
must "rate of 0 errors in 100; over 1 %; under 1 %" "nan nan False False" "${line[0]}"
must "median of thirty times 100 and three times 900" "nan nan" "${line[1]}"
must "both by method=percentile" "0.0 0.0 100.0 100.0" "${line[2]}"
must "upper end by Clopper-Pearson" "0.036" "${line[3]}"
