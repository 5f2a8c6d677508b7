#!/usr/bin/env bash
# Shows: polars makes a table of dicts, and 200.9 in row 101 becomes 200.
# Expected: 200.9, or an error, as read_ndjson gives for the same rows. `infer_schema_length=100` is documented as
# the number of rows looked at for the types, and a value that does not fit text into a number is an error here,
# too.
# Seen: a float behind a hundred whole numbers is cut to a whole number without a word, also where strict is at its
# default True. With the float among the first hundred the column is float.
# Who it hurts: load tools write 200 and 200.9 side by side. p100 <= 200 holds for a run that broke it; a ratio such
# as 0.97 becomes 0.
# Instead: infer_schema_length=None, or a schema.
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

pypi polars==2.1.0

cat >rows.py <<'PY'
import json

import polars

rows = [{"ms": 10}] * 100 + [{"ms": 200.9}]
print(polars.DataFrame(rows)["ms"].max(), polars.DataFrame(rows)["ms"].max() <= 200)
print(polars.from_dicts([{"ratio": 0}] * 100 + [{"ratio": 0.97}])["ratio"].max())
print(polars.DataFrame([{"ms": 200.9}] + [{"ms": 10}] * 100)["ms"].max())
print(polars.DataFrame(rows, infer_schema_length=None)["ms"].max())
with open("rows.ndjson", "w") as file:
    file.writelines(json.dumps(row) + "\n" for row in rows)
try:
    print(polars.read_ndjson("rows.ndjson")["ms"].max())
except polars.exceptions.ComputeError:
    print("ComputeError")
PY
mapfile -t line < <(python3 rows.py)
must "max of a hundred 10 and one 200.9, and whether it is <= 200" "200 True" "${line[0]}"
must "a ratio of 0.97 behind a hundred 0" "0" "${line[1]}"
must "the 200.9 first" "200.9" "${line[2]}"
must "with infer_schema_length=None" "200.9" "${line[3]}"
must "read_ndjson of the same rows" "ComputeError" "${line[4]}"
