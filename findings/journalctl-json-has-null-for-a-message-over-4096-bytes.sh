#!/usr/bin/env bash
# Shows: `journalctl -o json` writes `"MESSAGE":null` for a message longer than 4,096 bytes.
# Expected: the text, as `-o short`, `-o cat` and `-g` have it; or an error.
# Seen: of two messages with ERROR, one of them with 5,000 bytes before the word, the JSON has one: the other's MESSAGE is
# null, exit 0, nothing on stderr. --all writes it.
# Who it hurts: the long messages of a log are its stack traces and failed queries; a gate that counts ERROR in the JSON of a
# night does not see them.
# Instead: journalctl --all -o json.
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

for package in systemd libsystemd-shared systemd-journal-remote; do deb "$package" 252.39-1~deb12u2; done
deb libmicrohttpd12 0.9.75-6

long=$(printf '%5000s' '' | tr ' ' x)
number=0
for message in "short ERROR" "$long ERROR" "after"; do
    number=$((number + 1))
    printf '__CURSOR=s=1;i=%d\n__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n' "$number" "$((1700000000000000 + number))" "$number"
    printf '_BOOT_ID=0123456789abcdef0123456789abcdef\nPRIORITY=6\nSYSLOG_IDENTIFIER=app\nMESSAGE=%s\n\n' "$message"
done >log.export
libraries=$PWD/root/usr/lib/x86_64-linux-gnu:$PWD/root/usr/lib/x86_64-linux-gnu/systemd:$PWD/root/lib/x86_64-linux-gnu/systemd
journal() { LD_LIBRARY_PATH=$libraries root/bin/journalctl --file log.journal --quiet "$@" 2>errors; }
LD_LIBRARY_PATH=$libraries root/lib/systemd/systemd-journal-remote -o log.journal log.export >remote.log 2>&1 || { cat remote.log >&2; exit 1; }

must "lines with ERROR, -o cat" 2 "$(journal -o cat | grep -c ERROR)"
must "lines with ERROR, -o json" 1 "$(journal -o json | grep -c ERROR)"
must "the other message" '"MESSAGE":null' "$(journal -o json | grep -o '"MESSAGE":null')"
must "exit, and bytes on stderr" "0 0" "$(journal -o json >/dev/null; echo "$? $(wc -c <errors)")"
must "lines with ERROR, --all -o json" 2 "$(journal --all -o json | grep -c ERROR)"
