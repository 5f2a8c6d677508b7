#!/usr/bin/env python3
"""Writes about 64 MB of seeded log lines, 30 % of them with LATENCY_METRICS, and repeats them to about 1 GB.

Usage: kv.py FILE
"""
import random
import sys

rng = random.Random(20260305)
TOKENS = ["FAULT_COUNTERS", "SINK_STATE", "HTTP_ACCESS", "SESSION", "POOL_STATS", "GC_PAUSE", "RECONNECT"]
LEVELS = ["INFO", "INFO", "INFO", "WARN", "DEBUG", "ERROR"]
WORDS = ("after before while waiting for the peer to answer a request was queued and then sent again without any change "
         "in state so nothing else happened until timer fired").split()
KEYS = ["status", "bytes", "dur_ms", "user", "path", "retries", "queue_depth", "ok", "host", "shard", "cache", "ratio",
        "trace_id", "attempt", "region", "level"]


def value(key):
    kind = rng.random()
    if kind < 0.45:
        return str(rng.randrange(10 ** rng.randrange(1, 8)))
    if kind < 0.55:
        return f"{rng.random() * 100:.3f}"
    if kind < 0.60:
        return rng.choice(["true", "false"])
    if kind < 0.70:
        return '"' + " ".join(rng.choices(WORDS, k=rng.randrange(2, 6))) + '"'
    if kind < 0.78:
        return f"10.0.{rng.randrange(256)}.{rng.randrange(256)}:{rng.randrange(1024, 65536)}"
    if kind < 0.86:
        return f"{rng.getrandbits(64):016x}"
    if kind < 0.93:
        return "/" + "/".join(rng.choices(WORDS, k=3))
    return f"{rng.randrange(1, 5000)}ms"


def line():
    stamp = f"2026-03-05T{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}.{rng.randrange(1000):03}Z"
    if rng.random() < 0.30:
        return (f"{stamp} INFO LATENCY_METRICS ingest_to_emit_samples={rng.randrange(1, 5000)} "
                f"p50_us={rng.randrange(800, 1600)} p95_us={rng.randrange(1600, 2400)} p99_us={rng.randrange(2400, 9000)} "
                f"drop_ratio_ppm={rng.randrange(100)} codec=\"h264 main\" peer=10.0.{rng.randrange(256)}.{rng.randrange(256)}:5004\n")
    keys = rng.sample(KEYS, rng.randrange(3, 13))
    parts = [stamp, rng.choice(LEVELS), rng.choice(TOKENS)]
    for key in keys:
        if rng.random() < 0.3:
            parts.extend(rng.choices(WORDS, k=rng.randrange(1, 4)))
        parts.append(f"{key}={value(key)}")
    return " ".join(parts) + "\n"


size, lines = 0, []
while size < 64_000_000:
    text = line()
    size += len(text)
    lines.append(text)
chunk = "".join(lines).encode()
with open(sys.argv[1], "wb") as out:
    for _ in range(16):
        out.write(chunk)
