#!/usr/bin/env bash
# Shows: humanfriendly.parse_size takes "100 Mbit/s" for 100 MB, "5 minutes" for 5 MB, "20 threads" for 20 TB and
# "5 errors" for 5 EB.
# Expected: InvalidSize, which "1,000" and "1.2.3 k" do raise: none of them is a size, and a bit is an eighth of a byte.
# Seen: of what follows the number only the first letter is read, as k, m, g, t, p, e, z or y.
# Who it hurts: limits and throughputs read from a config or from another tool's output: a limit of "100 Mbit" lets
# eight times as much through, a column taken from the wrong place is a plausible number.
# Instead: match the text with ^[0-9.]+ *([KMGT]i?)?B?$ before; parse_timespan of the same package is strict.
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

pypi humanfriendly==10.0

cat >size.py <<'PY'
import sys

import humanfriendly

try:
    print(humanfriendly.parse_size(sys.argv[1]))
except humanfriendly.InvalidSize:
    print("InvalidSize")
PY
size() { python3 size.py "$1"; }
must "100 MB" "100000000" "$(size "100 MB")"
must "100 Mbit/s" "100000000" "$(size "100 Mbit/s")"
must "1,000" "InvalidSize" "$(size "1,000")"
must "5 minutes" "5000000" "$(size "5 minutes")"
must "20 threads" "20000000000000" "$(size "20 threads")"
must "5 errors" "5000000000000000000" "$(size "5 errors")"
