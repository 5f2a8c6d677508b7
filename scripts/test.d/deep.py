"""What the deep-* tests have in common: where the tools are, a folder that goes away, and how a run is counted."""

import concurrent.futures
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOOLS = os.path.join(ROOT, os.environ.get("EVIDENCE_TOOLS", "target/release"))
NOW = "2026-03-05T20:32:12Z"
# A run of a tool that takes longer than this hangs.
HANG = 60


def environment(sealed=False, **more):
    """PATH and nothing that could change an answer."""
    base = {"PATH": TOOLS + ":/usr/bin:/bin", "SOURCE_DATE_EPOCH": "1772742732", "TZ": "UTC", **more}
    if sealed:
        base["EVIDENCE_SEAL"] = "1"
    return base


def run(command, stdin=b"", sealed=False, cwd=None, timeout=HANG):
    """Status, standard output and standard error of a command: a list, or a text for bash. Status None: it hung."""
    argv = command if isinstance(command, list) else ["bash", "-c", command]
    process = subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(sealed),
        cwd=cwd,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(stdin, timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        out, err = process.communicate()
        return None, out, err
    return process.returncode, out, err


def may_trace():
    """Whether strace is there, or can be installed, and may trace and inject."""
    if subprocess.run([os.path.join(ROOT, "scripts/test.d/install"), "strace", "strace"]).returncode != 0:
        return False
    probe = ["strace", "-qq", "-o", os.devnull, "-e", "inject=write:error=ENOSPC", os.path.join(TOOLS, "verdict"), "--version"]
    return run(probe)[0] == 2


class Count:
    """Counts what was tried, by kind, and what went wrong; prints the first of each kind of fault."""

    def __init__(self, name):
        self.name, self.tried, self.faults, self.notes = name, {}, {}, {}
        self.lock = threading.Lock()
        self.folder = tempfile.mkdtemp(prefix=name + ".")
        # The scripts fall behind whatever else the machine has to do.
        os.nice(10)
        self.seed = int(os.environ.get("EVIDENCE_SEED", "20260305"))
        self.random = random.Random(self.seed)

    def attempt(self, kind):
        with self.lock:
            self.tried[kind] = self.tried.get(kind, 0) + 1

    def note(self, kind):
        """Something worth a number that is no fault."""
        with self.lock:
            self.notes[kind] = self.notes.get(kind, 0) + 1

    def fault(self, kind, what):
        with self.lock:
            self.faults[kind] = self.faults.get(kind, 0) + 1
            if self.faults[kind] <= 5:
                print(f"{self.name}: {kind}: {what}"[:1500], flush=True)

    def work(self, jobs, each):
        """Runs `each` on every job, two at a time."""
        with concurrent.futures.ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
            for _ in pool.map(each, jobs):
                pass

    def finish(self, least):
        """Prints the counts and ends: 0 only where at least `least` were tried and none went wrong."""
        shutil.rmtree(self.folder, ignore_errors=True)
        for kind, number in self.tried.items():
            print(f"  {kind}: {number}")
        for kind, number in sorted(self.notes.items()):
            print(f"  ({kind}: {number})")
        tried, bad = sum(self.tried.values()), sum(self.faults.values())
        words = ", ".join(f"{number} {kind}" for kind, number in self.faults.items()) or "0 faults"
        print(f"{self.name}: {tried} tried (seed {self.seed}), {words}")
        if tried < least:
            print(f"{self.name}: fewer than {least}")
        sys.exit(0 if bad == 0 and tried >= least else 1)
