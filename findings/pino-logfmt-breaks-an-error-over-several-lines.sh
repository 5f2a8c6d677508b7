#!/usr/bin/env bash
# Shows: the line of pino with an error becomes `err="[object Object]"` in pino-logfmt, and with --flatten-nested a record
# of three lines, of which the second is a record of its own to a reader of lines: took=5, and not 950.
# Expected: one line, \n within the quotes: a record a line is what logfmt is, and " and \ are escaped.
# Seen: line breaks are written as they are, even into the middle of a quoted text. --escape-multiline-strings keeps it on
# one line, where each break is two backslashes and an n.
# Who it hurts: only errors have such texts, so the lines that matter are those that are torn; a stack that quotes a line of
# a log adds records that never were, to every count and quantile.
# Instead: --flatten-nested --escape-multiline-strings, both; pino's own JSON.
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

npmjs pino-logfmt@1.1.4 logfmt@1.4.0

cat >app.log <<'LOG'
{"level":50,"msg":"failed","took":950,"err":{"type":"Error","stack":"Error: no answer\n  to GET /a took=5 status=200"}}
{"level":30,"msg":"fine","took":90}
LOG
write() { npx pino-logfmt "$@" <app.log >out.txt; }
cat >read.js <<'JS'
const logfmt = require("logfmt");
const lines = require("fs").readFileSync("out.txt", "utf8").trimEnd().split("\n");
console.log(lines.length, "lines:", lines.map((line) => logfmt.parse(line).took ?? "-").join(" "));
JS
write
must "the error" 'err="[object Object]"' "$(grep -o 'err=.*' out.txt)"
must "took" "2 lines: 950 90" "$(node read.js)"
write --flatten-nested
must "the error, --flatten-nested" 'err_stack="Error: no answer' "$(grep -o 'err_stack=.*' out.txt)"
must "took, --flatten-nested" "3 lines: 950 5 90" "$(node read.js)"
write --flatten-nested --escape-multiline-strings
must "the error, --escape-multiline-strings" 'err_stack="Error: no answer\\n  to GET /a took=5 status=200"' \
    "$(grep -o 'err_stack=.*' out.txt)"
must "took, --escape-multiline-strings" "2 lines: 950 90" "$(node read.js)"
