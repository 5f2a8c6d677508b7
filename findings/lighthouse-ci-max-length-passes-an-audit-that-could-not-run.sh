#!/usr/bin/env bash
# Shows: Lighthouse CI's assertion maxLength: 0 passes for an audit with an error, for which there is no list of items.
# Expected: a failure: maxNumericValue and minScore fail for the same audit, with "Audit did not produce a value at all".
# Seen: no details, and so no items, is a length of 0. The same for an audit that is not applicable.
# Who it hurts: limits such as "errors-in-console", {"maxLength": 0} or "no more than 2 render-blocking resources": the page
# did not load far enough for the audit to run, and the limit is kept.
# Instead: minScore beside maxLength.
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

# npmjs NAME@VERSION ...: into ./node_modules
npmjs() {
    npm install --silent --no-audit --no-fund --no-save --ignore-scripts "$@" >npm.log 2>&1 || { cat npm.log >&2; exit 1; }
    printf 'version: %s\n' "node $(node --version)" "$@"
}

npmjs @lhci/utils@0.15.1

cat >check.js <<'JS'
const { getAllAssertionResults } = require("@lhci/utils/src/assertions.js");
const audits = {
  error: { score: null, scoreDisplayMode: "error", errorMessage: "Required gatherer did not run." },
  two: { score: 0, numericValue: 2, details: { items: [{}, {}] } },
};
const passed = (audit, options) => {
  const lhr = { finalUrl: "http://127.0.0.1/", audits: { "errors-in-console": audits[audit] } };
  const assertions = { "errors-in-console": ["error", options] };
  return getAllAssertionResults({ assertions, includePassedAssertions: true }, [lhr]).every((result) => result.passed);
};
for (const audit of ["two", "error"])
  console.log(...[{ maxLength: 0 }, { maxNumericValue: 0 }, { minScore: 0.9 }].map((options) => passed(audit, options)));
JS
mapfile -t line < <(node check.js)
must "two items: maxLength 0, maxNumericValue 0, minScore 0.9 pass" "false false false" "${line[0]}"
must "an error" "true false false" "${line[1]}"
