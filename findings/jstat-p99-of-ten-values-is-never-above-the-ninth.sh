#!/usr/bin/env bash
# Shows: jStat.percentile of 1 to 9 and 1000 is 9 for p90, p95, p99 and p99.9.
# Expected: 108.1, 554.1, 910.8 and 991.1: it interpolates between neighbours, as numpy does, and
# p50 is 5.5.
# Seen: between the last two values nothing is interpolated; all up to p100 gives the last but one, and p100 the last.
# With a hundred values it is so from p99 on, with a thousand from p99.9 on.
# Who it hurts: runs of a few requests or rounds: a limit on p95 or p99 does not see the slowest of ten.
# Instead: a rank, sorted[Math.ceil(0.99 * sorted.length) - 1].
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

npmjs jstat@1.9.6

at() { node -p 'const { jStat } = require("jstat"); const [n, ...p] = process.argv.slice(1).map(Number);
const values = Array.from({ length: n }, (_, i) => (i + 1 < n ? i + 1 : 1000));
p.map((one) => jStat.percentile(values, one)).join(" ")' "$@"; }
must "1 to 9, 1000: p50 p100" "5.5 1000" "$(at 10 0.5 1)"
must "1 to 99, 1000: p95 p99 p99.9" "95.05 99 99" "$(at 100 0.95 0.99 0.999)"
must "1 to 9, 1000: p90 p95 p99 p99.9" "9 9 9 9" "$(at 10 0.9 0.95 0.99 0.999)"
