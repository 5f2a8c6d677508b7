#!/usr/bin/env bash
# Shows: node-statsd's increment("errors", 0) counts one error; statsd-client's increment("open", -3) adds 3.
# Expected: nothing added, and 3 taken away, as of hot-shots.
# Seen: node-statsd takes 1 for a 0, in decrement as well; statsd-client takes the sign away.
# Who it hurts: `increment("errors", failed.length)` after each batch: a batch without an error is one error, and the share of
# errors of a service that has none is as high as it has batches.
# Instead: no call for a 0; hot-shots.
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

npmjs node-statsd@0.1.1 statsd-client@0.4.7 hot-shots@17.1.1

cat >send.js <<'JS'
const [client, call, value] = process.argv.slice(2);
const server = require("dgram").createSocket("udp4").on("message", (sent) => {
  console.log(String(sent).trim());
  process.exit();
});
server.bind(0, "127.0.0.1", () => {
  const where = { host: "127.0.0.1", port: server.address().port };
  new (require(client))(where)[call]("n", Number(value));
});
JS
sent() { timeout 20 node send.js "$@"; }
must "hot-shots, increment 0" "n:0|c" "$(sent hot-shots increment 0)"
must "node-statsd, increment 2" "n:2|c" "$(sent node-statsd increment 2)"
must "node-statsd, increment 0" "n:1|c" "$(sent node-statsd increment 0)"
must "node-statsd, decrement 0" "n:-1|c" "$(sent node-statsd decrement 0)"
must "hot-shots, increment -3" "n:-3|c" "$(sent hot-shots increment -3)"
must "statsd-client, increment -3" "n:3|c" "$(sent statsd-client increment -3)"
