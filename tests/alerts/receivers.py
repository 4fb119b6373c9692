# SPDX-License-Identifier: Apache-2.0
"""Receivers that are away, slow or wrong: nobody is paged twice, and nothing stays open."""
import datetime
import socket
import time

from keys import leaks, signed
from parts import FAST, Alertmanager, Receiver, Rsyslog, poll
from vrp import BR, HQ, PAIR
import vrp

DEDUP = f"omipsec/IPsecTunnelDown/{PAIR}"


class Deaf:
    """A server whose port is open, and which never answers."""

    def __init__(self, sc):
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.sock.getsockname()[1]}"
        sc.parts.append(self)

    def stop(self):
        self.sock.close()


def steps(rc, key=DEDUP):
    """What was asked for this outage: how it was answered, and whether it was its end."""
    return [(how, body.get("event_action", body.get("status")) in ("resolve", "resolved"))
            for _, how, _, body in rc.asked() if body.get("dedup_key", body.get("groupKey")) == key]


def incidents(rc, key=DEDUP):
    """Opened how often, open at the end; of what was taken."""
    ever, now = 0, False
    for how, over in steps(rc, key):
        if how in (200, 202):
            ever += not over and not now
            now = not over
    return ever, now


def replicas(sc):
    """Of three replicas one is down and one hangs; then none is there for a minute."""
    am, other, deaf = Alertmanager(sc), Alertmanager(sc).start(), Deaf(sc)
    rs = Rsyslog(sc, f'output="alertmanager" url=["{am.url}","{deaf.url}","{other.url}"] requestTimeout="1000" {FAST} '
                     'resendInterval="2"').start()
    stops = [vrp.down("HQ", HQ, BR, 1)]
    rs.send(vrp.up("HQ", HQ, BR, 1), stops[0])
    poll(other.alerts)
    sc.same("the replica that is up has it", [(PAIR, vrp.when(stops[0]))],
            [(it["labels"]["tunnel"], it["startsAt"]) for it in other.alerts() or []])
    first = (other.alerts() or [{}])[0].get("fingerprint")
    other.stop()
    left = time.monotonic() + 60
    stops.append(vrp.down("BR2", "203.0.113.99", HQ, 1))
    rs.send(vrp.up("BR2", "203.0.113.99", HQ, 1), stops[1])
    poll(lambda: rs.stat("alerts.firing") == 2)
    time.sleep(15)
    rs.kill()
    rs.start()
    time.sleep(max(0, left - time.monotonic()))
    am.start()
    poll(lambda: len(am.alerts() or []) == 2, 120)
    sc.same("after a minute without any, and a kill -9 in it, the one that returns gets both, as they began",
            sorted(map(vrp.when, stops)), sorted(it["startsAt"] for it in am.alerts() or []))
    sc.check("the same alert as the other had", first in [it["fingerprint"] for it in am.alerts() or []], am.alerts())
    for it in (am, other, deaf):
        sc.check(f"the operator was told of {['am', 'other', 'deaf'][(am, other, deaf).index(it)]}",
                 sc.told(it.url), sc.told())
    rs.send(vrp.up("HQ", HQ, BR, 2), vrp.up("BR2", "203.0.113.99", HQ, 2))
    sc.check("and both are resolved", poll(am.quiet), am.alerts())
    rs.stop()


def deaf_replica(sc):
    """A replica that takes no request and answers none keeps no alert from the other."""
    am, deaf = Alertmanager(sc).start(), Deaf(sc)
    rs = Rsyslog(sc, f'output="alertmanager" url=["{deaf.url}","{am.url}"] requestTimeout="300000" {FAST}').start()
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    sc.check("the other has it long before the request ends", poll(am.alerts), am.alerts())
    rs.send(vrp.up("HQ", HQ, BR, 2))
    sc.check("and its end", poll(am.quiet), am.alerts())
    rs.stop()


def missed_resolve(sc):
    """One replica does not hear of the end at once; it would have the alert active for a quarter of an hour."""
    am, rc = Alertmanager(sc).start(), Receiver(sc, [200])
    rs = Rsyslog(sc, f'output="alertmanager" url=["{rc.url}","{am.url}"] {FAST} resendInterval="1"').start()
    mine = lambda: [(at, it["endsAt"]) for at, how, _, body in rc.asked() if how == 200
                    for it in body if it["labels"].get("tunnel") == PAIR]
    # Of the tunnel that was not known before its first establish, an end is told as well.
    over = lambda: [end for at, end in mine() if at > fell and datetime.datetime.fromisoformat(end).timestamp() <= at]
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    sc.check("both have it", poll(lambda: am.alerts() and mine()), (am.alerts(), mine()))
    fell = time.time()
    rc.answer(503)
    rs.send(vrp.up("HQ", HQ, BR, 2))
    sc.check("one has the end", poll(am.quiet), am.alerts())
    sc.same("the other has not", [], over())
    rc.answer(200)
    sc.check("but hears of it again", poll(over), mine()[-3:])
    rs.stop()


def forgetful(sc):
    """An Alertmanager that is killed has noted that it told of the outage, and not that it told of its end: it would take
    the next outage for the same, did it not hear of the end again."""
    pager = Receiver(sc, [200])
    am = Alertmanager(sc, pager, "--data.maintenance-interval=8s").start()
    rs = Rsyslog(sc, f'output="alertmanager" url=["{am.url}"] {FAST} resendInterval="1"').start()
    told = lambda: [body["status"] for body in pager.taken()]
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    sc.check("it is paged", poll(lambda: told() == ["firing"]), told())
    time.sleep(10)
    rs.send(vrp.up("HQ", HQ, BR, 2))
    sc.check("and its end", poll(lambda: told() == ["firing", "resolved"]), told())
    am.stop()
    am.start()
    time.sleep(5)
    rs.send(vrp.down("HQ", HQ, BR, 2))
    sc.check("the next outage is paged", poll(lambda: told()[2:].count("firing") == 1), told())
    rs.stop()


FAULTS = {"500": [500], "503": [503], "408": [408], "429": [(429, 3)], "hang": ["hang"], "reset": ["reset"],
          "row": [500, (429, 1), "reset"], "no": [], "400": [400]}
ROUTING, SECRET, TOKEN = "R0UT1NGKEY0123456789abcdef012345", "hmac-SECRET-of-the-test", "bearer-TOKEN-of-the-test"


def fault_of(name):
    return FAULTS[name.split("_")[1]]


def of_each_fault(sc, rcs):
    """The actions, two a fault."""
    routing, secret, token = (sc.write(*it) for it in (("routing", ROUTING), ("hmac", SECRET), ("token", TOKEN)))
    pd = f'output="pagerduty" routingKeyFile="{routing}" url=["%s"] '
    hook = f'output="webhook" hmacKeyFile="{secret}" tokenFile="{token}" url=["%s?token=QUERYSECRET"] '
    actions = {name: (pd if name.startswith("pd") else hook) % rc.url + FAST for name, rc in rcs.items()}
    for name in actions:
        if "hang" in fault_of(name):
            actions[name] += 'requestTimeout="2500" '
    actions["pd_no"] += 'resendInterval="1" '
    return actions


def opened(sc, rs, rcs):
    """Each receiver was asked as often as it made necessary."""
    sc.check("PagerDuty hears of what is open again and again", poll(lambda: len(rcs["pd_no"].taken()) > 4))
    for name, rc in rcs.items():
        if name.endswith("_400"):
            sc.check(f"{name}: counted as refused", rs.reaches("refused", 1, name), steps(rc))
        at = [it[0] for it in rc.asked()]
        if name.endswith("_429"):
            sc.check(f"{name}: not before Retry-After", len(at) > 1 and at[1] - at[0] >= 2.9, at)
        if name != "pd_no":
            sc.same(f"{name}: and not sent again", len(fault_of(name)) + (not name.endswith("_400")), len(at))
        if not name.endswith("_no"):
            first = fault_of(name)[0][0] if isinstance(fault_of(name)[0], tuple) else fault_of(name)[0]
            said = sc.told(f'action "{name}"')
            sc.check(f"{name}: the operator is told once, of what was answered", len(said) == 1 and
                     (f"answered {first}" in said[0]) == isinstance(first, int), said)


def carried(sc, rcs):
    """Every request has what it needs."""
    for name, rc in rcs.items():
        if name.startswith("pd"):
            sc.check(f"{name}: the routing key is in every request",
                     all(it[3]["routing_key"] == ROUTING for it in rc.asked()))
        else:
            sc.check(f"{name}: every request has signature and token", all(
                headers.get("X-Omipsec-Signature") == signed(SECRET, body) and
                headers.get("Authorization") == f"Bearer {TOKEN}" for _, _, headers, body in rc.requests), rc.requests[:1])


def faults(sc):
    """Each fault before a trigger and before a resolve, to PagerDuty and to a webhook."""
    rcs = {f"{kind}_{fault}": Receiver(sc, [*script, 202]) for kind in ("pd", "hook") for fault, script in FAULTS.items()}
    faulty = {name: rc for name, rc in rcs.items() if not name.endswith("_400")}
    rs = Rsyslog(sc, f'output="file" file="{sc.path("out")}"', **of_each_fault(sc, rcs)).start()
    all_are = lambda want: poll(lambda: all(incidents(rc) == want for rc in faulty.values()), 120)
    now = lambda: {name: (incidents(rc), steps(rc)) for name, rc in faulty.items()}
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    sc.check("after each fault the alert is taken: one incident each", all_are((1, True)), now())
    opened(sc, rs, rcs)
    rs.kill()
    rs.start()
    time.sleep(4)
    sc.same("kill -9 and restart: the webhooks hear nothing twice", {1}, {
        sum(how == 202 for how, _ in steps(rc)) for name, rc in faulty.items() if name.startswith("hook")})
    for name, rc in rcs.items():
        rc.answer(*fault_of(name), 202)
    rs.send(vrp.up("HQ", HQ, BR, 2))
    sc.check("after each fault the resolve is taken: that incident is over", all_are((1, False)), now())
    for name in ("pd_400", "hook_400"):
        sc.check(f"{name}: the resolve is sent all the same", poll(lambda: (400, True) in steps(rcs[name])),
                 steps(rcs[name]))
    carried(sc, rcs)
    sc.same("the keys are in their own files only", [],
            leaks(sc, rs, (ROUTING, SECRET, TOKEN), ("routing", "hmac", "token")))
    sc.same("the query of a URL is in the configuration only", [],
            leaks(sc, rs.start(), ("QUERYSECRET",), ("rsyslog.conf",)))


def healed_while_deaf(sc):
    """It came and went while the receiver was down: nothing may stay open."""
    key = sc.write("key", "fedcba9876543210fedcba9876543210")
    rc = Receiver(sc, [503])
    rs = Rsyslog(sc, f'output="pagerduty" url=["{rc.url}"] routingKeyFile="{key}" {FAST}').start()
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    sc.check("the trigger is tried", poll(lambda: steps(rc)))
    rs.kill()
    rs.start()
    rs.send(vrp.up("HQ", HQ, BR, 2))
    sc.check("the resolve is tried", poll(lambda: (503, True) in steps(rc)), steps(rc))
    rc.answer(202)
    poll(lambda: rs.stat("alerts.waiting") == 0 and rs.stat("delivered"), 120)
    ever, left = incidents(rc)
    sc.same("no incident is open after it", False, left)
    sc.same("and the last word was a resolve", (202, True), steps(rc)[-1])
    sc.note(f"incidents that were ever opened for an outage shorter than the receiver's: {ever}")
    rs.stop()


def one_identity(sc):
    """Alertmanager, webhook and PagerDuty in one rsyslogd speak of the same alert."""
    am, hook, pd = Alertmanager(sc).start(), Receiver(sc, [200]), Receiver(sc, [202])
    key = sc.write("key", "0123456789abcdef0123456789abcdef\n")
    rs = Rsyslog(sc, f'output="alertmanager" url=["{am.url}"] {FAST}',
                 hook=f'output="webhook" url=["{hook.url}"] {FAST}',
                 pd=f'output="pagerduty" url=["{pd.url}"] routingKeyFile="{key}" {FAST}').start()
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    poll(lambda: am.alerts() and hook.taken() and pd.taken())
    alert, body = (am.alerts() or [{}])[0], (hook.taken() or [{}])[0]
    sc.same("the payload has version 4's members",
            {"version", "groupKey", "truncatedAlerts", "status", "receiver", "groupLabels", "commonLabels",
             "commonAnnotations", "externalURL", "alerts"}, set(body))
    sc.same("with their kinds", ("4", 0, "firing", "hook"),
            tuple(body.get(it) for it in ("version", "truncatedAlerts", "status", "receiver")))
    mine = (body.get("alerts") or [{}])[0]
    sc.same("its alert too", {"status", "labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint"},
            set(mine))
    sc.same("the webhook's fingerprint, labels and startsAt are the real Alertmanager's",
            [alert.get(it) for it in ("fingerprint", "labels", "startsAt")],
            [mine.get(it) for it in ("fingerprint", "labels", "startsAt")])
    rs.send(vrp.up("HQ", HQ, BR, 2))
    poll(lambda: am.quiet() and not incidents(hook)[1] and not incidents(pd)[1])
    rs.send(vrp.down("HQ", HQ, BR, 2))
    poll(lambda: am.alerts() and incidents(hook)[1] and incidents(pd)[1])
    sc.same("a second outage is a second incident, under the same keys", ((2, True), (2, True), {DEDUP}),
            (incidents(hook), incidents(pd), {it["dedup_key"] for it in pd.taken()}))
    again = (am.alerts() or [{}])[0]
    sc.check("and to Alertmanager the same alert with another start",
             again.get("fingerprint") == alert.get("fingerprint") and
             again.get("startsAt", "") > alert.get("startsAt", ""), (alert, again))
    rs.send(vrp.up("HQ", HQ, BR, 3))
    poll(lambda: am.quiet() and not incidents(hook)[1] and not incidents(pd)[1])
    sc.same("all three resolve", (True, (2, False), (2, False)), (am.quiet(), incidents(hook), incidents(pd)))
    rs.stop()


def nobody_waits(sc):
    """A receiver that hangs, a Kafka that is not there, a file, and an Alertmanager that works."""
    am, hang = Alertmanager(sc).start(), Receiver(sc, ["hang"])
    rs = Rsyslog(sc, f'output="alertmanager" url=["{am.url}"] {FAST}',
                 hang=f'output="webhook" url=["{hang.url}"] requestTimeout="300000" {FAST}',
                 kafka=f'output="kafka" broker=["127.0.0.1:1"] topic="t" tunnelState="on" {FAST}',
                 file=f'output="file" file="{sc.path("out")}" tunnelState="on" {FAST}').start()
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    sc.check("the alert goes out beside a receiver that hangs and a broker that is away", poll(am.alerts))
    sc.check("and its record is in the file", poll(lambda: "ipsec-alert-opened" in sc.read("out")))
    sc.check("the receiver hangs", poll(lambda: hang.requests))
    rs.send(*[vrp.up("HQ", HQ, f"10.0.{i // 250}.{i % 250 + 1}", i) for i in range(5000)])
    sc.check("5,000 events pass the action whose receiver hangs", rs.reaches("events.established", 5001, "hang"),
             rs.stat("lines", "hang"))
    begun = time.monotonic()
    rs.stop()
    sc.same("rsyslogd stops all the same", 0, rs.process.returncode)
    sc.note(f"stopped in {time.monotonic() - begun:.1f} s, of the 300 s that the request may take")
