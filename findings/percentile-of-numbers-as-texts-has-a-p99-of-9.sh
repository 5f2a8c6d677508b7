#!/usr/bin/env bash
# Shows: percentile and stats-percentile take 9 for the greatest of the texts "9", "10" and "100", and give a text back.
# Expected: 100, or an error as from just-percentile ("all values passed to percentile must be numeric").
# Seen: they compare texts as words. What comes from a CSV file, an environment variable or a match of an expression is a
# text in JavaScript; mixed with numbers it is compared as a number, so that it goes well until all are texts.
# Who it hurts: `percentile(99, rows.map((row) => row.ms)) <= 50` of rows of 9, 10 and 100 ms: "9" <= 50 is true, without
# a word. With times of one number of digits only the answer is right.
# Instead: .map(Number) and a look for NaN; just-percentile.
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

npmjs percentile@1.6.0 stats-percentile@3.3.0 just-percentile@4.2.0

cat >p99.js <<'JS'
const [library, ...values] = process.argv.slice(2);
const module_ = require(library);
const calls = {
  percentile: (all) => module_(99, all),
  "stats-percentile": (all) => (module_.percentile || module_)(all, 99),
  "just-percentile": (all) => (module_.default || module_)(all, 1),
};
const all = values.map((value) => (value.startsWith("text:") ? value.slice(5) : Number(value)));
try {
  const p99 = calls[library](all);
  console.log(JSON.stringify(p99), p99 <= 50);
} catch (error) {
  console.log(error.constructor.name);
}
JS
numbers=(9 10 100)
texts=(text:9 text:10 text:100)
must "numbers, percentile: p99 and whether it is at most 50" "100 false" "$(node p99.js percentile "${numbers[@]}")"
must "texts" '"9" true' "$(node p99.js percentile "${texts[@]}")"
must "numbers, stats-percentile" "100 false" "$(node p99.js stats-percentile "${numbers[@]}")"
must "texts" '"9" true' "$(node p99.js stats-percentile "${texts[@]}")"
must "numbers, just-percentile: the maximum" "100 false" "$(node p99.js just-percentile "${numbers[@]}")"
must "texts" "Error" "$(node p99.js just-percentile "${texts[@]}")"
