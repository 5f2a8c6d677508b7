#!/usr/bin/env bash
# Shows: Apache Otava reports no regression where a metric rises from 0.
# Expected: a rise from 0 errors a run to 200 in each of the last ten is the largest there is.
# Seen: the change point is found, with a change of +0.0 %, which is no regression: "No regressions found". From 1
# error a run to 200 it is one of 19,900 %. A relative change from a mean of 0 is taken as 0.
# Who it hurts: the metrics that should be 0, errors, time-outs, retries, dropped messages: a gate on
# `--output regressions_only` is silent as long as they begin at 0.
# Instead: a limit of their own for such metrics, `errors <= 0`; or let Otava have errors + 1.
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

pypi apache-otava==0.8.0

# regressions BEFORE AFTER FORM: what is found in 20 runs with the one and 10 with the other
regressions() {
    {
        echo time,commit,errors
        for day in $(seq 10 39); do
            echo "$(date -u -d "2026-09-01 + $day days" '+%F %T +0000'),c$day,$([ "$day" -lt 30 ] && echo "$1" || echo "$2")"
        done
    } >runs.csv
    cat >otava.yaml <<'YAML'
tests:
  nightly:
    type: csv
    file: runs.csv
    time_column: time
    attributes: [commit]
    metrics:
      errors: {direction: -1}
YAML
    OTAVA_CONFIG=otava.yaml otava analyze nightly --since 2026-08-01 --output "$3" 2>/dev/null
}
must "0, then 200 errors a run: the change" "+0.0%" "$(regressions 0 200 log | grep -o '[+-].*%')"
must "regressions" "No regressions found in nightly." "$(regressions 0 200 regressions_only)"
must "1, then 200 errors a run" "+19900.0%" "$(regressions 1 200 regressions_only | grep -o '[+][0-9.]*%')"
must "200, then 400" "+100.0%" "$(regressions 200 400 regressions_only | grep -o '[+][0-9.]*%')"
