#!/usr/bin/env bash
# Shows: with three runs a side, scipy's Mann-Whitney test cannot be significant at 5 %, unless values repeat.
# Expected: three against three can be split in 20 ways, so no one-sided rank test of them has a p below 1/20, and
# numbers that repeat carry less, not more. The most separated samples of all, 1 2 3 and 4 5 6, do give 0.05.
# Seen: method="auto" is exact for small samples without ties, as its page says; one tie anywhere sends it to the
# normal approximation: 12 12 13 against 14 14 14 gives 0.030, and 12 12 12 against 13 13 13 gives 0.023.
# Who it hurts: times in whole milliseconds tie all the time. A gate `p < 0.05` over three runs a side is always
# silent for fine clocks and goes off for coarse ones: the rounding of the numbers decides.
# Instead: permutation_test, which counts the splits and gives 0.05 each time; and four runs a side at least.
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

pypi numpy==2.4.6 scipy==1.17.1

cat >ranks.py <<'PY'
from scipy.stats import mannwhitneyu, permutation_test

pairs = [([1, 2, 3], [4, 5, 6]), ([12, 12, 13], [14, 14, 14]), ([12, 12, 12], [13, 13, 13])]
for old, new in pairs:
    p = mannwhitneyu(old, new, alternative="less").pvalue
    print(f"{p:.4f} {p < 0.05}")
for old, new in pairs:
    found = permutation_test((old, new), lambda x, y: sum(x) - sum(y), vectorized=False, alternative="less")
    print(f"{found.pvalue:.4f}", end=" ")
PY
mapfile -t line < <(python3 ranks.py)
must "p of 1 2 3 against 4 5 6, below 0.05" "0.0500 False" "${line[0]}"
must "p of 12 12 13 against 14 14 14, below 0.05" "0.0297 True" "${line[1]}"
must "p of 12 12 12 against 13 13 13, below 0.05" "0.0234 True" "${line[2]}"
must "the same three by permutation" "0.0500 0.0500 0.0500 " "${line[3]}"
