#!/usr/bin/env bash
# Shows: `.5s` is 5 s in enhanced-ms, duration-timestamp and philiprehberger-duration.
# Expected: 0.5 s, as ms and pytimeparse have it; or an error.
# Seen: a number is looked for from its first digit on, and the point before it is passed over. 0.5s is read right by
# enhanced-ms and philiprehberger-duration, while duration-timestamp finds 5 s in it, too, and 5 hours in 1.5h; it has whole
# numbers only. With 1,500ms philiprehberger-duration finds 0.5 s.
# Who it hurts: limits and time-outs: ten times the limit that was written, and the run that takes 4 s passes.
# Instead: 500ms; or a check that what was read has the same text when it is written.
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

npmjs enhanced-ms@5.0.0 duration-timestamp@2.26.0
pypi philiprehberger-duration==0.4.0

cat >read.mjs <<'JS'
import enhanced from "enhanced-ms";
import { parse } from "duration-timestamp";
for (const text of process.argv.slice(2)) console.log(enhanced(text) / 1000, parse(text).total);
JS
cat >read.py <<'PY'
import sys

from philiprehberger_duration import parse

for text in sys.argv[1:]:
    print(parse(text))
PY
read_as() { echo "$(node read.mjs "$1")" "$(python3 read.py "$1")"; }
echo "seen: the columns: enhanced-ms, duration-timestamp, philiprehberger-duration"
must "90s" "90 90 90.0" "$(read_as 90s)"
must ".5s" "5 5 5.0" "$(read_as .5s)"
must "0.5s" "0.5 5 0.5" "$(read_as 0.5s)"
must "1.5h" "5400 18000 5400.0" "$(read_as 1.5h)"
