#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rate.py MODULE RULES [EVENTS]: how many events a second one alerting node takes, what a kill -9 loses of a backlog,
and how large an event is in Kafka.

The topic is filled before a node starts: an establish of each of EVENTS / 2 tunnels (100,000), then a drop of each."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path[1:1] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", it) for it in ("alerts", "e2e")]

from nodes import alerter, broker, collector
from parts import Receiver, Scenario, poll
import vrp

PARTITIONS = 6
# Nothing is late and nothing is paged while it is measured.
HOLDS = 'holdDown="3600" '
DISK = 'queue.type="Disk" queue.filename="omipsec-alerts"'
MEMORY = 'queue.type="LinkedList"'
FORMS = {"Disk queue": (), "LinkedList queue": ((DISK, MEMORY),),
         "LinkedList queue, lightDelayMark 2000": ((DISK, f'{MEMORY} queue.lightDelayMark="2000"'),)}
SIZED = 5000          # events a language
KILLS = (5.5, 6.5)    # seconds; imkafka commits every 5
BACKLOG = 40000       # events, that are still read then


def address(net, i):
    return f"{net}.{i // 62500}.{i // 250 % 250}.{i % 250 + 1}"


def lines(make, n):
    """One of each tunnel; 50 a device, each with a flow of its own."""
    return [make(f"hub{i // 50}", address(198, i // 50), address(10, i), i, rule=i % 50) for i in range(n)]


def cpu(process):
    with open(f"/proc/{process.pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def fill(sc, topic, events, *changes):
    """A topic with the events of a collector: how many a second it made, seconds of CPU an event."""
    node = collector(sc, "to-" + topic, topic, *changes)
    begun, used = time.monotonic(), cpu(node.process)
    for make in (vrp.up, vrp.down):
        node.send(*lines(make, events // 2))
    if not poll(lambda: broker.count(topic) >= events, 600):
        raise RuntimeError(f"{broker.count(topic)} of {events} events are in the topic")
    took, used = time.monotonic() - begun, cpu(node.process) - used
    node.stop()
    return events / took, used / events


def read_all(sc, name, topic, events, changes):
    """Events a second, seconds of CPU an event, kilobytes of memory at the end."""
    receiver = Receiver(sc, [200])
    node = alerter(sc, name, topic, receiver.url, ("reset=latest", "reset=earliest"), *changes, holds=HOLDS).start()
    poll(lambda: node.stat("lines"))
    first, begun, used = node.stat("lines"), time.monotonic(), cpu(node.process)
    poll(lambda: node.stat("lines") >= events, 900)
    last, took, used = node.stat("lines"), time.monotonic() - begun, cpu(node.process) - used
    with open(f"/proc/{node.process.pid}/status") as file:
        memory = next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))
    node.stop()
    return (last - first) / took, used / (last - first), memory


def settle(node):
    """When it has nothing left to read: the tunnels that it knows, and those that are down."""
    count = lambda: [node.stat(it) or 0 for it in ("lines", "tunnels", "tunnels.down")]
    last, now = None, count()
    while last != now or not any(now):
        time.sleep(8)
        last, now = now, count()
    return now[1:]


def lost(sc, name, topic, events, changes, seconds):
    """Events of a backlog that a node never took which was killed while it read."""
    url = Receiver(sc, [200]).url
    node = alerter(sc, name, topic, url, ("reset=latest", "reset=earliest"), *changes, holds=HOLDS).start()
    time.sleep(seconds)
    node.kill()
    node.start()
    known = settle(node)
    node.stop()
    return events - sum(known)


def on_disk(topic):
    data = os.path.join(broker.variables["KAFKA_DIR"], "data")
    return sum(os.path.getsize(os.path.join(data, it, name)) for it in os.listdir(data) if it.rsplit("-", 1)[0] == topic
               for name in os.listdir(os.path.join(data, it)) if name.endswith(".log"))


def size(sc, language, codec):
    """Bytes of an event: of its JSON, and on the broker's disk."""
    name = f"{language}-{codec}"
    broker.topic(name, 1)
    confs = 'repeats="on" confParam=["compression.codec=none"]' if codec == "none" else 'repeats="on"'
    fill(sc, name, SIZED, ('language="both"', f'language="{language}"'), ('repeats="on"', confs))
    text = subprocess.run(["kcat", "-b", broker.address, "-C", "-t", name, "-e", "-q", "-f", "%S\n"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    sizes = list(map(int, text.split()))
    return sum(sizes) / len(sizes), on_disk(name) / len(sizes)


def report(sc, events):
    for language in ("en", "zh", "both"):
        for codec in ("lz4", "none"):
            json, disk = size(sc, language, codec)
            print(f"language {language}, {codec}: {json:.0f} bytes of JSON, {disk:.0f} on disk", flush=True)
    for topic, n in (("rate", events), ("backlog", BACKLOG)):
        broker.topic(topic, PARTITIONS)
        rate, cost = fill(sc, topic, n)
        print(f"one collector makes {rate:.0f} events/s, {cost * 1e6:.0f} us of CPU an event", flush=True)
    for i, (form, changes) in enumerate(FORMS.items()):
        rate, cost, memory = read_all(sc, f"node{i}", "rate", events, changes)
        print(f"{form}: {rate:.0f} events/s, {cost * 1e6:.0f} us of CPU an event, {memory / 1024:.0f} MB", flush=True)
        gone = [lost(sc, f"killed{i}-{it}", "backlog", BACKLOG, changes, it) for it in KILLS]
        print(f"{form}: kill -9 after {KILLS} s loses {gone} of {BACKLOG} events", flush=True)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    root = tempfile.mkdtemp(prefix="omipsec-rate.")
    os.chmod(root, 0o755)
    sc = Scenario("rate", root, *map(os.path.abspath, sys.argv[1:3]), None, None)
    try:
        broker.start(root)
        report(sc, int(sys.argv[3]) if len(sys.argv) > 3 else 200000)
    finally:
        sc.end()
        broker.stop()
        shutil.rmtree(root)


main()
