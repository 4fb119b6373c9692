# SPDX-License-Identifier: Apache-2.0
"""One incident an outage, whoever hears of it, is killed, is new or comes late."""
import time

from nodes import Site, broker
from parts import FAST, poll
from tunnels import Tunnel, down, up

ONCE = ["firing", "resolved"]
SETTLED = 4  # seconds, twice the holds: by then whatever is to come has come


def some(n):
    return [Tunnel(i) for i in range(n)]


def only(them, steps):
    return {it.name: steps for it in them}


def told(sc, site, them, times=1):
    """In the end they are over, and the pager has heard of each so often, and of no other."""
    sc.check("all are resolved", poll(site.am.quiet), site.firing())
    time.sleep(SETTLED)
    sc.same("one incident an outage", only(them, times * ONCE), site.steps())


def two_nodes(sc):
    """50 tunnels, whose ends log to different collectors: 25 drop, 5 of these told by one end alone."""
    site = Site(sc)
    nodes = [site.alerter("a"), site.alerter("b")]
    them = some(50)
    site.tell(up(them))
    site.knows(nodes, them)
    both, one = them[:20], them[20:25]
    site.tell(down(both))
    site.tell(down(one, sides=[0]))
    sc.check("each that is down has one alert, the others none", site.fires(both + one), site.firing())
    sc.check("both nodes have opened every one", poll(lambda: [it.stat("alerts.opened") for it in nodes] == [25, 25]),
             [it.stat("alerts.opened") for it in nodes])
    site.tell(up(both + one))
    told(sc, site, both + one)
    sc.same("one identity each", 25, len({it[1] for its in site.pages().values() for it in its}))


def killed(sc):
    """kill -9 of one of two while tunnels are down and others go down; then of both."""
    site = Site(sc)
    a, b = site.alerter("a"), site.alerter("b")
    them = some(8)
    site.tell(up(them))
    site.tell(down(them[:4]))
    sc.check("four are down", site.fires(them[:4]), site.firing())
    sc.check("as either node has told", poll(lambda: [it.stat("alerts.opened") for it in (a, b)] == [4, 4]),
             [it.stat("alerts.opened") for it in (a, b)])
    site.tell(down(them[4:]))
    a.kill()
    sc.check("the other pages what one was holding", site.fires(them), site.firing())
    back = [them[0], them[1], them[4]]
    site.tell(up(back))
    sc.check("and resolves what comes back", site.fires(set(them) - set(back)), site.firing())
    time.sleep(SETTLED)
    a.start()
    sc.check("the one that was killed reads on", poll(lambda: (a.stat("alerts.firing"), a.stat("tunnels.down")) == (5, 5)),
             (a.stat("alerts.firing"), a.stat("tunnels.down")))
    time.sleep(SETTLED)
    sc.same("nobody is paged again", {**only(them, ONCE[:1]), **only(back, ONCE)}, site.steps())
    for it in (a, b):
        it.kill()
    site.tell(up(them[5:]))
    time.sleep(SETTLED)
    sc.same("with both dead nothing is resolved", sorted(it.name for it in set(them) - set(back)), site.firing())
    for it in (a, b):
        it.start()
    sc.check("started again, they resolve what came back meanwhile", site.fires(them[2:4]), site.firing())
    site.tell(up(them[2:4]))
    told(sc, site, them)


def new_node(sc):
    """A node with a group of its own and no state, beside one that has seen it all."""
    site = Site(sc)
    old = site.alerter("old")
    them = some(6)
    site.tell(up(them))
    site.tell(down(them[:3]))
    sc.check("three are down", site.fires(them[:3]), site.firing())
    site.tell(up(them[:1]))
    sc.check("one comes back", site.fires(them[1:3]), site.firing())
    new = site.alerter("new")
    time.sleep(SETTLED)
    sc.same("the new one pages nothing of what was", 0, new.stat("alerts.opened"))
    sc.check("and has not read it", new.stat("events.disconnect") == 0, new.stat("events.disconnect"))
    old.stop()
    site.tell(up(them[1:3]))
    sc.check("it resolves what it has not opened", poll(site.am.quiet), site.firing())
    site.tell(down(them[3:4]))
    sc.check("and pages what goes down from now on", site.fires(them[3:4]), site.firing())
    site.tell(up(them[3:4]))
    told(sc, site, them[:4])


SECOND = 'holdDown="1" holdUp="2" gatewayHold="2" '


def backlog(sc):
    """While the only node is away outages begin and heal, and one goes on. Reading that takes longer than a hold."""
    site = Site(sc)
    node = site.alerter("node", holds=SECOND)
    them, busy = some(6), [Tunnel(1000 + 4 * i) for i in range(250)]
    site.tell(up(them))
    site.tell(up(busy))
    site.knows([node], them + busy)
    node.stop()
    site.tell(down(them))
    for _ in range(20):
        site.tell(up(busy))
    site.tell(up(them[1:]))
    time.sleep(SETTLED)
    node.start()
    sc.check("the one that is still down is paged", site.fires(them[:1]), site.firing())
    poll(lambda: (node.stat("tunnels.down")) == 1)
    time.sleep(SETTLED)
    sc.same("what healed meanwhile is not", only(them[:1], ONCE[:1]), site.steps())
    site.tell(up(them[:1]))
    sc.check("it is resolved", poll(site.am.quiet), site.firing())


NOT_OURS = [b"hello", b"{", b'{"message":"of another application"}', b'{"omipsec":{"schema":99}}', b"\xff\xfe\x00",
            b'{"omipsec":{"schema":1,"class":"disconnect"},"event":[]}', b"[" * 5000, b'{"a":"' + b"x" * 300000 + b'"}']


def foreign(sc):
    """What is no event, and the records of outages, which a collector with tunnelState publishes beside its events."""
    site = Site(sc, ('repeats="on"', f'repeats="on" tunnelState="on" {FAST}'))
    node = site.alerter("node")
    them = some(2)
    site.tell(up(them))
    broker.put(site.topic, *NOT_OURS)
    site.tell(down(them))
    sc.check("tunnels that go down are paged all the same", site.fires(them), site.firing())
    sc.check("what is no event is counted", poll(lambda: node.stat("malformed") == len(NOT_OURS)), node.stat("malformed"))
    sc.same("and put aside, with the reason", [True] * len(NOT_OURS),
            [bool(it["reason"]) for it in node.sc.json_lines("state/unread.jsonl")])
    time.sleep(SETTLED)
    site.tell(up(them))
    told(sc, site, them)
    resolved = lambda: sum("ipsec-alert-resolved" in it["payload"] for it in broker.records(site.topic))
    sc.check("outages are in the topic too", poll(lambda: resolved() >= 2), resolved())
    sc.check("read like events", poll(lambda: site.is_heard(node)), node.stat("lines"))
    sc.same("and are none", len(NOT_OURS), node.stat("malformed"))


def again(sc):
    """A second outage within minutes of the first: what is said again of the first does not end the second."""
    site = Site(sc)
    nodes = [site.alerter(name, holds=FAST + 'resendInterval="2" ') for name in "ab"]
    them = some(1)
    site.tell(up(them))
    site.knows(nodes, them)
    site.tell(down(them))
    sc.check("it is paged", site.fires(them), site.firing())
    time.sleep(SETTLED)
    site.tell(up(them))
    sc.check("and resolved", poll(site.am.quiet), site.firing())
    time.sleep(SETTLED)
    site.tell(down(them))
    sc.check("it is paged once more", site.fires(them), site.firing())
    time.sleep(2 * SETTLED)
    sc.same("two outages are two incidents", only(them, ONCE + ONCE[:1]), site.steps())
    site.tell(up(them))
    told(sc, site, them, 2)
