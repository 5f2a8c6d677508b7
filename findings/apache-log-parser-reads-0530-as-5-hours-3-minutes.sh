#!/usr/bin/env bash
# Shows: apache-log-parser takes the zone +0530 of an access log for 5 h 3 min, and +0545 for 5 h 4 min.
# Expected: 13:55:36 +0530 is 08:25:36 UTC, as apachelogs has it. Zones of whole hours are right.
# Seen: 08:52:36: the minutes are divided by ten. And %T (seconds) is an empty text where it stands last in the line, which is
# where most put it; in the middle it is 3.
# Who it hurts: India, Iran, Nepal, Newfoundland, central Australia: lines are 27 minutes or more off those of other hosts, and a window
# of fifteen minutes around a test finds none of them; float("") raises, `or 0` has no slow request.
# Instead: apachelogs.
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

pypi apache-log-parser==1.7.0 apachelogs==0.6.1

cat >read.py <<'PY'
import sys
from datetime import timezone

import apache_log_parser
from apachelogs import LogParser

zone, form, line = sys.argv[1:]
line = f'127.0.0.1 [10/Oct/2026:13:55:36 {zone}] "GET / HTTP/1.1" 200 {line}'
form = f'%h %t "%r" %>s {form}'
other = LogParser(form).parse(line)
read = apache_log_parser.make_parser(form)(line)
print(other.request_time.astimezone(timezone.utc).strftime("%H:%M:%S"), other.request_duration_seconds, end=" ")
print(read["time_received_utc_isoformat"][11:19], repr(read["time_s"]))
PY
must "-0700, %T %D: apachelogs, apache-log-parser" "20:55:36 3 20:55:36 '3'" "$(python3 read.py -0700 "%T %D" "3 1500")"
must "-0700, %D %T" "20:55:36 3 20:55:36 ''" "$(python3 read.py -0700 "%D %T" "1500 3")"
must "+0545, %T %D" "08:10:36 3 08:51:36 '3'" "$(python3 read.py +0545 "%T %D" "3 1500")"
must "+0530, %T %D" "08:25:36 3 08:52:36 '3'" "$(python3 read.py +0530 "%T %D" "3 1500")"
