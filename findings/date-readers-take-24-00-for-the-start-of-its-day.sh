#!/usr/bin/env bash
# Shows: aniso8601 and any-date-parser read 2026-11-29T24:00:00 as midnight of the 29th, a whole day too early; an interval
# 22:00/24:00 of aniso8601 ends before it begins.
# Expected: 2026-11-30T00:00:00, which ISO 8601 has 24:00 for, as arrow and ciso8601 read it; or an error, as most have.
# Seen: aniso8601 takes the 24 for 0 and leaves the day; 24:00:01 is an error, with a text that says what 24 is for.
# any-date-parser also reads second 60 as 59.
# Who it hurts: windows of whole days, as reports and maintenance plans name them: the evidence of the evening is after the
# end.
# Instead: 00:00 of the next day in what one writes; ciso8601.
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

pypi aniso8601==10.0.1 ciso8601==2.4.1
npmjs any-date-parser@2.2.4

cat >read.py <<'PY'
import sys

import aniso8601
import ciso8601

for text in sys.argv[1:]:
    print(aniso8601.parse_datetime(text).isoformat(), ciso8601.parse_datetime(text).isoformat())
PY
cat >read.js <<'JS'
const module_ = require("any-date-parser");
const parser = module_.default ?? module_;
for (const text of process.argv.slice(2)) console.log(parser.fromString(text).toISOString());
JS
export TZ=UTC
must "aniso8601, ciso8601: 23:59:59" "2026-11-29T23:59:59 2026-11-29T23:59:59" "$(python3 read.py 2026-11-29T23:59:59)"
must "aniso8601, ciso8601: 24:00:00" "2026-11-29T00:00:00 2026-11-30T00:00:00" "$(python3 read.py 2026-11-29T24:00:00)"
must "aniso8601: hours from 22:00 to 24:00" "-22.0" "$(python3 -c '
import aniso8601
begin, end = aniso8601.parse_interval("2026-11-29T22:00:00/2026-11-29T24:00:00")
print((end - begin).total_seconds() / 3600)')"
must "any-date-parser: 24:00:00" "2026-11-29T00:00:00.000Z" "$(node read.js '2026-11-29 24:00:00')"
