#!/usr/bin/env bash
# Shows: csvjson with quote: true reads `"said ""no""",900` as an empty text and 900; a cell with a line break makes two rows of
# one, the first without a time.
# Expected: said "no", and one row, as RFC 4180 has both and csv-parse reads them.
# Seen: with quotes doubled within a cell all of it is gone. Lines are split before quotes are looked at: of a message in two lines
# the first row has the beginning and no time, the second the time and no message. No error. Without quote: true a comma within
# quotes splits the cell.
# Who it hurts: a column of error messages: rows with a message are counted twice or look as if there was none.
# Instead: csv-parse.
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

npmjs csvjson@5.1.0 csv-parse@7.0.3

cat >rows.js <<'JS'
const rows = process.argv[2] === "csvjson"
  ? require("csvjson").toObject(process.argv[3], { quote: true })
  : require("csv-parse/sync").parse(process.argv[3], { columns: true });
console.log(JSON.stringify(rows));
JS
comma=$'error,ms\n"no, again",900\n'
quotes=$'error,ms\n"said ""no""",900\n'
broken=$'error,ms\n"refused\nagain",900\n'
must "comma" '[{"error":"no, again","ms":"900"}]' "$(node rows.js csvjson "$comma")"
must "quotes, csv-parse" '[{"error":"said \"no\"","ms":"900"}]' "$(node rows.js csv-parse "$quotes")"
must "line break, csv-parse" '[{"error":"refused\nagain","ms":"900"}]' "$(node rows.js csv-parse "$broken")"
must "quotes" '[{"error":"","ms":"900"}]' "$(node rows.js csvjson "$quotes")"
must "line break" '[{"error":"refused","ms":""},{"error":"","ms":"900"}]' "$(node rows.js csvjson "$broken")"
