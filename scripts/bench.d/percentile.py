"""Makes the inputs of scripts/bench percentile: log-normal latencies with three decimals, seeded.

Usage: percentile.py FOLDER SCALE
"""

import os
import random
import sys

folder, scale = sys.argv[1], float(sys.argv[2])
OPS = ["send", "recv", "auth", "sync", "list", "find", "read", "push", "poll", "ping"]

try:
    import numpy

    rng = numpy.random.default_rng(1)

    def values(count):
        return numpy.exp(rng.normal(3.0, 1.0, count)).tolist()
except ImportError:
    rng = random.Random(1)

    def values(count):
        return [rng.lognormvariate(3.0, 1.0) for _ in range(count)]


def write(name, count, line):
    """Writes COUNT lines, and the first tenth of them again."""
    with open(f"{folder}/{name}", "w") as whole, open(f"{folder}/{name.replace('.', '.tenth.')}", "w") as tenth:
        done = 0
        while done < count:
            size = min(count - done, 500_000)
            text = "".join(line(done + place, value) for place, value in enumerate(values(size)))
            whole.write(text)
            if done < count // 10:
                tenth.write(text)
            done += size


def record(place, value):
    user = place * 7919 % 1000
    stamp = f"2026-03-05T20:{place // 60000 % 60:02}:{place // 1000 % 60:02}.{place % 1000:03}Z"
    ok = "true" if user % 97 else "false"
    return f'{{"ts":"{stamp}","op":"{OPS[user * 31 % 10]}","user":{user},"latency_ms":{value:.3f},"ok":{ok}}}\n'


os.makedirs(folder, exist_ok=True)
write("lat.txt", int(50_000_000 * scale), lambda _, value: f"{value:.3f}\n")
write("lat.jsonl", int(10_000_000 * scale), record)
