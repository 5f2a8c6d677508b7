#!/usr/bin/env bash
# Shows: {"<=": [{"var": "p99"}, 200]} is true of a run without p99 in json-logic-js, json-logic-engine and jsonlogic-rs;
# json-logic-qubit says false.
# Expected: false. The rules are those of JavaScript, where `undefined <= 200` is false; or an error.
# Seen: `var` makes null of what is not there, and null is 0 in a comparison, so it is within each limit that is not
# negative. The port in Python finds null within none.
# Who it hurts: rules for a gate that are kept as data: the metric that was renamed, or not written, passes; and one rule
# gives two answers in a service of Node and one of Python.
# Instead: {"missing": ["p99"]} asked first.
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

npmjs json-logic-js@2.0.5 json-logic-engine@5.0.7
pypi jsonlogic-rs==0.5.0 json-logic-qubit==0.9.1

cat >ask.mjs <<'JS'
import logic from "json-logic-js";
import { LogicEngine } from "json-logic-engine";
const [rule, run] = process.argv.slice(2).map((text) => JSON.parse(text));
console.log(logic.apply(rule, run), new LogicEngine().run(rule, run));
JS
cat >ask.py <<'PY'
import json
import sys

import json_logic
import jsonlogic_rs

rule, run = map(json.loads, sys.argv[1:])
print(*(json.dumps(answer) for answer in (jsonlogic_rs.apply(rule, run), json_logic.jsonLogic(rule, run))))
PY
rule='{"<=": [{"var": "p99"}, 200]}'
ask() { echo "$(node ask.mjs "$1" "$2") $(python3 ask.py "$1" "$2")"; }
echo "seen: the columns: json-logic-js, json-logic-engine, jsonlogic-rs, json-logic-qubit"
must "150" "true true true true" "$(ask "$rule" '{"p99": 150}')"
must "1000" "false false false false" "$(ask "$rule" '{"p99": 1000}')"
must "not there" "true true true false" "$(ask "$rule" '{}')"
must "null" "true true true false" "$(ask "$rule" '{"p99": null}')"
must "what is missing" '["p99"]' "$(python3 -c '
import json, jsonlogic_rs
print(json.dumps(jsonlogic_rs.apply({"missing": ["p99"]}, {})))')"
