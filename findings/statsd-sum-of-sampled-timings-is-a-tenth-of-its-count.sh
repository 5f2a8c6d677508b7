#!/usr/bin/env bash
# Shows: statsd reports count 100 and sum 500 for ten timings of 50 ms sent with a sample rate of 0.1.
# Expected: 5000, or 10 for the count: both are of the same timings, and sum / count is their mean.
# Seen: the count is divided by the rate, sum, sum_squares and the percentiles' counts and sums are not. mean is of what has
# arrived, 50. Without sampling all agree.
# Who it hurts: whoever adds up over time and servers, which is the only right way to a mean: sum(sum) / sum(count) is 5 ms,
# a tenth of what it was, and the busier the service, the more is sampled.
# Instead: the mean weighed by the count; or timings that are not sampled.
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

npmjs statsd@0.9.0

cat >backend.js <<'JS'
const { createSocket } = require("dgram");
exports.init = (time, config, events) => {
  const client = createSocket("udp4");
  const lines = Array(10).fill("sampled:50|ms|@0.1\nall:50|ms").join("\n");
  setTimeout(() => client.send(lines, config.port, config.address, () => client.close()), 200);
  events.on("flush", (stamp, { timer_data: data }) => {
    for (const name in data) console.log(name, data[name].count, data[name].sum, data[name].mean);
    if (data.all) process.kill(process.pid, "SIGKILL");
  });
  return true;
};
JS
free_port() { node -e 'const s = require("net").createServer().listen(0, () => console.log(s.address().port) || s.close())'; }
cat >config.js <<JS
{ port: $(free_port), address: "127.0.0.1", mgmt_port: $(free_port), mgmt_address: "127.0.0.1", flushInterval: 1000,
  backends: ["$work/backend.js"] }
JS
timeout 30 node node_modules/statsd/stats.js config.js >out 2>log || true
must "ten of 50 ms: count, sum, mean" "all 10 500 50" "$(grep "^all " out)"
must "the same, each with @0.1" "sampled 100 500 50" "$(grep "^sampled " out)"
