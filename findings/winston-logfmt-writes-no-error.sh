#!/usr/bin/env bash
# Shows: winston-logfmt leaves out a field whose value is an Error, null or an empty text; a list within an object loses the name
# of that object.
# Expected: err=boom or err="Error: boom", as winston's JSON and other writers show at least the message; `n=` or `n=null`.
# Seen: `{ err: new Error("boom"), took: 950 }` is `took=950`: no err at all. 0 and false are written. Of `{ request: { ms: [12, 950] } }`
# `ms_0=12 ms_1=950` is left, where `{ request: { ms: 12 } }` is `request_ms=12`.
# Who it hurts: a count of lines that have err=: there is none, however many requests failed.
# Instead: err: error.message; and flat fields.
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

npmjs winston-logfmt@1.0.0 winston@3.19.0

cat >write.js <<'JS'
const format = require("winston-logfmt").logFmtFormat();
const written = (fields) => format.transform({ level: "error", message: "m", ...fields }, {})[Symbol.for("message")].trim();
console.log(written({ err: "boom", took: 950 }));
console.log(written({ err: new Error("boom"), took: 950 }));
console.log(written({ zero: 0, no: false, nothing: null, empty: "", took: 950 }));
console.log(written({ request: { ms: 12 } }));
console.log(written({ request: { ms: [12, 950] } }));
JS
mapfile -t line < <(node write.js)
must "err: a text" "level=error message=m err=boom took=950" "${line[0]}"
must "err: an Error" "level=error message=m took=950" "${line[1]}"
must "0, false, null, empty" "level=error message=m zero=0 no=false took=950" "${line[2]}"
must "request: ms" "level=error message=m request_ms=12" "${line[3]}"
must "request: a list of ms" "level=error message=m ms_0=12 ms_1=950" "${line[4]}"
