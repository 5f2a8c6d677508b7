#!/usr/bin/env bash
# Shows: pyilpp gives 1 of 3 records where the second value is .5, and none of two lines that have no time.
# Expected: all of them, since the line protocol has both; or an error that names the line.
# Seen: it ends where it cannot go on and gives what it has, without a word. `.5`, `12ms` and an empty value do so, and a line
# without a time that is not the last.
# Who it hurts: a limit on the greatest value of a file: all that follows the first such line is not there.
# Instead: line-protocol-parser, which reads line by line and raises; or the number of records against that of lines.
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

pypi pyilpp==0.1.0 pyparsing==3.3.3 line-protocol-parser==2.0.1

cat >read.py <<'PY'
import sys

import pyilpp
from line_protocol_parser import parse_line

lines = [line.replace("@", "1700000000000000000") for line in sys.argv[2:]]
if sys.argv[1] == "pyilpp":
    read = pyilpp.parse("\n".join(lines) + "\n")
else:
    read = [parse_line(line) for line in lines]
print(*[record["fields"]["ms"] for record in read] or ["nothing"])
PY
must "1.5 0.5 900" "1.5 0.5 900.0" "$(python3 read.py pyilpp 'm ms=1.5 @' 'm ms=0.5 @' 'm ms=900 @')"
must "1.5 .5 900" "1.5" "$(python3 read.py pyilpp 'm ms=1.5 @' 'm ms=.5 @' 'm ms=900 @')"
must "1.5 .5 900, line-protocol-parser" "1.5 0.5 900.0" "$(python3 read.py other 'm ms=1.5 @' 'm ms=.5 @' 'm ms=900 @')"
must "1.5 12ms 900" "1.5" "$(python3 read.py pyilpp 'm ms=1.5 @' 'm ms=12ms @' 'm ms=900 @')"
must "one without a time" "1.5" "$(python3 read.py pyilpp 'm ms=1.5')"
must "two without a time" "nothing" "$(python3 read.py pyilpp 'm ms=1.5' 'm ms=900')"
