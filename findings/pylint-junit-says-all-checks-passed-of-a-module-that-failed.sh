#!/usr/bin/env bash
# Shows: with the reporter of pylint-junit, a module with an error has a passed test "All checks passed for" beside it,
# and the last module of a run with messages has none but its failures.
# Expected: that sentence for the modules without a message.
# Seen: it is written whenever the next module begins, whatever the module before had; a good module has it twice, and a
# suite that is called "Command line or configuration file" once, for no file.
# Who it hurts: who looks a file up by that sentence, or asks for at least one passed test a module; and a share of failed
# tests: one error in each of three modules is 3 of 9.
# Instead: failures == 0 alone, or pylint's exit status.
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

pypi pylint==4.1.4 pylint-junit==0.3.5

printf '"""Bad."""\nprint(not_defined)\n' >bad.py
printf '"""Good."""\n' >good.py
printf '"""Bad, too."""\nprint(not_defined)\n' >worse.py
status=0
pylint --load-plugins=pylint_junit --output-format=junit bad.py good.py worse.py >report.xml 2>log || status=$?
cat >cases.py <<'PY'
import xml.etree.ElementTree as tree

for suite in tree.parse("report.xml").iter("testsuite"):
    cases = suite.findall("testcase")
    passed = sum("All checks passed" in case.findtext("system-out", "") for case in cases)
    print(f"{suite.get('name')}: {passed} passed, {sum(case.find('failure') is not None for case in cases)} failed")
PY
mapfile -t line < <(python3 cases.py)
must "pylint's exit status, of errors" "2" "$status"
must "no file" "Command line or configuration file: 1 passed, 0 failed" "${line[0]}"
must "a module with an error" "bad: 2 passed, 1 failed" "${line[1]}"
must "a good module" "good: 2 passed, 0 failed" "${line[2]}"
must "the last one, with an error" "worse: 1 passed, 1 failed" "${line[3]}"
