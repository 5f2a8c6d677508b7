#!/usr/bin/env bash
# Shows: jc --time reads what bash's `time` prints as {}, exit 0, and jq finds the missing time below every limit.
# Expected: an error, as jc gives for the lines of a command that was killed, or real_time, as it does for the same three
# lines of `time -p`.
# Seen: "real", a tab and 1m2.5s match nothing that it looks for, and what does not match is passed over. In jq null is
# less than any number.
# Who it hurts: `{ time ./load; } 2>&1 | jc --time | jq -e '.real_time <= 5'` in a bash script: true, exit 0, however long
# it took. Its help says that bash's builtin is "similar but different".
# Instead: TIMEFORMAT=%R, or `time -p`; in jq `.real_time | numbers`, which fails where there is none.
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

# deb NAME VERSION: unpacked into ./root, nothing is installed
deb() {
    apt-get -qq download "$1=$2" >apt.log 2>&1 ||
        { apt-get -qq update && apt-get -qq download "$1=$2"; } >apt.log 2>&1 ||
        { cat apt.log >&2; exit 1; }
    dpkg -x "$1"_*.deb root
    echo "version: $1 $2"
}

pypi jc==1.25.6
deb jq 1.6-2.1+deb12u3
deb libjq1 1.6-2.1+deb12u3
deb libonig5 6.9.8-1

LD_LIBRARY_PATH=$(cd root && pwd)/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH
# within KEY: jq's answer to whether it is at most 5, and its exit status
within() {
    local status=0
    root/usr/bin/jq -e ".$1 <= 5" || status=$?
    echo "$status"
}
printf '\nreal\t1m2.500s\nuser\t0m0.100s\nsys\t0m0.000s\n' >bash.txt
printf 'real 62.50\nuser 0.10\nsys 0.00\n' >posix.txt
status=0
jc --time <bash.txt >bash.json || status=$?
must "bash, exit status and JSON" "0 {}" "$status $(cat bash.json)"
{ time true; } 2>here.txt
must "of this very bash" "{}" "$(jc --time <here.txt)"
must "time -p" '{"real_time":62.5,"user_time":0.1,"system_time":0.0}' "$(jc --time <posix.txt)"
must "at most 5 s, time -p" "false 1" "$(jc --time <posix.txt | within real_time | xargs)"
must "at most 5 s, bash" "true 0" "$(within real_time <bash.json | xargs)"
status=0
root/usr/bin/jq -e '.real_time | numbers <= 5' <bash.json >out || status=$?
must "with numbers: exit status" "4" "$status"
