#!/usr/bin/env bash
# Shows: gauge("g", 10), then gauge("g", -5) of hot-shots, statsd-client, lynx or node-statsd is 5 in statsd.
# Expected: -5: a gauge is set; to change it by something there is a call of its own, or a text with a sign.
# Seen: each sends `g:-5|g`, which statsd takes for a decrease by 5. The client of Python for statsd knows it and sends a 0 before.
# The first value below 0 that a server sees of a name is right, since it starts from 0.
# Who it hurts: whatever may be negative: a drift, a rest of a budget, a difference to a baseline. It never comes below its bound, for
# each further -5 starts from where it was; or it falls without an end.
# Instead: a 0 before it; or two gauges, one for each sign.
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

# pypi NAME==VERSION ...: into a virtual environment
pypi() {
    python3 -m venv --without-pip py
    python3 -m pip --python py/bin/python --disable-pip-version-check install -q --no-compile "$@"
    export PATH=$work/py/bin:$PATH
    printf 'version: %s\n' "$(python3 --version)" "$@"
}

npmjs statsd@0.9.0 hot-shots@17.1.1 statsd-client@0.4.7 lynx@0.2.0 node-statsd@0.1.1
pypi statsd==4.0.1

cat >send.py <<'PY'
import sys

import statsd

client = statsd.StatsClient("127.0.0.1", int(sys.argv[1]), prefix="python")
client.gauge("g", 10)
client.gauge("g", -5)
PY
cat >send.js <<'JS'
const [client, port] = process.argv.slice(2);
const where = { host: "127.0.0.1", port: Number(port), prefix: client };
const made = {
  "hot-shots": () => new (require("hot-shots"))({ ...where, prefix: "hot-shots." }),
  "statsd-client": () => new (require("statsd-client"))(where),
  lynx: () => new (require("lynx"))("127.0.0.1", where.port, { scope: client }),
  "node-statsd": () => new (require("node-statsd"))({ ...where, prefix: "node-statsd." }),
}[client]();
made.gauge("g", 10);
setTimeout(() => made.gauge("g", -5), 1500);
setTimeout(() => process.exit(), 3000);
JS
cat >backend.js <<'JS'
exports.init = (time, config, events) => {
  events.on("flush", (stamp, { gauges }) => console.log(JSON.stringify(gauges)));
  return true;
};
JS
free_port() { node -e 'const s = require("net").createServer().listen(0, () => console.log(s.address().port) || s.close())'; }
port=$(free_port)
cat >config.js <<JS
{ port: $port, address: "127.0.0.1", mgmt_port: $(free_port), mgmt_address: "127.0.0.1", flushInterval: 500,
  backends: ["$work/backend.js"] }
JS
timeout 120 node node_modules/statsd/stats.js config.js >out 2>log &
trap 'kill "$!" 2>/dev/null || true; rm -rf "$work"' EXIT
until grep -q '{' out; do sleep 0.2; done
python3 send.py "$port"
for client in hot-shots statsd-client lynx node-statsd; do node send.js "$client" "$port"; done
sleep 1.5
held() { tail -1 out | grep -oE "\"$1.g\":[^,}]*" | cut -d: -f2; }
must "10, then -5: python" "-5" "$(held python)"
must "hot-shots" "5" "$(held hot-shots)"
must "statsd-client" "5" "$(held statsd-client)"
must "lynx" "5" "$(held lynx)"
must "node-statsd" "5" "$(held node-statsd)"
