#!/usr/bin/env bash
# Shows: DuckDB reads a log of JSON lines, and 200.4 in line 20,481 is 200.
# Expected: 200.4, or the error that a text such as "timeout" in the same place gives. `sample_size` (20,480) is
# documented as the number of objects looked at for the types; that a number is changed to fit them is not.
# Seen: the column is BIGINT by the first 20,480 lines, and what comes later is rounded to it: 200.4 to 200, 0.4 to
# 0, 199.5 to 200. The same file with the fraction in its first line is a column of DOUBLE.
# Who it hurts: `max(ms) <= 200` over a long run: warm-up in whole milliseconds, breach with a fraction.
# Instead: sample_size=-1, or columns={ms: 'DOUBLE'}.
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

pypi duckdb==2.0.1

cat >lines.py <<'PY'
import json

import duckdb


def table(name, values, key="ms"):
    with open(name, "w") as file:
        file.writelines(json.dumps({key: value}) + "\n" for value in values)


def ask(what, name, more=""):
    return duckdb.sql(f"select {what} from read_json('{name}'{more})").fetchall()[0][0]


table("late", [10] * 20480 + [200.4])
table("early", [200.4] + [10] * 20480)
table("ratio", [0] * 20480 + [0.4], "ratio")
table("text", [10] * 20480 + ["timeout"])
print(ask("max(ms)", "late"), ask("max(ms) <= 200", "late"))
print(ask("max(ratio)", "ratio"))
print(ask("max(ms)", "early"))
print(ask("max(ms)", "late", ", sample_size=-1"))
try:
    print(ask("max(ms)", "text"))
except duckdb.Error as error:
    print(type(error).__name__)
PY
mapfile -t line < <(python3 lines.py)
must "max of 20,480 times 10 and one 200.4, and whether it is <= 200" "200 True" "${line[0]}"
must "max of 20,480 times 0 and one 0.4" "0" "${line[1]}"
must "the 200.4 first" "200.4" "${line[2]}"
must "with sample_size=-1" "200.4" "${line[3]}"
must "\"timeout\" in that place" "InvalidInputException" "${line[4]}"
