#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py SOURCE BUILD [PART...]: what a line, an event, an alert cost, in one table and one run.

The parts are cpu, kafka, memory, alerts, core, instructions; all of them without a name. The table is also written to
BUILD/bench.md. BENCH_LINES is how many lines go through omipsec for its memory (10,000,000)."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(os.path.dirname(HERE), it) for it in ("alerts", "e2e")]

from daemon import Topic
from table import Table, machine
import load
import programs
import variants

PARTS = {"cpu": variants.cpu, "kafka": programs.kafka, "memory": load.memory, "alerts": load.alerts,
         "core": programs.core, "instructions": programs.instructions}
WITH_BROKER = {"cpu", "kafka", "memory"}


class Bench:
    """What is measured, where, and what was found."""

    def __init__(self, source, build):
        self.source, self.build = os.path.abspath(source), os.path.abspath(build)
        self.rules = os.path.join(self.source, "rules")
        self.module = os.path.join(self.build, "plugin/rsyslog/omipsec.so")
        self.vpnlog = os.path.join(self.build, "vpnlog")
        self.root = tempfile.mkdtemp(prefix="omipsec-bench.")
        os.chmod(self.root, 0o755)
        self.topic, self.table = Topic(), Table()
        self.failed = 0

    def path(self, name):
        return os.path.join(self.root, name)

    def file(self, name):
        return os.path.join(self.source, "tests", name)

    def program(self, name, *args):
        """What a program of the build prints."""
        done = subprocess.run([os.path.join(self.build, "tests", name), *args], stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise RuntimeError(f"{name} answered {done.returncode}")
        return done.stdout

    def same(self, claim, expected, actual):
        """A figure of what did not work is none."""
        if expected != actual:
            self.fail(f"{claim}: expected {expected}, got {actual}")

    def fail(self, text):
        self.failed += 1
        print("FAIL " + text, flush=True)


def play(bench, names):
    if WITH_BROKER & set(names):
        bench.topic.start(bench.root)
    for name in names:
        begun = time.monotonic()
        try:
            PARTS[name](bench)
        except Exception:
            bench.fail(f"{name}: {traceback.format_exc()[-800:]}")
        print(f"     {name} took {time.monotonic() - begun:.0f} s", flush=True)


def main():
    names = sys.argv[3:] or list(PARTS)
    if len(sys.argv) < 3 or set(names) - set(PARTS):
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # by way of every finally
    bench = Bench(*sys.argv[1:3])
    try:
        play(bench, names)
    finally:
        bench.topic.stop()
        shutil.rmtree(bench.root)
    print(f"\n{machine()}\n{bench.table.text()}\n")
    with open(os.path.join(bench.build, "bench.md"), "w") as file:
        file.write(bench.table.markdown())
    return 1 if bench.failed else 0


if __name__ == "__main__":
    sys.exit(main())
