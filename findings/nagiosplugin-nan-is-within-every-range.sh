#!/usr/bin/env bash
# Shows: a metric that is NaN is OK to nagiosplugin, whatever the warning and critical ranges.
# Expected: UNKNOWN, or at least a breach: the guidelines of the plug-ins define a range by alerting when a value is
# outside it, and NaN is in no interval.
# Seen: Range.match() asks whether the value is below the start or above the end; NaN is neither, so `10`, `10:`,
# `5:10` match, and the check ends with OK, exit 0, and "nan" in its performance data.
# Who it hurts: 0 / 0 in a probe (no requests in the interval, an empty histogram's quantile) is a green service.
# Instead: raise nagiosplugin.CheckError in probe() for a value that is not finite; that is UNKNOWN, exit 3.
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

pypi nagiosplugin==1.4.0

cat >check_p99.py <<'PY'
import sys

import nagiosplugin


class P99(nagiosplugin.Resource):
    def probe(self):
        yield nagiosplugin.Metric("p99", float(sys.argv[1]), context="p99")


nagiosplugin.Check(P99(), nagiosplugin.ScalarContext("p99", "100", "200")).main()
PY
check() { python3 check_p99.py "$1" | tr '\n' ' ' || true; }
status() { python3 check_p99.py "$1" >/dev/null && echo 0 || echo $?; }
must "p99 of 300, exit" "P99 CRITICAL - p99 is 300 (outside range 0:200) | p99=300.0;100;200 2" "$(check 300)$(status 300)"
must "p99 of nan, exit" "P99 OK - p99 is nan | p99=nan;100;200 0" "$(check nan)$(status nan)"
must "nan in 10, 10:, 5:10, ~:10, @10:20" "True True True True False" \
    "$(python3 -c 'from nagiosplugin import Range as R; print(*(R(r).match(float("nan")) for r in ["10", "10:", "5:10", "~:10", "@10:20"]))')"
