#!/usr/bin/env bash
# Shows: locust's --run-time has begun when it starts to load the locustfile.
# Expected: so long a load: the limit is set, and the users are spawned, after the file was loaded.
# Seen: a file that computes for 12 s when it is loaded, and -t 10s: a load of a tenth of a second, with one request
# or none, "run-time limit reached", exit 0. The time is counted by gevent's clock, which stood still meanwhile. Without
# those 12 s the load lasts what is left of 10 s after locust's own start, a second less or more.
# Who it hurts: scripts that read their test data when loaded, and any short run on a busy machine of CI: the load is
# a fraction of what was asked, no failure, and each limit on failures or times is held.
# Instead: demand a number of requests; load the data in test_start; `gevent.get_hub().loop.update_now()` as the last
# line of the file.
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

pypi locust==2.47.0

cat >plain.py <<'PY'
from locust import User, constant, task


class Caller(User):
    wait_time = constant(0.1)

    @task
    def call(self):
        self.environment.events.request.fire(
            request_type="x", name="y", response_time=1, response_length=0, exception=None)


PY
{
    printf 'import time\n\nbegin = time.perf_counter()\nwhile time.perf_counter() - begin < 12:\n    pass\n\n'
    cat plain.py
} >slow.py
{
    cat slow.py
    printf 'import gevent\n\ngevent.get_hub().loop.update_now()\n'
} >mended.py
# load FILE: exit status, and how much of 10 s there was a load, "less than 1 s" or "more"
load() {
    local status=0
    locust -f "$1.py" --headless --users 1 --run-time 10s --only-summary --json >report.json 2>log || status=$?
    python3 - "$status" <<'PY'
import json
import sys

rows = json.load(open("report.json"))
lasted = max([row["last_request_timestamp"] - row["start_time"] for row in rows], default=0)
print(sys.argv[1], "less than 1 s" if lasted < 1 else "more")
PY
}
must "plain: exit, load" "0 more" "$(load plain)"
must "12 s to load the file" "0 less than 1 s" "$(load slow)"
must "12 s, and gevent's clock set" "0 more" "$(load mended)"
