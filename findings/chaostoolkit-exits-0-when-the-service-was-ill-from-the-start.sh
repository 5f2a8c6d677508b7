#!/usr/bin/env bash
# Shows: where the steady state is not met before the experiment, Chaos Toolkit runs nothing and exits 0.
# Expected: exit 1. Its own log says "not in the given tolerance so failing this experiment"; the same probe that
# fails after the method is "deviated", exit 1.
# Seen: status "completed", deviated false, no activity run, exit 0; only `steady_states.before.steady_state_met` is
# false.
# Who it hurts: `chaos run && deploy`: a service that was down all night passes its resilience test, and passes
# better than one that broke under the fault.
# Instead: gate on the journal: steady_states.before and .after both met, and `run` as long as the method.
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
      "provider": {"type": "process", "path": "test", "arguments": ["-e", "healthy"]}
    }]
  },
  "method": [
    {"type": "action", "name": "kill", "provider": {"type": "process", "path": "rm", "arguments": ["-f", "healthy"]}}
  ],
  "rollbacks": []
}
JSON
export HOME=$work
# run: the journal's verdict, and the exit status
run() {
    local status=0
    chaos --no-version-check run experiment.json >chaos.out 2>&1 || status=$?
    python3 -c 'import json; j = json.load(open("journal.json")); print(j["status"], j["deviated"], len(j["run"]), j["steady_states"]["before"]["steady_state_met"])'
    echo "$status"
}
touch healthy
must "healthy, then not: status, deviated, activities, met before, exit" "completed True 1 True 1" "$(run | xargs)"
rm -f healthy
must "ill from the start" "completed False 0 False 0" "$(run | xargs)"
must "what the log says of it" "1" "$(grep -c 'so failing this experiment' chaos.out)"
