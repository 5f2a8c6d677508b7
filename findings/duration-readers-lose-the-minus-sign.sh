#!/usr/bin/env bash
# Shows: timestring and iso8601-duration (npm), tempora and timelength (PyPI) read a negative duration as a positive one.
# Expected: -30 s, or an error. pytimeparse and durationpy give -30; humanfriendly refuses the text.
# Seen: "-30s" is 30 s, "-PT30S" is 30 s, in tempora "1m -30s" is 90 s. timelength has success=True and nothing in its
# list of what it did not understand.
# Who it hurts: differences: "p99 moved by -30ms" is a regression of 30 ms; a clock that is 5 s behind counts as 5 s ahead;
# a start given as "-30m" (half an hour ago) lies half an hour ahead, and a window from there is empty.
# Instead: look for a minus sign before, and refuse or apply it.
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

pypi tempora==5.13.0 timelength==3.0.4 pytimeparse==1.1.10 durationpy==0.11
npmjs timestring@7.0.0 iso8601-duration@2.1.4

cat >read.py <<'PY'
import durationpy
import pytimeparse
import tempora
from timelength import TimeLength

length = TimeLength("-30s").result
print(pytimeparse.parse("-30s"), durationpy.from_str("-30s").total_seconds())
print(tempora.parse_timedelta("-30s").total_seconds(), tempora.parse_timedelta("1m -30s").total_seconds())
print(length.seconds, length.success, list(length.invalid))
PY
cat >read.js <<'JS'
const iso = require("iso8601-duration");
const timestring = require("timestring");
console.log(timestring("-30s"), iso.toSeconds(iso.parse("-PT30S")));
JS
mapfile -t line < <(python3 read.py)
must "pytimeparse, durationpy: -30s" "-30 -30.0" "${line[0]}"
must "tempora: -30s, 1m -30s" "30.0 90.0" "${line[1]}"
must "timelength: -30s, success, not understood" "30.0 True []" "${line[2]}"
must "timestring -30s, iso8601-duration -PT30S" "30 30" "$(node read.js)"
