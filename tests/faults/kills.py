# SPDX-License-Identifier: Apache-2.0
"""SIGKILL, again and again, in the one form of configuration that survives it."""
import random
import threading
import time

import vrp
from broker import Broker
from load import OUTAGES, Load, Tally, settled
from parts import FAST, Daemon, poll, sample
from table import Row

KILLS, EVENTS, RATE = 50, 12000, 200
LIVES = 0.2, 1.2  # seconds between a start and its end
TOPIC = "vpn-events"


def write(path, lines, rate=0):
    """What a relay does: it appends to the file that rsyslogd reads. rate: lines a second."""
    with open(path, "a", buffering=1) as file:
        for line in lines:
            file.write(line + "\n")
            time.sleep(1 / rate if rate else 0)


def sigkill(sc):
    """The file grows all the while; outages begin before the first kill and end after the last."""
    kafka = Broker().start(sc.work)
    sc.parts.append(kafka)
    kafka.topic(TOPIC, 3)
    load, log = Load(sc, EVENTS), sc.path("gateway.log")
    daemon = Daemon(sc, sample(sc, "omipsec-kafka-durable.conf", kafka.address, ("/var/log/gateways/*.log", log),
                               ('language="both"', f'language="both" tunnelState="on" {FAST}')))
    write(log, load.states(vrp.up, 1) + load.states(vrp.down, 1))
    with open(load.file) as file:
        writer = threading.Thread(target=write, args=(log, file.read().splitlines(), RATE))
    seed = int(time.time())
    sc.note(f"seed {seed}")
    moments = random.Random(seed)
    writer.start()
    for _ in range(KILLS):
        daemon.start()
        time.sleep(moments.uniform(*LIVES))
        daemon.kill()
    daemon.start()
    sc.check("lines came to the end of the kills", writer.is_alive())
    writer.join()
    write(log, load.states(vrp.up, 100))
    poll(lambda: daemon.stat("alerts.resolved", "vpn") == OUTAGES, 120)
    settled(lambda: kafka.count(TOPIC), load.sent + 2 * OUTAGES)
    daemon.stop()
    found = Tally(load, kafka.records(TOPIC))
    sc.same("every record is well formed", [], found.faults)
    sc.same("each outage is told once", (load.outages, load.outages), (found.opened, found.over))
    return Row(load.tells(RATE), load.sent, found.delivered, found.lost, found.twice, len(found.opened))
