# SPDX-License-Identifier: Apache-2.0
"""An rsyslogd that publishes to Kafka, an action a topic."""
from parts import Rsyslog, poll
from vrp import HQ
import vrp

EVENTS = [vrp.up("HQ", HQ, f"203.0.113.{i}", i) for i in range(5)]


def publishes(address, topic, *confs):
    """An action whose queue outlives a stop, which gives up soon."""
    listed = ", ".join(f'"{it}"' for it in confs)
    return (f'output="kafka" broker=["{address}"] topic="{topic}" queue.filename="{topic}" queue.saveOnShutdown="on" '
            f'shutdownTimeout="500" queue.timeoutShutdown="1000" queue.timeoutActionCompletion="1000" confParam=[{listed}]')


class Publisher(Rsyslog):
    """actions: by the names of their topics."""

    def __init__(self, sc, actions):
        super().__init__(sc, f'output="file" file="{sc.path("out")}"', **actions)
        self.start()

    def told(self, name):
        return self.sc.told(f'action "{name}"')

    def delivers(self, names):
        """In the end each has delivered all events."""
        return poll(lambda: all(self.stat("delivered", name) == len(EVENTS) for name in names))

    def is_kept_out(self, name, *words, before=0):
        """That is told once, in these words, and counted; nothing of it is delivered. before: what was told already."""
        sc = self.sc
        sc.check(f"{name}: the log says why and what to do, and names the broker",
                 poll(lambda: any(all(word in it for word in words) for it in self.told(name))), self.told(name))
        sc.check(f"{name}: that events wait is counted", self.reaches("waits", 1, name), self.stat("waits", name))
        sc.same(f"{name}: told once, and nothing delivered", (before + 1, 0), (
            len(self.told(name)), self.stat("delivered", name)))
