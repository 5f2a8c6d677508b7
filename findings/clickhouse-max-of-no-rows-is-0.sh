#!/usr/bin/env bash
# Shows: in ClickHouse (chDB) the greatest of no rows is 0, and so is the least.
# Expected: NULL, which is within no limit, as in SQL's other engines (the same query gives NULL in sqlite3).
# Seen: max, min and sum are 0; avg and quantile are nan. `max(ms) <= 200` is therefore true of an empty log, of a
# route that was renamed, of a window without traffic; `quantile(0.99)(ms) <= 200` is false. With declared columns,
# as one gives them for speed, a row without `ms` has 0 as well, so the mean and the least fall.
# Who it hurts: a gate by a query over logs: it passes best where nothing was logged.
# Instead: `count() > 0 and ...`; columns declared Nullable; aggregate_functions_null_for_empty = 1.
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

pypi chdb==4.4.0 chdb-core==26.9.0

cat >log.jsonl <<'JSON'
{"route":"/a","ms":150}
{"route":"/a","ms":250}
{"route":"/a"}
JSON
cat >query.py <<'PY'
import sqlite3
import sys

import chdb

print(str(chdb.query(sys.argv[1], "TSV")).strip())
if len(sys.argv) > 2:
    print(sqlite3.connect(":memory:").execute(sys.argv[2]).fetchone()[0])
PY
rows="file('log.jsonl', JSONEachRow, 'route String, ms Float64')"
# ask QUERY [OF SQLITE]: the answer, on one line
ask() { python3 query.py "$@" | xargs; }
must "max and min of no rows; max in sqlite3" "0 0 None" \
    "$(ask "select max(ms), min(ms) from $rows where route = '/b'" "select max(ms) from (select 1 as ms) where ms > 1")"
must "max <= 200, p99 <= 200, of no rows" "1 0" \
    "$(ask "select max(ms) <= 200, quantile(0.99)(ms) <= 200 from $rows where route = '/b'")"
must "mean and least of 150, 250 and an absent one" "133 0 3" "$(ask "select floor(avg(ms)), min(ms), count(ms) from $rows")"
must "the same, declared Nullable" "200 150 2" \
    "$(ask "select avg(ms), min(ms), count(ms) from file('log.jsonl', JSONEachRow, 'route String, ms Nullable(Float64)')")"
must "max of no rows, null for empty" "\\N" \
    "$(python3 query.py "select max(ms) from $rows where route = '/b' settings aggregate_functions_null_for_empty = 1")"
