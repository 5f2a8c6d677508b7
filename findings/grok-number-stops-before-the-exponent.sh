#!/usr/bin/env bash
# Shows: grok's NUMBER reads `took=1.5e+03` as 1.5 and `took=9e-05` as 9.
# Expected: 1500 and 0.00009, or no match. Python, JavaScript and C print doubles so (repr below 1e-4, %g beyond six
# digits), and the pattern is called NUMBER.
# Seen: the pattern has digits and a point, no exponent; what follows may be anything, so it matches the front of
# the number and the rest is dropped. Likewise 1,234 is 1 and 0x1F is 0. `:float` converts what was matched, so the
# type is right and the value wrong.
# Who it hurts: seconds below 0.0001 come out 10^5 times too large; microseconds printed with %g beyond six digits
# (1.23457e+06) come out a million times too small: p99 <= 200 holds.
# Instead: close the pattern: `took=%{NUMBER:took:float}(?![^ ])`, so that what does not fit is no match.
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

pypi pygrok==1.0.0 regex==2026.11.19

cat >grok.py <<'PY'
from pygrok import Grok

took = Grok("took=%{NUMBER:took:float}")
closed = Grok("took=%{NUMBER:took:float}(?![^ ])")
texts = ["12.5", repr(0.00009), "%g" % 1234567, "1,234", "0x1F"]
print(*texts)
print(*(took.match("took=" + text)["took"] for text in texts))
print(*(closed.match("took=" + text) for text in texts))
PY
mapfile -t line < <(python3 grok.py)
must "written" "12.5 9e-05 1.23457e+06 1,234 0x1F" "${line[0]}"
must "read" "12.5 9.0 1.23457 1.0 0.0" "${line[1]}"
must "read by the closed pattern" "{'took': 12.5} None None None None" "${line[2]}"
