#!/usr/bin/env bash
# Shows: prom-client's AggregatorRegistry, which a Node cluster serves its metrics by, adds up the quantiles of its
# workers' summaries.
# Expected: no quantile, or the greatest of them: the p99 of four workers that each take 0.2 s cannot be another.
# Seen: 0.2 s on each of four workers is a p99 of 0.8 s; with 16 workers 3.2 s. Sum and count are right. The default of a
# metric is to be added up, and a summary's quantiles are among its values.
# Who it hurts: a limit on the p99 fails once a service gets more workers; and a bound that was set on 4 workers lets
# everything pass when 1 is left.
# Instead: histograms, or `aggregator: "max"` on the summary, which is then an upper bound.
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

npmjs prom-client@15.1.3

cat >workers.js <<'JS'
const client = require("prom-client");
const [, , workers, aggregator] = process.argv;

async function worker() {
  const registry = new client.Registry();
  const options = { name: "took_seconds", help: "took", percentiles: [0.99], registers: [registry] };
  const summary = new client.Summary(aggregator ? { ...options, aggregator } : options);
  for (let i = 0; i < 100; i++) summary.observe(0.2);
  return registry.getMetricsAsJSON();
}

(async () => {
  const all = await Promise.all(Array.from({ length: Number(workers) }, worker));
  const page = await client.AggregatorRegistry.aggregate(all).metrics();
  const value = (name) => Number(page.split("\n").find((line) => line.startsWith(name)).split(" ")[1]).toFixed(1);
  console.log(value('took_seconds{quantile="0.99"}'), value("took_seconds_sum"), value("took_seconds_count"));
})();
JS
must "1 worker: p99, sum, count" "0.2 20.0 100.0" "$(node workers.js 1)"
must "4 workers" "0.8 80.0 400.0" "$(node workers.js 4)"
must "16 workers" "3.2 320.0 1600.0" "$(node workers.js 16)"
must "4 workers, aggregator max" "0.2 20.0 100.0" "$(node workers.js 4 max)"
