#!/usr/bin/env bash
# Shows: pytest --benchmark-compare --benchmark-compare-fail=mean:5% exits 0 for a function ten times slower whose test was
# renamed, and for any under pytest-xdist.
# Expected: an error: without a stored run the same options do give one, "requires valid --benchmark-compare".
# Seen: the stored run is found, but none of its benchmarks has the name: no comparison, nothing is said of it, exit 0. With
# -n 2 all benchmarks are disabled, with a warning, and the line "Comparing against benchmarks from" is printed.
# Who it hurts: a renamed test, parameter or file takes its limit along; whoever adds xdist to the options of the project has
# no limits at all.
# Instead: hold the names in the JSON of --benchmark-json against those of the stored run.
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

pypi pytest==9.2.0 pytest-benchmark==5.3.1 pytest-xdist==3.8.0

# bench NAME SECONDS: a benchmark of that name
bench() {
    printf 'import time\n\n\ndef test_%s(benchmark):\n    benchmark.pedantic(time.sleep, args=(%s,), rounds=5)\n' "$@" >test_speed.py
}
export PYTHONDONTWRITEBYTECODE=1
# exits ARGUMENT ...: of a comparison with the stored run
exits() {
    local code=0
    pytest -q -p no:cacheprovider --benchmark-compare --benchmark-compare-fail=mean:5% "$@" >log 2>&1 || code=$?
    echo "$code"
}
bench order 0.002
must "nothing stored: says" "requires valid --benchmark-compare." \
    "$(exits >code && grep -m 1 -o 'requires valid --benchmark-compare.' log)"
pytest -q -p no:cacheprovider --benchmark-save=first >log 2>&1
bench order 0.02
must "ten times slower: exit" "1" "$(exits)"
must "the same, -n 2" "0" "$(exits -n 2)"
bench orders 0.02
must "the same, renamed" "0" "$(exits)"
