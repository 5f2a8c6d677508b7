#!/usr/bin/env bash
# Shows: locust_csv2openmetrics turns the report of a run without a request into times of 0 s.
# Expected: no sample, or NaN: locust's own file says N/A for each percentile, and a request count of 0.
# Seen: p50 and p95 of 0.0 s, a ratio of failures of 0.0, exit 0. The number of requests is in the CSV and not among
# what is written, so that nothing on the page tells such a run from a very good one; only the rate is 0, too.
# Who it hurts: limits on what a load test pushed to Prometheus: one in which each user raised before its first
# request is within all of them.
# Instead: the CSV itself; or a bound from below on locust_requests_per_second.
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

pypi locust==2.47.0 locust-csv2openmetrics==1.0.0 prometheus-client==0.17.1

cat >raises.py <<'PY'
import gevent
from locust import HttpUser, constant, task


class Shopper(HttpUser):
    host = "http://127.0.0.1:9"
    wait_time = constant(0.1)

    @task
    def buy(self):
        self.client.get("/buy", params={"token": {}["token"]})


gevent.get_hub().loop.update_now()
PY
locust -f raises.py --headless --users 1 --run-time 2s --only-summary --csv run >log 2>&1 || true
cat >read.py <<'PY'
import csv

from prometheus_client.openmetrics.parser import text_string_to_metric_families

row = list(csv.DictReader(open("run_stats.csv")))[-1]
print(row["Request Count"], row["50%"], row["95%"])
page = {f.name: f.samples[0].value for f in text_string_to_metric_families(open("page.txt").read())}
for name in sorted(page):
    print(name, page[name])
PY
status=0
locust_csv2openmetrics run_stats.csv -o page.txt >log 2>&1 || status=$?
mapfile -t line < <(python3 read.py)
must "locust: requests, p50, p95" "0 N/A N/A" "${line[0]}"
must "locust_csv2openmetrics: exit" "0" "$status"
must "ratio of failures" "locust_failures_ratio 0.0" "${line[1]}"
must "rate" "locust_requests_per_second 0.0" "${line[2]}"
must "p50" "locust_response_time_p50_seconds 0.0" "${line[3]}"
must "p95" "locust_response_time_p95_seconds 0.0" "${line[4]}"
must "anything else" "" "${line[5]-}"
