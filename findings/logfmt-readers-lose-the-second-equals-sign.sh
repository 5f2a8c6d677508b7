#!/usr/bin/env bash
# Shows: two libraries called logfmt read `url=/a?x=1 ms=5`, and neither gives /a?x=1.
# Expected: /a?x=1, since the value ends at the blank, or an error. What comes out is neither, and differs between
# the two.
# Seen: npm's gives "/a?x1", PyPI's "/a?x" and a key named 1. With two such signs, as in a base64 signature,
# likewise. In quotes both read = well, but an escape other than \" does harm: of `msg="a\nb"` npm's makes "anb" and
# PyPI's True.
# Who it hurts: grouping by path: the key is one that nobody asked for; what is left of a token or a filter is a
# plausible text. An error message with a line break becomes the value True, so searching it for "timeout" finds
# nothing.
# Instead: quote every value in the writer that is not [A-Za-z0-9_./-]; write no escapes but \".
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

# npmjs NAME@VERSION ...: into ./node_modules
npmjs() {
    npm install --silent --no-audit --no-fund --no-save --ignore-scripts "$@" >npm.log 2>&1 || { cat npm.log >&2; exit 1; }
    printf 'version: %s\n' "node $(node --version)" "$@"
}

pypi logfmt==0.4
npmjs logfmt@1.4.0

printf '%s\n' 'url=/a?x=1 ms=5' 'url="/a?x=1" ms=5' 'msg="a\nb" ms=5' >log
cat >read.py <<'PY'
import json

import logfmt

for record in logfmt.parse(open("log")):
    print(json.dumps(record))
PY
cat >read.js <<'JS'
const logfmt = require("logfmt");
const lines = require("fs").readFileSync("log", "utf8").trimEnd().split("\n");
for (const line of lines) console.log(JSON.stringify(logfmt.parse(line)));
JS
mapfile -t python < <(python3 read.py)
mapfile -t node < <(node read.js)
must "PyPI, url=/a?x=1" '{"url": "/a?x", "1": true, "ms": "5"}' "${python[0]}"
must "npm, the same" '{"url":"/a?x1","ms":"5"}' "${node[0]}"
must "PyPI, in quotes" '{"url": "/a?x=1", "ms": "5"}' "${python[1]}"
must "npm, in quotes" '{"url":"/a?x=1","ms":"5"}' "${node[1]}"
must "PyPI, a line break in quotes" '{"msg": true}' "${python[2]}"
must "npm, the same" '{"msg":"anb","ms":"5"}' "${node[2]}"
