#!/usr/bin/env bash
# Shows: InfluxDB's client for Node writes x=1 for floatField("x", "1,234.5"), x=12 for "12ms", -2i for intField("x", -1.7),
# and T for booleanField("x", "false").
# Expected: an exception, which floatField does throw for NaN and for a text that begins with no digit; -1i or an exception.
# Seen: texts go through parseFloat and parseInt, which stop where the number ends; integers are rounded down, not to 0;
# and every text that is not empty is true.
# Who it hurts: values as they come from a CSV, an environment or another tool's output: 1,234.5 ms is in the database as 1 ms;
# ok=false is true.
# Instead: Number(text) and text === "true" before; both can be checked.
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

npmjs @influxdata/influxdb-client@1.35.0

cat >write.js <<'JS'
const { Point } = require("@influxdata/influxdb-client");
const [kind, text] = process.argv.slice(2);
const value = kind === "intField" ? Number(text) : text;
try {
  console.log(new Point("load")[kind]("x", value).timestamp("1").toLineProtocol());
} catch {
  console.log("exception");
}
JS
line() { node write.js "$@"; }
must "floatField 812.5, NaN, n/a" "load x=812.5 1, exception, exception" \
    "$(line floatField 812.5), $(line floatField NaN), $(line floatField n/a)"
must "floatField 1,234.5, 12ms" "load x=1 1, load x=12 1" "$(line floatField 1,234.5), $(line floatField 12ms)"
must "intField -1.7" "load x=-2i 1" "$(line intField -1.7)"
must "booleanField false" "load x=T 1" "$(line booleanField false)"
