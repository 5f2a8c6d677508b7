#!/usr/bin/env bash
# Shows: three of pymannkendall's trend tests say "no trend" of a series that grows by the same amount each time.
# Expected: increasing; there is no clearer trend than 500, 501, 502 ... The plain test says so, and so do all of
# them for the same growth with a noise of a hundredth.
# Seen: hamed_rao_modification_test and yue_wang_modification_test: no trend, p nan; and
# trend_free_pre_whitening_modification_test: no trend, p 1. What is left after the trend was taken out is a row of
# zeros, which has no autocorrelation to correct for. The slope is right in all: 1.
# Who it hurts: a soak gate that takes the corrected tests, as one should for samples of one process: a leak of one
# file descriptor, thread or connection an iteration is a whole number and is exact; just that one passes.
# Instead: look at the slope beside the trend, and take a p that is nan for no answer.
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

pypi numpy==2.4.6 scipy==1.17.1 pymannkendall==1.4.3

cat >trend.py <<'PY'
import random
import warnings

import pymannkendall

warnings.simplefilter("ignore")
random.seed(1)
handles = [500 + minute for minute in range(40)]
tests = ["original_test", "hamed_rao_modification_test", "yue_wang_modification_test"]
for name in tests + ["trend_free_pre_whitening_modification_test"]:
    exact = getattr(pymannkendall, name)(handles)
    noisy = getattr(pymannkendall, name)([h + random.gauss(0, 0.01) for h in handles])
    print(f"{exact.trend}, {exact.p:.2f}, {exact.slope:.2f}; {noisy.trend}")
PY
mapfile -t line < <(python3 trend.py)
must "plain: trend, p, slope; with noise" "increasing, 0.00, 1.00; increasing" "${line[0]}"
must "Hamed and Rao" "no trend, nan, 1.00; increasing" "${line[1]}"
must "Yue and Wang" "no trend, nan, 1.00; increasing" "${line[2]}"
must "trend-free pre-whitening" "no trend, 1.00, 1.00; increasing" "${line[3]}"
