#!/usr/bin/env bash
# Shows: `0 0 1 * 1` is the first of a month and every Monday; in crontab, cron-converter and APScheduler it is only a first
# that is a Monday: after 29 November 2026 the next one is 1 February 2027.
# Expected: crontab(5): where both days are given, either one will do. croniter and cronsim have 30 November, 1 and 7
# December.
# Seen: both are demanded, and nothing says so. (APScheduler also counts the weekdays from Monday, so that its 1 is Tuesday.)
# Who it hurts: a nightly or weekly measurement that is described with the same line in the crontab and in Python: most runs
# do not take place, or the alarm for a missing run is never due.
# Instead: two schedules; or croniter.
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

pypi crontab==1.0.5 cron-converter==2.0.2 APScheduler==3.11.3 croniter==7.0.0 cronsim==2.8

cat >next.py <<'PY'
import sys
from datetime import datetime, timedelta, timezone

import cron_converter
import croniter
import cronsim
import crontab
from apscheduler.triggers.cron import CronTrigger

line, now = "0 0 1 * 1", datetime(2026, 11, 29, 12, tzinfo=timezone.utc)


def by_crontab(at):
    while True:
        at += timedelta(seconds=crontab.CronTab(line).next(now=at, default_utc=True))
        yield at


def by_apscheduler(at):
    trigger = CronTrigger.from_crontab(line, timezone=timezone.utc)
    while True:
        at = trigger.get_next_fire_time(at, at + timedelta(seconds=1))
        yield at


def by_converter(at):
    schedule = cron_converter.Cron(line).schedule(at)
    while True:
        yield schedule.next()


readers = {
    "croniter": lambda at: croniter.croniter(line, at, ret_type=datetime),
    "cronsim": lambda at: cronsim.CronSim(line, at),
    "crontab": by_crontab,
    "cron-converter": by_converter,
    "APScheduler": by_apscheduler,
}
print(*(at.strftime("%a-%d-%b-%y") for at, _ in zip(readers[sys.argv[1]](now), range(3))))
PY
must "croniter" "Mon-30-Nov-26 Tue-01-Dec-26 Mon-07-Dec-26" "$(python3 next.py croniter)"
must "cronsim" "Mon-30-Nov-26 Tue-01-Dec-26 Mon-07-Dec-26" "$(python3 next.py cronsim)"
must "crontab" "Mon-01-Feb-27 Mon-01-Mar-27 Mon-01-Nov-27" "$(python3 next.py crontab)"
must "cron-converter" "Mon-01-Feb-27 Mon-01-Mar-27 Mon-01-Nov-27" "$(python3 next.py cron-converter)"
must "APScheduler" "Tue-01-Dec-26 Tue-01-Jun-27 Tue-01-Feb-28" "$(python3 next.py APScheduler)"
