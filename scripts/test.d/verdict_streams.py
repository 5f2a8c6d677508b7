"""Check streams that the real-verdict-* scripts feed to verdict: plain ones, hostile ones, a soak and a ramp."""

import json
import math
import os
import random
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VERDICT = os.environ.get("VERDICT", os.path.join(ROOT, os.environ.get("EVIDENCE_TOOLS", "target/release"), "verdict"))
NOW = ["--now", "2026-03-05T20:32:12Z"]


def installed(program, *packages):
    """Whether there is such a program, after an attempt to install it."""
    return subprocess.run([os.path.join(ROOT, "scripts/test.d/install"), program, *packages]).returncode == 0


HOSTILE = [
    "\x1b]0;title\x07\x1b[31mred\x1b[0m\x1b[2J",
    "</script><script>alert(1)</script><img src=x onerror=alert(1)>",
    "]]> <!-- --> <![CDATA[ &amp; &lt; \" ' \ufffe\uffff",
    "a | b | c \\| d",
    "`code` ``two`` [link](javascript:alert(1)) ![i](x) **b** _i_ @user #1 https://example.org a@example.org",
    "=cmd|'/C calc'!A1",
    "+1+2",
    "@SUM(1)",
    "\u202etxt.exe\u2066\u200b\ufeff",
    "nul\0nul",
    "line\nline\r\nnot ok 99 - injected\n1..0\n# HELP x\n--- \n...",
    "ok # SKIP # TODO \\#",
    "name=\"value\" status=fail {a=\"b\"} 1 2",
    "'quoted''=;|&$(id)`id`",
    "\U0001f4a9\u00e9\u4e2d",
    "x" * 10000,
    "`" * 300,
]


def sealed(lines):
    text = "".join(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n" for line in lines)
    raw = text.encode()
    seal = {"tool": "check-threshold", "version": "0.1.0", "schema": 1, "rejected": 0, "records": len(lines),
            "bytes": len(raw), "inputs": [], "upstream": []}
    return raw + json.dumps({"@seal": seal}, separators=(",", ":")).encode() + b"\n"


def check(name, status, actual=None, expected=None, op="", scope="", **more):
    kind = {"<=": "max", ">=": "min", "==": "equal", "": "condition"}[op]
    line = {"id": name, "scope": scope, "metric": name, "type": kind, "op": op, "actual": actual, "expected": expected,
            "unit": "", "status": status, "passed": {"pass": True, "fail": False, "warn": False}.get(status),
            "fatal": False, "origin": "observed", "code": "", "violation": "", "reason": "", "threshold": name}
    line.update(more)
    return line


def hostile():
    lines = []
    for place, text in enumerate(HOSTILE):
        status = ["fail", "warn", "inconclusive", "pass"][place % 4]
        actual = text if place % 2 else place
        lines.append({"@record": {text: {text: text}}, "scope": text})
        lines.append(check(text, status, actual, place, "<=", text, reason=text, unit=text, source=text))
    return sealed(lines)


def passing():
    return sealed([{"@record": {"p99_ms": 120, "errors": 0}, "scope": ""},
                   check("p99_ms", "pass", 120, 200, "<=", unit="ms", margin=80, samples=9000),
                   check("errors", "pass", 0, 0, "==")])


def failing():
    lines = []
    for scope, p99 in [("torn_read", 2400), ("slow_disk", 900), ("kill", 9000)]:
        bad = p99 > 2000
        said = f"p99_us={p99} > 2000" if bad else ""
        lines.append({"@record": {"p99_us": p99}, "scope": scope})
        lines.append(check("p99_us", "fail" if bad else "pass", p99, 2000, "<=", scope, unit="us", violation=said,
                           reason=said, margin=2000 - p99))
    return sealed(lines)


def inconclusive():
    return sealed([{"@record": {}, "scope": ""},
                   check("p99", "inconclusive", None, 200, "<=", code="missing", reason="p99: missing")])


def soak():
    """1,440 rounds of half an hour with five checks each."""
    chance = random.Random(7)
    lines = []
    for number in range(1440):
        day = number / 48
        p99 = round(150 + 40 * math.sin(day * 2 * math.pi) + chance.gauss(0, 18) + (400 if 14.2 < day < 14.6 else 0), 1)
        stuck = chance.randint(1, 4) if 20 < day < 20.3 else 0
        lines.append({"@record": {"round": number + 1, "p99_ms": p99, "stuck_count": stuck}, "scope": ""})
        lines.append(check("p99_ms", "fail" if p99 > 500 else "pass", p99, 500, "<=", unit="ms",
                           reason=f"p99_ms={p99}ms > 500ms" if p99 > 500 else ""))
        lines.append(check("stuck_count", "warn" if stuck else "pass", stuck, 0, "==",
                           reason=f"stuck_count={stuck} != 0" if stuck else ""))
        lines.append(check("rollback_rate", "inconclusive", None, 0.99, ">=", code="given-not-met",
                           reason="rollback_rate: given-not-met") if 17 < day < 17.6 else
                     check("rollback_rate", "pass", round(1 - chance.random() * 0.004, 4), 0.99, ">="))
        lines.append(check("plan_count", "pass", 100 + 3 * number, 100, ">="))
        lines.append(check("health", "pass", "ok", "ok", "=="))
    return sealed(lines)


def ramp():
    lines = []
    for load, p95, achieved in [(500, 12, 500), (1000, 18, 998), (2000, 31, 1520), (3000, 52, 2990), (5000, 143, 4400)]:
        scope = str(load)
        bad, short = p95 > 100, achieved < 0.95 * load
        lines.append({"@record": {"rps": load, "p95_ms": p95, "achieved_rps": achieved}, "scope": scope})
        lines.append(check("E2 p95", "fail" if bad else "pass", p95, 100, "<=", scope, unit="ms",
                           reason=f"E2 p95={p95}ms > 100ms" if bad else ""))
        lines.append(check("achieved", "inconclusive" if short else "pass", achieved, 0.95 * load, ">=", scope,
                           code="violated" if short else "", reason="achieved too low" if short else ""))
    return sealed(lines)


def render(stream, form, *arguments):
    """What verdict makes of a stream, and its exit status."""
    run = subprocess.run([VERDICT, *NOW, "--format", form, *arguments], input=stream, capture_output=True, timeout=60)
    assert run.stderr == b"", run.stderr
    return run.stdout, run.returncode


def visible(text):
    """The text as verdict shows it: what hides or acts stands as its number."""
    def shown(letter):
        code = ord(letter)
        names = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
        if letter in names:
            return names[letter]
        hides = (code < 0x20 or 0x7F <= code <= 0x9F or code == 0xAD or code in (0x61C, 0x180E, 0xFEFF)
                 or 0x200B <= code <= 0x200F or 0x2028 <= code <= 0x202E or 0x2060 <= code <= 0x206F
                 or 0xFE00 <= code <= 0xFE0F or code & 0xFFFE == 0xFFFE)
        return f"\\u{{{code:x}}}" if hides else letter
    return "".join(map(shown, text))
