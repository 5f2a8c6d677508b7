#!/usr/bin/env bash
# Shows: autocannon told to expect a body (-E) finds another one in every answer: errors 0, non2xx 0, exit 0.
# Expected: errors, and an exit status; the option is there to find out whether the server answers rightly under
# load.
# Seen: they are counted as `mismatches`, a field of its own; each is among the 2xx, its latency among the
# latencies.
# Who it hurts: `errors == 0 and non2xx == 0`, the usual gate on its JSON, passes a server that serves an error page
# with status 200.
# Instead: mismatches == 0 as a third condition.
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

npmjs autocannon@9.0.0

cat >run.js <<'JS'
const http = require("http");
const autocannon = require("autocannon");
const server = http.createServer((_, response) => response.end("out of stock")).listen(0, "127.0.0.1", async () => {
  const url = `http://127.0.0.1:${server.address().port}/`;
  const found = await autocannon({ url, amount: 20, connections: 2, expectBody: "in stock" });
  console.log(found.errors, found.non2xx, found["2xx"], found.mismatches, found.latency.totalCount);
  server.close();
});
JS
must "20 wrong bodies: errors, non2xx, 2xx, mismatches, latencies" "0 0 20 20 20" "$(node run.js)"
cat >server.js <<'JS'
const server = require("http").createServer((_, response) => response.end("out of stock"));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
JS
node server.js >port &
server=$!
trap 'kill "$server"; rm -rf "$work"' EXIT
for _ in $(seq 100); do [ -s port ] || sleep 0.1; done
status=0
node_modules/.bin/autocannon -a 20 -c 2 -E 'in stock' "http://127.0.0.1:$(cat port)/" >/dev/null 2>&1 || status=$?
must "exit of the command" 0 "$status"
