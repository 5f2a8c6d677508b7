#!/usr/bin/env bash
# Shows: an experiment whose every fault failed to be injected ends as completed, not deviated, exit 0.
# Expected: failed or aborted. The method is the experiment; a steady state that nothing disturbed proves nothing.
# One that the fault did upset ends as deviated, exit 1.
# Seen: a process that exits 1 is a warning, and its activity is "succeeded"; an action that raises is an error in
# the log, its activity is "failed"; the run goes on, the hypothesis is met, because nothing was broken, and the
# status is "completed".
# Who it hurts: renamed containers, an expired token, a missing right: from that night on the resilience gate is
# always green.
# Instead: gate on the journal: every entry of `run` has status succeeded and, for processes, `output.status` is 0.
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

pypi chaostoolkit==1.19.0 chaostoolkit-lib==1.44.0

cat >experiment.json <<'JSON'
{
  "title": "the service lives without its cache",
  "description": "remove the cache, ask for health",
  "steady-state-hypothesis": {
    "title": "healthy",
    "probes": [{
      "type": "probe", "name": "health", "tolerance": 0,
      "provider": {"type": "process", "path": "test", "arguments": ["-e", "cache"]}
    }]
  },
  "method": [
    {"type": "action", "name": "kill", "provider": {"type": "process", "path": "rm", "arguments": ["no-such-cache"]}},
    {"type": "action", "name": "unlink", "provider": {
      "type": "python", "module": "os", "func": "remove", "arguments": {"path": "no-such-cache"}}}
  ],
  "rollbacks": []
}
JSON
export HOME=$work
# run FILE: the journal's verdict and the status of each activity, and the exit status
run() {
    local status=0
    chaos --no-version-check run "$1" >/dev/null 2>&1 || status=$?
    python3 -c 'import json; j = json.load(open("journal.json")); print(j["deviated"], *(a["status"] for a in j["run"]))'
    echo "$status"
}
touch cache
must "neither fault is injected: deviated, activities, exit" "False succeeded failed 0" "$(run experiment.json | xargs)"
sed 's/no-such-cache/cache/' experiment.json >injected.json
must "the first one is: deviated, activities, exit" "True succeeded failed 1" "$(run injected.json | xargs)"
