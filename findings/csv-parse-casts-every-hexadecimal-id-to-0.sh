#!/usr/bin/env bash
# Shows: csv-parse with cast: true turns 0x1f, 0x7f3a99 and 0b11 into 0.
# Expected: 31, as d3-dsv's autoType has it, or the text, as papaparse and csvtojson have it. What is no number stays a
# text in csv-parse: 1_000, 12:30, NaN.
# Seen: whether it is a number is decided by JavaScript's rules, which know 0x; its value is then taken by parseFloat,
# which does not, and stops at the x.
# Who it hurts: trace, span and worker ids of a load generator's log: all are 0, a count by id has one group, and
# "one failing worker of 40" is "all requests of worker 0".
# Instead: a cast function that asks for /^-?[0-9.]+$/ first.
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

npmjs csv-parse@7.0.3 papaparse@5.7.1 d3-dsv@3.0.2

cat >read.mjs <<'JS'
import { parse } from "csv-parse/sync";
import { autoType, csvParse } from "d3-dsv";
import papaparse from "papaparse";
const csv = "id,ms\n0x1f,5\n0x7f3a99,1e3\n1_000,7\n";
console.log(JSON.stringify(csvParse(csv, autoType).map((row) => row.id)));
console.log(JSON.stringify(papaparse.parse(csv.trim(), { header: true, dynamicTyping: true }).data.map((row) => row.id)));
console.log(JSON.stringify(parse(csv, { columns: true, cast: true }).map((row) => row.id)));
console.log(JSON.stringify(parse(csv, { columns: true, cast: true }).map((row) => row.ms)));
JS
mapfile -t line < <(node read.mjs)
must "d3-dsv" '[31,8338073,"1_000"]' "${line[0]}"
must "papaparse" '["0x1f","0x7f3a99","1_000"]' "${line[1]}"
must "csv-parse" '[0,0,"1_000"]' "${line[2]}"
must "csv-parse, 5, 1e3 and 7" "[5,1000,7]" "${line[3]}"
