#!/usr/bin/env bash
# Shows: tabulate writes a column of the texts 1.10 and 1.9 as 1.1 and 1.9, the commit 12e45 as 1.2e+46, and 1000.004 as
# 1000.
# Expected: texts as they are, and numbers with their digits: 1000.004 is above a limit of 1000.
# Seen: a column of which each text could be a number is one, and numbers are written with the format "g", which is six
# digits. One word in the column, and everything in it stays: p99 in the same table has its digits or not by what else the
# column holds. In tablefmt="tsv" a tab or a line break within a cell is written raw, and makes a column or a row.
# Who it hurts: a summary of runs as "tsv" or "github" that a later step reads: 99999.96 is 100000, 1000.004 keeps a limit
# of 1000, and release 1.10 is found as 1.1, older than 1.9.
# Instead: disable_numparse=True; the csv module for what is read again.
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

pypi tabulate==0.10.0

cat >table.py <<'PY'
import sys

from tabulate import tabulate

more = {"disable_numparse": True} if "plain" in sys.argv else {}


def column(*cells):
    return [line.strip() for line in tabulate([[cell] for cell in cells], tablefmt="tsv", **more).split("\n")]


print(column("1.10", "1.9"))
print(column("12e45", "1e5"))
print(column(1000.004, 99999.96))
print(column(1000.004, "none"))
print(len(tabulate([["GET\t/a", 5]], tablefmt="tsv").split("\t")))
PY
mapfile -t line < <(python3 table.py)
must "releases 1.10 and 1.9" "['1.1', '1.9']" "${line[0]}"
must "commits 12e45 and 1e5" "['1.2e+46', '100000']" "${line[1]}"
must "1000.004 and 99999.96" "['1000', '100000']" "${line[2]}"
must "1000.004 and none" "['1000.004', 'none']" "${line[3]}"
must "columns of two cells, one with a tab" "3" "${line[4]}"
mapfile -t line < <(python3 table.py plain)
must "disable_numparse: releases" "['1.10', '1.9']" "${line[0]}"
