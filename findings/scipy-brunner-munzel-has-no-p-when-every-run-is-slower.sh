#!/usr/bin/env bash
# Shows: scipy's Brunner-Munzel test has no p-value where each new run is slower than each old one.
# Expected: the smallest p of all. Two samples that do not overlap are the strongest case there is for a rank test:
# Mann-Whitney's p is 0.004 for five runs a side, and with one pair out of order Brunner-Munzel's own is 0.00002.
# Seen: statistic inf, p nan, for any distance: 5 runs of 100 to 104 ms against 5 of 200 to 204. By the normal
# distribution (distribution="normal") it is 0.
# Who it hurts: a gate `fail if p < 0.05` on benchmarks (the test is taken for its robustness): nan < 0.05 is false,
# so a regression passes just when it is so large that nothing overlaps.
# Instead: mannwhitneyu, or permutation_test; and a p that is no number is no pass.
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
import warnings

from scipy.stats import brunnermunzel, mannwhitneyu

warnings.simplefilter("ignore")
old = [100, 101, 102, 103, 104]
for new in ([103.5, 201, 202, 203, 204], [200, 201, 202, 203, 204], [105, 106, 107, 108, 109]):
    p = brunnermunzel(old, new, alternative="less").pvalue
    print(f"{p:.5f} {p < 0.05} {mannwhitneyu(old, new, alternative='less').pvalue:.4f}")
print(brunnermunzel(old, new, alternative="less", distribution="normal").pvalue < 0.05)
PY
mapfile -t line < <(python3 ranks.py)
must "one pair overlaps: p, below 0.05, Mann-Whitney's" "0.00002 True 0.0079" "${line[0]}"
must "none overlaps, twice as slow" "nan False 0.0040" "${line[1]}"
must "none overlaps, 5 % slower" "nan False 0.0040" "${line[2]}"
must "the same by the normal distribution, below 0.05" "True" "${line[3]}"
