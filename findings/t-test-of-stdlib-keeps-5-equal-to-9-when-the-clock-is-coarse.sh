#!/usr/bin/env bash
# Shows: ttest2 of @stdlib of three runs of 5 ms and three of 9 ms: `rejected: false`, the same answer as for two samples
# that are equal.
# Expected: a rejection, or an error: no run of the one overlaps with the other. For 5, 5, 6 against 9, 9, 9 it is rejected
# with p = 0.008.
# Seen: without variance in both the statistic is infinite or 0/0, p is NaN, and `rejected` is `p <= alpha`, which no NaN
# is. A single NaN among the values does the same.
# Who it hurts: times in whole milliseconds, counts of errors, sizes of builds: three equal runs are usual there, and the
# clearer the step is, the surer it is kept for none.
# Instead: an answer is one only if p is a number; medians and ranges where the values are few and coarse.
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

npmjs @stdlib/stats-ttest2@0.2.3

cat >test.js <<'JS'
const ttest2 = require("@stdlib/stats-ttest2");
const [before, after] = process.argv.slice(2).map((text) => text.split(",").map(Number));
const { rejected, pValue } = ttest2(before, after);
console.log(rejected, pValue.toPrecision(1));
JS
must "5,5,6 and 9,9,9" "true 0.008" "$(node test.js 5,5,6 9,9,9)"
must "5,5,5 and 9,9,9" "false NaN" "$(node test.js 5,5,5 9,9,9)"
must "5,5,5 and 5,5,5" "false NaN" "$(node test.js 5,5,5 5,5,5)"
must "5,NaN,6 and 900,901,902" "false NaN" "$(node test.js 5,NaN,6 900,901,902)"
