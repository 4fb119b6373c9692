# SPDX-License-Identifier: Apache-2.0
"""What flows while something fails, and what came of it."""
import json
import subprocess
import sys
import time

import events
import vrp
from broker import E2E
from parts import poll

EVENTS, RATE = 4000, 400  # of tunnels that come up, each once, and how many a second
OUTAGES = 10  # of other tunnels, each of gateways of its own: down before the fault, up after it
HOLD = 4      # seconds, twice those of parts.FAST: an outage this long is one


class Load:
    """Every line is an event of its own. `outages` are the pairs of addresses of the tunnels that go down."""

    def __init__(self, sc, count=EVENTS):
        self.sc, self.count, self.file = sc, count, sc.path("lines")
        with open(self.file, "wb") as file:
            subprocess.run([sys.executable, f"{E2E}/lines.py", "--lines", str(count), "--vpn", "1", "--up", "--tunnels",
                            str(count), "--expect", sc.path("expect")], stdout=file, check=True)
        self.pairs = [(f"198.18.0.{i + 1}", f"203.0.113.{i + 1}") for i in range(OUTAGES)]
        self.outages = sorted("~".join(it) for it in self.pairs)
        self.sent, self.began = count, None

    def states(self, line, index):
        self.sent += OUTAGES
        return [line(f"HQ{i}", *pair, index + i) for i, pair in enumerate(self.pairs)]

    def begin(self, daemon):
        """All that goes down does, and the rest begins to flow."""
        daemon.send(*self.states(vrp.up, 1), *self.states(vrp.down, 1))
        self.began = time.monotonic()
        self.sender = subprocess.Popen([sys.executable, f"{E2E}/send.py", str(daemon.port), self.file, "--rate", str(RATE)])

    def end(self, daemon):
        """The rest has flowed, and what was down is up again."""
        self.sc.same("the sender has sent all", 0, self.sender.wait())
        time.sleep(max(0, self.began + HOLD - time.monotonic()))
        daemon.send(*self.states(vrp.up, 100))

    def tells(self, rate=RATE):
        return f"{self.count:,} events at {rate}/s, {OUTAGES} outages"


class Tally:
    """Of the records of a topic: events by their ids and lines, outages by theirs."""

    def __init__(self, load, records):
        with open(load.sc.path("expect")) as file:
            markers = json.load(file)["markers"]
        self.flow, self.states, self.alerts, twice = events.Tally(markers), set(), {}, 0
        for it in records:
            event = json.loads(it["payload"])
            name, head = event["event"]["id"], it["headers"]
            if event["event"]["kind"] == "alert":
                twice += name in self.alerts
                self.alerts[name] = event["event"]["action"], event["omipsec"]["alarm"]["subject"]
            elif any(f"DstIP={peer}," in event["event"]["original"] for _, peer in load.pairs):
                twice += name in self.states
                self.states.add(name)
            else:
                self.flow.add("kafka", it.get("key"), dict(zip(head[::2], head[1::2])), it["payload"])
        self.delivered = len(self.flow.ids) + len(self.states)
        self.lost = len(self.flow.markers - self.flow.seen) + 3 * OUTAGES - len(self.states)
        self.twice = twice + self.flow.n["records"] - len(self.flow.ids)
        self.faults = self.flow.faults[:3]
        self.opened, self.over = (sorted(subject for action, subject in self.alerts.values()
                                         if action == f"ipsec-alert-{what}") for what in ("opened", "resolved"))


def settled(count, least, seconds=120):
    """The count has reached least, and grows no more."""
    poll(lambda: count() >= least, seconds)
    last, now = -1, count()
    while now != last:
        time.sleep(2)
        last, now = now, count()
