#!/usr/bin/env bash
# Shows: sma and exponential-moving-average return texts: of 900, 1000, 1100 and 95 the averages are "950.00", "1050.00" and
# "597.50", the greatest of which, sorted, is "950.00".
# Expected: numbers, as the moving-averages package has them.
# Seen: each average is written with two decimals. Against a number "1050.00" > 200 is true, as the text is made a number;
# against another average, or a limit that came as a text, "1050.00" < "200.00" is true, and + joins the texts. In JSON they
# are in quotes. 0.004 is "0.00".
# Who it hurts: a gate that holds the average of now against that of before: both are texts, and 1050 ms is faster than 200
# ms.
# Instead: a format that returns the number as its third argument; or moving-averages.
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

npmjs sma@0.1.1 exponential-moving-average@1.0.0 moving-averages@4.0.6

cat >average.js <<'JS'
const simple = require("sma");
const exponential = require("exponential-moving-average");
const { ma } = require("moving-averages");
const took = [900, 1000, 1100, 95];
const [slow] = simple([1100, 1000], 2);
const [fast] = simple([190, 210], 2);
console.log(JSON.stringify(simple(took, 2)));
console.log(JSON.stringify(exponential(took, 2)));
console.log(JSON.stringify(Array.from(ma(took, 2)).filter(Number)));
console.log(simple(took, 2).sort().at(-1), slow, fast, slow < fast, slow + fast);
console.log(simple([0.004, 0.004], 2)[0]);
console.log(JSON.stringify(simple(took, 2, (value) => value)));
JS
mapfile -t line < <(node average.js)
must "sma" '["950.00","1050.00","597.50"]' "${line[0]}"
must "exponential-moving-average" '["950.00","1050.00","413.33"]' "${line[1]}"
must "moving-averages" '[950,1050,597.5]' "${line[2]}"
must "the greatest, slow, fast, slow < fast, slow + fast" "950.00 1050.00 200.00 true 1050.00200.00" "${line[3]}"
must "of 0.004 and 0.004" "0.00" "${line[4]}"
must "with a format" '[950,1050,597.5]' "${line[5]}"
