#!/usr/bin/env bash
# Shows: mwu of @bunchmark/stats has p = 0.002 for 1 to 10 against 1 to 10, and wilcoxon p = 1.5e-23.
# Expected: p = 1: the samples are the same. scipy says so for both.
# Seen: mwu sorts its numbers by their letters, 1, 10, 2, 3: with values of the same number of digits it is right, with 9 and
# 10 it is not: 1 to 20 against 11 to 30 has p = 0.056, where it is 0.00005. wilcoxon divides by a number of differences
# that is 0 if all pairs are equal. mwu of equal values has p = 2.
# Who it hurts: timings around 10, 100 or 1000: a run is a regression against itself, and one that is slower is none.
# Instead: all samples scaled to the same number of digits, by an added constant; or another package.
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

npmjs @bunchmark/stats@1.0.0-pre-5
pypi scipy==1.17.1

cat >p.mjs <<'JS'
import { mwu, wilcoxon } from "@bunchmark/stats";
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const digits = (test, ...samples) => test(...samples).p.toPrecision(2);
console.log(digits(mwu, range(101, 110), range(101, 110)), digits(mwu, range(101, 120), range(111, 130)));
console.log(digits(mwu, range(1, 20), range(11, 30)), digits(mwu, [5, 5, 5], [5, 5, 5]));
console.log(digits(wilcoxon, range(1, 10), range(1, 10)));
console.log(digits(mwu, range(1, 10), range(1, 10)));
JS
cat >p.py <<'PY'
from scipy.stats import mannwhitneyu, wilcoxon

ten, low, high = range(1, 11), range(1, 21), range(11, 31)
print(*(f"{test.pvalue:.2g}" for test in (mannwhitneyu(ten, ten), mannwhitneyu(low, high), wilcoxon(ten, ten))))
PY
mapfile -t line < <(node p.mjs)
must "scipy: 1-10 and 1-10, 1-20 and 11-30, 1-10 and 1-10 paired" "1 5.2e-05 1" "$(python3 -W ignore p.py)"
must "mwu: 101-110 and 101-110, 101-120 and 111-130" "1.0 0.000052" "${line[0]}"
must "mwu: 1-20 and 11-30, 5 5 5 and 5 5 5" "0.056 2.0" "${line[1]}"
must "wilcoxon: 1-10 and 1-10" "1.5e-23" "${line[2]}"
must "mwu: 1-10 and 1-10" "0.0025" "${line[3]}"
