#!/usr/bin/env bash
# Shows: OpenTelemetry's Prometheus exporter for Python writes two lines of the same name and labels, with different
# values.
# Expected: one series. The specification says that attributes whose names become the same label are joined with
# `;`, and in the text format a series may stand once only.
# Seen: attributes a.b and a_b of one counter give errors_total{a_b="1"} twice, 2 and 3; both on one measurement
# give the value of the last alone. Instruments `req` and `req.total` give req_total twice.
# Who it hurts: the old and the new spelling of an attribute (http.status_code, http_status_code) during a
# migration: a scraper keeps one of the two lines, and errors are missing from the sum, or the whole scrape is
# refused.
# Instead: parse the exporter's own text in a test, and refuse a series that stands twice.
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

pypi opentelemetry-sdk==1.45.2 opentelemetry-exporter-prometheus==0.66b2 prometheus_client==0.26.0

cat >scrape.py <<'PY'
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import generate_latest

meter = MeterProvider(metric_readers=[PrometheusMetricReader()]).get_meter("shop")
errors = meter.create_counter("errors")
errors.add(2, {"a.b": "1"})
errors.add(3, {"a_b": "1"})
errors.add(5, {"a.b": "x", "a_b": "y"})
meter.create_counter("req").add(1)
meter.create_counter("req.total").add(4)
for name in "errors_total", "req_total":
    for line in generate_latest().decode().splitlines():
        if line.startswith(name + "{"):
            series, value = line.rsplit(" ", 1)
            print([label for label in series.rstrip("}").split("{")[1].split(",") if label.startswith("a_b")], value, end=" ")
    print()
PY
mapfile -t line < <(python3 scrape.py)
must "errors_total" "['a_b=\"1\"'] 2.0 ['a_b=\"1\"'] 3.0 ['a_b=\"y\"'] 5.0 " "${line[0]}"
must "req_total" "[] 1.0 [] 4.0 " "${line[1]}"
