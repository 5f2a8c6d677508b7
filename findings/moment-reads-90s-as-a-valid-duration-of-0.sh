#!/usr/bin/env bash
# Shows: moment.duration("90s") is 0 ms, and valid; so are "1h30m", "500ms" and "abc".
# Expected: 90,000, or a duration that is not valid: isValid() is there for that, and moment("abc").isValid() is
# false.
# Seen: a text that is neither ISO 8601 nor h:mm[:ss] becomes zero without a word. "1:30" is an hour and a half,
# where most tools of this field write 90 seconds so.
# Who it hurts: a timeout or a limit from a configuration is 0, so nothing is waited for; a measured time is 0, so
# every limit holds.
# Instead: moment.duration("PT90S"), and refuse a duration of 0 that was not written as 0.
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

npmjs moment@2.31.0

cat >read.js <<'JS'
const moment = require("moment");
const read = (text) => `${moment.duration(text).asMilliseconds()}/${moment.duration(text).isValid()}`;
console.log(...["90s", "1h30m", "500ms", "abc", "1:30", "PT90S"].map(read));
moment.suppressDeprecationWarnings = true;
console.log(moment("abc").isValid());
JS
mapfile -t line < <(node read.js)
must "90s 1h30m 500ms abc 1:30 PT90S: ms, valid" "0/true 0/true 0/true 0/true 5400000/true 90000/true" "${line[0]}"
must "moment(\"abc\") is valid" "false" "${line[1]}"
