#!/usr/bin/env bash
# Shows: Taurus (bzt) takes a pass-fail criterion on a percentile that it does not compute, and never fails by it.
# Expected: that it is computed, or refused when the file is read.
# Seen: every answer takes more than 1 s. p99>900ms: exit 3. p98>900ms: exit 0, and not a word: the percentiles of
# a run are 0, 50, 90, 95, 99, 99.9 and 100 unless its settings name others, and what is not there is compared as NaN.
# A label that does not occur (a typing error in `avg-rt of hoem>900ms`) is another such criterion.
# Who it hurts: a service level of p98, p97.5 or p75: the gate has been green since the day it was written.
# Instead: `modules: {consolidator: {percentiles: [98]}}`, and see each criterion fail once.
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

pypi bzt==1.17.2

export HOME=$work
{
    echo timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,bytes,grpThreads,allThreads,Latency,Connect
    for i in $(seq 60); do echo "$((1795851000000 + i * 100)),$((1000 + i)),home,200,OK,t 1-1,true,10,1,1,5,1"; done
} >answers.jtl
# gate CRITERION [PERCENTILE]: bzt's exit status
gate() {
    local status=0
    cat >gate.yml <<YAML
execution: [{executor: external-results-loader, data-file: answers.jtl, scenario: s}]
scenarios: {s: {requests: ["http://127.0.0.1/"]}}
reporting: [{module: passfail, criteria: ["$1"]}]
settings: {artifacts-dir: artifacts, check-updates: false}
${2:+modules: {consolidator: {percentiles: [$2]\}\}}
YAML
    bzt -q gate.yml </dev/null >out 2>&1 || status=$?
    rm -rf artifacts
    echo "$status"
}
must "p99>900ms: exit" "3" "$(gate 'p99>900ms')"
must "p98>900ms" "0" "$(gate 'p98>900ms')"
must "p98>900ms with percentiles: [98]" "3" "$(gate 'p98>900ms' 98)"
must "avg-rt of home>900ms" "3" "$(gate 'avg-rt of home>900ms')"
must "avg-rt of hoem>900ms" "0" "$(gate 'avg-rt of hoem>900ms')"
