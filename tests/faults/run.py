#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py MODULE RULES SCHEMA VPNLOG [quick|CASE...]: what fails, what flows meanwhile, and what came of it, in one table.

The table is also written to $FAULTS_TABLE, as Markdown. quick: three cases of half a minute."""
import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path[1:1] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", it) for it in ("alerts", "e2e")]

from brokers import stream
from pagers import paged, pagerduty
from parts import ALERTMANAGER, RSYSLOGD
from table import Table
import broker
import brokers
import host
import kills
import pagers
import stage

QUICK = ["broker_killed", "reset", "removed"]
# What is mounted and plugged in there, and whoever is left, is gone with this program.
SPACES = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
INSIDE = "OMIPSEC_FAULTS"


class Case:
    """A row. play: returns what stands in it; again: what was delivered may come again, for rsyslogd dies."""

    def __init__(self, name, fault, play, again=False):
        self.__name__, self.fault, self.play, self.again = name, fault, play, again

    def __call__(self, sc):
        row = self.play(sc)
        if not row:
            return
        TABLE.rows[self.fault] = row
        sc.same("nothing is lost", (row.sent, 0), (row.delivered, row.lost))
        if not self.again:
            sc.same("nothing is there twice", 0, row.duplicated)


CASES = [
    Case("broker_killed", "broker killed (SIGKILL), started again after 4 s", stream(brokers.killed)),
    Case("broker_paused", "broker paused (SIGSTOP), 8 s", stream(brokers.paused)),
    Case("broker_slow", "broker slow: 4 KB each 0.1 s, 8 s", stream(brokers.slow, brokers.proxied)),
    Case("broker_full", "broker's disk full, freed, broker started again", stream(brokers.disk_full, brokers.small_disk)),
    Case("password", "wrong SASL password, corrected by a restart", stream(brokers.wrong_password, brokers.guarded,
                                                                            brokers.LOGIN)),
    Case("topic", "topic deleted mid-stream, made again after 4 s", stream(brokers.topic_gone)),
    Case("leader", "leader of three brokers killed (SIGKILL), back after 8 s", stream(brokers.leader_killed,
                                                                                     brokers.clustered)),
    Case("cut", "network cut (link down), 8 s", stream(brokers.cut, brokers.cabled)),
    Case("half_open", "broker's answers lost 8 s, those connections dead for good", stream(brokers.half_open, brokers.proxied,
                                                                                  brokers.IMPATIENT)),
    Case("reset", "connections to the broker reset every 0.25 s, 8 s", stream(brokers.reset, brokers.proxied)),
    Case("am_killed", "Alertmanager killed (SIGKILL), started again after 8 s", paged(pagers.killed)),
    Case("am_paused", "Alertmanager paused (SIGSTOP), 8 s", paged(pagers.paused)),
    Case("am_slow", "Alertmanager slow: each request and answer 1 s more", paged(pagers.slow)),
    Case("am_half_open", "Alertmanager's answers lost 8 s, those connections dead", paged(pagers.half_open)),
    Case("am_reset", "connections to Alertmanager reset every 0.25 s, 8 s", paged(pagers.reset)),
    Case("pd_500", "PagerDuty stand-in: 500, four times, twice", pagerduty(500)),
    Case("pd_429", "PagerDuty stand-in: 429, four times, twice", pagerduty((429, 1))),
    Case("pd_hang", "PagerDuty stand-in: hangs, four times, twice", pagerduty("hang")),
    Case("spool", "rsyslog's spool full, broker killed, back after 8 s", stream(host.spool_full, host.small_spool)),
    Case("corrupted", "state file corrupted before the start", paged(before=host.corrupted)),
    Case("read_only", "state folder read-only", paged(before=host.read_only)),
    Case("removed", "state file removed while open", paged(host.removed)),
    Case("forth", "clock an hour ahead for 4 s, twice", host.jump(3600)),
    Case("back", "clock an hour behind for 4 s, twice", host.jump(-3600)),
    Case("sigkill", "rsyslogd killed (SIGKILL) at 50 random moments, durable form", kills.sigkill, again=True),
]
TABLE = Table([it.fault for it in CASES])


def missing():
    for name, there in (("rsyslogd", RSYSLOGD), ("prometheus-alertmanager", ALERTMANAGER)):
        if not there:
            return f"{name} is missing"
    tried = subprocess.run([*SPACES, "true"], capture_output=True, text=True)
    return f"no namespaces can be made here: {tried.stderr.strip()}" if tried.returncode else broker.missing()


def finish():
    if "FAULTS_TABLE" in os.environ:
        with open(os.environ["FAULTS_TABLE"], "w") as file:
            file.write(TABLE.markdown())
    return f"\n{TABLE.text()}\n\n"


def main():
    if sys.argv[5:] == ["quick"]:
        sys.argv[5:] = QUICK
    why = "" if INSIDE in os.environ else missing()
    if not why and INSIDE not in os.environ:
        return subprocess.run([*SPACES, sys.executable, *sys.argv], env={**os.environ, INSIDE: "1"}).returncode
    if not why:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    # The longest is the last of the table.
    return stage.main(__doc__, CASES[::-1], missing=why, finish=finish)


if __name__ == "__main__":
    sys.exit(main())
