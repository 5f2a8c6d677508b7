#!/usr/bin/env bash
# Shows: bytes("500KiB") is 500, bytes("10M") is 10, bytes("1e6") is 1.
# Expected: 512000, 10485760 and 1000000, or null, which the package returns for what it cannot read.
# Seen: units are b, kb, mb, gb, tb and pb; any other text is given to parseInt, and what follows the digits is lost. null
# is for texts that begin with no digit.
# Who it hurts: body limits of Express and budgets of bundles and reports: "10M" answers 413 to every request over ten
# bytes, and a check that a heap has grown by less than "64Mi" always fails; "at least 10M were sent" always holds.
# Instead: match /^[0-9.]+ *[kmgtp]?b$/i before, or bytes-iec.
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

npmjs bytes@3.1.2

read_size() { node -p 'process.argv.slice(1).map((text) => require("bytes")(text)).join(" ")' "$@"; }
must "500kb 10MB" "512000 10485760" "$(read_size 500kb 10MB)"
must "500KiB 10M 1e6 1,5kb 64Mi" "500 10 1 1 64" "$(read_size 500KiB 10M 1e6 1,5kb 64Mi)"
must "KiB" "" "$(read_size KiB)"
