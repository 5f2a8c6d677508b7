#!/usr/bin/env bash
# Shows: dayjs("1764402498") is a valid date of April 1767, "2026-11-29 07:48:18.5" is 18.005, and -PT30S and PT1,5S are
# durations of +30 s and 0.
# Expected: 2025-11-29, or an invalid date as new Date() has it; 18.500; -30 s and 1.5 s, as ISO 8601-2 has the sign and ISO
# 8601 allows the comma.
# Seen: a text without a zone is cut into year, month, day, hour ... by its digits, with anything or nothing between them:
# 1764, month 40, day 24, hour 98. What follows the point counts milliseconds. In a duration the sign before P is not looked
# at, and what stands before a comma is dropped with it.
# Who it hurts: the time of a record that came as a text, from a CSV, a query or a header: its age is 250 years, or its
# window is empty, and isValid() is true.
# Instead: dayjs.unix(Number(text)); a zone on each time; luxon for durations.
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

npmjs dayjs@1.11.23

cat >read.js <<'JS'
const dayjs = require("dayjs");
dayjs.extend(require("dayjs/plugin/duration"));
const [kind, ...texts] = process.argv.slice(2);
for (const text of texts) {
  if (kind === "time") console.log(dayjs(text).toDate().toISOString(), dayjs(text).isValid());
  if (kind === "number") console.log(dayjs.unix(Number(text)).toDate().toISOString());
  if (kind === "duration") console.log(dayjs.duration(text).asSeconds());
}
JS
export TZ=UTC
must "1764402498 as a number" "2025-11-29T07:48:18.000Z" "$(node read.js number 1764402498)"
must "1764402498 as a text" "1767-04-28T02:00:00.000Z true" "$(node read.js time 1764402498)"
must "18.5 with Z" "2026-11-29T07:48:18.500Z true" "$(node read.js time 2026-11-29T07:48:18.5Z)"
must "18.5 without Z" "2026-11-29T07:48:18.005Z true" "$(node read.js time '2026-11-29 07:48:18.5')"
must "PT30S PT-30S PT1.5S" "30 -30 1.5" "$(node read.js duration PT30S PT-30S PT1.5S | xargs)"
must "-PT30S PT1,5S" "30 0" "$(node read.js duration -PT30S PT1,5S | xargs)"
