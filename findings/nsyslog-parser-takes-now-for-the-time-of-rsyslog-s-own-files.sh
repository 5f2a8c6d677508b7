#!/usr/bin/env bash
# Shows: a line of a file that rsyslog wrote with RFC 3339 times, as its own template RSYSLOG_FileFormat has them, is for
# nsyslog-parser a message of this very moment, without host and program.
# Expected: 2026-01-02T07:48:18.123Z, as it reads in a line of RFC 5424, or no time.
# Seen: type UNKNOWN, ts the current time, the whole line as message. "Jan  2 07:48:18" is read, "Jan  2 2026 07:48:18" is
# midnight of that day and host and program are lost; RFC 5424's "-" for no time is the current one, too.
# Who it hurts: a window of the log by time: an error of last week is one of now, and the errors of now are among lines of
# all times. A replay has a different answer at each run, and the type is all that says so.
# Instead: lines whose type is UNKNOWN counted and refused; rsyslog's RSYSLOG_SyslogProtocol23Format.
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

npmjs nsyslog-parser@0.10.1

cat >read.js <<'JS'
// the type, the time (or "now") and the host of a line
const parse = require("nsyslog-parser");
const begin = Date.now();
const { type, ts, host } = parse(process.argv[2]);
console.log(type, ts >= begin ? "now" : ts.toISOString(), host || "no host");
JS
export TZ=UTC
must "RFC 5424" "RFC5424 2026-01-02T07:48:18.123Z vm" "$(node read.js '<13>1 2026-01-02T07:48:18.123Z vm app 12 - - took=5')"
must "rsyslog's file" "UNKNOWN now no host" "$(node read.js '2026-01-02T07:48:18.123456+00:00 vm app[12]: took=5')"
must "the same behind <13>" "UNKNOWN now no host" "$(node read.js '<13>2026-01-02T07:48:18.123456+00:00 vm app[12]: took=5')"
must "with a year" "BSD 2026-01-02T00:00:00.000Z no host" "$(node read.js '<13>Jan  2 2026 07:48:18 vm app[12]: took=5')"
must "RFC 5424 without a time" "RFC5424 now vm" "$(node read.js '<13>1 - vm app 12 - - took=5')"
