#!/usr/bin/env bash
# Shows: one exponential histogram in a Python service with OpenTelemetry's Prometheus exporter, and no metric can
# be scraped.
# Expected: that one is left out with a warning, or turned into classic buckets; the other metrics have nothing to
# do with it.
# Seen: the collector raises AttributeError as soon as the histogram has a value, so generate_latest() fails as a
# whole; a service shows nothing until its first request was timed and then no counter, no process metric, any more.
# Who it hurts: a view for better buckets, set once for all instruments. The target is `up` 0 in Prometheus from its
# first request on, and an alert on error rates has no data.
# Instead: explicit buckets for this exporter, or OTLP.
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
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from prometheus_client import generate_latest

view = View(instrument_name="latency", aggregation=ExponentialBucketHistogramAggregation())
meter = MeterProvider(metric_readers=[PrometheusMetricReader()], views=[view]).get_meter("shop")


def scrape():
    try:
        return "orders_total" in generate_latest().decode()
    except AttributeError as error:
        return type(error).__name__


meter.create_counter("orders").add(1)
latency = meter.create_histogram("latency", unit="s")
print(scrape())
latency.record(0.2)
print(scrape(), scrape())
PY
mapfile -t line < <(python3 scrape.py)
must "orders_total is there, before a latency" "True" "${line[0]}"
must "after one, twice" "AttributeError AttributeError" "${line[1]}"
