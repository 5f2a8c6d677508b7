#!/usr/bin/env bash
# Shows: 261129 07:48:18, as MySQL's logs have it, is 26 November 2029 in dateutil and pandas, and HDFS's 081109 203615 is
# 11 August 2009; `Nov 29 07:48:18` of a syslog is in the year 1 in pandas.
# Expected: 2026-11-29 and 2008-11-09: where the year comes first in a run of digits, as in 20261129; this year for a
# syslog, as dateutil has it.
# Seen: six digits are cut in two by two, and the first pair is the day, or the month where it can be one. No error as long
# as each pair fits somewhere. to_datetime takes 1 January of the year 1 for what is not given.
# Who it hurts: what is newer than ten minutes: a line of 2029 is new for three years, one of the year 1 never; and the
# order of days in a month is that of the years.
# Instead: the form beside it, `%y%m%d %H:%M:%S`; yearfirst=True in dateutil.
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

pypi python-dateutil==4.0.0 pandas==3.1.1 numpy==2.4.6

cat >read.py <<'PY'
import sys

import dateutil.parser
import pandas

for read in dateutil.parser.parse, pandas.to_datetime:
    print(read(sys.argv[1]).date().isoformat())
PY
read_as() { python3 read.py "$1" | xargs; }
echo "seen: the columns: dateutil, to_datetime"
must "20261129 07:48:18" "2026-11-29 2026-11-29" "$(read_as '20261129 07:48:18')"
must "261129 07:48:18" "2029-11-26 2029-11-26" "$(read_as '261129 07:48:18')"
must "260105 07:48:18" "2005-01-26 2005-01-26" "$(read_as '260105 07:48:18')"
must "081109 203615" "2009-08-11 2009-08-11" "$(read_as '081109 203615')"
must "Nov 29 07:48:18" "$(date +%Y)-11-29 0001-11-29" "$(read_as 'Nov 29 07:48:18')"
