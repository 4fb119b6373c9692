# SPDX-License-Identifier: Apache-2.0
"""What has arrived in the topic, read bit by bit: of each VPN line its number and its event's id, and nothing else."""
import array
import json
import re
import subprocess

from mix import NUMBER

# With a blank or without: as it comes through a queue on disk, or in memory.
ID = re.compile(rb'"id": ?"([0-9a-f]{32})"')
ALERT = re.compile(rb'"kind": ?"alert"')
BUCKETS = 64  # of ids, looked at one after the other


class Tally:
    def __init__(self, broker, topic, partitions):
        self.broker, self.topic, self.offsets = broker, topic, [0] * partitions
        self.ids = array.array("Q", [0])  # of each number the first half of the id; 0: has not come
        self.distinct = self.complete = 0
        self.alerts, self.again, self.faults = {}, 0, []

    def kcat(self, *words):
        with subprocess.Popen(["kcat", "-b", self.broker.address, *words], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as kcat:
            yield from kcat.stdout

    def ends(self):
        queries = (word for partition in range(len(self.offsets)) for word in ("-t", f"{self.topic}:{partition}:-1"))
        return [int(line.split()[-1]) for line in sorted(self.kcat("-Q", *queries))]

    def read(self):
        """As far as each partition goes now; -e alone does not end while records come."""
        for partition, end in enumerate(self.ends()):
            count = end - self.offsets[partition]
            words = ["-C", "-t", self.topic, "-p", str(partition), "-o", str(self.offsets[partition]), "-c", str(count), "-e",
                     "-q", "-f", "%o %s\n"]
            for line in self.kcat(*words) if count else ():
                at, _, record = line.partition(b" ")
                if int(at) != self.offsets[partition]:
                    self.faults.append(f"partition {partition} has {int(at)} and not {self.offsets[partition]}")
                self.offsets[partition] = int(at) + 1
                self.add(record)
        while self.complete + 1 < len(self.ids) and self.ids[self.complete + 1]:
            self.complete += 1
        return self

    def add(self, record):
        if ALERT.search(record):
            self.add_alert(json.loads(record))
            return
        number, event = NUMBER.search(record), ID.search(record)
        if not number or not event:
            self.faults.append(record.decode(errors="replace"))
            return
        number, event = int(number[1]), int(event[1][:16], 16)
        if number >= len(self.ids):
            self.ids.frombytes(bytes(8 * (number + 1 - len(self.ids))))
        if not self.ids[number]:
            self.ids[number] = event
            self.distinct += 1
        elif self.ids[number] == event:
            self.again += 1
        else:
            self.faults.append(f"line {number} has two ids")

    def add_alert(self, it):
        self.again += it["event"]["id"] in self.alerts
        self.alerts[it["event"]["id"]] = it["event"]["action"], it["omipsec"]["alarm"]["subject"], it["event"]["start"]

    def lost(self, sent):
        return [n for n in range(1, sent + 1) if n >= len(self.ids) or not self.ids[n]]

    def different(self):
        """How many ids there are."""
        return sum(len({it for it in self.ids if it and it % BUCKETS == bucket}) for bucket in range(BUCKETS))
