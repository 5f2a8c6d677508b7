#!/usr/bin/env bash
# Shows: mann-whitney-utest calls 1 to 20 against 11 to 30 not significant, and 1, 2, 3 against 4, 5, 6 significant.
# Expected: the other way round: scipy has p = 0.00005 for the first; for three against three the smallest p there is,
# 0.1, does not reach 0.05.
# Seen: U and the check are right. significant() says whether U is less than criticalValue(), which is no critical value of U
# but the z-score of this very U: a small number. So it is true for samples that hardly overlap, of whatever size.
# Who it hurts: a gate that asks whether the new build is slower: a shift by half of the spread goes through with any number
# of runs, and three runs by chance in order are an alarm.
# Instead: U from it, and p from a table or another package.
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

npmjs mann-whitney-utest@1.0.5
pypi scipy==1.17.1

cat >test.js <<'JS'
const test = require("mann-whitney-utest");
const range = ([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const samples = process.argv.slice(2).map((text) => range(text.split("-").map(Number)));
const u = test.test(samples);
console.log(`U ${Math.min(...u)}, ${test.criticalValue(u, samples).toFixed(2)}, ${test.significant(u, samples)}`);
JS
p() { python3 -c "from scipy.stats import mannwhitneyu
print(f'{mannwhitneyu($1, $2).pvalue:.5f}')"; }
must "1-20 and 11-30: p" "0.00005" "$(p 'range(1, 21)' 'range(11, 31)')"
must "1-3 and 4-6: p" "0.10000" "$(p 'range(1, 4)' 'range(4, 7)')"
must "1-3 and 4-6: U, what it is held against, significant" "U 0, 1.96, true" "$(node test.js 1-3 4-6)"
must "1-20 and 11-30" "U 50, 4.06, false" "$(node test.js 1-20 11-30)"
