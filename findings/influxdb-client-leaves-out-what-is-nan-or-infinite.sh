#!/usr/bin/env bash
# Shows: InfluxDB's Python client leaves a field that is NaN or infinite out of what it writes, and says nothing.
# Expected: an exception. The line protocol has no such numbers, and a value that cannot be written is a mistake to be heard of.
# Seen: a point of p99_ms=NaN and requests=0 is `load requests=0i`; one of p99_ms=Infinity alone is an empty line, which
# is not sent. No warning, and the call that writes it succeeds.
# Who it hurts: a run without an answer has a p99 of NaN, one with a time-out taken for infinite has Infinity: the run is
# not in the database, and a gate or a dashboard on last(p99_ms) has the figure of the last good one.
# Instead: see that each field is finite before it is written; and read the time of what last() gave.
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

# pypi NAME==VERSION ...: into a virtual environment
pypi() {
    python3 -m venv --without-pip py
    python3 -m pip --python py/bin/python --disable-pip-version-check install -q --no-compile "$@"
    export PATH=$work/py/bin:$PATH
    printf 'version: %s\n' "$(python3 --version)" "$@"
}

pypi influxdb-client==1.50.0

cat >write.py <<'PY'
import math
import warnings

from influxdb_client import Point

warnings.simplefilter("error")


def line(**fields):
    point = Point("load")
    for name, value in fields.items():
        point = point.field(name, value)
    print(f"<{point.to_line_protocol()}>")


line(p99_ms=812.5, requests=100)
line(p99_ms=math.nan, requests=0)
line(p99_ms=math.inf, requests=100)
line(p99_ms=math.inf)
PY
mapfile -t line < <(python3 write.py)
must "p99 812.5 of 100" "<load p99_ms=812.5,requests=100i>" "${line[0]}"
must "p99 NaN of 0" "<load requests=0i>" "${line[1]}"
must "p99 Infinity of 100" "<load requests=100i>" "${line[2]}"
must "p99 Infinity alone" "<>" "${line[3]}"
