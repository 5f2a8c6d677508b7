#!/usr/bin/env bash
# Shows: parse-duration reads "1:30" as 1.03 milliseconds and "1,5s" as 15 seconds.
# Expected: 90 seconds, or null, as for "abc" or "12 msec". The page shows `27,681 ns`, so a comma parts thousands;
# of colons it does not speak.
# Seen: the parts around a colon are read one by one and put together as digits: "1:30" is 1.03, "0:01:30" 0.00103.
# A comma is removed, wherever it is.
# Who it hurts: `timeout: 1:30` from a configuration or a report of Slurm, ffmpeg, GNU time. As a limit it fails
# everything; as a measured time it passes everything.
# Instead: accept only what /^(\d+(\.\d+)?(ms|s|m|h))+$/ matches before it is parsed.
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

# npmjs NAME@VERSION ...: into ./node_modules
npmjs() {
    npm install --silent --no-audit --no-fund --no-save --ignore-scripts "$@" >npm.log 2>&1 || { cat npm.log >&2; exit 1; }
    printf 'version: %s\n' "node $(node --version)" "$@"
}

npmjs parse-duration@2.1.9

cat >parse.mjs <<'JS'
import parse from "parse-duration";
console.log(...["1m30s", "1:30", "0:01:30", "1,5s", "1.234,5s", "12 msec", "abc"].map((text) => parse(text)));
JS
must "1m30s 1:30 0:01:30 1,5s 1.234,5s 12 msec, abc in ms" "90000 1.03 0.00103 15000 1234.5 null null" "$(node parse.mjs)"
