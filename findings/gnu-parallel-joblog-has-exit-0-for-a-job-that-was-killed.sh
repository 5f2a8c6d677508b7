#!/usr/bin/env bash
# Shows: in GNU parallel's job log, a job that was killed has Exitval 0.
# Expected: 137, as in any shell, and as parallel itself exits where the last of its jobs is killed and it halts there.
# Seen: Exitval 0 and Signal 9 in the column beside it. Only a plain command is so: with `; exit` behind it a shell
# is left in between, and the same job has Exitval 137 and Signal 0. One that parallel itself stopped after --timeout
# has Exitval -1.
# Who it hurts: a load or soak run on many hosts whose log is judged by Exitval alone, `$7 != 0` in awk or
# `Exitval == 0` in a gate: the worker that the kernel killed for its memory is among the good ones.
# Instead: Exitval == 0 and Signal == 0; or parallel's own exit status, which counts that job as failed.
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

# deb NAME VERSION: unpacked into ./root, nothing is installed
deb() {
    apt-get -qq download "$1=$2" >apt.log 2>&1 ||
        { apt-get -qq update && apt-get -qq download "$1=$2"; } >apt.log 2>&1 ||
        { cat apt.log >&2; exit 1; }
    dpkg -x "$1"_*.deb root
    echo "version: $1 $2"
}

deb parallel 20221122+ds-2

export HOME=$work PERL5LIB=$work/root/usr/share/perl5
mkdir .parallel && touch .parallel/will-cite
printf '#!/bin/sh\nkill -9 $$\n' >killed
chmod +x killed
# jobs ARGUMENT ...: parallel's exit status, then Exitval and Signal of the one job
jobs() {
    local status=0
    perl root/usr/bin/parallel --joblog log "$@" >out 2>&1 || status=$?
    echo "$status $(awk -F'\t' 'NR == 2 { print $7, $8 }' log)"
}
must "exit 3: parallel's status, Exitval, Signal" "1 3 0" "$(jobs ::: 'exit 3')"
must "killed" "1 0 9" "$(jobs ::: ./killed)"
must "killed, a shell in between" "1 137 0" "$(jobs ::: './killed; exit')"
must "stopped by --timeout" "1 -1 15" "$(jobs --timeout 1 ::: 'sleep 9')"
