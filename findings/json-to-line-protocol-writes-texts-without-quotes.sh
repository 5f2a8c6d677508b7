#!/usr/bin/env bash
# Shows: json-to-line-protocol writes a field "ok" as `state=ok`, which no reader takes, "t" as true and the version "007"
# as the number 7.
# Expected: "ok" in quotes: texts are quoted in InfluxDB's line protocol, and its page promises "any necessary escaping".
# Seen: no field is ever quoted, and spaces in it are left as they are. A text that looks like a number, a whole number
# (12i) or true and false (t, T, F) is read as that; any other makes the line one that is refused.
# Who it hurts: a server refuses such lines of a batch and takes the rest, so that the lines with the text of an error are
# those that are missing; the first job "1e5" fixes its field as a number.
# Instead: quotes put around texts before, '"' + text + '"', with those within escaped; or InfluxDB's own client.
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

# npmjs NAME@VERSION ...: into ./node_modules
npmjs() {
    npm install --silent --no-audit --no-fund --no-save --ignore-scripts "$@" >npm.log 2>&1 || { cat npm.log >&2; exit 1; }
    printf 'version: %s\n' "node $(node --version)" "$@"
}

# pypi NAME==VERSION ...: into a virtual environment
pypi() {
    python3 -m venv --without-pip py
    python3 -m pip --python py/bin/python --disable-pip-version-check install -q --no-compile "$@"
    export PATH=$work/py/bin:$PATH
    printf 'version: %s\n' "$(python3 --version)" "$@"
}

npmjs json-to-line-protocol@0.2.0
pypi line-protocol-parser==2.0.1

cat >write.js <<'JS'
const { convert } = require("json-to-line-protocol");
console.log(convert({ measurement: "run", tags: { job: "a" }, fields: { state: JSON.parse(process.argv[2]) }, ts: 5 }));
JS
cat >read.py <<'PY'
import sys

from line_protocol_parser import LineFormatError, parse_line

try:
    print(repr(parse_line(sys.stdin.read().strip())["fields"]["state"]))
except LineFormatError:
    print("refused")
PY
# line JSON: as written, and as read
line() {
    node write.js "$1" >line.txt
    echo "$(cat line.txt) -> $(python3 read.py <line.txt)"
}
must "7" "run,job=a state=7 5 -> 7.0" "$(line 7)"
must "true" "run,job=a state=true 5 -> True" "$(line true)"
must '"ok"' "run,job=a state=ok 5 -> refused" "$(line '"ok"')"
must '"timed out"' "run,job=a state=timed out 5 -> refused" "$(line '"timed out"')"
must '"t"' "run,job=a state=t 5 -> True" "$(line '"t"')"
must '"007"' "run,job=a state=007 5 -> 7.0" "$(line '"007"')"
must '"1e5"' "run,job=a state=1e5 5 -> 100000.0" "$(line '"1e5"')"
