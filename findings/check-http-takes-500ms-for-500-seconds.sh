#!/usr/bin/env bash
# Shows: check_http -w 500ms -c 900ms of an answer that takes 2 s: "HTTP OK", exit 0. check_tcp and check_load read units as
# little.
# Expected: a warning at half a second, or a usage error, as check_file_age has for `-w 5m`.
# Seen: the digits before the unit are taken as seconds, and the rest is left: the thresholds are 500 and 900 s, as the
# performance data shows. `-w 1.5s` is 1.5 by luck; for check_load 0.5m is half a process, and 5k is 5.
# Who it hurts: whoever writes a limit as in every other tool of the field: the check is green for ever, since -t ends it
# after 10 s before a limit of 500.
# Instead: seconds, -w 0.5 -c 0.9; and one look at the thresholds in the performance data.
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

deb monitoring-plugins-basic 2.3.3-5+deb12u2

cat >server.py <<'PY'
import http.server
import time


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(2)
        self.send_response(200)
        self.end_headers()

    do_HEAD = do_GET

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

plugins=root/usr/lib/nagios/plugins
# state WARNING CRITICAL: the first words, the thresholds as it has them, the exit status
state() {
    local status=0
    "$plugins/check_http" -I 127.0.0.1 -p "$(cat port)" -w "$1" -c "$2" >answer.txt 2>&1 || status=$?
    echo "$(cut -d: -f1 answer.txt) $(sed 's/.*time=[^;]*;\([^;]*;[^;]*\);.*/\1/' answer.txt) $status"
}
must "an answer of 2 s, -w 0.5 -c 0.9" "HTTP CRITICAL 0.500000;0.900000 2" "$(state 0.5 0.9)"
must "-w 500ms -c 900ms" "HTTP OK 500.000000;900.000000 0" "$(state 500ms 900ms)"
must "-w 1500ms -c 3s" "HTTP OK 1500.000000;3.000000 0" "$(state 1500ms 3s)"
must "check_tcp -w 500ms -c 900ms" "500.000000;900.000000" \
    "$("$plugins/check_tcp" -H 127.0.0.1 -p "$(cat port)" -w 500ms -c 900ms | sed 's/.*time=[^;]*;\([^;]*;[^;]*\);.*/\1/')"
must "check_load -w 5k -c 9k" "5.000;9.000" \
    "$({ "$plugins/check_load" -w 5k,5k,5k -c 9k,9k,9k || true; } | sed 's/.*load1=[^;]*;\([^;]*;[^;]*\);.*/\1/')"
