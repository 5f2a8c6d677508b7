#!/usr/bin/env bash
# Shows: lysiro report run.jtl --baseline good.jtl: a run in which every request fails at once is marked as improved, exit
# 0; one without the transaction that is named in the baseline exits 0 as well.
# Expected: exit 1, as for a p95 that rose from 100 to 200 ms; an error rate that goes from 0 to 100 % is a regression, and
# a transaction that is gone was not measured.
# Seen: only the p95 of what both runs have is compared, and of all samples, failed ones included: "+ GET / p95 100ms -> 5ms
# (-95%)". What is gone is listed, and changes nothing.
# Who it hurts: a gate on --baseline: a service that refuses at once passes, and so does a plan whose paying step was taken
# out.
# Instead: --fail-on-error beside it (exit 3), and the names of the transactions compared.
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

pypi lysiro==0.1.0

# results LABEL MS CODE: 50 samples in JMeter's CSV
results() {
    echo timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,bytes,grpThreads,allThreads,Latency
    for i in $(seq 50); do
        echo "$((1700000000000 + i * 100)),$2,$1,$3,,tg 1-1,text,$([ "$3" = 200 ] && echo true || echo false),100,1,1,$2"
    done
}
results 'GET /' 100 200 >good.jtl
results 'GET /' 200 200 >slow.jtl
results 'GET /' 5 500 >down.jtl
{ cat good.jtl; results 'POST /pay' 100 200 | tail -n +2; } >both.jtl
# compare RUN BASELINE OPTION...: the line of the comparison, and the exit status
compare() {
    local status=0
    lysiro report "$1" --baseline "$2" "${@:3}" >report.txt || status=$?
    echo "$(sed '1,/compared to baseline/d' report.txt | grep -E '^ +[-!+*] ' | xargs), exit $status"
}
must "slower" "! GET / p95 100ms -> 200ms (+100%), exit 1" "$(compare slow.jtl good.jtl)"
must "all failed" "+ GET / p95 100ms -> 5ms (-95%), exit 0" "$(compare down.jtl good.jtl)"
must "all failed, --fail-on-error" "+ GET / p95 100ms -> 5ms (-95%), exit 3" "$(compare down.jtl good.jtl --fail-on-error)"
must "one gone" "- POST /pay absent from this run (baseline p95 100ms), exit 0" "$(compare good.jtl both.jtl)"
