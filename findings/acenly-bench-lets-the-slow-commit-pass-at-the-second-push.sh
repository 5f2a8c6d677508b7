#!/usr/bin/env bash
# Shows: a function that became three times as slow is blocked by acenly-bench once, and passes at the next push
# unchanged; 1.3 times as slow passes at "block push if 25% slower", and so does one that raises.
# Expected: blocked each time until it is as fast as it was; blocked at 1.3 times; an error for what could not be
# measured.
# Seen: the slow run is stored before it is judged and is what the next is compared with. The quotient old / new is held
# against 1 - 0.05 - 0.25, noise and limit added up, which is 43 % slower. A function that raises is "ERROR" in the table,
# exit 0.
# Who it hurts: whoever pushes again, as one does with a flaky check: PASS, and the loss is the new normal. A change that
# breaks the benchmark has no benchmark from then on, and a series of small losses is never seen.
# Instead: a stored baseline that only a person moves; the exit status of the benchmark itself.
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

pypi acenly-bench==0.1.0

mkdir bin
printf '#!/bin/sh\nexit 1\n' >bin/git
chmod +x bin/git
export PATH=$PWD/bin:$PATH
cat >acenly.yml <<'YAML'
benchmark:
  regression_block: 0.25
  trials: 5
  warmup: 1
  track:
    - file: calc.py
      function: calc
YAML
# push BODY: exit status of the hook, where the function does that
push() {
    local status=0
    printf 'import time\n\n\ndef calc():\n    %s\n' "$1" >calc.py
    acenly-bench --hook-mode >out 2>&1 || status=$?
    echo "$status"
}
must "0.5 s, the first run" "0" "$(push 'time.sleep(0.5)')"
must "1.5 s" "1" "$(push 'time.sleep(1.5)')"
must "1.5 s, pushed again" "0" "$(push 'time.sleep(1.5)')"
must "1.95 s" "0" "$(push 'time.sleep(1.95)')"
must "an error" "0" "$(push 'raise OSError("refused")')"
must "what it says" "ERROR" "$(grep -o ERROR out)"
