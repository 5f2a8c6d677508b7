#!/usr/bin/env bash
# Shows: promotel sends a histogram with one bucket for all; the series of `/users/{id}` is not sent; a gauge called
# errors_count becomes a histogram called errors.
# Expected: what was scraped: the counts of each `le`, every series that Prometheus takes, and a gauge by its name.
# Seen: of 1, 3 and 4 within 0.1, 1 and infinity, `bucket_counts` is [4] and `explicit_bounds` is empty; count and sum are right.
# A line with a `}` within a label is dropped, as is one with two spaces before the value; a value of +Inf or NaN, too. No
# error, and the summary of the same page has its quantiles.
# Who it hurts: whoever forwards the metrics of a Node service: its p99 cannot be computed any more, and the errors of all
# routes with a parameter are missing, which are most of them.
# Instead: an OpenTelemetry collector that scrapes; or the count of series held against the page.
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

npmjs @platformatic/promotel@0.2.2

cat >send.mjs <<'JS'
import { convert, parse } from "@platformatic/promotel";

const sent = (...lines) => {
  const { resource_metrics: [resource] } = convert(parse(lines.join("\n") + "\n"));
  return resource.scope_metrics[0]?.metrics ?? [];
};
const [histogram] = sent("# TYPE h histogram", 'h_bucket{le="0.1"} 1', 'h_bucket{le="1"} 3', 'h_bucket{le="+Inf"} 4', "h_sum 5.5", "h_count 4");
const { count, sum, bucket_counts, explicit_bounds } = histogram.histogram.data_points[0];
console.log(JSON.stringify({ count, sum, bucket_counts, explicit_bounds }));
const [summary] = sent("# TYPE s summary", 's{quantile="0.5"} 1', 's{quantile="0.99"} 3', "s_sum 4", "s_count 2");
console.log(JSON.stringify(summary.summary.data_points[0].quantile_values));
const [counter] = sent("# TYPE c counter", 'c{route="/users"} 3', 'c{route="/users/{id}"} 400');
console.log(counter.sum.data_points.map((point) => `${point.attributes[0].value.string_value} ${point.as_double}`).join(", "));
const [gauge] = sent("# TYPE errors_count gauge", "errors_count 3");
console.log(gauge.name, gauge.gauge ? "gauge" : gauge.histogram ? "histogram" : "else");
JS
mapfile -t line < <(node send.mjs)
must "histogram of 1, 3 and 4" '{"count":4,"sum":5.5,"bucket_counts":[4],"explicit_bounds":[]}' "${line[0]}"
must "summary" '[{"quantile":0.5,"value":1},{"quantile":0.99,"value":3}]' "${line[1]}"
must "routes /users 3 and /users/{id} 400" "/users 3" "${line[2]}"
must "gauge errors_count" "errors histogram" "${line[3]}"
