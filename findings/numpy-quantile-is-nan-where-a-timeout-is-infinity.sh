#!/usr/bin/env bash
# Shows: a request without an answer, recorded as infinity, makes numpy's and pandas' quantiles NaN, the median of
# five included.
# Expected: 3, the middle one of 1 2 3 inf inf; no interpolation takes part in it. An infinity above the rank is
# what makes an order statistic robust, and numpy.median, polars and DuckDB do give 3; p90, among the infinities, is
# inf.
# Seen: numpy's linear interpolation multiplies the distance of the neighbours by a weight of 0: inf - 3 times 0 is
# NaN. inf - inf is NaN, too. pandas gives NaN even for quantile(1), the maximum. nanquantile does not help.
# Who it hurts: `p50 > limit` is false for NaN, so a gate that looks for the breach sees none in the run with the
# most time-outs; only a RuntimeWarning is left on standard error.
# Instead: method="inverted_cdf" (or "higher"), or hold `p50 <= limit` against the value, which NaN fails.
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

pypi numpy==2.4.6 pandas==3.1.1 polars==2.1.0 duckdb==2.0.1

cat >quantile.py <<'PY'
import warnings

import duckdb
import numpy
import pandas
import polars

warnings.simplefilter("ignore")
ms = [1.0, 2.0, 3.0, float("inf"), float("inf")]
rows = ", ".join(f"('{x}'::double)" for x in ms)
p50 = float(numpy.quantile(ms, 0.5))
print(p50, p50 > 200)
print(float(numpy.nanquantile(ms, 0.5)), float(numpy.median(ms)))
print(float(pandas.Series(ms).quantile(0.5)), float(pandas.Series(ms).quantile(1)))
print(polars.Series(ms).quantile(0.5, "linear"), polars.Series(ms).quantile(0.9, "linear"))
print(*duckdb.sql(f"select quantile_cont(x, 0.5), quantile_cont(x, 0.9) from (values {rows}) t(x)").fetchall()[0])
print(float(numpy.quantile(ms, 0.5, method="inverted_cdf")))
PY
mapfile -t line < <(python3 quantile.py)
must "numpy p50 of 1 2 3 inf inf, and whether it is over 200" "nan False" "${line[0]}"
must "numpy nanquantile, numpy median" "nan 3.0" "${line[1]}"
must "pandas p50, p100" "nan nan" "${line[2]}"
must "polars p50, p90" "3.0 inf" "${line[3]}"
must "duckdb p50, p90" "3.0 inf" "${line[4]}"
must "numpy p50 by inverted_cdf" "3.0" "${line[5]}"
