# SPDX-License-Identifier: Apache-2.0
"""Overrides: what the operator says of tunnels and devices, and how a HUP takes it."""
import datetime
import time

from parts import FAST, Alertmanager, Rsyslog, poll
from vrp import BR, HQ, PAIR
import vrp

NO_PAGE, NAMED = f"{HQ}~203.0.113.8", f"{HQ}~203.0.113.9"


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def overrides(sc):
    am = Alertmanager(sc).start()
    until = (now() + datetime.timedelta(seconds=25)).replace(microsecond=0)
    good = (f'tunnels:\n  - {{match: {{peer: {BR}}}, mute: {{until: "{until:%Y-%m-%dT%H:%M:%SZ}"}}}}\n'
            '  - {match: {peer: 203.0.113.8}, page: false}\n'
            '  - {match: {peer: 203.0.113.9}, name: "Berlin - HQ", owner: net, runbook: "https://wiki/berlin"}\n'
            'silence:\n  - {device: 127.0.0.1, after: 12, owner: net}\n')
    path = sc.write("overrides.yaml", good, 0o644)
    sc.same("vpnlog check takes the file", 0, sc.vpnlog("check", "--overrides", path, sc.rules).returncode)
    rs = Rsyslog(sc, f'output="alertmanager" url=["{am.url}"] overrides="{path}" {FAST} resendInterval="1"').start()
    peers = [BR, "203.0.113.8", "203.0.113.9"]
    rs.send(*[vrp.up("HQ", HQ, peer, i) for i, peer in enumerate(peers)])
    time.sleep(2)
    sc.write("overrides.yaml", good + "tunnel: []\n", 0o644)
    rs.hup()
    sc.check("a bad file is refused with its place", poll(lambda: "overrides.yaml:7" in sc.read("messages")),
             sc.read("messages")[-400:])
    rs.send(*[vrp.down("HQ", HQ, peer, i) for i, peer in enumerate(peers)])
    alerts = lambda: {it["labels"]["tunnel"]: it for it in am.alerts() or [] if "tunnel" in it["labels"]}
    poll(alerts)
    time.sleep(3)
    sc.same("the old overrides hold: only the third tunnel pages", [NAMED], list(alerts()))
    sc.check("and this was before the mute's end", now() < until)
    named = alerts().get(NAMED, {"labels": {}, "annotations": {}})
    sc.same("its owner is a label", "net", named["labels"].get("owner"))
    sc.check("its name and runbook", named["annotations"].get("summary", "").startswith("Berlin - HQ") and
             named["annotations"].get("runbook_url") == "https://wiki/berlin", named)
    poll(lambda: PAIR in alerts(), 90)
    late = now() >= until
    sc.same("at the mute's end the one still down fires", sorted([NAMED, PAIR]), sorted(alerts()))
    sc.check("not before it", late)
    silent = poll(lambda: am.alerts("VpnLogSilence")) or []
    sc.same("the device that is silent is told of", [("warning", "net")],
            [(it["labels"]["severity"], it["labels"].get("owner")) for it in silent])
    sc.check("omipsec's counters", poll(lambda: rs.stat("alerts.firing") == 3 and rs.stat("alerts.opened") == 3 and
                                       (rs.stat("alerts.suppressed") or 0) >= 1), sc.read("stats")[-900:])
    sc.check("with the time of the last success", poll(lambda: abs((rs.stat("alerts.last_sent") or 0) - time.time()) < 10))
    rs.send("<13>just some line")
    sc.check("any line of it resolves that", poll(lambda: am.alerts("VpnLogSilence") == []))
    sc.write("overrides.yaml", f"tunnels:\n  - {{match: {{peer: {BR}}}, decommissioned: true}}\n", 0o644)
    rs.hup()
    poll(lambda: sorted(alerts()) == [NO_PAGE, NAMED])
    sc.same("a good file at HUP: what was kept from paging fires, what is decommissioned closes", [NO_PAGE, NAMED],
            sorted(alerts()))
    rs.stop()
