#!/usr/bin/env bash
# Shows: with artillery's apdex plugin a service that answers 500 to each request has a score of 1, excellent.
# Expected: 0. The Apdex standard counts a request that failed as frustrated, however fast it failed.
# Seen: three answers of 500 are three satisfied users: "Apdex score: 1 (excellent)". Requests that are refused or
# time out are not counted at all: with a closed port no score is printed, and of a service that is gone half of the
# time the score is that of the other half. Exit 0.
# Who it hurts: the score is made to be the one number of a gate, and errors are fast.
# Instead: http.codes.200 == http.requests beside it, or the ensure plugin with maxErrorRate and an expectation.
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

npmjs artillery@2.0.21

cat >server.py <<'PY'
import http.server


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(int(self.path[1:]))
        self.send_header("Content-Length", "0")
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
for _ in $(seq 50); do [ -s port ] || sleep 0.1; done
export ARTILLERY_DISABLE_TELEMETRY=true HOME=$work
# score PORT PATH: exit status, users satisfied and frustrated, the score
score() {
    local status=0
    cat >load.yml <<YAML
config:
  target: http://127.0.0.1:$1
  phases: [{duration: 1, arrivalCount: 3}]
  plugins: {apdex: {}}
  apdex: {threshold: 5000}
scenarios:
  - flow:
      - get: {url: $2}
YAML
    node_modules/.bin/artillery run -o report.json load.yml >out 2>&1 </dev/null || status=$?
    python3 - "$status" <<'PY'
import json
import sys

counters = json.load(open("report.json"))["aggregate"]["counters"]
scores = [line.split(": ", 1)[1].strip() for line in open("out") if line.startswith("Apdex score")]
print(sys.argv[1], counters.get("apdex.satisfied"), counters.get("apdex.frustrated"), *scores)
PY
}
must "200: exit, satisfied, frustrated, score" "0 3 0 1 (excellent)" "$(score "$(cat port)" /200)"
must "500" "0 3 0 1 (excellent)" "$(score "$(cat port)" /500)"
must "port closed" "0 None None" "$(score 9 /200)"
