#!/usr/bin/env bash
# Shows: autocannon-compare calls the run the winner whose answers were larger, be they errors or ten times slower.
# Expected: the faster one; it compares requests, latency and throughput, and says of each whether they differ.
# Seen: "aWins" and "bWins" are made of throughput alone, which in autocannon is bytes a second. A server that answers
# each request with a page of 500 and a stack trace in it wins over the one that answers them; so does one that takes
# ten times as long and sends a hundred times as much. Of two runs at the same rate, one ten times slower, it says equal.
# Who it hurts: a comparison of two builds, for which the tool is made: the broken one is the better.
# Instead: compare the requests that were answered with 2xx, and the latency, each with a limit of its own.
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

npmjs autocannon@9.0.0 autocannon-compare@0.4.0

cat >compare.js <<'JS'
const http = require("http");
const autocannon = require("autocannon");
const compare = require("autocannon-compare");

const server = http.createServer((request, response) => {
  const [, status, wait, bytes] = request.url.split("/").map(Number);
  setTimeout(() => response.writeHead(status).end("x".repeat(bytes)), wait);
});

server.listen(0, "127.0.0.1", async () => {
  const { port } = server.address();
  const load = (path) => autocannon({ url: `http://127.0.0.1:${port}${path}`, connections: 1, duration: 2 });
  const good = await load("/200/20/1000");
  for (const path of ["/200/20/1000", "/500/20/100000", "/200/200/100000"]) {
    const other = await load(path);
    const { aWins, bWins } = compare(good, other);
    console.log(`${aWins} ${bWins}, ${other.non2xx > 0}, ${other.latency.p50 > 5 * good.latency.p50}`);
  }
  const slow = { ...good, latency: { ...good.latency, mean: 10 * good.latency.mean } };
  console.log(compare(good, slow).equal);
  process.exit(0);
});
JS
mapfile -t line < <(node compare.js)
must "500 with a larger page: good wins, bad wins, bad has errors, bad is slow" "false true, true, false" "${line[1]}"
must "ten times slower with a larger page" "false true, false, true" "${line[2]}"
must "the same rate at ten times the latency: equal" "true" "${line[3]}"
