#!/usr/bin/env bash
# Shows: a server that answers 404 to each request is 100 % available to siege, without a failed transaction.
# Expected: 10 failed transactions: the manual says that 400 and 500 level errors are recorded there (and that they
# do not lower availability). A 500 is, and does lower it.
# Seen: transactions 10, availability 100.00, failed_transactions 0; only successful_transactions is 0, which no
# ratio in the report uses. Exit 0.
# Who it hurts: a wrong path in the script of the load test, or a deploy that lost its routes: a gate on
# availability or on failed transactions passes, and 404s are fast.
# Instead: demand successful_transactions == transactions.
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

# deb NAME VERSION: unpacked into ./root, nothing is installed
deb() {
    apt-get -qq download "$1=$2" >apt.log 2>&1 ||
        { apt-get -qq update && apt-get -qq download "$1=$2"; } >apt.log 2>&1 ||
        { cat apt.log >&2; exit 1; }
    dpkg -x "$1"_*.deb root
    echo "version: $1 $2"
}

deb siege 4.0.7-1+b1
cat >server.py <<'PY'
import http.server
import sys


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
export HOME=$work
# report STATUS: four figures of ten requests, and siege's exit status
report() {
    local status=0
    root/usr/bin/siege -b -c 1 -r 10 -j "http://127.0.0.1:$(cat port)/$1" >report.json 2>/dev/null || status=$?
    python3 - "$status" <<'PY'
import json
import sys

r = json.loads("".join(line for line in open("report.json") if line[0] in '{}"\t').replace("\t", " "))
names = ["transactions", "availability", "successful_transactions", "failed_transactions"]
print(*(r[name] for name in names), sys.argv[1])
PY
}
must "200: transactions, availability, successful, failed, exit" "10 100.0 10 0 0" "$(report 200)"
must "404" "10 100.0 0 0 0" "$(report 404)"
must "500" "0 0.0 0 10 0" "$(report 500)"
