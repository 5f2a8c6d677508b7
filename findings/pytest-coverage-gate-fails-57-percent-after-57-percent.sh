#!/usr/bin/env bash
# Shows: pytest-coverage-gate says of an unchanged coverage of 57 % that it fell "de atual 57.00% para 57.00%" and exits
# 1; of a run that measured no line it stores 100 %.
# Expected: exit 0 where nothing changed, and an error, or nothing stored, for 0 of 0 lines.
# Seen: the floor is stored with two decimals and the new value is 0.57 times 100, which is 56.99999999999999. coverage.py
# writes line-rate="1" where lines-valid is 0, and the gate reads that alone; each higher value becomes the floor at once.
# Who it hurts: a pull request that changes no line is red at some percentages, 57 and 29 among them, and green at others.
# A job whose tests are not found sets the floor to 100, and every honest run fails from then on, until somebody lowers it
# by hand.
# Instead: coverage report --fail-under, with a number of one's own; lines-valid > 0.
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

pypi pytest-coverage-gate==1.0.3 coverage==7.17.3

# measure COVERED MISSED: coverage.xml of a program of so many lines
measure() {
    python3 - "$1" "$2" >program.py <<'PY'
import sys

covered, missed = map(int, sys.argv[1:])
if missed:
    print("def rest():", *["    pass"] * missed, sep="\n")
    covered -= 1
print(*["x = 1"] * covered, sep="\n")
PY
    coverage run program.py && coverage xml -q
}
# gate: its exit status, and the floor that it leaves
gate() {
    local status=0
    pytest-coverage-gate >log 2>&1 || status=$?
    echo "$status $(cat .coverage-baseline)"
}
measure 57 43
echo 50 >.coverage-baseline
must "50 %, then 57 %" "0 57.00" "$(gate)"
must "57 % again" "1 57.00" "$(gate)"
must "what it says" "57.00% para 57.00%" "$(grep -oE '57.00% para 57.00%' log)"
measure 60 40
must "60 %" "0 60.00" "$(gate)"
must "60 % again" "0 60.00" "$(gate)"
measure 0 0
must "0 of 0 lines" "0 100.00" "$(gate)"
measure 60 40
must "60 % again" "1 100.00" "$(gate)"
