#!/usr/bin/env bash
# Shows: prometheus_client's decorators on an `async def`: a call of 0.2 s is observed as some microseconds, and an
# exception in it is not counted.
# Expected: the time until the call has ended, and the exception, as for a plain function; or an error where the
# function is decorated.
# Seen: the wrapper times the making of the coroutine, not its run; count_exceptions() looks while that is made, so
# it sees none. _count is right, so rates look sound. With `with h.time():` inside the function the figures are
# right.
# Who it hurts: latency alerts and error counters of every handler of an asyncio service: p99 <= 5 ms and 0 errors,
# for good.
# Instead: the context managers inside the function.
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

pypi prometheus_client==0.26.0

cat >service.py <<'PY'
import asyncio

from prometheus_client import CollectorRegistry, Counter, Histogram

registry = CollectorRegistry()
decorated = Histogram("decorated_seconds", "of the decorator", registry=registry)
inside = Histogram("inside_seconds", "of the context manager", registry=registry)
errors = Counter("errors", "of the decorator", registry=registry)
errors_inside = Counter("errors_inside", "of the context manager", registry=registry)


@errors.count_exceptions()
@decorated.time()
async def handle():
    with errors_inside.count_exceptions(), inside.time():
        await asyncio.sleep(0.2)
        raise ValueError("no stock")


try:
    asyncio.run(handle())
except ValueError:
    value = registry.get_sample_value
    print(value("decorated_seconds_count"), value("decorated_seconds_bucket", {"le": "0.1"}), value("errors_total"))
    print(value("inside_seconds_count"), value("inside_seconds_bucket", {"le": "0.1"}), value("errors_inside_total"))
PY
mapfile -t line < <(python3 service.py)
must "decorators, one failed call of 0.2 s: count, of it within 0.1 s, errors" "1.0 1.0 0.0" "${line[0]}"
must "context managers in the same call" "1.0 0.0 1.0" "${line[1]}"
