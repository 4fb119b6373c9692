# SPDX-License-Identifier: Apache-2.0
"""The machine below rsyslogd: its disk, the state file, the clock."""
import glob
import os
import time

from brokers import AWAY, plain
from load import HOLD, OUTAGES
from mount import Mount
from pagers import paged
from parts import Rsyslog, poll
import vrp

FAKETIME = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)
SPOOL = 500000  # bytes


def small_spool(st):
    """A Disk queue whose disk is too small for the load, and which knows it. What rsyslog finds no room for on a disk that
    it takes for larger, it loses; and a disk-assisted queue that is full may stall for good."""
    spool = st.sc.path("spool")
    os.makedirs(spool)
    Mount(st.sc, spool, "-t", "tmpfs", "-o", "size=1m", "tmpfs")
    st.params += (f' queue.type="Disk" queue.filename="vpn" queue.spoolDirectory="{spool}" '
                  f'queue.maxDiskSpace="{SPOOL}" queue.maxFileSize="100k" queue.timeoutEnqueue="60000"')
    return plain(st)


def spool_full(st):
    """While the broker is away everything has to wait on that disk."""
    st.flows()
    st.broker.kill()
    used = lambda: sum(it.stat().st_size for it in os.scandir(st.sc.path("spool")))
    st.sc.check("the spool is full", poll(lambda: used() >= SPOOL), used())
    time.sleep(AWAY)
    st.broker.again()


def knows(pd):
    """rsyslogd has the tunnels in its state file, and is stopped."""
    pd.daemon.send(*pd.load.states(vrp.up, 50))
    poll(lambda: pd.daemon.stat("tunnels") == OUTAGES)
    pd.daemon.stop()


def corrupted(pd):
    """All but the first page, by which the file is still a database."""
    knows(pd)
    with open(pd.sc.path("state/alerts.state"), "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(4096)
        file.write(os.urandom(size - 4096))
    pd.daemon.start()


def read_only(pd):
    knows(pd)
    state = pd.sc.path("state")
    Mount(pd.sc, state, "--bind", state).again("bind,ro")
    pd.daemon.start()


def removed(pd):
    """While it is open, before the alerts are."""
    for path in glob.glob(pd.sc.path("state/alerts.state*")):
        os.remove(path)


class Clock(Rsyslog):
    """Its clock is moved; what counts from its start, CLOCK_MONOTONIC, is not."""

    def command(self):
        return ["env", f"LD_PRELOAD={FAKETIME}", "FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_NO_CACHE=1",
                f"FAKETIME_TIMESTAMP_FILE={self.sc.write('clock', '+0')}", *super().command()]


def jump(seconds):
    """The clock is wrong by so many seconds for some, twice."""
    def fault(pd):
        for offset in (seconds, 0) * 2:
            pd.sc.write("clock", f"{offset:+d}")
            time.sleep(HOLD)
    played = paged(fault, Clock)

    def play(sc):
        return played(sc) if FAKETIME else sc.skip("THE CLOCK DOES NOT JUMP: apt-get install faketime")
    return play
