#!/usr/bin/env bash
# Shows: regression.linear of 600 minutes in which the memory grows by 0.004 MB each is `y = 0x + 101.2`, with an r2 of 0.
# Expected: a slope of 0.004, an intercept of 100 and an r2 of 1: the points lie on a line.
# Seen: the slope is rounded to two decimals, the intercept is computed from the rounded slope, and r2 from both. So all
# below 0.005 is flat, and 0.0149 is 0.01. predict() says 101.2 for any time. `precision` is an option, 2 by default; its
# page calls it significant figures, by which 0.004 would stay.
# Who it hurts: a soak test's leak an hour, an error rate a request, anything against seconds since 1970: the trend is
# "none", with a fit that says that there is no relation at all.
# Instead: regression.linear(points, { precision: 6 }); or simple-statistics.
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

npmjs regression@2.0.1 simple-statistics@7.12.1

cat >fit.js <<'JS'
const regression = require("regression");
const statistics = require("simple-statistics");
const points = Array.from({ length: 600 }, (_, minute) => [minute, 100 + Number(process.argv[2]) * minute]);
const fit = regression.linear(points, JSON.parse(process.argv[3] ?? "{}"));
console.log(fit.equation.join(" "), Math.abs(fit.r2), fit.predict(6000)[1], statistics.linearRegression(points).m.toFixed(4));
JS
echo "seen: the columns: slope, intercept, r2, predicted at 6000, slope in simple-statistics"
must "0.04 a minute" "0.04 100 1 340 0.0400" "$(node fit.js 0.04)"
must "0.004 a minute" "0 101.2 0 101.2 0.0040" "$(node fit.js 0.004)"
must "0.004 a minute, precision 6" "0.004 100 1 124 0.0040" "$(node fit.js 0.004 '{"precision": 6}')"
