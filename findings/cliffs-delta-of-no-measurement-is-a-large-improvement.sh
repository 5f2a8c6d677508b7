#!/usr/bin/env bash
# Shows: cliffs_delta([nan, nan, nan], [10, 20, 30]) is -1.0, "large": all of the first are less than all of the second.
# Expected: NaN, or an error. A NaN is neither less nor greater.
# Seen: both lists are sorted, and a place is searched in the second for each of the first: every comparison with NaN is
# false, which is taken for "less". One NaN can hide what the other values say, and with the arguments exchanged the
# answer is not the opposite. Texts are compared by their letters: "100" lies below "9".
# Who it hurts: a comparison of latencies, new against old, where the new run had no answers: it is faster in each pair, and
# the effect is large.
# Instead: leave out what is not finite and look at what is left; scipy's mannwhitneyu propagates NaN.
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

pypi cliffs-delta==1.0.0

delta() { python3 -c 'from cliffs_delta import cliffs_delta
nan = float("nan")
print(*cliffs_delta('"$1"'))'; }
must "1 2 3 against 10 20 30" "-1.0 large" "$(delta '[1, 2, 3], [10, 20, 30]')"
must "10 20 30 against 10 20 30" "0.0 negligible" "$(delta '[10, 20, 30], [10, 20, 30]')"
must "texts 100 200 against 9 8" "-1.0 large" "$(delta '["100", "200"], ["9", "8"]')"
must "3 NaN against 10 20 30" "-1.0 large" "$(delta '[nan, nan, nan], [10, 20, 30]')"
must "10 20 30 against 3 NaN" "-1.0 large" "$(delta '[10, 20, 30], [nan, nan, nan]')"
