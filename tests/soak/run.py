#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py MODULE RULES SCHEMA VPNLOG: an hour, or SOAK_SECONDS, at half of what this machine can, with a fault a minute.

A table of the minutes, and what came of it all, is also written to $SOAK_TABLE, as Markdown."""
import os
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(HERE, "..", it) for it in ("faults", "alerts", "e2e")]

from collector import TOPIC, Collector
from faults import in_turn
from minutes import Minutes
from parts import ALERTMANAGER, RSYSLOGD, poll
from traffic import Traffic
import broker
import stage
import verdict

SECONDS = int(os.environ.get("SOAK_SECONDS", 3600))
MEASURED = min(60, SECONDS / 4)  # seconds that the full rate is measured for, about
FIRST = 100000                   # lines, by which that many are estimated
ORDINARY = 200000                # distinct lines, used again
REPORT = []


def ordinary(sc):
    generator = os.path.join(os.path.dirname(sc.module), "../../tests/ordinary-lines")
    return subprocess.run([generator, os.path.join(HERE, "../golden/ordinary.txt"), str(ORDINARY)], stdout=subprocess.PIPE,
                          check=True).stdout.splitlines(True)


def burst(sc, it, traffic, lines):
    """Written at once: how many a second come through, until the broker has every event and the alerts' action too."""
    begun, before = time.monotonic(), traffic.sent
    while traffic.sent < before + lines:
        traffic.flow(1000)
    through = lambda: it.broker.count(TOPIC) >= traffic.n and (it.daemon.stat("lines") or 0) >= traffic.n
    sc.check("what is written at once comes through", poll(through, 900), (traffic.n, it.broker.count(TOPIC)))
    return (traffic.sent - before) / (time.monotonic() - begun)


def soak(sc):
    it = Collector(sc)
    traffic = Traffic(it.logs, ordinary(sc))
    traffic.begin()
    full = burst(sc, it, traffic, MEASURED * burst(sc, it, traffic, FIRST))
    print(f"     full rate {full:,.0f} lines/s", flush=True)
    minutes = Minutes(it, traffic)
    traffic.rate = full / 2
    traffic.start()
    for fault in in_turn(SECONDS // 60):
        fault.play(it, traffic)
        minutes.end(fault.name)
    sc.check("lines came to the end", traffic.is_alive())
    traffic.finish()
    REPORT.extend(verdict.judge(sc, it, traffic, minutes, full))


def finish():
    if "SOAK_TABLE" in os.environ and REPORT:
        with open(os.environ["SOAK_TABLE"], "w") as file:
            file.write("\n".join(REPORT) + "\n")
    return ""


def missing():
    for name, there in (("rsyslogd", RSYSLOGD), ("prometheus-alertmanager", ALERTMANAGER)):
        if not there:
            return f"{name} is missing"
    return broker.missing()


if __name__ == "__main__":
    sys.exit(stage.main(__doc__, [], [soak], missing(), finish=finish))
