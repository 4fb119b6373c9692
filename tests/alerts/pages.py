# SPDX-License-Identifier: Apache-2.0
"""One outage, one page: through an Alertmanager to whom it notifies."""
import datetime
import json
import time

from parts import FAST, WATCHDOG, Alertmanager, Receiver, Rsyslog, poll
from vrp import BR, HQ, PAIR
import vrp


def date(text):
    return datetime.datetime.fromisoformat(text)


def find_key(value, key):
    if isinstance(value, dict):
        if key in value:
            return value[key]
        value = list(value.values())
    found = map(lambda it: find_key(it, key), value) if isinstance(value, list) else ()
    return next(filter(None, found), None)


def explanation(sc, code):
    found = sc.vpnlog("lookup", "--rules", sc.rules, "--json", code).stdout.splitlines()[0]
    said = find_key(json.loads(found), "explanation")
    return said.get("en") if isinstance(said, dict) else said


def identities(am):
    return [(it["fingerprint"], it["startsAt"]) for it in am.alerts() or []]


def stays(sc, am, claim, identity, times=3):
    """It is said again so often, and all the while it is that one active alert."""
    updates, wrong = set(), []

    def look():
        found = am.alerts() or []
        if [(it["fingerprint"], it["startsAt"], it["status"]["state"]) for it in found] != [(*identity, "active")]:
            wrong.append(found)
        updates.update(it["updatedAt"] for it in found)
        return len(updates) > times
    sc.check(claim, poll(look) and not wrong, (updates, wrong[:2]))


def described(sc, alert):
    note = alert["annotations"]
    summary, text = note.get("summary", ""), note.get("description", "")
    # Both ends told; the branch was the last to have a child.
    sc.check("a summary of one line under 120 characters", summary.startswith("BRANCH to 198.51.100.1: ") and
             len(summary) < 120 and "\n" not in summary, summary)
    said = explanation(sc, "authentication_fail")
    sc.check("the description begins with the explanation of what it fails with", said and text.startswith(said),
             (said, text))
    sc.check("then says how it went down", "Peer stopped answering (DPD)" in text, text)
    sc.same("and has three steps", [True, True, True, False], [f"\n{i}. " in text for i in (1, 2, 3, 4)])
    sc.same("the cause", ("dpd_timeout", "authentication_fail"), (note.get("reason"), note.get("failure")))
    sc.check("the raw lines", "IPSECTUNNELSTOP" in note.get("lines", "") and "IPSECNEGOFAIL" in note["lines"], note)


def teardown(sc):
    """Both ends tell of one outage; rsyslogd is killed, stopped and reloaded while it lasts."""
    pager = Receiver(sc, [200])
    am = Alertmanager(sc, pager).start()
    rs = Rsyslog(sc, f'output="alertmanager" url=["{am.url}"] {FAST} resendInterval="1"').start()
    sc.check("the watchdog is active before any message", poll(lambda: am.alerts(WATCHDOG)))
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.up("BRANCH", BR, HQ, 7))
    time.sleep(2)
    stop = vrp.down("HQ", HQ, BR, 1)
    rs.send(stop, vrp.torn("HQ", HQ, BR, 4711), vrp.fail("HQ", BR), vrp.down("BRANCH", BR, HQ, 7))
    alert = (poll(am.alerts) or [None])[0]
    if not sc.check("the teardown is an alert", alert):
        return
    sc.same("its labels", {"alertname": "IPsecTunnelDown", "severity": "critical", "tunnel": PAIR}, alert["labels"])
    described(sc, alert)
    sc.same("it starts when the device says", vrp.when(stop), alert["startsAt"])
    away = date(alert["endsAt"]) - date(alert["updatedAt"])
    sc.check("it would outlast a collector that is away for ten minutes", away.total_seconds() > 600, away)
    identity = alert["fingerprint"], alert["startsAt"]
    stays(sc, am, "it stays that one alert through three resends", identity)
    rs.kill()
    rs.start()
    stays(sc, am, "and through kill -9, a restart and three more", identity)
    rs.stop()
    rs.start()
    stays(sc, am, "and through a clean restart", identity, 2)
    rs.hup()
    stays(sc, am, "and through a HUP", identity, 2)
    rs.send(vrp.up("BRANCH", BR, HQ, 8))
    sc.check("one end's establish resolves it", poll(am.quiet), am.alerts())
    poll(lambda: len(pager.taken()) > 1)
    time.sleep(3)
    sc.check("for good", am.quiet(), am.alerts())
    rs.stop()
    found = pager.taken()
    sc.same("Alertmanager told of it once, and once of its end", ["firing", "resolved"], [it["status"] for it in found])
    ends = [(it["fingerprint"], date(it["startsAt"]), it["startsAt"] < it["endsAt"]) for it in found[-1]["alerts"]]
    sc.same("the end has the start of the outage", [(identity[0], date(identity[1]), True)], ends)


def killed_in_hold(sc):
    """A kill -9 between the line and the page, and between the establish and the resolve; no line follows."""
    pager = Receiver(sc, [200])
    am = Alertmanager(sc, pager).start()
    rs = Rsyslog(sc, f'output="alertmanager" url=["{am.url}"] holdDown="8" holdUp="8" gatewayHold="2"').start()
    stop = vrp.down("HQ", HQ, BR, 1)
    rs.send(vrp.up("HQ", HQ, BR, 1), stop)
    rs.reaches("tunnels.down", 1)
    rs.kill()
    sc.check("killed before it paged", am.quiet(), am.alerts())
    rs.start()
    found = poll(am.alerts) or []
    sc.same("it pages after the restart, with the true start", [(PAIR, vrp.when(stop))],
            [(it["labels"].get("tunnel"), it["startsAt"]) for it in found])
    rs.send(vrp.up("HQ", HQ, BR, 2))
    poll(lambda: rs.stat("tunnels.down") == 0)
    rs.kill()
    sc.check("killed before it resolved", len(am.alerts() or []) == 1, am.alerts())
    rs.start()
    sc.check("it resolves after the restart", poll(am.quiet), am.alerts())
    poll(lambda: len(pager.taken()) > 1)
    rs.stop()
    sc.same("nobody was told twice", ["firing", "resolved"], [it["status"] for it in pager.taken()])


def hub_dies(sc):
    """2,000 spokes lose their hub within a second; the hub itself says nothing."""
    begun = time.monotonic()
    pager = Receiver(sc, [200])
    am = Alertmanager(sc, pager).start()
    rs = Rsyslog(sc, f'output="alertmanager" url=["{am.url}"] holdDown="35" holdUp="2" gatewayHold="30"').start()
    spokes = [(f"SP{i}", f"10.9.{i // 250}.{i % 250 + 1}") for i in range(2000)]
    tell = lambda line, index: rs.send(*[line(name, ip, HQ, index + i) for i, (name, ip) in enumerate(spokes)])
    tell(vrp.up, 0)
    sc.check("2,000 tunnels", rs.reaches("tunnels", 2000), rs.stat("tunnels"))
    # Nothing new fires for one holdDown after a start; this outage is the one that would outlast it, if it did not heal.
    time.sleep(max(0, 17 - time.monotonic() + begun))
    tell(vrp.down, 0)
    time.sleep(20)
    tell(vrp.up, 5000)
    time.sleep(17)
    sc.same("healed in 20 s: nobody is paged", (True, []), (am.quiet(), pager.taken()))
    fell = time.time()
    tell(vrp.down, 5000)
    poll(am.alerts, 90)
    took = time.time() - fell
    found = am.alerts() or []
    sc.same("one page, which names the hub", [{"alertname": "IPsecGatewayDown", "severity": "critical", "gateway": HQ}],
            [it["labels"] for it in found])
    sc.check("and how many", all("2000" in it["annotations"]["summary"] for it in found), found)
    sc.check("not before gatewayHold", took >= 29, took)
    sc.note(f"paged {took:.1f} s after the first spoke fell (gatewayHold is 30 s)")
    identity = identities(am)
    rs.kill()
    rs.start()
    time.sleep(12)
    sc.same("still that one after a kill -9 and the spokes' own hold", identity, identities(am))
    tell(vrp.up, 9000)
    sc.check("it resolves", poll(am.quiet, 90), am.alerts())
    poll(lambda: len(pager.taken()) > 1)
    rs.stop()
    sc.same("nobody was told of a single spoke", [("firing", HQ), ("resolved", HQ)],
            [(it["status"], it["commonLabels"].get("gateway")) for it in pager.taken()])
