#!/usr/bin/env bash
# Shows: statistics.quantiles([120, 130, 900], n=100) has a p99 of 1639.2, and p1 of 10, 200, 300 is -172.4.
# Expected: something between the least and the greatest value. The same method in numpy ("weibull") gives 900 and 10.
# Seen: the default method reckons with values beyond those measured, and goes on along the line of the last two: below
# 99 values p99 lies above the maximum, below 19 p95 does, and low percentiles of latencies can be negative.
# method="inclusive" stays within.
# Who it hurts: short runs and summaries by the minute: a limit of 1000 is crossed where no request took more than 900; and
# p50 is right, so nobody doubts the rest.
# Instead: method="inclusive", or a rank: sorted(values)[ceil(0.99 * len(values)) - 1].
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

version=$(python3 --version)
echo "version: $version"

quantile() { python3 -c "import statistics
$1"; }
must "p99 of 120 130 900" "1639.2" "$(quantile 'print(round(statistics.quantiles([120, 130, 900], n=100)[98], 1))')"
must "p95 of 120 130 900" "1516.0" "$(quantile 'print(round(statistics.quantiles([120, 130, 900], n=20)[18], 1))')"
must "p50" "130.0" "$(quantile 'print(round(statistics.quantiles([120, 130, 900], n=2)[0], 1))')"
must "inclusive: p99" "884.6" \
    "$(quantile 'print(round(statistics.quantiles([120, 130, 900], n=100, method="inclusive")[98], 1))')"
must "p1 of 10 200 300" "-172.4" "$(quantile 'print(round(statistics.quantiles([10, 200, 300], n=100)[0], 1))')"
must "p99 of 98 values of 10 and one of 1000 to 98 and two" "True True" "$(quantile '
one, two = ([10] * 97 + [900, 1000], [10] * 96 + [900, 1000])
print(statistics.quantiles(one, n=100)[98] <= 1000, statistics.quantiles(two, n=100)[98] > 1000)')"
