#!/usr/bin/env bash
# Shows: Dask's Series.quantile(0.99) of two partitions is 100 where pandas has 2080, and 1900 when the median and p90 are asked
# for in the same call.
# Expected: an approximation, as its page says: some per cent beside, and the same whatever else is asked.
# Seen: 1,000 answers of 10 ms in one partition, 100,000 from 100 to 2100 ms in the other: p50 alone is 100 (1090), p99 alone
# 100 (2080), p99 with p50 and p90 1900. Only the percentiles asked for, the least and the greatest of each partition are
# kept, and the answer is one of those.
# Who it hurts: a gate `p99 <= 500` over a log of several hosts or days, of which one is small and quiet.
# Instead: repartition(npartitions=1), or a sketch or an exact state of each partition that is merged.
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
pypi dask==2026.8.0 pandas==3.1.1 numpy==2.4.6 pyarrow==26.0.1

cat >asked.py <<'PY'
import sys

import dask.dataframe as dd
import pandas as pd

parts = [pd.DataFrame({"ms": [10.0] * 1000}), pd.DataFrame({"ms": [100 + i / 50 for i in range(100000)]})]
wanted = [float(word) for word in sys.argv[2:]]
if sys.argv[1] == "pandas":
    found = pd.concat(parts).ms.quantile(wanted)
else:
    frame = dd.from_map(lambda part: parts[part], range(2), meta=parts[0].head(0))
    found = frame.repartition(npartitions=int(sys.argv[1])).ms.quantile(wanted).compute()
print(*(f"{value:.0f}" for value in found))
PY
must "pandas: p50 p90 p99" "1090 1898 2080" "$(python asked.py pandas 0.5 0.9 0.99)"
must "dask, two partitions: p50" 100 "$(python asked.py 2 0.5)"
must "dask, two partitions: p99" 100 "$(python asked.py 2 0.99)"
must "dask, two partitions: p50 p90 p99" "100 1100 1900" "$(python asked.py 2 0.5 0.9 0.99)"
must "dask, one partition: p50 p90 p99" "1090 1898 2080" "$(python asked.py 1 0.5 0.9 0.99)"
