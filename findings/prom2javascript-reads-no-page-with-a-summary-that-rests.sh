#!/usr/bin/env bash
# Shows: prom2javascript refuses the whole page of a service if one value on it is NaN, one name has a colon or one line an
# exemplar.
# Expected: NaN, as it takes +Inf: each client library writes it for the quantiles of a summary in whose window nothing
# happened. A colon is allowed in names, for recording rules.
# Seen: `Unable to parse metric [s{quantile="0.99"} NaN]` and no metric of all that stand before or behind it.
# Who it hurts: a check that was tried under load: at night, when one route is not asked for, it has no data at all.
# Instead: leave such lines out before; or parse-prometheus-text-format for pages without labelled histograms.
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

npmjs prom2javascript@0.2.0

cat >read.js <<'JS'
const { getMetricsFromIterator } = require("prom2javascript");
getMetricsFromIterator(process.argv.slice(2)[Symbol.iterator]()).then(
  (read) => console.log(JSON.stringify(Object.values(read).map((one) => one.data[0].quantiles ?? String(one.data[0].value)))),
  (error) => console.log(error.message));
JS
page=('errors 3' '# TYPE s summary')
must "0.5" '["3",{"0.99":0.5}]' "$(node read.js "${page[@]}" 's{quantile="0.99"} 0.5')"
must "+Inf" '["3","Infinity"]' "$(node read.js errors\ 3 'g +Inf')"
must "NaN" 'Unable to parse metric [s{quantile="0.99"} NaN]' "$(node read.js "${page[@]}" 's{quantile="0.99"} NaN')"
must "colon" 'Unable to parse metric [job:errors:rate5m 0.1]' "$(node read.js errors\ 3 'job:errors:rate5m 0.1')"
must "exemplar" 'Unable to parse metric [c_total 5 # {id="x"} 1]' "$(node read.js errors\ 3 'c_total 5 # {id="x"} 1')"
