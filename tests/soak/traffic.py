# SPDX-License-Identifier: Apache-2.0
"""The sender: gateways' log files that grow at a rate, whatever becomes of who reads them; and outages on a schedule."""
import collections
import heapq
import os
import threading
import time

import mix

TICK = 0.05           # seconds
FILE = 64 << 20       # bytes; then another file is begun
DROPS = 6             # seconds between two drops
BRANCHES = 100        # that drop in turn: none of them often enough to be called flapping
LASTS = 60, 75, 90    # seconds; longer than anything that would let an up overtake its down
SHORTEST = 10         # seconds, for what is cut short at the end


class Traffic(threading.Thread):
    """sent: lines; n: the VPN lines among them. outages: (subject, second of the drop) of each that was ever begun."""

    def __init__(self, folder, ordinary):
        super().__init__(daemon=True)
        os.makedirs(folder)
        self.folder, self.blocks = folder, mix.blocks(ordinary)
        self.flowing, self.branches = mix.flowing(), mix.dropping(BRANCHES)
        self.sent = self.n = self.groups = self.drops = 0
        self.files, self.file = collections.deque(), None
        self.outages, self.due, self.down = set(), [], {}
        self.rate, self.over, self.held = 0, threading.Event(), False

    def put(self, data, lines):
        """A file is known by the number of its last VPN line."""
        if not self.file or self.file.tell() > FILE:
            self.files.append([os.path.join(self.folder, f"{self.sent:012d}.log"), 0])
            self.file = open(self.files[-1][0], "ab", buffering=0)
        self.file.write(data)
        self.sent += lines
        self.files[-1][1] = self.n

    def number(self):
        self.n += 1
        return self.n

    def say(self, *lines):
        self.put(b"".join(lines), len(lines))

    def begin(self):
        """Every tunnel is up."""
        self.say(*[it.says(self.number(), time.time()) for it in (*self.branches, *self.flowing)])

    def flow(self, groups):
        """So many times SHARE lines. A device says nothing twice at the same moment: that would be one event."""
        parts = []
        for i in range(self.groups, self.groups + groups):
            parts += self.blocks[i % len(self.blocks)], self.flowing[i % len(self.flowing)].says(self.number(), time.time())
        self.groups += groups
        self.put(b"".join(parts), groups * mix.SHARE)

    def drop(self, now):
        branch = self.branches[self.drops % len(self.branches)]
        self.drops += 1
        self.say(branch.down(self.number(), now))
        self.outages.add((branch.subject, now))
        self.down[branch] = now
        heapq.heappush(self.due, (now + LASTS[self.drops % len(LASTS)], self.drops, branch))

    def end_outage(self):
        _, _, branch = heapq.heappop(self.due)
        self.say(branch.says(self.number(), time.time()))
        del self.down[branch]

    def open(self):
        return {(branch.subject, begun) for branch, begun in self.down.copy().items()}

    def run(self):
        begun, flown = time.monotonic(), 0
        while not self.over.wait(TICK):
            passed = time.monotonic() - begun
            groups = int(passed * self.rate / mix.SHARE) - flown
            self.flow(groups)
            flown += groups
            if passed > DROPS * self.drops:
                self.drop(int(time.time()))
            while self.due and self.due[0][0] <= time.time() and not self.held:
                self.end_outage()

    def finish(self):
        """Nothing flows any more; what is down is up again once it was down for long enough to be known."""
        self.over.set()
        self.join()
        time.sleep(SHORTEST)
        while self.due:
            self.end_outage()

    def tidy(self, seen):
        """Files all of whose VPN lines have arrived, but for the one that grows."""
        while len(self.files) > 1 and self.files[0][1] <= seen:
            os.remove(self.files.popleft()[0])
