#!/usr/bin/env bash
# Shows: a column of 1,5 and 2,5 is 15 and 25 in csvjson and csvstat; 1.234,5 is 1.2345; 5% is 5.
# Expected: texts, or an error: csvkit does not know which of the two marks is the decimal one. A thousands mark stands
# before three digits.
# Seen: every comma is taken out before a number is read, wherever it stands, and nothing is said. So are % and $: a column
# of error rates in percent and one in shares give numbers that differ by a hundred.
# Who it hurts: CSV of a load generator or a spreadsheet under a locale with a decimal comma: every latency is ten times what
# it was, or a thousand times less; the mix of both marks is not noticed either.
# Instead: --locale de_DE for such files (1,5 is 1.5 then); -I to leave all columns as they are.
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

pypi csvkit==2.2.0 agate==1.14.2

printf 'run;p95\na;1,5\nb;2,5\n' >comma.csv
printf 'run;p95\na;1.234,5\nb;2.5\n' >both.csv
printf 'run;errors\na;5%%\nb;0.05\n' >percent.csv
must "p95 of 1,5 and 2,5" "15.0 25.0" "$(csvjson -d ';' comma.csv | jq -r '.[].p95' | xargs printf '%.1f ' | sed 's/ $//')"
must "csvstat --max" "25" "$(csvstat -d ';' -c p95 --max comma.csv)"
must "--locale de_DE" "1.5 2.5" "$(csvjson --locale de_DE -d ';' comma.csv | jq -r '.[].p95' | xargs)"
must "5% and 0.05" "5 0.05" "$(csvjson -d ';' percent.csv | jq -r '.[].errors' | xargs)"
must "1.234,5 and 2.5" "1.2345 2.5" "$(csvjson -d ';' both.csv | jq -r '.[].p95' | xargs)"
