#!/usr/bin/env bash
# Shows: pint turns "100 rps" into 628.3 Hz.
# Expected: 100 per second, or an error for a unit it does not know; `req/s` is such an error.
# Seen: rps is revolutions per second, a revolution is 2 pi radians, and a radian is 1. "100 rps" >= "500 Hz" holds.
# Other short names of this field are something else, too: "1 Mb" is a megabarn (an area), "5 M" is molar, "5 k" is
# Boltzmann's constant; those at least fail when converted.
# Who it hurts: a target `>= 500 / s` in a file of thresholds with units is met by 100 requests a second.
# Instead: `1/s`, or define `request = []` and write `request / second`.
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

pypi pint==0.25.3

cat >rate.py <<'PY'
import pint

unit = pint.UnitRegistry()
rate = unit("100 rps")
print(f"{rate.to('Hz').magnitude:.1f} {rate >= unit('500 / second')} {rate == unit('100 / second')}")
print(unit("1 Mb").units, unit("5 M").units, unit("5 k").units)
PY
mapfile -t line < <(python3 rate.py)
must "100 rps in Hz; >= 500 / second; == 100 / second" "628.3 True False" "${line[0]}"
must "Mb, M, k" "megabarn molar boltzmann_constant" "${line[1]}"
