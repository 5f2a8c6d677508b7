#!/usr/bin/env bash
# Shows: parse-prometheus-text-format (npm) makes one histogram of all label sets: each bucket is the one that was
# read last, without labels, and _sum and _count are gone.
# Expected: one entry a label set, as for counters and gauges, and as its page shows for a histogram without labels.
# Seen: of two routes, /ok with 1000 fast requests and /slow with 10 slow ones, the order in the scrape decides
# which is the result: with /ok last all requests are below 0.1 s.
# Who it hurts: nearly every real histogram has labels. A p99 made from these buckets is that of the last label set,
# so usually of one that is not looked for; renaming a route can turn the gate.
# Instead: another parser; nothing in the output tells that labels were there.
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

npmjs parse-prometheus-text-format@1.1.1

cat >parse.js <<'JS'
const found = require("parse-prometheus-text-format");
const parse = found.default || found;
const route = (name, fast, all) =>
  `s_bucket{route="${name}",le="0.1"} ${fast}\ns_bucket{route="${name}",le="+Inf"} ${all}\n` +
  `s_sum{route="${name}"} 1\ns_count{route="${name}"} ${all}\n`;
const ok = route("/ok", 1000, 1000);
const slow = route("/slow", 0, 10);
for (const text of [ok + slow, slow + ok]) console.log(JSON.stringify(parse("# TYPE s histogram\n" + text)[0].metrics));
console.log(parse('# TYPE c counter\nc{route="/ok"} 1\nc{route="/slow"} 2\n')[0].metrics.length);
JS
mapfile -t line < <(node parse.js)
must "/ok, then /slow" '[{"buckets":{"0.1":"0","+Inf":"10"}}]' "${line[0]}"
must "/slow, then /ok" '[{"buckets":{"0.1":"1000","+Inf":"1000"}}]' "${line[1]}"
must "entries of a counter with two label sets" 2 "${line[2]}"
