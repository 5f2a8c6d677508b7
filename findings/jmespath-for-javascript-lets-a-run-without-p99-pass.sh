#!/usr/bin/env bash
# Shows: `p99 <= `200`` in jmespath of npm is true of a run that has no p99, of null, of "" and of the text "90"; in
# jmespath of Python each of them is null or an error.
# Expected: null: by the specification of JMESPath an order is defined of numbers alone, and all else gives null.
# Seen: both sides go to JavaScript's `<=` as they are, after a field that is not there was made null, which is 0 to it; in
# JavaScript itself `undefined <= 200` is false. A text with a unit is false, as is NaN.
# Who it hurts: a gate by the query of a command line or of a CI action: whatever runs in Node answers otherwise than the
# same query in Python, and lets a run pass that did not measure.
# Instead: `type(p99) == 'number' && p99 <= `200``.
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

npmjs jmespath@0.16.0
pypi jmespath==1.1.0

cat >ask.js <<'JS'
const jmespath = require("jmespath");
console.log(JSON.stringify(jmespath.search(JSON.parse(process.argv[2]), process.argv[3])));
JS
cat >ask.py <<'PY'
import json
import sys

import jmespath

try:
    print(json.dumps(jmespath.search(sys.argv[2], json.loads(sys.argv[1]))))
except TypeError:
    print("error")
PY
within="p99 <= \`200\`"
ask() { echo "$(node ask.js "$1" "${2:-$within}") $(python3 ask.py "$1" "${2:-$within}")"; }
echo "seen: the columns: npm, Python"
must '150' "true true" "$(ask '{"p99": 150}')"
must '1000' "false false" "$(ask '{"p99": 1000}')"
must 'not there' "true null" "$(ask '{}')"
must 'null' "true null" "$(ask '{"p99": null}')"
must '""' "true error" "$(ask '{"p99": ""}')"
must '"90"' "true error" "$(ask '{"p99": "90"}')"
must "not there, type(p99) == 'number' &&" "false false" "$(ask '{}' "type(p99) == 'number' && $within")"
