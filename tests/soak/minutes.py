# SPDX-License-Identifier: Apache-2.0
"""What each minute was like: one row of figures at its end."""
import os
import re
import time
from typing import NamedTuple

MEGA = 1 << 20


class Minute(NamedTuple):
    minute: int
    fault: str
    load: float
    lines: int
    events: int       # sent
    delivered: int
    backlog: int
    twice: int
    incidents: int
    life: int
    rss: float        # MB
    peak: float
    descriptors: int
    threads: int
    queues: float     # MB
    state: float


HEAD = ("minute", "fault", "load of the machine", "lines sent", "events sent", "delivered", "backlog", "twice", "incidents",
        "life of rsyslogd", "RSS, MB", "its peak, MB", "descriptors", "threads", "queues, MB", "state, MB")


def status(pid, name):
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(rf"^{name}:\s*(\d+)", file.read(), re.M)[1])


def each(names, look):
    """Files come and go meanwhile."""
    for it in names:
        try:
            yield look(it)
        except FileNotFoundError:
            pass


def descriptors(pid, besides):
    """Those that do not lead to the folder `besides`."""
    links = each((it.path for it in os.scandir(f"/proc/{pid}/fd")), os.readlink)
    return sum(not it.startswith(besides) for it in links)


def size(folder, names):
    return sum(each((it.path for it in os.scandir(folder) if re.match(names, it.name)), os.path.getsize)) / MEGA


class Minutes:
    def __init__(self, collector, traffic):
        self.collector, self.traffic, self.rows = collector, traffic, []
        self.begun = time.monotonic()

    def end(self, fault):
        """Waits for it, and looks."""
        time.sleep(max(0, self.begun + 60 * (len(self.rows) + 1) - time.monotonic()))
        it, pid = self.collector, self.collector.daemon.process.pid
        sent, lines = self.traffic.n, self.traffic.sent
        found = it.tally.read()
        self.traffic.tidy(found.complete)
        self.rows.append(Minute(
            len(self.rows) + 1, fault, os.getloadavg()[0], lines, sent, found.distinct, max(0, sent - found.distinct),
            found.again, sum(what == "firing" for _, what, _ in it.pages()), it.life, status(pid, "VmRSS") / 1024,
            status(pid, "VmHWM") / 1024, descriptors(pid, it.logs), status(pid, "Threads"),
            size(it.sc.work, r"omipsec-\w+\."), size(it.sc.path("state"), "")))
        print("     " + "  ".join(shown(self.rows[-1])), flush=True)

    def life(self):
        """The rows of the last one."""
        return [it for it in self.rows if it.life == self.rows[-1].life]

    def markdown(self):
        rule = ["---" if it == "fault" else "---:" for it in HEAD]
        return [f"| {' | '.join(it)} |" for it in (HEAD, rule, *map(shown, self.rows))]


def shown(row):
    return [f"{it:,}" if isinstance(it, int) else f"{it:.1f}" if isinstance(it, float) else it for it in row]
