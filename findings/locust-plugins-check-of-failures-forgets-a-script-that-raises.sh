#!/usr/bin/env bash
# Shows: --check-fail-ratio of locust-plugins turns the exit status of a script whose every task raises from 1 into 0.
# Expected: a further reason to fail. Without the option locust itself exits 1 for an exception in a task.
# Seen: exit 0. The option replaces locust's own judgement, and its ratio is of requests: a task that raises before
# its request (a login that broke, a field that the answer no longer has) makes none, and 0 of 0 is a ratio of 0.
# --check-avg-response-time passes there, too, with an average of 0; --check-rps fails.
# Who it hurts: a load test that is tightened by a check, and from then on passes with no request at all.
# Instead: --check-rps beside it, or a number of requests.
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

pypi locust==2.47.0 locust-plugins==5.0.3

cat >raises.py <<'PY'
import gevent
import locust_plugins
from locust import HttpUser, constant, task


class Shopper(HttpUser):
    host = "http://127.0.0.1:9"
    wait_time = constant(0.1)

    @task
    def buy(self):
        token = {}["token"]
        self.client.get("/buy", params={"token": token})


gevent.get_hub().loop.update_now()
PY
# load OPTION ...: exit status, requests
load() {
    local status=0
    locust -f raises.py --headless --users 1 --run-time 3s --only-summary --json "$@" >report.json 2>log || status=$?
    echo "$status $(python3 -c 'import json; print(sum(row["num_requests"] for row in json.load(open("report.json"))))')"
}
must "each task raises: exit, requests" "1 0" "$(load)"
must "--check-fail-ratio 0.01" "0 0" "$(load --check-fail-ratio 0.01)"
must "--check-fail-ratio 0.01 --check-avg-response-time 200" "0 0" "$(load --check-fail-ratio 0.01 --check-avg-response-time 200)"
must "--check-fail-ratio 0.01 --check-rps 1" "3 0" "$(load --check-fail-ratio 0.01 --check-rps 1)"
