#!/usr/bin/env bash
# Shows: cucumber-junit and cucumber-junit-convert make a passed test of a scenario whose @After hook failed, and a skipped
# one where @Before or the background failed.
# Expected: a failure: Cucumber ends with 1 for all three, and its own JUnit formatter writes them as failures.
# Seen: only the steps of a scenario are read. Cucumber for the JVM writes hooks in lists of their own beside the steps, and
# the background as an element before the scenario, of which there is no trace. Both make a passed test of an ambiguous
# step as well.
# Who it hurts: the set-up that starts the service fails: all scenarios are skipped, and the report has no failure. The
# check for leaked connections in @After is never seen.
# Instead: the junit formatter of Cucumber itself.
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

npmjs cucumber-junit@1.7.1 cucumber-junit-convert@2.1.1

cat >make.js <<'JS'
const fs = require("fs");
const failed = { status: "failed", duration: 1000000, error_message: "boom" };
const step = (status) => ({ keyword: "Given ", name: status, line: 3, match: {}, result: { status, duration: 1000000 } });
const broken = { ...step("failed"), result: failed };
const as = (keyword) => ({ keyword, type: keyword.toLowerCase(), id: "cart;adds", name: "adds", line: 2, tags: [] });
const scenario = (steps, hooks) => ({ ...as("Scenario"), steps, ...hooks });
const background = { ...as("Background"), steps: [broken] };
const hook = [{ match: { location: "Hooks.check()" }, result: failed }];
const elements = {
  step: [scenario([broken])],
  after: [scenario([step("passed")], { after: hook })],
  before: [scenario([step("skipped")], { before: hook })],
  background: [background, scenario([step("skipped")])],
  ambiguous: [scenario([step("ambiguous")])],
};
for (const [name, list] of Object.entries(elements))
  fs.writeFileSync(`${name}.json`, JSON.stringify([{ uri: "cart.feature", id: "cart", name: "cart", keyword: "Feature", elements: list }]));
JS
node make.js
echo 'require("cucumber-junit-convert").convert({ inputJsonFile: process.argv[2], outputXmlFile: "convert.xml" });' >convert.js
# says FILE: what becomes of the one test
says() { grep -oE '<(failure|skipped|error)' "$1" | tr -d '<' || echo passed; }
both() {
    node_modules/.bin/cucumber-junit <"$1.json" >junit.xml
    node convert.js "$1.json" >log
    echo "$(says junit.xml), $(says convert.xml)"
}
must "a step failed" "failure, failure" "$(both step)"
must "@Before failed" "skipped, skipped" "$(both before)"
must "the background failed" "skipped, skipped" "$(both background)"
must "a step is ambiguous" "passed, passed" "$(both ambiguous)"
must "@After failed" "passed, passed" "$(both after)"
