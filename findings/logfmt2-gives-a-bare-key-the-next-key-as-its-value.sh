#!/usr/bin/env bash
# Shows: @jclem/logfmt2 reads `cached took=950` as cached = "took", and there is no took.
# Expected: cached without a value, or true, and took = 950, as the package logfmt and every other reader has it.
# Seen: a key takes the next word, whatever it is, for its value, and what follows is one off: of `err='not found' took=950` the
# keys are err and found', the latter with the value took. After `=` in a value it is likewise: the rest of `url=/a?x=1` is a
# key. Nothing is reported.
# Who it hurts: lines with a flag, or with a value in other quotes: their times are missing, and these are the lines with
# errors; what is left is within the limit.
# Instead: logfmt, which has these right; or count the lines without `took`.
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

npmjs @jclem/logfmt2@2.4.3 logfmt@1.4.0

cat >read.js <<'JS'
const { decode } = require("@jclem/logfmt2");
const { parse } = require("logfmt");
const [reader, line] = process.argv.slice(2);
const read = reader === "logfmt" ? parse(line) : decode(line);
console.log(Object.entries(read).map(([key, value]) => `${key}: ${value}`).join(", "));
JS
must "status=200 took=12, logfmt2" "status: 200, took: 12" "$(node read.js logfmt2 'status=200 took=12')"
must "cached took=950, logfmt" "cached: true, took: 950" "$(node read.js logfmt 'cached took=950')"
must "cached took=950, logfmt2" "cached: took" "$(node read.js logfmt2 'cached took=950')"
must "err='not found' took=950, logfmt" "err: 'not, found': true, took: 950" "$(node read.js logfmt "err='not found' took=950")"
must "err='not found' took=950, logfmt2" "err: 'not, found': took" "$(node read.js logfmt2 "err='not found' took=950")"
