#!/usr/bin/env bash
# Shows: EngNumber("500 µ"), as si-prefix and prefixed write 0.0005, is 500; "2K" is 2, "5 k" is 5, "1,234.5" is 1.
# Expected: 0.0005, 2000, 5000 and 1234.5, or an error.
# Seen: the number that the text begins with is taken, and what follows only if it is one of the letters that the package
# itself writes, at once behind the number: u is micro, µ is nothing. No error for what is left over. si-prefix has an error
# for what it does not know.
# Who it hurts: what one tool wrote for people and another reads back: shares and times below a thousandth are a million
# times as large, sizes in K a thousandth; a limit read so is one that everything or nothing keeps.
# Instead: prefixed.Float, which reads both signs of micro.
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

pypi engineering-notation==0.13.3 si-prefix==1.3.3 prefixed==0.9.0

cat >read.py <<'PY'
import sys

from engineering_notation import EngNumber
from si_prefix import si_parse

for text in sys.argv[1:]:
    try:
        other = f"{si_parse(text):g}"
    except (AttributeError, ValueError):
        other = "error"
    print(f"{float(EngNumber(text)):g} {other}")
PY
must "0.0005 as si-prefix and prefixed write it" "500.0 µ, 500μ" "$(python3 -c '
from prefixed import Float
from si_prefix import si_format
print(f"{si_format(0.0005)}, {Float(0.0005):.0h}")')"
echo "seen: the columns: engineering-notation, si-prefix"
must "500u" "0.0005 error" "$(python3 read.py 500u)"
must "500.0 µ" "500 0.0005" "$(python3 read.py '500.0 µ')"
must "500μ" "500 error" "$(python3 read.py 500μ)"
must "5k" "5000 5000" "$(python3 read.py 5k)"
must "5 k" "5 5000" "$(python3 read.py '5 k')"
must "2K" "2 error" "$(python3 read.py 2K)"
must "1,234.5" "1 error" "$(python3 read.py 1,234.5)"
must "100 ms" "100 error" "$(python3 read.py '100 ms')"
