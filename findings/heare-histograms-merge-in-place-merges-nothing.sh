#!/usr/bin/env bash
# Shows: with heare-histograms, `all += worker` leaves `all` as it was; `all + [5]` gives None and changes `all`; a clone
# shares the values of the original.
# Expected: += adds, as its description says ("combine two histograms or observe new data"), + leaves both as they were,
# and a clone is a copy.
# Seen: combine() returns a new histogram, which += throws away. observe() returns nothing, and + hands that on. clone()
# takes the same list, so that what is observed in the one is a percentile of the other. Only `all = all + worker` with
# another histogram does what it says.
# Who it hurts: states of load generators that are merged in a loop with +=: the p99 is that of the first worker. Where
# that one is healthy, the limit is kept while another worker's requests took a hundred times as long.
# Instead: all = all.combine(worker), with max_size as large as all requests: beyond it, both are sampled by chance.
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

pypi heare-histograms==0.1.3

cat >merge.py <<'PY'
from heare.histograms import Histogram

fast, slow = Histogram(data=[10] * 100), Histogram(data=[1000] * 100)
fast += slow
print(fast.percentile(0.99))
print((fast + slow).percentile(0.99))
print(fast + [5000], fast.percentile(1))
first = Histogram(data=[10] * 100)
copy = first.clone()
copy.observe([1000] * 100)
print(first.percentile(0.99))
PY
mapfile -t line < <(python3 merge.py)
must "p99 of 100 times 10 after += of 100 times 1000" "10" "${line[0]}"
must "of the two with +" "1000" "${line[1]}"
must "+ [5000]: result, then the maximum of what it was added to" "None 5000" "${line[2]}"
must "p99 of 100 times 10 after a clone observed 1000" "1000" "${line[3]}"
