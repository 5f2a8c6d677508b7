#!/usr/bin/env bash
# Shows: the jq package for Python returns 9007199254740992 for 9007199254740993, although the jq inside it keeps
# and compares all digits.
# Expected: a Python int of all digits: jq 1.7 and later print a number that was not computed with as it came, and
# Python has integers of any size.
# Seen: first(), all() and text() give the rounded double; a program `. == 9007199254740992` says false of that very
# value, and `tojson` gives all digits. 1e1000 becomes 1.7976931348623157e+308.
# Who it hurts: counts of nanoseconds, ids and totals above 2^53 that are read with it: two runs that differ are
# equal, and one value has two answers in one program.
# Instead: `tojson` in the program and json.loads around it.
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

pypi jq==1.13.0

cat >digits.py <<'PY'
import json

import jq


def ask(program, text="9007199254740993"):
    return jq.compile(program).input_text(text)


print(ask(".").first(), ask(".").text(), ask(".").all()[0])
print(ask(". == 9007199254740992").first(), ask("tojson").first(), json.loads(ask("tojson").first()))
print(ask(".", "1e1000").first())
PY
mapfile -t line < <(python3 digits.py)
must "9007199254740993 by first, text, all" "9007199254740992 9007199254740992 9007199254740992" "${line[0]}"
must "is it ...992; tojson; through json.loads" "False 9007199254740993 9007199254740993" "${line[1]}"
must "1e1000" "1.7976931348623157e+308" "${line[2]}"
