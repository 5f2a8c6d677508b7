#!/usr/bin/env bash
# Shows: numeral("1e3").value() is 13, numeral("1.5e3") is 1.53, and "1h30m" is 130000000.
# Expected: 1000 and 1500, as Number() and numbro have it; null for the last, which is what numeral gives for "NaN".
# Seen: all that is no digit is taken out of the text, but for the letters k, m, b and t, which multiply: 1e3 is 13, and
# "1 minute 30 seconds" is 130. With a sign in the exponent, 9e+02, the number is read rightly.
# Who it hurts: limits and load profiles in a config, where 1e3 and 2e6 are common: a rate of 1e3 is 13, a limit of 2e6 bytes
# is 26; a column with units in it gives numbers all the same.
# Instead: Number(text), which is NaN where the text is no number.
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

npmjs numeral@2.0.6 numbro@2.5.0

read_as() { node -p 'const [name, ...texts] = process.argv.slice(1); const library = require(name);
texts.map((text) => (name === "numeral" ? library(text).value() : library.unformat(text))).join(" ")' "$@"; }
must "numeral: 1500 1.5k 9e+02" "1500 1500 900" "$(read_as numeral 1500 1.5k 9e+02)"
must "numbro: 1e3 1.5e3" "1000 1500" "$(read_as numbro 1e3 1.5e3)"
must "numeral: 1e3 1.5e3 2e6" "13 1.53 26" "$(read_as numeral 1e3 1.5e3 2e6)"
must "numeral: 1h30m, 1 minute 30 seconds" "130000000 130" "$(read_as numeral 1h30m "1 minute 30 seconds")"
