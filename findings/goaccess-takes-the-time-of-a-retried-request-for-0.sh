#!/usr/bin/env bash
# Shows: to GoAccess a request that nginx gave to a second server, after the first had failed, took no time.
# Expected: the sum, or the last time, or an invalid line: nginx writes each server's time into
# $upstream_response_time, `30.000, 0.100`.
# Seen: a valid request of 0 s, in the mean and the maximum of its route. So is `-`, of a request that no server
# answered: 8 requests of 0.1 s, one that was given on after 30 s and one without an answer are a mean of 0.08 s and a
# maximum of 0.1 s. failed_requests, which are the lines that could not be read, is 0.
# Who it hurts: a limit on the times of a report: retries and what nobody answered make it better.
# Instead: $request_time, which is one number; and count the lines with a `-` or a comma.
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

deb goaccess 1:1.7-1
deb libmaxminddb0 1.7.1-1

export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu
line() {
    echo "127.0.0.1 - - [28/Nov/2026:07:29:$1 +0000] \"GET /a HTTP/1.1\" $2 153 \"-\" \"curl/7.88.1\" $3"
}
# served LOG: valid and failed requests, mean and greatest time of /a in microseconds
served() {
    root/usr/bin/goaccess "$1" --no-global-config --no-progress -o report.json --date-format=%d/%b/%Y \
        --time-format=%T --log-format='%h %^[%d:%t %^] "%r" %s %b "%R" "%u" %T' >out 2>&1 </dev/null
    python3 -c '
import json
report = json.load(open("report.json"))
row = report["requests"]["data"][0]
print(*(report["general"][name] for name in ("valid_requests", "failed_requests")), row["avgts"], row["maxts"])'
}
for second in $(seq 10 17); do line "$second" 200 0.100; done >plain.log
{ cat plain.log; line 18 200 '30.000, 0.100'; } >retried.log
{ cat retried.log; line 19 499 -; } >unanswered.log
{ cat plain.log; line 18 200 30.100; } >slow.log
must "8 of 0.1 s: valid, failed, mean, greatest" "8 0 100000 100000" "$(served plain.log)"
must "and one of 30.1 s" "9 0 3433333 30100000" "$(served slow.log)"
must "and one of 30.000, 0.100" "9 0 88888 100000" "$(served retried.log)"
must "and one of -" "10 0 80000 100000" "$(served unanswered.log)"
