#!/usr/bin/env bash
# Shows: simpleduration reads `250µs`, as Go writes it, as 250 s, and pretty-cache-header as a max-age of 250; in expiry-js
# it is 0 ms.
# Expected: 0.00025 s, or an error, as each of them has for `250us`.
# Seen: between the number and the unit any sign that is no letter of ASCII is passed over, so that the unit is s; expiry-js
# leaves all that it does not know out of its sum.
# Who it hurts: Go's time.Duration writes µs for all that is below one millisecond and ms above it: the fastest requests are
# the slowest ones, by a factor of a million.
# Instead: the whole text matched against the units one expects, before it is read.
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

pypi simpleduration==0.1.0
npmjs pretty-cache-header@1.0.0 expiry-js@0.1.7

cat >read.py <<'PY'
import sys

import simpleduration

try:
    print(simpleduration.Duration(sys.argv[1]).timedelta().total_seconds())
except simpleduration.InvalidDuration:
    print("error")
PY
cat >read.mjs <<'JS'
import { cacheHeader } from "pretty-cache-header";
import expiry from "expiry-js";
const tried = (read) => {
  try {
    return read();
  } catch {
    return "error";
  }
};
const text = process.argv[2];
console.log(tried(() => cacheHeader({ maxAge: text })), tried(() => expiry(text).asMilliseconds()));
JS
read_as() { echo "$(python3 read.py "$1")" "$(node read.mjs "$1")"; }
echo "seen: the columns: simpleduration, pretty-cache-header, expiry-js"
must "5m" "300.0 max-age=300 300000" "$(read_as 5m)"
must "250us" "error error error" "$(read_as 250us)"
must "250µs" "250.0 max-age=250 0" "$(read_as 250µs)"
