#!/usr/bin/env python3
"""Writes one seeded log in six shapes: prose, logfmt, JSON, access log, CSV and text for a template.

Usage: triage.py FOLDER [LINES]       FOLDER/triage.{prose,logfmt,json,clf,csv,text}, 400,000 lines each unless said
"""
import json
import random
import sys

folder, lines = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 400_000
rng = random.Random(20260305)
ROUTES = ["/api/send", "/api/list", "/health", "/login", "/api/upload", "/api/search"]
LEVELS = ["INFO"] * 8 + ["WARN", "ERROR"]
MESSAGES = ["request served", "upstream answered", "cache miss, fetched", "retry after reset by peer"]
AGENTS = ["Mozilla/5.0 (X11; Linux x86_64)", "curl/8.5.0", "k6/0.49.0 (https://k6.io/)"]
names = ["prose", "logfmt", "json", "clf", "csv", "text"]
files = {name: open(f"{folder}/triage.{name}", "w", encoding="ascii") for name in names}
files["csv"].write("time,level,route,status,dur_ms,bytes,user,host\n")
for number in range(lines):
    second = number * 3600 // lines
    clock = f"{10 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    stamp = f"2026-03-05T{clock}.{rng.randrange(1000):03}Z"
    level, route, message = rng.choice(LEVELS), rng.choice(ROUTES), rng.choice(MESSAGES)
    status = 500 + rng.randrange(4) if rng.random() < 0.02 else rng.choice([200, 200, 200, 201, 204, 301, 404])
    took, size = round(rng.expovariate(1 / 40) + 0.3, 3), rng.randrange(200, 90_000)
    user, host = f"u{rng.randrange(5000)}", f"web-{rng.randrange(8)}"
    trace = f"{rng.getrandbits(64):016x}"
    files["prose"].write(
        f'{stamp} {level} http: {message} route={route} status={status} dur_ms={took} bytes={size} user={user} '
        f'host={host} trace={trace}\n')
    files["logfmt"].write(
        f'time={stamp} level={level.lower()} msg="{message}" route={route} status={status} dur_ms={took} bytes={size} '
        f'user={user} host={host} trace={trace}\n')
    files["json"].write(json.dumps(
        {"time": stamp, "level": level.lower(), "msg": message, "route": route, "status": status, "dur_ms": took,
         "bytes": size, "user": user, "host": host, "trace": trace}, separators=(",", ":")) + "\n")
    files["clf"].write(
        f'10.0.{rng.randrange(256)}.{rng.randrange(256)} - {user} [05/Mar/2026:{clock} +0000] "GET {route} HTTP/1.1" '
        f'{status} {size} "-" "{rng.choice(AGENTS)}" rt={took / 1000:.6f}\n')
    files["csv"].write(f"{stamp},{level},{route},{status},{took},{size},{user},{host}\n")
    files["text"].write(f"{stamp} {level} {host} {user} GET {route} -> {status} in {took} ms, {size} bytes\n")
