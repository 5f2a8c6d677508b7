#!/usr/bin/env bash
# Shows: on the day of 25 hours an hourly job runs 24 times in cronosjs, cronjs-matcher, cron-schedule and cron-converter, and
# the daily one at 2:30 runs twice in croniter and APScheduler. On the day of 23 hours it does not run in cronjs-matcher.
# Expected: 25 times and once, as cron(8) of Debian has it: what is due each hour goes by the hours that pass, what is due at a
# time runs once; in spring it is made up for. cronsim does so.
# Seen: the four go on by the clock on the wall, and 2:00 comes once in it; for the two others each 2:30 is due. cronjs-matcher
# skips a time that does not exist.
# Who it hurts: a check that demands a run in each hour fails in that night; two nightly runs in one night have the same date;
# and one in March has none.
# Instead: schedules in UTC; or nothing between 2 and 3.
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

pypi cronsim==2.8 croniter==7.0.0 APScheduler==3.11.3 cron-converter==2.0.2 tzdata==2026.6
npmjs cronosjs@1.7.1 @datasert/cronjs-matcher@1.4.0 cron-schedule@6.0.0

cat >runs.py <<'PY'
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import cron_converter
import croniter
import cronsim
from apscheduler.triggers.cron import CronTrigger

reader, line, day = sys.argv[1:]
zone = ZoneInfo("Europe/Berlin")
start = datetime.fromisoformat(day).replace(tzinfo=zone)
before = start - timedelta(seconds=1)


def by_converter():
    schedule = cron_converter.Cron(line).schedule(before)
    while True:
        yield schedule.next()


def by_apscheduler():
    trigger, at = CronTrigger.from_crontab(line, timezone=zone), None
    while True:
        at = trigger.get_next_fire_time(at, at or before)
        yield at


runs = 0
for at in {
    "cronsim": lambda: cronsim.CronSim(line, before),
    "croniter": lambda: croniter.croniter(line, before, ret_type=datetime),
    "cron-converter": by_converter,
    "APScheduler": by_apscheduler,
}[reader]():
    if at >= start + timedelta(days=1):
        break
    runs += 1
print(runs)
PY
cat >runs.js <<'JS'
const [reader, line, from, to] = process.argv.slice(2);
const before = new Date(new Date(from) - 1000);
const timezone = "Europe/Berlin";
const times = {
  cronosjs: () => require("cronosjs").CronosExpression.parse(line, { timezone }).nextNDates(before, 30),
  matcher: () => require("@datasert/cronjs-matcher").getFutureMatches(line,
    { startAt: before.toISOString(), endAt: to, matchCount: 30, timezone }),
  "cron-schedule": () => require("cron-schedule").parseCronExpression(line).getNextDates(30, before),
}[reader]();
console.log(times.filter((time) => new Date(time) < new Date(to)).length);
JS
export TZ=Europe/Berlin
# runs READER LINE DAY FROM TO: how often it is due on this day, which begins and ends at these times
runs() {
    case $1 in
    cronosjs | matcher | cron-schedule) node runs.js "$1" "$2" "$4" "$5" ;;
    *) python3 runs.py "$1" "$2" "$3" ;;
    esac
}
autumn() { runs "$1" "$2" 2027-10-31 2027-10-30T22:00:00Z 2027-10-31T23:00:00Z; }
spring() { runs "$1" "$2" 2027-03-28 2027-03-27T23:00:00Z 2027-03-28T22:00:00Z; }
hourly="0 * * * *" daily="30 2 * * *"
must "25 hours: cronsim, hourly and 2:30" "25 1" "$(autumn cronsim "$hourly") $(autumn cronsim "$daily")"
must "23 hours: cronsim, hourly and 2:30" "23 1" "$(spring cronsim "$hourly") $(spring cronsim "$daily")"
must "25 hours: cronosjs, hourly" "24" "$(autumn cronosjs "$hourly")"
must "cronjs-matcher, hourly" "24" "$(autumn matcher "$hourly")"
must "cron-schedule, hourly" "24" "$(autumn cron-schedule "$hourly")"
must "cron-converter, hourly" "24" "$(autumn cron-converter "$hourly")"
must "croniter, hourly and 2:30" "25 2" "$(autumn croniter "$hourly") $(autumn croniter "$daily")"
must "APScheduler, hourly and 2:30" "25 2" "$(autumn APScheduler "$hourly") $(autumn APScheduler "$daily")"
must "23 hours: cronjs-matcher, 2:30" "0" "$(spring matcher "$daily")"
