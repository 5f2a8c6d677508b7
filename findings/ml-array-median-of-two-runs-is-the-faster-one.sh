#!/usr/bin/env bash
# Shows: ml-array-median of 100 and 900 is 100, of 1, 2, 900 and 1000 it is 2.
# Expected: 500 and 451: the mean of the two in the middle, as all other packages of that name have it.
# Seen: for an even number of values it is the lower of the two; odd numbers are right. The page does not say so (that of
# median-quickselect, on which it builds, does), and neither does the type.
# Who it hurts: a comparison of two or four runs by their median: half of the runs may be as slow as they like.
# Instead: simple-statistics; or an odd number of runs.
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

npmjs ml-array-median@2.0.0 simple-statistics@7.12.1

both() { node -p 'const values = process.argv.slice(1).map(Number);
[require("ml-array-median").default(values), require("simple-statistics").median(values)].join(" ")' "$@"; }
must "5 1 900: it, simple-statistics" "5 5" "$(both 5 1 900)"
must "100 900" "100 500" "$(both 100 900)"
must "1000 1 2 900" "2 451" "$(both 1000 1 2 900)"
