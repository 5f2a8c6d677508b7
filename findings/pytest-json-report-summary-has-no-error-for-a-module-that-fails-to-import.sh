#!/usr/bin/env bash
# Shows: pytest exits 2 because a module cannot be imported, and the summary of pytest-json-report has neither
# failed nor error.
# Expected: "error": 1 beside the others, as pytest's own last line and its JUnit report say.
# Seen: {"total": 0, "collected": 2}; a kind of outcome that did not occur is left out, and the failed collection is
# none. It is in `collectors`, and in `exitcode`. A test that fails in its fixture does give "error": 1.
# Who it hurts: `(.summary.failed // 0) + (.summary.error // 0) == 0` passes a run that did not take place.
# Instead: .exitcode == 0, and .summary.passed at least as many as there are.
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

pypi pytest==9.2.0 pytest-json-report==1.5.0

printf 'import nosuch\n' >test_broken.py
printf 'def test_a():\n    pass\n\n\ndef test_b():\n    pass\n' >test_good.py
printf 'import pytest\n\n\n@pytest.fixture\ndef service():\n    raise RuntimeError\n\n\ndef test_c(service):\n    pass\n' >test_fixture.py
# run FILES: the summary, the exit code in the report, and the exit status
run() {
    local status=0
    python3 -m pytest -q -p no:cacheprovider --json-report --json-report-file report.json "$@" >out 2>&1 || status=$?
    python3 -c 'import json; r = json.load(open("report.json")); print(r["summary"], r["exitcode"])'
    echo "$status"
}
must "a good module and one that cannot be imported" "{'total': 0, 'collected': 2} 2 2" "$(run test_good.py test_broken.py | tr '\n' ' ' | sed 's/ $//')"
must "pytest's last line" "1 error" "$(tail -n 1 out | sed 's/ in .*//')"
must "a good module and a broken fixture" "{'passed': 2, 'error': 1, 'total': 3, 'collected': 3} 1 1" \
    "$(run test_good.py test_fixture.py | tr '\n' ' ' | sed 's/ $//')"
