#!/usr/bin/env bash
# Shows: a field that first appears after a reader's sample, as `error` does in a good run, does not exist for it.
# Expected: a column `error` with one value, as pyarrow gives, or an error for the field that has no place. Both
# readers document how many lines they look at for the types of columns.
# Seen: polars (100 lines) and DuckDB (20,480) drop the field in silence: the table has no column `error`. In polars
# the count of columns is all that shows it; in DuckDB `select error` is an error, but `select *` and count(*) are
# not.
# Who it hurts: "no error column, so no errors": the first failure of a run that began well is lost, and the longer
# it went well, the surer.
# Instead: infer_schema_length=None, sample_size=-1, or a schema that names `error`.
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

pypi polars==2.1.0 duckdb==2.0.1 pyarrow==26.0.1

cat >fields.py <<'PY'
import json

import duckdb
import polars
import pyarrow.json


def log(name, good):
    with open(name, "w") as file:
        file.writelines(json.dumps({"ms": 10}) + "\n" for _ in range(good))
        file.write(json.dumps({"ms": 10, "error": "refused"}) + "\n")


log("short", 100)
log("long", 20480)
print(polars.read_ndjson("short").columns, polars.DataFrame([json.loads(line) for line in open("short")]).columns)
print(duckdb.sql("select * from read_json('long')").columns)
print(pyarrow.json.read_json("long").column_names)
print(polars.read_ndjson("short", infer_schema_length=None).columns)
print(duckdb.sql("select * from read_json('long', sample_size=-1)").columns)
PY
mapfile -t line < <(python3 fields.py)
must "polars after 100 lines without: read_ndjson, DataFrame" "['ms'] ['ms']" "${line[0]}"
must "DuckDB after 20,480 lines without" "['ms']" "${line[1]}"
must "pyarrow, the same file" "['ms', 'error']" "${line[2]}"
must "polars with infer_schema_length=None" "['ms', 'error']" "${line[3]}"
must "DuckDB with sample_size=-1" "['ms', 'error']" "${line[4]}"
