#!/usr/bin/env bash
# Shows: ruptures' Pelt finds the step at night 28 of 30 at night 25, and one step at night 12 as two, at 10 and 15.
# Expected: 28 and 12: PELT is exact, the data is two levels with a noise of 1 % of the step. The same cost in
# KernelCPD gives 28 and 12.
# Seen: Pelt, Binseg and Dynp look at each fifth point only (jump=5), KernelCPD at each. So a step in between is
# either put somewhere else, or taken for two; a step among the last four points has no place of its own.
# Who it hurts: "no change in the last three nights" by `breakpoints[-2] < 27` passes on the night after the step,
# and whoever bisects begins at the wrong commit.
# Instead: jump=1.
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

pypi ruptures==1.1.10 numpy==2.4.6 scipy==1.17.1

cat >change.py <<'PY'
import numpy
import ruptures


def nights(step):
    noise = numpy.random.default_rng(1).normal(0, 1, 30)
    return numpy.where(numpy.arange(30) < step, 100.0, 200.0) + noise


def ends(method, step):
    return [int(end) for end in method.fit(nights(step)).predict(pen=50)]


for step in 28, 12:
    print(ends(ruptures.Pelt("l2"), step), ends(ruptures.Pelt("l2", jump=1), step), ends(ruptures.KernelCPD("linear"), step))
PY
mapfile -t line < <(python3 change.py)
must "step at 28: Pelt, Pelt with jump=1, KernelCPD" "[25, 30] [28, 30] [28, 30]" "${line[0]}"
must "step at 12" "[10, 15, 30] [12, 30] [12, 30]" "${line[1]}"
