#!/usr/bin/env bash
# Shows: nyc --check-coverage --lines 90, c8 with the same and jest with a global coverageThreshold, of a run in which no
# file is measured: a table with 0 in each column, and exit 0.
# Expected: exit 1, as for 66 %: 0 is below 90; or an error that there is nothing.
# Seen: a share of nothing is "Unknown" inside, which is not below any number; only the table writes 0 for it. It takes an
# `include` of a folder that was renamed, or tests that run in a container or a child that is not measured. In
# coverage-summary.json it is the text "Unknown", and below no limit in JavaScript.
# Who it hurts: the gate on coverage is green from the day on which the sources moved.
# Instead: total.lines.total of the json-summary held against 0.
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

npmjs nyc@18.0.0 c8@12.0.0 jest@30.5.2

cat >package.json <<'JSON'
{"name": "app", "version": "1.0.0"}
JSON
cat >app.js <<'JS'
function used() {
  return 1;
}
function unused() {
  return 2;
}
used();
JS
cat >app.test.js <<'JS'
test("app", () => {
  require("./app");
});
JS
# gate TOOL INCLUDE: lines in the table, lines in the JSON, exit status
gate() {
    local status=0
    rm -rf coverage .nyc_output
    if [ "$1" = jest ]; then
        npx jest --coverage --collectCoverageFrom "$2" --coverageThreshold '{"global": {"lines": 90}}' \
            --coverageReporters text json-summary >table.txt 2>err || status=$?
    else
        "node_modules/.bin/$1" --check-coverage --lines 90 --include "$2" --reporter text --reporter json-summary \
            node app.js >table.txt 2>err || status=$?
    fi
    echo "$(awk -F '|' '/^All files/ { print $5 + 0 }' table.txt) $(node -p '
        JSON.parse(fs.readFileSync("coverage/coverage-summary.json")).total.lines.pct') $status"
}
must "nyc, app.js: lines, in JSON, exit" "66.66 66.66 1" "$(gate nyc app.js)"
must "nyc, src" "0 Unknown 0" "$(gate nyc 'src/**')"
must "c8, app.js" "57.14 57.14 1" "$(gate c8 app.js)"
must "c8, src" "0 Unknown 0" "$(gate c8 'src/**')"
must "jest, app.js" "66.66 66.66 1" "$(gate jest app.js)"
must "jest, src" "0 Unknown 0" "$(gate jest 'src/**')"
