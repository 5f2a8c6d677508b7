#!/usr/bin/env bash
# Shows: yaml.safe_load of json.dumps({"error_rate": 0.00001}) gives "1e-05", a text.
# Expected: 1e-05: JSON is YAML, and 0.0001, 1.5e-07 and 1000000.0 of the same report come as numbers.
# Seen: PyYAML takes a number with an exponent for one only where it has a point before and a sign behind the e: 1e-05,
# 5e-324, 1e+21 and JavaScript's 1e-7 are texts, 1.5e-07 is a number. Written back as JSON it is "1e-05", and for jq any
# text is greater than any number. ruamel.yaml reads all as numbers.
# Who it hurts: who reads JSON and YAML by one loader: error_rate <= 0.01 is false when it is as low as one in a
# hundred thousand, and apdex >= 0.9 is true when it is as low.
# Instead: json.loads for JSON; ruamel.yaml.
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

pypi pyyaml==6.0.4 ruamel.yaml==0.19.1

cat >load.py <<'PY'
import json

import ruamel.yaml
import yaml

report = json.dumps({"error_rate": 0.00001, "apdex": 0.00005, "p99": 0.00015})
print(report)
print(json.dumps(yaml.safe_load(report)))
print(json.dumps(ruamel.yaml.YAML(typ="safe", pure=True).load(report)))
PY
mapfile -t line < <(python3 load.py)
must "the report" '{"error_rate": 1e-05, "apdex": 5e-05, "p99": 0.00015}' "${line[0]}"
must "through ruamel.yaml" '{"error_rate": 1e-05, "apdex": 5e-05, "p99": 0.00015}' "${line[2]}"
must "through PyYAML" '{"error_rate": "1e-05", "apdex": "5e-05", "p99": 0.00015}' "${line[1]}"
echo "version: $(jq --version)"
must "jq: error_rate <= 0.01, apdex >= 0.9" "false true" "$(jq '.error_rate <= 0.01, .apdex >= 0.9' <<<"${line[1]}" | xargs)"
must "jq, of the report itself" "true false" "$(jq '.error_rate <= 0.01, .apdex >= 0.9' <<<"${line[0]}" | xargs)"
