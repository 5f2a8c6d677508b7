#!/usr/bin/env bash
# Shows: node --test --test-reporter=junit writes no failure for a suite whose after() throws, nor for a test that throws
# itself after its subtests passed.
# Expected: a <failure>, somewhere: the run exits 1, and the spec and TAP reporters name the suite and the test.
# Seen: a suite or a test with subtests is a <testsuite>, which has no place for a failure of its own: failures="0". The
# comment at the end of the file counts the test as failed, and does not count the suite. A test without subtests and a
# failing before() are reported, the latter as its tests that were cancelled.
# Who it hurts: a load test whose after() checks that no connection leaked, a parent test that asserts on what its subtests
# gathered: CI shows the report, and it is green.
# Instead: the exit code; a check that can fail in a test of its own.
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

echo "version: node $(node --version)"
cat >after.test.js <<'JS'
const { after, describe, it } = require("node:test");
describe("pool", () => {
  after(() => {
    throw new Error("3 connections leaked");
  });
  it("answers", () => {});
});
JS
cat >parent.test.js <<'JS'
const test = require("node:test");
test("soak", async (t) => {
  await t.test("minute 1", () => {});
  throw new Error("heap grew");
});
JS
cat >alone.test.js <<'JS'
require("node:test")("soak", () => {
  throw new Error("heap grew");
});
JS
# of NAME: exit code, failures in the spec reporter's list, failures in the JUnit report
of() {
    local code=0
    node --test --test-reporter=junit --test-reporter-destination=report.xml --test-reporter=tap \
        --test-reporter-destination=report.tap "$1.test.js" >log 2>&1 || code=$?
    echo "exit $code, TAP $(grep -c '^ *not ok' report.tap), JUnit $(grep -c '<failure' report.xml)"
}
must "a test that throws" "exit 1, TAP 1, JUnit 1" "$(of alone)"
must "after() throws" "exit 1, TAP 1, JUnit 0" "$(of after)"
must "its suite" 'tests="1" failures="0"' "$(grep -oE '<testsuite .*' report.xml | grep -oE '(tests|failures)="[0-9]+"' | xargs -d '\n')"
must "a test with a subtest throws" "exit 1, TAP 1, JUnit 0" "$(of parent)"
