#!/usr/bin/env bash
# Shows: what JavaScript writes of a Date, `Sun Nov 29 2026 07:48:18 GMT+0100 (CET)`, is 08:48:18 UTC in dateutil and
# pandas, and not 06:48:18. pandas.Timestamp and pandas.to_datetime differ by four hours on one text with UTC+02:00.
# Expected: +01:00, as the text says and as dateutil reads it without the letters GMT.
# Seen: the sign behind GMT or UTC is turned: it is taken for the zone names of POSIX, where TZ=UTC+2 lies two hours west.
# With a space between, the offset is left out. dateparser has +01:00.
# Who it hurts: logs and CSVs of JavaScript programs read by Python: twice the offset away from the rest, which in a zone of
# one hour looks like a wrong switch of the clocks.
# Instead: toISOString() where it is written; ` GMT+` and ` UTC+` replaced by `+` before it is read.
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

pypi python-dateutil==4.0.0 pandas==3.1.1 numpy==2.4.6 dateparser==1.5.0
echo "version: node $(node --version)"

cat >read.py <<'PY'
import datetime
import sys

import dateparser
import dateutil.parser
import pandas

for read in dateutil.parser.parse, pandas.Timestamp, pandas.to_datetime, dateparser.parse:
    print(read(sys.argv[1]).astimezone(datetime.timezone.utc).strftime("%H:%M"))
PY
read_as() { python3 read.py "$1" | xargs; }
echo "seen: the columns: dateutil, Timestamp, to_datetime, dateparser, in UTC"
text=$(TZ=Europe/Paris node -p 'String(new Date(Date.UTC(2026, 10, 29, 6, 48, 18)))' | sed 's/(.*)/(CET)/')
must "written" "Sun Nov 29 2026 07:48:18 GMT+0100 (CET)" "$text"
must "read" "08:48 08:48 08:48 06:48" "$(read_as "$text")"
must "without GMT" "06:48 06:48 06:48 06:48" "$(read_as "2026-11-29 07:48:18 +0100")"
must "UTC+2" "09:48 09:48 09:48 05:48" "$(read_as "2026-11-29 07:48:18 UTC+2")"
must "UTC+02:00" "09:48 09:48 05:48 05:48" "$(read_as "2026-11-29 07:48:18 UTC+02:00")"
