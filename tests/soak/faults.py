# SPDX-License-Identifier: Apache-2.0
"""What fails, a fault a minute, in turn."""
import os
import signal
import time
from typing import Callable, NamedTuple

from pagers import AWAY
from parts import poll
import brokers
import host
import pagers

KILLED = "rsyslogd killed (SIGKILL)"
SETTLED = 10  # seconds: what is over has been told of, to Alertmanager and by it


class Fault(NamedTuple):
    name: str
    play: Callable  # with a Collector and its Traffic; over when it returns
    dies: bool = False  # rsyslogd


def of_broker(fault):
    return lambda it, _: fault(it.kafka)


def of_alertmanager(fault):
    return lambda it, _: fault(it.alerting)


def killed(it, _):
    it.killed()
    time.sleep(2)
    it.started()


def stopped(it, _):
    it.daemon.stop()
    time.sleep(2)
    it.started()


def killed_in_outage(it, traffic):
    """Both queues are full of what the broker has not taken."""
    os.kill(it.broker.pid(), signal.SIGSTOP)
    time.sleep(AWAY)
    killed(it, traffic)
    time.sleep(AWAY)
    os.kill(it.broker.pid(), signal.SIGCONT)


def hup(it, _):
    it.daemon.hup()


def mistake(it, _):
    """The rules that it has stay, and it says why."""
    path = it.sc.path("rules/vendors/zz-broken.yaml")
    it.sc.write("rules/vendors/zz-broken.yaml", "vendor: broken\nmessages:\n  - [unclosed\n")
    it.daemon.hup()
    it.sc.check("the operator is told of the mistake", poll(lambda: "zz-broken.yaml:" in it.sc.read("messages")))
    os.remove(path)
    it.daemon.hup()


def alertmanager_killed(it, traffic):
    """What it told in its last second it forgets, and tells again: of a beginning that can be borne with, and nothing ends
    then."""
    traffic.held = True
    time.sleep(SETTLED)
    it.retold |= traffic.open()
    traffic.held = False
    pagers.killed(it.alerting)


def alertmanager_slow(it, _):
    pagers.slow(it.alerting)
    time.sleep(AWAY)
    it.alerting.proxy.quick()


FAULTS = [
    Fault("broker paused (SIGSTOP), 8 s", of_broker(brokers.paused)),
    Fault(KILLED + ", started again after 2 s", killed, dies=True),
    Fault("Alertmanager killed (SIGKILL), started again after 8 s", alertmanager_killed),
    Fault("broker killed (SIGKILL), started again after 4 s", of_broker(brokers.killed)),
    Fault("HUP", hup),
    Fault("rsyslogd stopped, started again after 2 s", stopped, dies=True),
    Fault("connections to the broker reset every 0.25 s, 8 s", of_broker(brokers.reset)),
    Fault("Alertmanager paused (SIGSTOP), 8 s", of_alertmanager(pagers.paused)),
    Fault("rule file with a mistake and HUP, mended and HUP", mistake),
    Fault(KILLED + " while the broker is paused, 18 s", killed_in_outage, dies=True),
    Fault("broker slow: 4 KB each 0.1 s, 8 s", of_broker(brokers.slow)),
    Fault("connections to Alertmanager reset every 0.25 s, 8 s", of_alertmanager(pagers.reset)),
    Fault("broker's answers lost 8 s, those connections dead", of_broker(brokers.half_open)),
    Fault("Alertmanager slow: each request and answer 1 s more, 8 s", alertmanager_slow),
    Fault("Alertmanager's answers lost 8 s, those connections dead", of_alertmanager(pagers.half_open)),
    Fault("state file removed while open", of_alertmanager(host.removed)),
]


def in_turn(minutes):
    """So many. In the second half of the time rsyslogd lives, so that one life of it is long enough to be judged."""
    lasting = [it for it in FAULTS if not it.dies]
    half = minutes // 2
    return [FAULTS[i % len(FAULTS)] for i in range(half)] + [lasting[i % len(lasting)] for i in range(minutes - half)]
