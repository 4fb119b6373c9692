# SPDX-License-Identifier: Apache-2.0
"""Alerts as records where events go, as messages in a ruleset, and as a rehearsal."""
import json
import time

from broker import Broker, missing
from parts import FAST, Receiver, Rsyslog, poll
from vrp import BR, HQ, PAIR
import vrp

TOPIC = "outages"
OTHER_BR = "203.0.113.8"


def values(kf):
    return [json.loads(it["payload"]) for it in kf.records(TOPIC)]


def alerts_of(values):
    return [it for it in values if it["event"]["kind"] == "alert"]


def has(values, action, n=1):
    return sum(it["event"]["action"] == f"ipsec-alert-{action}" for it in values) >= n


def invalid(sc, values):
    import jsonschema
    with open(sc.schema) as file:
        validator = jsonschema.Draft202012Validator(json.load(file))
    return [error.message for it in values for error in validator.iter_errors(it)]


def one_outage(sc, where, values):
    """A record may come twice after a kill -9, under the same id."""
    states = [it["omipsec"]["tunnel"] for it in values if it["event"]["kind"] == "event"]
    sc.same(f"{where}: STOP and TEARED_DOWN are one transition",
            [("unknown", "up", True), ("up", "down", True), ("down", "down", False), ("down", "up", True)],
            [(it["previous_state"], it["state"], it["changed"]) for it in states])
    alerts = {it["event"]["id"]: it for it in alerts_of(values)}
    sc.same(f"{where}: opened and resolved, each one document", ["ipsec-alert-opened", "ipsec-alert-resolved"],
            [it["event"]["action"] for it in alerts.values()])
    sc.same(f"{where}: of one outage", 1, len({it["omipsec"]["outage"]["id"] for it in alerts.values()}))
    last = list(alerts.values())[-1]["event"] if alerts else {}
    sc.check(f"{where}: with start, end and duration", {"start", "end", "duration"} <= set(last), last)
    sc.same(f"{where}: all fit the schema", [], invalid(sc, values)[:3])
    return set(alerts)


def addressed(sc, found):
    """Kafka's key and headers of an alert."""
    alerts = [(it, value) for it in found for value in [json.loads(it["payload"])] if value["event"]["kind"] == "alert"]
    header = lambda it: dict(zip(it["headers"][::2], it["headers"][1::2]))
    sc.check("kafka: the alert has key and headers", alerts and all(
        it.get("key") and {"ce_id", "ce_type", "ce_source", "ce_specversion", "content-type"} <= set(header(it))
        for it, _ in alerts), alerts[:1])
    sc.check("kafka: ce_id is event.id", all(header(it)["ce_id"] == value["event"]["id"] for it, value in alerts))


def broker_away(sc, rs, kf, known):
    """What opens and ends while the broker is away is heard of twice when it returns."""
    rs.send(vrp.up("HQ", HQ, OTHER_BR, 9))
    poll(lambda: rs.stat("tunnels") == 2)
    kf.stop()
    opened, resolved = rs.stat("alerts.opened"), rs.stat("alerts.resolved")
    other = f"{HQ}~{OTHER_BR}"
    # The second has five times the hold, so that the first is already stuck on its way when it opens;
    # the two lines have to be one batch, as nothing follows a batch that waits.
    rs.send(vrp.down("HQ", HQ, BR, 2), vrp.down("HQ", HQ, OTHER_BR, 9, "peer request"))
    sc.check("two open while the broker is away", rs.reaches("alerts.opened", opened + 2), rs.stat("alerts.opened"))
    time.sleep(3)
    sc.same("the operator ends them", (0, 0), tuple(
        sc.vpnlog("forget", "--state", sc.path("state/alerts.state"), it).returncode for it in (PAIR, other)))
    sc.check("and they end", rs.reaches("alerts.resolved", resolved + 2), rs.stat("alerts.resolved"))
    time.sleep(3)
    kf.again()
    poll(lambda: has(values(kf), "resolved", 3), 120)
    late = [it for it in alerts_of(values(kf)) if it["event"]["id"] not in known]
    sc.same("when the broker is back, both records of each come",
            [(it, what) for it in sorted([PAIR, other]) for what in ("ipsec-alert-opened", "ipsec-alert-resolved")],
            sorted({(it["omipsec"]["alarm"]["subject"], it["event"]["action"]) for it in late}))
    sc.same("and none twice", 4, len(late))


def records(sc):
    """To Kafka and to a file; a kill -9 while the alert is open."""
    kf = None if missing() else Broker()
    file = f'output="file" file="{sc.path("out")}" tunnelState="on" {FAST}'
    if kf:
        sc.parts.append(kf)
        kf.start(sc.work)
        kf.topic(TOPIC, 1)
        rs = Rsyslog(sc, f'output="kafka" broker=["{kf.address}"] topic="{TOPIC}" tunnelState="on" {FAST} '
                         'queue.minDequeueBatchSize="2" queue.minDequeueBatchSize.timeout="1000"', file=file)
    else:
        sc.skip("ALERTS IN KAFKA ARE NOT TESTED, there is no Kafka to be had")
        rs = Rsyslog(sc, file)
    rs.start()
    both_have = lambda action: poll(lambda: has(sc.json_lines("out"), action) and (not kf or has(values(kf), action)))
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1), vrp.torn("HQ", HQ, BR, 99))
    both_have("opened")
    rs.kill()
    rs.start()
    rs.send(vrp.up("HQ", HQ, BR, 2))
    both_have("resolved")
    one_outage(sc, "file", sc.json_lines("out"))
    if kf:
        found = kf.records(TOPIC)
        known = one_outage(sc, "kafka", [json.loads(it["payload"]) for it in found])
        addressed(sc, found)
        broker_away(sc, rs, kf, known)
    rs.stop()


def findings(sc):
    """The same outage in OCSF."""
    rs = Rsyslog(sc, f'output="file" file="{sc.path("out")}" format="ocsf" tunnelState="on" {FAST}').start()
    found = lambda: [it for it in sc.json_lines("out") if it["class_uid"] == 2004]
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    poll(found)
    rs.send(vrp.up("HQ", HQ, BR, 2))
    poll(lambda: len(found()) > 1)
    rs.stop()
    sc.same("opened and resolved are one finding", (["Create", "Close"], 1),
            ([it["activity_name"] for it in found()], len({it["finding_info"]["uid"] for it in found()})))
    sc.same("and name the tunnel of its events", 1, len({it["metadata"]["correlation_uid"] for it in sc.json_lines("out")}))
    sc.same("events have the tunnel's state", ["up", "down", "up"],
            [it["unmapped"]["omipsec"]["tunnel"]["state"] for it in sc.json_lines("out") if it["class_uid"] == 4014])


def ruleset(sc):
    """The ruleset that takes the alerts hands them back to the one they came from."""
    shape = "%inputname%|%syslogseverity-text%|%hostname%|%syslogtag%|%msg%|%$!vpn!omipsec!alarm!name%"
    rs = Rsyslog(sc, f'output="ruleset" ruleset="pages" {FAST}', f"""
template(name="t" type="string" string="{shape}\\n")
ruleset(name="pages") {{ action(type="omfile" file="{sc.path("pages")}" template="t") call in }}""").start()
    pages = lambda: [line.split("|") for line in sc.read("pages").splitlines()]
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    poll(pages)
    time.sleep(3)
    sc.same("one message, critical, from the device, with the record",
            [["omipsec", "crit", "HQ", "omipsec:", "IPsecTunnelDown"]], [it[:4] + it[5:] for it in pages()])
    sc.check("and the summary", all(it[4].startswith("HQ to 203.0.113.7") for it in pages()), pages())
    rs.send(vrp.up("HQ", HQ, BR, 2))
    poll(lambda: len(pages()) > 1)
    time.sleep(3)
    sc.same("one more when it is over", ["crit", "notice"], [it[1] for it in pages()])
    sc.same("what came round was no event", (2, 1), (rs.stat("events.established"), rs.stat("events.disconnect")))
    sc.same("and no alert", (1, 1), (rs.stat("alerts.opened"), rs.stat("alerts.resolved")))
    rs.stop()


def rehearsal(sc):
    rc = Receiver(sc, [200])
    rs = Rsyslog(sc, f'output="webhook" url=["{rc.url}"] dryRun="on" {FAST}').start()
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    actions = lambda: [it["event"]["action"] for it in sc.json_lines("state/alerts.dryrun.jsonl")]
    poll(actions)
    rs.send(vrp.up("HQ", HQ, BR, 2))
    poll(lambda: len(actions()) > 1)
    rs.stop()
    sc.same("what would have been sent is in the file", ["ipsec-alert-opened", "ipsec-alert-resolved"], actions())
    sc.same("and nothing was sent", [], rc.requests)
