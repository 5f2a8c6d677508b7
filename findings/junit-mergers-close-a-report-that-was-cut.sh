#!/usr/bin/env bash
# Shows: of a report that was cut off at the end of a line, junit-merge and junit-report-merger make a whole one; and
# where junit-merge's output folder is missing, it exits 0.
# Expected: an error for the cut file, which is no XML, and an exit status that says that nothing was written.
# Seen: what was open at the end is closed. The suite stands there without its failure, in one of them below totals that
# count it: tests="3" failures="1" over two cases and no failure. Cut within a tag, junit-report-merger refuses it and
# junit-merge closes it, too. A missing file is an error of junit-merge, a missing folder a message and exit 0: the merged
# report of the run before stays.
# Who it hurts: the shard that was killed is the one whose report is cut, and after the merge no XML parser can tell; its
# failures are not in what the gate reads.
# Instead: each file through an XML parser before it is merged; the number of test cases beside the failures.
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

npmjs junit-merge@2.0.0 junit-report-merger@9.0.4

cat >one.xml <<'XML'
<testsuites><testsuite name="one" tests="1" failures="0" errors="0"><testcase name="adds"/></testsuite></testsuites>
XML
cat >two.xml <<'XML'
<testsuites><testsuite name="two" tests="2" failures="1" errors="0"><testcase name="adds"/>
<testcase name="rounds"><failure message="0 is not 1">0 is not 1</failure></testcase></testsuite></testsuites>
XML
head -n 1 two.xml >line.xml
head -c 80 two.xml >tag.xml
# merged COMMAND ...: its exit status, then the test cases and failures of what it wrote
merged() {
    local status=0
    rm -f all.xml
    "node_modules/.bin/$1" "${@:2}" >out 2>&1 || status=$?
    [ -e all.xml ] || { echo "$status, no file"; return; }
    python3 -c 'import xml.etree.ElementTree as tree; tree.parse("all.xml")'
    echo "$status, $(grep -o '<testcase' all.xml | wc -l) cases, $(grep -o '<failure' all.xml | wc -l) failures"
}
must "two whole reports, junit-merge" "0, 3 cases, 1 failures" "$(merged junit-merge -o all.xml one.xml two.xml)"
must "junit-report-merger" "0, 3 cases, 1 failures" "$(merged junit-report-merger all.xml one.xml two.xml)"
must "the second was cut at a line's end, junit-merge" "0, 2 cases, 0 failures" "$(merged junit-merge -o all.xml one.xml line.xml)"
must "junit-report-merger" "0, 2 cases, 0 failures" "$(merged junit-report-merger all.xml one.xml line.xml)"
must "its totals" '<testsuites tests="3" failures="1" errors="0">' "$(grep -o '<testsuites.*' all.xml)"
must "cut within a tag, junit-merge" "0, 1 cases, 0 failures" "$(merged junit-merge -o all.xml one.xml tag.xml)"
must "junit-report-merger" "1, no file" "$(merged junit-report-merger all.xml one.xml tag.xml)"
must "a file that is missing, junit-merge" "1, no file" "$(merged junit-merge -o all.xml one.xml missing.xml)"
must "a folder that is missing, junit-merge" "0, no file" "$(merged junit-merge -o missing/all.xml one.xml two.xml)"
