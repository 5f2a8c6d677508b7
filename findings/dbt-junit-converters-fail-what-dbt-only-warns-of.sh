#!/usr/bin/env bash
# Shows: dbt-to-junit makes an <error> and dbt-junit-report a <failure> of a dbt test with the status warn.
# Expected: a passed test with a remark: `severity: warn` is there so that a test does not fail the run, and dbt exits 0.
# Seen: what is neither pass nor skipped is failed or an error. In the suite warnings add to errors or failures, and cannot be
# told from them but by the message. dbt-to-junit itself exits 1 for them.
# Who it hurts: data checks after a load or a migration, at first set to warn: dbt ends with 0, and the job that reads the
# report is red. Then somebody takes the report out of the gate.
# Instead: drop the results with the status warn from run_results.json, or count them on their own, before the conversion.
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

pypi dbt-to-junit==0.2.0 dbt-junit-report==1.0.12

# result STATUS FAILURES MESSAGE NAME
result() {
    printf '{"status": "%s", "failures": %s, "message": "%s", "unique_id": "test.shop.%s", ' "$@"
    echo '"timing": [], "thread_id": "1", "execution_time": 1.5, "adapter_response": {}}'
}
cat >run_results.json <<JSON
{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v4.json", "dbt_version": "1.5.0",
  "generated_at": "2026-01-01T00:00:00Z", "invocation_id": "x", "env": {}}, "elapsed_time": 3, "args": {}, "results": [
$(result pass 0 "" unique.1), $(result warn 2 "Got 2 results, configured to warn if != 0" not_null.2)]}
JSON
suite() { grep -oE '<testsuite .*' "$1" | grep -oE '(errors|failures|skipped|tests)="[0-9]+"' | sort | tr -d '"' | xargs; }
element() { grep -oE '<(error|failure|skipped)' "$1"; }
code=0
dbt-to-junit --input run_results.json --output a.xml >log 2>&1 || code=$?
dbt_junit_report run_results.json b.xml >log 2>&1
must "pass and warn, dbt-to-junit" "errors=1 failures=0 skipped=0 tests=2 <error, exit 1" \
    "$(suite a.xml) $(element a.xml), exit $code"
must "pass and warn, dbt-junit-report" "errors=0 failures=1 skipped=0 tests=2 <failure" "$(suite b.xml) $(element b.xml)"
