#!/usr/bin/env bash
# Shows: rsyslog's typed JSON fields write ok=false as true, a missing number as 0, and 12ms without quotes.
# Expected: false, null or no field, and a text or nothing: the types are there so that the output is right for who
# reads it as numbers and truth values.
# Seen: datatype="bool" is true for each text but 0 and the empty one, so for the text of JSON's false, and for a
# field that is not there as well. datatype="number" writes 0 for one that is absent or null, and any text as it is,
# which is no JSON.
# Who it hurts: `ok` that is never false, latencies of 0 ms that pull a p50 down; and of an unreadable line JSON
# readers that skip bad lines lose all.
# Instead: no datatype, so that each value is a text, and onEmpty="skip"; let the reader convert.
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

deb rsyslog 8.2302.0-1+deb12u1
deb libestr0 0.1.11-1
deb libfastjson4 1.2304.0-1
root=$work/root
LD_LIBRARY_PATH=$(echo "$root"/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH

printf '%s\n' '{"took":12.5,"ok":true}' '{"took":7,"ok":false}' '{"took":null}' '{"took":"12ms"}' >in.log
cat >rsyslog.conf <<CONF
global(workDirectory="$work")
module(load="imfile")
module(load="mmjsonparse")
template(name="typed" type="list" option.jsonf="on") {
    property(outname="took" name="\$!took" format="jsonf" datatype="number")
    property(outname="ok" name="\$!ok" format="jsonf" datatype="bool")
}
template(name="text" type="list" option.jsonf="on") {
    property(outname="took" name="\$!took" format="jsonf" onEmpty="skip")
    property(outname="ok" name="\$!ok" format="jsonf" onEmpty="skip")
}
input(type="imfile" file="$work/in.log" tag="app:" ruleset="all")
ruleset(name="all") {
    action(type="mmjsonparse" cookie="")
    action(type="omfile" file="$work/typed.log" template="typed")
    action(type="omfile" file="$work/text.log" template="text")
}
CONF
"$root/usr/sbin/rsyslogd" -n -M "$(echo "$root"/usr/lib/*-linux-gnu/rsyslog)" -f "$work/rsyslog.conf" -i "$work/pid" >rsyslog.out 2>&1 &
daemon=$!
trap 'kill "$daemon"; wait "$daemon" || true; rm -rf "$work"' EXIT
for _ in $(seq 100); do [ "$(cat typed.log text.log 2>/dev/null | wc -l)" -ge 8 ] || sleep 0.1; done
mapfile -t typed < typed.log
must "took 12.5, ok true" '{"took":12.5, "ok":true}' "${typed[0]}"
must "took 7, ok false" '{"took":7, "ok":true}' "${typed[1]}"
must "took null, no ok" '{"took":0, "ok":true}' "${typed[2]}"
must "took \"12ms\", no ok" '{"took":12ms, "ok":true}' "${typed[3]}"
mapfile -t text < text.log
must "the four as text" '{"took":"12.5", "ok":"true"} {"took":"7", "ok":"false"} {} {"took":"12ms"}' "${text[*]}"
