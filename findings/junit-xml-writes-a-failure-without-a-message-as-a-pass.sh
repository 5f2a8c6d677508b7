#!/usr/bin/env bash
# Shows: junit-xml writes no <failure> for a test whose failure or error has neither a message nor an output.
# Expected: an empty <failure/>, as add_skipped_info() without arguments writes <skipped/>: the test failed, whatever is
# known about it.
# Seen: `<testcase name="total"/>`, and failures="0" in both counts. The same for "", which is what str() gives of the
# AssertionError of a bare `assert`, of a TimeoutError and of a KeyboardInterrupt.
# Who it hurts: a runner or a load script with `case.add_failure_info(output=str(error))`: its barest failures are passes
# in the report that the gate reads.
# Instead: repr(error), which is never empty; or message="failed".
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

pypi junit-xml==1.9

cat >report.py <<'PY'
import re
import sys

from junit_xml import TestCase, TestSuite, to_xml_report_string

case = TestCase("total")
try:
    assert 1 + 1 == 3
except AssertionError as error:
    text = {"str": str(error), "repr": repr(error)}
    if sys.argv[1] == "nothing":
        case.add_failure_info()
    elif sys.argv[1] == "error":
        case.add_error_info(message=text["str"])
    elif sys.argv[1] == "skipped":
        case.add_skipped_info()
    else:
        case.add_failure_info(output=text[sys.argv[1]])
xml = to_xml_report_string([TestSuite("cart", [case])])
suite = re.search(r"<testsuite .*?>", xml).group()
print(*(re.search(rf'{name}="\d+"', suite).group() for name in ("errors", "failures", "skipped", "tests")), end=" ")
print(*re.findall(r"<(?:failure|error|skipped)\b", xml) or ["no element"])
PY
must "failure with repr(error)" 'errors="0" failures="1" skipped="0" tests="1" <failure' "$(python3 report.py repr)"
must "failure with str(error)" 'errors="0" failures="0" skipped="0" tests="1" no element' "$(python3 report.py str)"
must "failure without arguments" 'errors="0" failures="0" skipped="0" tests="1" no element' "$(python3 report.py nothing)"
must "error with str(error)" 'errors="0" failures="0" skipped="0" tests="1" no element' "$(python3 report.py error)"
must "skipped without arguments" 'errors="0" failures="0" skipped="1" tests="1" <skipped' "$(python3 report.py skipped)"
