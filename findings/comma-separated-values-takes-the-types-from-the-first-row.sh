#!/usr/bin/env bash
# Shows: comma-separated-values reads an empty cell in a column of numbers as 0; if the first row is short, the last column is
# lost in all rows.
# Expected: cells cast one by one, as other readers do: an empty one is empty, 900 a number wherever it stands; a short row
# lacks its own last fields.
# Seen: the first row decides on the type and the number of all columns. 12 first: an empty cell is 0, `-` and `90ms` are NaN.
# `-` first: all further numbers are texts. Two cells of three first: no row has a third. Three first: what a later row lacks
# is the text "undefined". Casting is what it does without options.
# Who it hurts: response times in which a time-out is an empty cell: it is the fastest request. A column `error` that is left
# away as long as there is none is gone with all its errors.
# Instead: { cast: ["String", ...] } and the numbers by hand; or another reader.
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

npmjs comma-separated-values@3.6.4

cat >rows.js <<'JS'
const CSV = require("comma-separated-values");
const rows = new CSV(process.argv[2], { header: true }).parse();
const shown = (cell) => (typeof cell === "string" ? `"${cell}"` : cell);
console.log(rows.map((row) => Object.values(row).map(shown).join(" ")).join(", "));
JS
rows() { node rows.js "$1"; }
must "12, 900" '"/a" 12, "/b" 900' "$(rows $'url,ms\n/a,12\n/b,900\n')"
must "12, empty" '"/a" 12, "/b" 0' "$(rows $'url,ms\n/a,12\n/b,\n')"
must "12, -, 90ms" '"/a" 12, "/b" NaN, "/c" NaN' "$(rows $'url,ms\n/a,12\n/b,-\n/c,90ms\n')"
must "-, 900" '"/a" "-", "/b" "900"' "$(rows $'url,ms\n/a,-\n/b,900\n')"
must "12; 13 with an error" '"/a" 12, "/b" 13' "$(rows $'url,ms,error\n/a,12\n/b,13,refused\n')"
must "12 with an error; 13" '"/a" 12 "refused", "/b" 13 "undefined"' "$(rows $'url,ms,error\n/a,12,refused\n/b,13\n')"
