#!/usr/bin/env bash
# Shows: human-interval has 500000 ms for "500 milliseconds", 0 for "an hour", and 30 minutes for "an hour and 30 minutes".
# Expected: 500, or NaN, which it gives for "500 ms" and for words that it does not know; its page lists the units from
# seconds to years. "hour" alone is an hour, and "one hour" as well.
# Seen: the unit is looked for anywhere in the word, so milliseconds and nanoseconds are seconds, and lightyears are years;
# a part without a number is 0 and is not noticed beside other parts: "two and a half hours" is two.
# Who it hurts: its page names the job schedulers Agenda and Bree: a soak test that samples "every 500 milliseconds" through
# such a one has a thousandth of its samples, and a time-out of "an hour" is none.
# Instead: numbers in milliseconds.
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

npmjs human-interval@2.0.1

ms() { node -p 'require("human-interval")(process.argv[1])' "$1"; }
must "one hour, hour, 500 ms" "3600000 3600000 NaN" "$(ms "one hour") $(ms hour) $(ms "500 ms")"
must "500 seconds" "500000" "$(ms "500 seconds")"
must "an hour, an hour and 30 minutes" "0 1800000" "$(ms "an hour") $(ms "an hour and 30 minutes")"
must "two and a half hours, in hours" "2" "$(($(ms "two and a half hours") / 3600000))"
must "500 milliseconds" "500000" "$(ms "500 milliseconds")"
