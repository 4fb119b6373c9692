# SPDX-License-Identifier: Apache-2.0
"""Two collectors, a topic, alerting nodes and an Alertmanager: the samples of packaging/rsyslog.d as they stand, but for
the paths, names and holds of a test."""
from broker import Broker
from parts import FAST, Alertmanager, Daemon, Receiver, poll, sample
import tunnels

PARTITIONS = 3
# With one of these a tunnel is in every partition.
HELLO = [tunnels.Tunnel(40000 + 4 * i) for i in range(12)]

broker = Broker()


def collector(sc, name, topic, *changes):
    room = sc.room(name)
    return Daemon(room, sample(room, "omipsec-collector.conf", broker.address,
                               ('topic="vpn-events"', f'topic="{topic}"'), *changes)).start()


def alerter(sc, name, topic, url, *changes, holds=FAST):
    """Not started yet."""
    room = sc.room(name)
    return Daemon(room, sample(
        room, "omipsec-alerting-node.conf", broker.address, ('topic="vpn-events"', f'topic="{topic}"'),
        ('["http://am1:9093","http://am2:9093"]', f'["{url}"] {holds}'),
        ("group.id=omipsec-alerts-1", f"group.id={topic}-{name}"), ("group.instance.id=1", f"group.instance.id={name}"),
        *changes))


class Site:
    def __init__(self, sc, *changes):
        """changes: to the sample of the collectors."""
        self.sc, self.topic = sc, sc.name
        broker.topic(self.topic, PARTITIONS)
        self.collectors = [collector(sc, f"collector{i}", self.topic, *changes) for i in (1, 2)]
        self.pager = Receiver(sc, [200])
        self.am = Alertmanager(sc, self.pager).start()

    def alerter(self, name, *changes, **holds):
        """It runs, and has read something from every partition: a new group has no offset to go on from before that."""
        node = alerter(self.sc, name, self.topic, self.am.url, *changes, **holds).start()
        self.sc.check(f"node {name} reads every partition", poll(lambda: self.is_heard(node)), node.stat("lines"))
        return node

    def is_heard(self, node):
        before = node.stat("lines") or 0
        self.tell(tunnels.up(HELLO))
        return poll(lambda: (node.stat("lines") or 0) >= before + 2 * len(HELLO), 5)

    def knows(self, nodes, them):
        """Both ends of these are in the tables of the nodes."""
        known = lambda: {it.stat("tunnels") for it in nodes}
        self.sc.check("every tunnel is known", poll(lambda: known() == {2 * (len(them) + len(HELLO))}), known())

    def tell(self, lines):
        """What each collector hears."""
        for node, its in zip(self.collectors, lines):
            if its:
                node.send(*its)

    def firing(self):
        return sorted(it["labels"].get("tunnel", it["labels"]["alertname"]) for it in self.am.alerts() or [])

    def fires(self, them):
        """Exactly these tunnels have an alert."""
        return poll(lambda: self.firing() == sorted(it.name for it in them))

    def pages(self):
        """Every notification: tunnel -> [(status, its fingerprint, its start)]."""
        found = {}
        for body in self.pager.taken():
            for it in body["alerts"]:
                found.setdefault(it["labels"].get("tunnel", it["labels"]["alertname"]), []).append(
                    (it["status"], it["fingerprint"], it["startsAt"]))
        return found

    def steps(self):
        """tunnel -> what its pager heard, in order"""
        return {name: [status for status, _, _ in its] for name, its in self.pages().items()}
