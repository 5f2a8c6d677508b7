#!/usr/bin/env bash
# Shows: `flameiq compare`: a run whose p95 is NaN, one without a latency at all, and one with 200 errors in place of 0:
# "all metric(s) within threshold", exit 0, with -t latency.p95=1% -t custom.errors=1% given.
# Expected: exit 1, or 2 and 3 as its help says of mistakes in the input: a metric that a threshold names cannot be told.
# Seen: NaN has the status PASS, as no comparison with it is true; a metric that is gone is left out, and so is one of 0 in
# the baseline, with a warning on standard error. A p95 that is a text is an error.
# Who it hurts: a run that measured nothing passes: the percentile of no sample is NaN or left out by most writers.
# Instead: hold the number of metrics compared against the number expected, and errors against a limit of their own.
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

pypi flameiq-core==1.0.2

# metrics LATENCY ERRORS
metrics() {
    echo '{"schema_version": 1, "metadata": {"commit": "abc", "branch": "main", "environment": "ci"},' \
        '"metrics": {'"$1"' "throughput": 1000, "custom": {"errors": '"$2"'}}}'
}
metrics '"latency": {"p95": 120},' 0 >before.json
metrics '"latency": {"p95": 240},' 0 >slow.json
metrics '"latency": {"p95": NaN},' 0 >nan.json
metrics '' 0 >gone.json
metrics '"latency": {"p95": 120},' 200 >errors.json
# compare FILE: the last line, and the exit status
compare() {
    local status=0
    flameiq compare -m "$1" -t latency.p95=1% -t custom.errors=1% >report.txt 2>err || status=$?
    echo "$(grep . report.txt | tail -n 1 | xargs), exit $status"
}
flameiq init >init.log
flameiq baseline set -m before.json >baseline.log
must "p95 from 120 to 240" "✗ REGRESSION — 1 metric(s) exceeded threshold., exit 1" "$(compare slow.json)"
must "p95 from 120 to NaN" "✓ PASS — all 2 metric(s) within threshold., exit 0" "$(compare nan.json)"
must "no latency" "✓ PASS — all 1 metric(s) within threshold., exit 0" "$(compare gone.json)"
must "errors from 0 to 200" "✓ PASS — all 2 metric(s) within threshold., exit 0" "$(compare errors.json)"
