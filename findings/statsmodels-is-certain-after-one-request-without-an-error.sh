#!/usr/bin/env bash
# Shows: for statsmodels, one request without an error proves that fewer than 1 % fail, with p = 0.
# Expected: a p near 1: of 100 requests none fails in 37 % of cases even where 1 % do (scipy's exact test: 0.366).
# Seen: proportions_ztest(0, n, 0.01, alternative="smaller") is p = 0 for any n, 1 too: its variance is that of the
# sample, which is 0. proportion_confint(0, n), "normal" unless told otherwise, is 0 to 0. Both of a success rate, too:
# one success of one request is above 99 %, p = 0.
# Who it hurts: a gate that demands significance just so that few samples cannot pass: the fewest pass best.
# Instead: scipy's binomtest; here prop_var=0.01 for a fair z (not for few samples), and method="beta" or "wilson".
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

pypi numpy==2.4.6 scipy==1.17.1 pandas==2.3.3 statsmodels==0.15.0

cat >share.py <<'PY'
import warnings

from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

warnings.simplefilter("ignore")
for n in (1, 100):
    p = proportions_ztest(0, n, 0.01, alternative="smaller")[1]
    exact = binomtest(0, n, 0.01, alternative="less").pvalue
    print(f"{p:.3f} {exact:.3f}", *(f"{upper:.3f}" for upper in (
        proportion_confint(0, n)[1], proportion_confint(0, n, method="beta")[1])))
print(f"{proportions_ztest(1, 1, 0.99, alternative='larger')[1]:.3f}")
PY
mapfile -t line < <(python3 share.py)
must "0 of 1 failed: p of z and exact, upper limit of normal and exact" "0.000 0.990 0.000 0.975" "${line[0]}"
must "0 of 100 failed" "0.000 0.366 0.000 0.036" "${line[1]}"
must "1 of 1 succeeded, above 99 %: p" "0.000" "${line[2]}"
