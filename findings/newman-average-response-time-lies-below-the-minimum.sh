#!/usr/bin/env bash
# Shows: newman reports an average response time of a quarter of the minimum, where three requests before had no
# answer.
# Expected: min <= average: all three figures are of the answers, or the average has the time that the failed
# requests took.
# Seen: the running average is divided by all requests up to then, so those that were refused before an answer count
# as 0 ms, those after it not at all, and min and max know neither. The same four requests in the other order give
# another average.
# Who it hurts: `run.timings.responseAverage <= 50` from the JSON report, or a look at the table, is met by an
# outage.
# Instead: `run.executions[].response.responseTime` of those that have a response, and `run.failures` being empty.
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

npmjs newman@6.2.2

cat >server.py <<'PY'
import http.server
import time


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(0.1)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
print(server.server_port, flush=True)
server.serve_forever()
PY
python3 server.py >port &
server=$!
trap 'kill "$server"; rm -rf "$work"' EXIT
for _ in $(seq 100); do [ -s port ] || sleep 0.1; done
python3 - <<'PY'
import json
import socket

with socket.socket() as closed:
    closed.bind(("127.0.0.1", 0))
    refused = closed.getsockname()[1]
answered = [f"http://127.0.0.1:{int(open('port').read())}/"]
schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
dead = [f"http://127.0.0.1:{refused}/"] * 3
for name, urls in ("dead-first", dead + answered), ("dead-last", answered + dead):
    items = [{"name": str(n), "request": {"method": "GET", "url": url}} for n, url in enumerate(urls)]
    json.dump({"info": {"name": name, "schema": schema}, "item": items}, open(name, "w"))
PY
cat >look.js <<'JS'
const { timings, failures } = require("./run.json").run;
const share = timings.responseAverage / timings.responseMin;
console.log(failures.length, timings.responseMin >= 100, share.toFixed(2));
JS
# run COLLECTION: failures, whether min >= 100 ms, average / min, exit status
run() {
    local status=0
    node_modules/.bin/newman run "$1" -r json --reporter-json-export run.json >/dev/null 2>&1 || status=$?
    echo "$(node look.js) $status"
}
must "three refused, then one of 100 ms: failures, min >= 100 ms, average / min, exit" "3 true 0.25 1" "$(run dead-first)"
must "one of 100 ms, then three refused" "3 true 1.00 1" "$(run dead-last)"
