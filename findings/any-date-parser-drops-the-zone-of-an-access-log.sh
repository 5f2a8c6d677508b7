#!/usr/bin/env bash
# Shows: any-date-parser reads 29/Nov/2026:07:48:18 +0530, the time of an access log, as 07:48:18 UTC.
# Expected: 02:18:18 UTC, as it reads 2026-11-29 07:48:18 +0530 and as chrono-node reads both; or an invalid date.
# Seen: a form with the name of a month has no offset: what stands after the seconds is left. `29 Nov 2026 07:48:18 +0530`,
# the form of mails and of RSS, is read so as well. With Z or GMT nothing shows.
# Who it hurts: it is taken where the form is not known before; a test on a machine in UTC, of a log in UTC, passes.
# Instead: chrono-node for such a form; or the hours compared once with a line whose offset is known.
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

npmjs any-date-parser@2.2.4 chrono-node@2.10.3

cat >read.js <<'JS'
const chrono = require("chrono-node");
const module_ = require("any-date-parser");
const parser = module_.default ?? module_;
for (const text of process.argv.slice(2))
  console.log(parser.fromString(text).toISOString().slice(11, 19), chrono.parseDate(text).toISOString().slice(11, 19));
JS
export TZ=UTC
echo "seen: the columns: any-date-parser, chrono-node, in UTC"
must "ISO" "02:18:18 02:18:18" "$(node read.js '2026-11-29 07:48:18 +0530')"
must "access log, +0530" "07:48:18 02:18:18" "$(node read.js '29/Nov/2026:07:48:18 +0530')"
must "access log, -0800" "07:48:18 15:48:18" "$(node read.js '29/Nov/2026:07:48:18 -0800')"
must "mail, +0530" "07:48:18 02:18:18" "$(node read.js '29 Nov 2026 07:48:18 +0530')"
