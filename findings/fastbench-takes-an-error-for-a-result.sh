#!/usr/bin/env bash
# Shows: fastbench of a function that calls back with an error each time: a time, which is a good one, and exit 0.
# Expected: an end with the error, as callbacks of Node have it first; or a count of errors.
# Seen: what a callback is called with is not looked at. A function that throws ends the run with exit 1.
# Who it hurts: a comparison of two clients of a database: the one that could not connect is the faster, in numbers that look
# like any others.
# Instead: if (error) throw error, in each function that is measured.
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

npmjs fastbench@1.0.1

cat >bench.js <<'JS'
const bench = require("fastbench");
const functions = {
  fine: function fine(done) { setImmediate(done, null, "row"); },
  fails: function fails(done) { setImmediate(done, new Error("no connection")); },
  throws: function throws() { throw new Error("no connection"); },
};
bench([functions[process.argv[2]]], 10)(() => console.log("done"));
JS
run() {
    local status=0
    node bench.js "$1" >out 2>err || status=$?
    echo "$(sed 's/[0-9.]*ms$/N ms/' out | xargs) exit $status"
}
must "calls back" "fine*10: N ms done exit 0" "$(run fine)"
must "throws" "exit 1" "$(run throws | grep -o 'exit .*')"
must "calls back with an error" "fails*10: N ms done exit 0" "$(run fails)"
must "standard error" "" "$(cat err)"
