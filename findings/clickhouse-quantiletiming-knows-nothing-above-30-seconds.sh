#!/usr/bin/env bash
# Shows: quantileTiming, ClickHouse's quantile for times of answers, takes all that is above 30,000 for 30,000.
# Expected: the quantile; it is the function whose name says that it is meant for this, and it takes any number.
# Seen: the p99, p50 and p100 of requests that take 40 s, 90 s or a time-out of 5 minutes are 30000. In microseconds
# nothing is ever above 30 ms, and seconds lose their fraction: 0.93 is 0.
# Who it hurts: a limit of 30 s or more is always held; and one in another unit than milliseconds is held by
# everything (seconds) or says that all is equally slow (microseconds).
# Instead: quantileExact, or quantileTDigest; and count what is above the limit, countIf(ms > 30000).
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

pypi chdb==4.4.0 chdb-core==26.9.0

# quantile FUNCTION NUMBER ...: p99 of the numbers
quantile() {
    python3 -c 'import sys, chdb; print(str(chdb.query(sys.argv[1], "TSV")).strip())' \
        "select $1(0.99)(arrayJoin([$(IFS=,; echo "${*:2}")]))"
}
must "p99 of 40, 90 and 300 s in ms, exactly" "300000" "$(quantile quantileExact 40000 90000 300000)"
must "the same by quantileTiming" "30000" "$(quantile quantileTiming 40000 90000 300000)"
must "200 ms in microseconds" "30000" "$(quantile quantileTiming 200000 200000)"
must "0.93 s in seconds" "0" "$(quantile quantileTiming 0.93 0.93)"
must "200.9 ms" "200" "$(quantile quantileTiming 200.9 200.9)"
