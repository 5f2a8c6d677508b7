#!/usr/bin/env bash
# Shows: a failing test that depends on a good one is skipped as soon as the two run in different workers or the
# good one is not selected: exit 0.
# Expected: a failure, or that both go to one worker: the dependency has passed, so its dependant is to be run. One
# process does run and fail it.
# Seen: each worker knows only its own outcomes, and what it does not know counts as not passed. With -n 2: 1
# passed, 1 skipped, exit 0. The same with -k, which selects the dependant alone.
# Who it hurts: turning on -n auto to save time turns a red suite green, by chance of distribution; the report has
# no failure, and a skip is no alarm.
# Instead: --dist loadscope or loadgroup, so that a module stays in one worker; and a limit for skipped.
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

pypi pytest==9.2.0 pytest-dependency==0.6.1 pytest-xdist==3.8.0

cat >test_shop.py <<'PY'
import pytest


@pytest.mark.dependency()
def test_up():
    pass


@pytest.mark.dependency(depends=["test_up"])
def test_order():
    assert False
PY
# run OPTIONS: the last line without its time, and the exit status
run() {
    local status=0
    python3 -m pytest -q -p no:cacheprovider "$@" test_shop.py >out 2>&1 || status=$?
    echo "$(tail -n 1 out | sed 's/ in .*//'), exit $status"
}
must "in one process" "1 failed, 1 passed, exit 1" "$(run)"
must "-n 2" "1 passed, 1 skipped, exit 0" "$(run -n 2)"
must "-k test_order" "1 skipped, 1 deselected, exit 0" "$(run -k test_order)"
must "-n 2 --dist loadscope" "1 failed, 1 passed, exit 1" "$(run -n 2 --dist loadscope)"
