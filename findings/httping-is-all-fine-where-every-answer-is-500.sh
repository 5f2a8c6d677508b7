#!/usr/bin/env bash
# Shows: httping of a server that answers every request with 500: 0.00% failed, exit 0, and OK in both of its Nagios
# modes.
# Expected: failures: its help says of -o that the result codes that "indicate ok" are 200 by default, and -N 2 is to end
# with 2 "when anything fails".
# Seen: only what has no answer fails. -o and -e change what -m prints, "bad" in each line, and neither the count nor the
# exit status. In its JSON each such request has "status" : "1".
# Who it hurts: a smoke test or a monitor: the proxy in front of a service that is down answers with 502, and faster than
# the service did: OK, with a better time than before.
# Instead: check_http, or the http_code of -M.
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

deb httping 2.5-5.2+b1
deb libfftw3-double3 3.3.10-1

LD_LIBRARY_PATH=$(cd root && pwd)/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH
cat >server.py <<'PY'
# answers each request with the status 500 and ends after two minutes
import http.server
import os
import threading


class Broken(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Broken)
with open("port.new", "w") as port:
    port.write(str(server.server_port))
os.rename("port.new", "port")
threading.Timer(120, server.shutdown).start()
server.serve_forever()
PY
python3 server.py &
server=$!
trap 'kill "$server"; rm -rf "$work"' EXIT
for _ in $(seq 300); do
    [ -e port ] && break
    sleep 0.1
done
# pings ARGUMENT ...: what httping prints of three requests, and its exit status
pings() {
    local status=0
    timeout 60 root/usr/bin/httping -c 3 -i 0.1 "$@" "http://127.0.0.1:$(cat port)/" >out 2>&1 || status=$?
    echo "exit $status" >>out
    cat out
}
must "three requests" "3 connects, 3 ok, 0.00% failed" "$(pings | grep -o '3 connects.*failed')"
must "exit status" "exit 0" "$(tail -n 1 out)"
must "-n 10000,20000" "OK - average httping-time is exit 0" "$(pings -n 10000,20000 | grep -oE '^OK.* is|exit.*' | xargs)"
must "-N 2 -o 200 -e bad" "OK - all fine exit 0" "$(pings -N 2 -o 200 -e bad | grep -oE '^OK - all fine|exit.*' | xargs)"
must "-m -o 200 -e bad" "bad bad bad" "$(pings -m -o 200 -e bad | grep -o bad | xargs)"
must "-M" '"status" : "1"' "$(pings -M | grep '"http_code" : "500"' | grep -o '"status" : "[^"]*"' | sort -u)"
