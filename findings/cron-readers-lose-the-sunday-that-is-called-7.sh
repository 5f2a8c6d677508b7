#!/usr/bin/env bash
# Shows: a job for Sundays, written `0 0 * * 7`, runs never in pycron, and prettycron says Saturday. `5-7` is Friday and
# Saturday in pycron and cronjs-matcher; `0-7` is every day, and in cronos only Sunday.
# Expected: both 0 and 7 are Sunday, as crontab(5) has it, in a range too: croniter reads all of them so.
# Seen: no error anywhere. pycron compares with the weekdays 0 to 6; prettycron calls 7 by the last name it knows; cronjs-matcher
# knows 7 alone, but not as the end of a range; cronos makes 0 of the 7 first, and 0-0 of 0-7.
# Who it hurts: the soak test of the weekend: the schedule is accepted and nothing runs, so the newest report is an old one.
# Instead: 0 or SUN, and 5,6,0 for a range; and a limit on the age of a report.
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

# pypi NAME==VERSION ...: into a virtual environment
pypi() {
    python3 -m venv --without-pip py
    python3 -m pip --python py/bin/python --disable-pip-version-check install -q --no-compile "$@"
    export PATH=$work/py/bin:$PATH
    printf 'version: %s\n' "$(python3 --version)" "$@"
}

# npmjs NAME@VERSION ...: into ./node_modules
npmjs() {
    npm install --silent --no-audit --no-fund --no-save --ignore-scripts "$@" >npm.log 2>&1 || { cat npm.log >&2; exit 1; }
    printf 'version: %s\n' "node $(node --version)" "$@"
}

pypi pycron==3.3.0 croniter==7.0.0
npmjs prettycron@0.10.0 @datasert/cronjs-matcher@1.4.0 cronosjs@1.7.1

cat >days.py <<'PY'
import sys
from datetime import datetime, timedelta

import croniter
import pycron

week = [datetime(2026, 11, 30) + timedelta(days=day) for day in range(7)]
reads = {"croniter": croniter.croniter.match, "pycron": pycron.is_now}[sys.argv[1]]
print(*[day.strftime("%a") for day in week if reads(sys.argv[2], day)] or ["never"])
PY
cat >days.js <<'JS'
const [reader, expression] = process.argv.slice(2);
const names = (times) => [...new Set(times.map((time) => new Date(time).toUTCString().slice(0, 3)))].join(" ");
const from = "2026-11-29T00:00:01Z";
const read = {
  prettycron: () => require("prettycron").toString(expression),
  matcher: () => names(require("@datasert/cronjs-matcher").getFutureMatches(expression,
    { startAt: from, endAt: "2026-12-06T00:00:01Z", matchCount: 7, timezone: "UTC" })),
  cronos: () => names(require("cronosjs").CronosExpression.parse(expression, { timezone: "UTC" })
    .nextNDates(new Date(from), 7).filter((date) => date <= new Date("2026-12-06T00:00:01Z"))),
};
console.log(read[reader]());
JS
must "0 0 * * 7, croniter" "Sun" "$(python3 days.py croniter '0 0 * * 7')"
must "0 0 * * 7, pycron" "never" "$(python3 days.py pycron '0 0 * * 7')"
must "0 0 * * 7, prettycron" "00:00 on Sat" "$(node days.js prettycron '0 0 * * 7')"
must "0 0 * * 5-7, croniter" "Fri Sat Sun" "$(python3 days.py croniter '0 0 * * 5-7')"
must "0 0 * * 5-7, pycron" "Fri Sat" "$(python3 days.py pycron '0 0 * * 5-7')"
must "0 0 * * 5-7, cronjs-matcher" "Fri Sat" "$(node days.js matcher '0 0 * * 5-7')"
must "0 0 * * 0-7, cronjs-matcher" "Mon Tue Wed Thu Fri Sat Sun" "$(node days.js matcher '0 0 * * 0-7')"
must "0 0 * * 0-7, cronos" "Sun" "$(node days.js cronos '0 0 * * 0-7')"
