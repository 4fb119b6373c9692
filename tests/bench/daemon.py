# SPDX-License-Identifier: Apache-2.0
"""A private rsyslogd under measurement, and the broker that it publishes to."""
import os
import shutil
import socket
import subprocess
import time

from broker import Broker
from parts import RSYSLOGD, poll

HERE = os.path.dirname(os.path.abspath(__file__))
CPUCLOCK_SCHED = 2
STILL, STILL_MOST = 0.25, 0.001  # so long with so little CPU: everything is done
# What runs for minutes under load has a heap and the compiler that servers have.
JAVA = "-Xms1g -Xmx1g -Dorg.apache.logging.log4j.level=INFO"


class Topic:
    """One topic of four partitions in a broker of its own."""

    NAME = "bench"
    PARTITIONS = 4

    def __init__(self):
        self.broker = Broker(KAFKA_JAVA=JAVA)

    def start(self, root):
        self.broker.start(root, "log.retention.check.interval.ms=10000")
        self.broker.topic(self.NAME, self.PARTITIONS, "retention.bytes=200000000", "segment.bytes=50000000")
        self.address = self.broker.address

    def count(self):
        return self.broker.count(self.NAME)

    def mean_size(self):
        """Bytes of a value, of the last hundred of each partition."""
        sizes = self.broker.ask(f"kcat -b $KAFKA_BROKER -C -t {self.NAME} -o -100 -e -q -f '%S\\n'").split()
        return sum(map(int, sizes)) // len(sizes)

    def stop(self):
        self.broker.stop()


class Daemon:
    """Lines come over a Unix socket to imptcp: of the inputs of rsyslogd that is the one with the least cost and noise, and
    nothing of the sender is in it. The queue of the ruleset has one worker, which the actions run on."""

    def __init__(self, root, ruleset, modules=(), quiet=False):
        """quiet: all its threads on one core, where they take turns instead of waking and waiting for each other."""
        self.work = os.path.join(root, "rsyslogd")
        shutil.rmtree(self.work, ignore_errors=True)
        os.makedirs(self.work)
        self.socket = self.path("socket")
        with open(self.path("conf"), "w") as file:
            file.write(f'global(workDirectory="{self.work}" maxMessageSize="8k" abortOnUncleanConfig="on")\n' +
                       "".join(f'module(load="{it}")\n' for it in ("imptcp", *modules)) +
                       f'action(type="omfile" file="{self.path("messages")}")\n{ruleset}\n'
                       f'input(type="imptcp" path="{self.socket}" ruleset="in" supportOctetCountedFraming="off")\n')
        self.command = [RSYSLOGD, "-n", "-f", self.path("conf"), "-i", self.path("pid")]
        self.quiet = quiet

    def path(self, name):
        return os.path.join(self.work, name)

    def schedule(self):
        if self.quiet:
            os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

    def __enter__(self):
        with open(self.path("log"), "wb") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            preexec_fn=self.schedule)
        poll(lambda: os.path.exists(self.socket) or self.process.poll() is not None)
        if self.process.poll() is not None or not os.path.exists(self.socket):
            self.__exit__()
            with open(self.path("log")) as log:
                raise RuntimeError("rsyslogd did not start: " + log.read()[-800:])
        self.settle()
        return self

    def cpu(self):
        """Seconds of CPU, user and system, of all its threads; to the nanosecond."""
        return time.clock_gettime(~self.process.pid << 3 | CPUCLOCK_SCHED)

    def rss(self):
        """Kilobytes."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))

    def feed(self, *chunks):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(self.socket)
            for chunk in chunks:
                sock.sendall(chunk)

    def settle(self):
        last, now = -1.0, self.cpu()
        while now - last > STILL_MOST:
            time.sleep(STILL)
            last, now = now, self.cpu()

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
