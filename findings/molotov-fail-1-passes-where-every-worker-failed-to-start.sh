#!/usr/bin/env bash
# Shows: molotov --fail 1, all of whose workers raise in their setup: SUCCESSES: 0 | FAILURES: 0, exit 0.
# Expected: exit 1, as of a scenario that raises, and of a global setup that does.
# Seen: --fail counts scenarios that raised. A worker whose setup or setup_session raises stops, without being counted; nothing
# is asked of the server. Without --fail a run in which every scenario raised exits 0, too.
# Who it hurts: a load test that fetches its token in setup: once that is refused, the load step of the pipeline is green and
# quick.
# Instead: global_setup for what must work; and a lower bound on SUCCESSES.
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

pypi molotov==2.6 aiohttp==3.14.5

cat >scenario.py <<'PY'
from molotov import scenario


@scenario(weight=1)
async def buy(session):
    assert False
PY
# raising PART FUNCTION: a scenario that is fine, and a PART that raises
raising() {
    cat <<PY
from molotov import $1, scenario


@$1()
$2:
    raise RuntimeError("no token")


@scenario(weight=1)
async def buy(session):
    pass
PY
}
raising setup "async def token(worker_num, args)" >setup.py
raising setup_session "async def token(worker_num, session)" >session.py
raising global_setup "def token(args)" >global.py
load() {
    local status=0
    molotov --max-runs 4 --workers 2 --duration 10 --fail 1 "$1" >out 2>&1 </dev/null || status=$?
    echo "$(grep -oE 'SUCCESSES: [0-9]+ [|] FAILURES: [0-9]+' out | tail -1) exit $status"
}
must "the scenario raises" "exit 1" "$(load scenario.py | grep -o 'exit .*')"
must "global_setup raises" "exit 1" "$(load global.py | grep -o 'exit .*')"
must "setup_session raises" "SUCCESSES: 0 | FAILURES: 0 exit 0" "$(load session.py)"
must "setup raises" "SUCCESSES: 0 | FAILURES: 0 exit 0" "$(load setup.py)"
