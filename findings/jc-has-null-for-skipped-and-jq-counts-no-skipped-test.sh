#!/usr/bin/env bash
# Shows: <skipped/> of a JUnit report, and <failure/>, are null in the JSON of jc --xml and "" in fast-xml-parser's:
# `select(.skipped)` finds none.
# Expected: something that is true, since the element is there; xml2js has [""].
# Seen: an element without attributes and text has no value. In jq null is false, in JavaScript "" is. With message="…"
# the same query finds it. One test case alone is an object and not a list of one, so that its length is the number of its
# attributes.
# Who it hurts: `[.testsuite.testcase[] | select(.skipped | not)] | length >= 3`, as many tests as were planned: Surefire,
# jest-junit and many others write <skipped/>, and a run that skipped everything is one of three tests. A <failure/>
# without a text is none.
# Instead: has("skipped") in jq, "skipped" in one in JavaScript.
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

# deb NAME VERSION: unpacked into ./root, nothing is installed
deb() {
    apt-get -qq download "$1=$2" >apt.log 2>&1 ||
        { apt-get -qq update && apt-get -qq download "$1=$2"; } >apt.log 2>&1 ||
        { cat apt.log >&2; exit 1; }
    dpkg -x "$1"_*.deb root
    echo "version: $1 $2"
}

# npmjs NAME@VERSION ...: into ./node_modules
npmjs() {
    npm install --silent --no-audit --no-fund --no-save --ignore-scripts "$@" >npm.log 2>&1 || { cat npm.log >&2; exit 1; }
    printf 'version: %s\n' "node $(node --version)" "$@"
}

pypi jc==1.25.6
npmjs fast-xml-parser@5.12.1 xml2js@0.6.2
deb jq 1.6-2.1+deb12u3
deb libjq1 1.6-2.1+deb12u3
deb libonig5 6.9.8-1

LD_LIBRARY_PATH=$(cd root && pwd)/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH
cat >report.xml <<'XML'
<testsuite name="calc" tests="4" skipped="3" failures="1">
<testcase classname="calc" name="adds"><skipped/></testcase>
<testcase classname="calc" name="rounds"><skipped></skipped></testcase>
<testcase classname="calc" name="divides"><skipped message="no disk"/></testcase>
<testcase classname="calc" name="reads"><failure/></testcase>
</testsuite>
XML
printf '<testsuite name="calc"><testcase classname="calc" name="adds" time="0"/></testsuite>\n' >one.xml
cat >count.js <<'JS'
const text = require("fs").readFileSync("report.xml", "utf8");
const { XMLParser } = require("fast-xml-parser");
const fast = new XMLParser().parse(text).testsuite.testcase;
console.log(fast.filter((one) => one.skipped).length, fast.filter((one) => one.failure).length);
require("xml2js").parseString(text, (_, { testsuite }) => {
  console.log(testsuite.testcase.filter((one) => one.skipped).length, testsuite.testcase.filter((one) => one.failure).length);
});
JS
# query QUERY [FILE]: jq's answer about what jc made of it
query() { jc --xml <"${2:-report.xml}" | root/usr/bin/jq -c "$1"; }
must "jc: the first test" '{"@classname":"calc","@name":"adds","skipped":null}' "$(query '.testsuite.testcase[0]')"
must "skipped, of 3" "1" "$(query '[.testsuite.testcase[] | select(.skipped)] | length')"
must "failed, of 1" "0" "$(query '[.testsuite.testcase[] | select(.failure)] | length')"
must "with has()" "3" "$(query '[.testsuite.testcase[] | select(has("skipped"))] | length')"
must "length of one test case" "3" "$(query '.testsuite.testcase | length' one.xml)"
mapfile -t line < <(node count.js)
must "fast-xml-parser: skipped and failed" "0 0" "${line[0]}"
must "xml2js" "3 1" "${line[1]}"
