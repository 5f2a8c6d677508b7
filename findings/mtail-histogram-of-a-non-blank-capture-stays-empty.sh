#!/usr/bin/env bash
# Shows: mtail fills a histogram from took=(?P<ms>\S+), and it stays empty, while the counter beside it counts each
# line.
# Expected: the three numbers, or an error, at compile time or in the count of runtime errors: mtail infers the type
# of a capture from its pattern.
# Seen: count 0, sum 0, nothing logged, exit 0. With [0-9.]+ in place of \S+ all three are there. A gauge takes the
# capture as a text.
# Who it hurts: histogram_quantile over it has no value, so its alert never fires; that lines are read is proven by
# the counter.
# Instead: only digits and points in the capture (float($ms) does not help); and an alert on a histogram that stands
# still beside its counter.
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

deb mtail '3.0.0~rc50-1+b6'

printf 'took=150\ntook=1000\ntook=90.5\n' >app.log
# run CAPTURE: reqs, count and sum of the histogram
run() {
    rm -rf programs && mkdir -p programs logs
    cat >programs/took.mtail <<MTAIL
counter reqs
histogram lat buckets 100, 200, 400
/took=(?P<ms>$1)/ {
  reqs++
  lat = \$ms
}
MTAIL
    root/usr/bin/mtail --one_shot --progs programs --logs app.log --log_dir logs >metrics.json 2>err
    cat err >&2
    python3 - <<'PY'
import json

text = open("metrics.json").read()
found = {}
while text.strip():
    part, end = json.JSONDecoder().raw_decode(text.lstrip())
    text = text.lstrip()[end:]
    found.update({name: metrics[0]["LabelValues"][0]["Value"] for name, metrics in part.items()})
print(found["reqs"]["Value"], found["lat"]["Count"], found["lat"]["Sum"])
PY
}
must "reqs, count, sum by [0-9.]+" "3 3 1240.5" "$(run '[0-9.]+')"
must "reqs, count, sum by \\S+" "3 0 0" "$(run '\S+')"
must "bytes on standard error" 0 "$(wc -c <err)"
