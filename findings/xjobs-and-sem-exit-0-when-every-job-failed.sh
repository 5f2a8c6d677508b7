#!/usr/bin/env bash
# Shows: xjobs, and sem --wait, exit 0 where every job failed.
# Expected: as of their kin: xargs exits 123, parallel with the number of jobs that failed.
# Seen: xjobs prints each job's exit code on standard error and exits 0. sem, which is parallel under another name,
# puts a job into the background; neither it nor the `sem --wait` that ends the script says how the jobs ended.
# Who it hurts: suites and loads that are spread over the cores by one of them: a script with `set -e` goes on to PASS.
# Instead: parallel or xargs; a file that each job writes last, and the count of those files.
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
deb xjobs 20120412-1+b1

export HOME=$work PERL5LIB=$work/root/usr/share/perl5
mkdir .parallel && touch .parallel/will-cite
printf '#!/bin/sh\nexit 3\n' >failing
chmod +x failing
# status COMMAND ...: exit status of what reads the two jobs
status() {
    local status=0
    printf './failing\n./failing\n' | "$@" >out 2>&1 || status=$?
    echo "$status"
}
# through_sem: exit statuses of two jobs and of the wait
through_sem() {
    local first=0 second=0 wait=0
    root/usr/bin/sem --id jobs ./failing || first=$?
    root/usr/bin/sem --id jobs ./failing || second=$?
    root/usr/bin/sem --id jobs --wait || wait=$?
    echo "$first $second $wait"
}
must "two jobs that exit 3: xargs" "123" "$(status xargs -n 1 sh -c)"
must "parallel" "2" "$(status perl root/usr/bin/parallel)"
must "xjobs" "0" "$(status root/usr/bin/xjobs)"
must "what xjobs says" "exitcode 3 exitcode 3" "$(grep -o 'exitcode [0-9]*' out | xargs)"
must "sem, sem, sem --wait" "0 0 0" "$(through_sem)"
