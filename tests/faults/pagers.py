# SPDX-License-Identifier: Apache-2.0
"""An Alertmanager or a PagerDuty that fails while outages begin and events flow by."""
import collections
import signal
import time

import receivers
from load import EVENTS, OUTAGES, RATE, Load
from parts import FAST, Alertmanager, Receiver, Rsyslog, poll
from proxy import Proxy
from table import Row

AWAY = 8  # seconds
SETTLED = 4
PAGES = 2 * OUTAGES  # each that it is there, and that it is over
TIMES = 4  # that a fault comes in a row
LOAD = f"{PAGES} pages amid {EVENTS:,} events at {RATE}/s"


def heard(pager):
    """(tunnel, what, start) -> how often the pager heard it."""
    return collections.Counter((it["labels"].get("tunnel", it["labels"]["alertname"]), it["status"], it["startsAt"])
                               for body in pager.taken() for it in body["alerts"])


class Paged:
    """rsyslogd alerts an Alertmanager, by way of a proxy, and it notifies a pager."""

    def __init__(self, sc, daemon):
        self.sc, self.load, self.pager = sc, Load(sc), Receiver(sc, [200])
        self.am = Alertmanager(sc, self.pager).start()
        self.proxy = Proxy(sc)
        self.proxy.server = self.am.port
        self.daemon = daemon(sc, f'output="alertmanager" url=["http://{self.proxy.address}"] resendInterval="5" '
                             + FAST).start()

    def pages(self):
        return heard(self.pager)

    def fires(self):
        self.sc.check("every outage is paged", poll(lambda: len(self.pages()) >= OUTAGES, 120), self.pages())

    def row(self):
        poll(lambda: len(self.pages()) >= PAGES, 120)
        time.sleep(SETTLED)
        found = self.pages()
        told = {what: sorted(subject for subject, it, _ in found if it == what) for what in ("firing", "resolved")}
        for what, subjects in told.items():
            self.sc.same(f"each outage is {what} once", self.load.outages, subjects)
        ours = {it[:2] for it in found if it[0] in self.load.outages}
        return Row(LOAD, PAGES, len(found), PAGES - len(ours), found.total() - len(found),
                   len(told["firing"]))


def paged(fault=lambda pd: None, daemon=Rsyslog, before=lambda pd: None):
    """fault(the parts) comes as the outages begin, and is over when it returns; before: what has happened by then."""
    def play(sc):
        pd = Paged(sc, daemon)
        before(pd)
        pd.load.begin(pd.daemon)
        fault(pd)
        pd.fires()
        pd.load.end(pd.daemon)
        return pd.row()
    return play


def killed(pd):
    pd.am.stop()
    time.sleep(AWAY)
    pd.am.start()


def paused(pd):
    pd.am.process.send_signal(signal.SIGSTOP)
    time.sleep(AWAY)
    pd.am.process.send_signal(signal.SIGCONT)


def slow(pd):
    """Every request and every answer takes a second longer, to the end."""
    pd.proxy.slow(1, 1 << 20)


def half_open(pd):
    pd.proxy.lose_answers(AWAY)


def reset(pd):
    pd.proxy.keep_resetting(AWAY)


def pagerduty(fault):
    """The fault so often before the triggers and before the resolves; once each is taken it must not come again."""
    def play(sc):
        load, rc = Load(sc), Receiver(sc, [*TIMES * [fault], 202])
        key = sc.write("key", receivers.ROUTING)
        rs = Rsyslog(sc, f'output="pagerduty" routingKeyFile="{key}" url=["{rc.url}"] requestTimeout="1000" {FAST}').start()
        names = [f"omipsec/IPsecTunnelDown/{it}" for it in load.outages]
        are = lambda want: poll(lambda: [receivers.incidents(rc, it) for it in names] == OUTAGES * [want], 120)
        load.begin(rs)
        sc.check("every outage is an incident", are((1, True)), rc.asked()[-1:])
        rc.answer(*TIMES * [fault], 202)
        load.end(rs)
        sc.check("and every incident ends", are((1, False)), rc.asked()[-1:])
        time.sleep(SETTLED)
        taken = collections.Counter((it["dedup_key"], it["event_action"]) for it in rc.taken())
        return Row(LOAD, PAGES, len(taken), sum((it, what) not in taken for it in names for what in
                                                        ("trigger", "resolve")), taken.total() - len(taken),
                   sum(receivers.incidents(rc, it)[0] for it in {name for name, _ in taken}))
    return play
