#!/usr/bin/env bash
# Shows: lnav without a screen (-n) exits 0 when its SQL has an error, and then writes the rows of the query before
# to the file.
# Expected: another status, as for a file that is not there (1), and no file.
# Seen: the error is on standard error; the next command, :write-json-to, writes the last result there is. With no
# query before it, it writes nothing. An unknown command exits 0, too.
# Who it hurts: `lnav -n -c ';SELECT …' -c ':write-json-to slow.json'` in cron: after an upgrade a column has
# another name, and the gate reads the answer to another question, or the file of the night before.
# Instead: one query an invocation, the file removed before and demanded after, standard error held to be empty.
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

apt-get -qq install -y lnav=0.11.1-3 >apt.log 2>&1 ||
    { apt-get -qq update && apt-get -qq install -y lnav=0.11.1-3; } >apt.log 2>&1 || { cat apt.log >&2; exit 1; }
export HOME=$work
echo "version: $(lnav -V)"

printf '2026-11-28T10:00:00 INFO took=5\n' >app.log
# run COMMAND ...: the exit status
run() {
    local status=0 arguments=()
    for command in "$@"; do arguments+=(-c "$command"); done
    lnav -n "${arguments[@]}" app.log >/dev/null 2>err || status=$?
    echo "$status"
}
must "a good query, a bad one, :write-json-to: exit" 0 \
    "$(run ';SELECT 42 AS yesterday' ';SELECT nosuch FROM all_logs' ':write-json-to out.json')"
must "lines that say so" 1 "$(grep -c 'failed to compile SQL statement' err)"
must "the file" '[{"yesterday":42}]' "$(tr -d ' \n' <out.json)"
rm out.json
must "the bad query alone: exit" 0 "$(run ';SELECT nosuch FROM all_logs' ':write-json-to out.json')"
must "the file" "absent" "$([ -e out.json ] || echo absent)"
must "an unknown command: exit" 0 "$(run ':nosuch')"
