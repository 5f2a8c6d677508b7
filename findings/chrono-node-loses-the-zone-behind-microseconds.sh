#!/usr/bin/env bash
# Shows: chrono.parseDate reads 2026-11-29T07:48:18.123456+02:00 as 07:48:18.000 without its zone, and 07:48:18.5Z as
# 18.005.
# Expected: 05:48:18.123 UTC and 18.500, as new Date() reads both; the first is what Python's isoformat() writes.
# Seen: one to three digits are taken as milliseconds, .05 and .5 are both 5 ms. With more, the fraction and all that comes
# after it are left, and the time is taken in the zone of the machine. The strict parser does the same.
# Who it hurts: a log read on a machine in another zone than its writer's is hours off, and stays within the window, or
# leaves it, by that; two services of which one writes three digits and one six do not fit together.
# Instead: new Date() for what is in ISO form; chrono for what people wrote.
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

npmjs chrono-node@2.10.3

cat >read.js <<'JS'
const chrono = require("chrono-node");
for (const text of process.argv.slice(2)) console.log(chrono.parseDate(text).toISOString(), new Date(text).toISOString());
JS
export TZ=UTC
echo "seen: the columns: chrono, Date"
must "three digits" "2026-11-29T05:48:18.123Z 2026-11-29T05:48:18.123Z" "$(node read.js 2026-11-29T07:48:18.123+02:00)"
must "six digits" "2026-11-29T07:48:18.000Z 2026-11-29T05:48:18.123Z" "$(node read.js 2026-11-29T07:48:18.123456+02:00)"
must "the same read at +09:00" "2026-11-28T22:48:18.000Z 2026-11-29T05:48:18.123Z" \
    "$(TZ=Asia/Tokyo node read.js 2026-11-29T07:48:18.123456+02:00)"
must ".5" "2026-11-29T07:48:18.005Z 2026-11-29T07:48:18.500Z" "$(node read.js 2026-11-29T07:48:18.5Z)"
must ".05" "2026-11-29T07:48:18.005Z 2026-11-29T07:48:18.050Z" "$(node read.js 2026-11-29T07:48:18.05Z)"
