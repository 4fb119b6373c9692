#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py MODULE RULES SCHEMA VPNLOG [SCENARIO...]: alerts from a real rsyslogd to real receivers."""
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

from parts import (ALERTMANAGER, RSYSLOGD, Alertmanager, Receiver, Rsyslog, Scenario, fingerprint, poll, signature)
import vrp

MODULE, RULES, SCHEMA, VPNLOG = map(os.path.abspath, sys.argv[1:5])
HQ, BR = "198.51.100.1", "203.0.113.7"
PAIR = f"{HQ}~{BR}"
FAST = 'holdDown="2" holdUp="2" gatewayHold="2" '


def one(sc, am, claim, seconds=15):
    """The one alert that Alertmanager has."""
    found = poll(seconds, am.alerts) or []
    sc.same(claim, 1, len(found))
    return found[0] if found else {"labels": {}, "annotations": {}, "fingerprint": None, "startsAt": None}


def teardown_pages_once(sc):
    am = Alertmanager(sc).start()
    rs = Rsyslog(sc, f'output="alertmanager" url=["{am.url}"] {FAST} resendInterval="1"').start()
    rs.send(vrp.up("HQ", HQ, BR, 1))
    rs.send(vrp.down("HQ", HQ, BR, 1), vrp.torn("HQ", HQ, BR, 4711), vrp.fail("HQ", BR))
    alert = one(sc, am, "one alert")
    sc.same("its labels", {"alertname": "IPsecTunnelDown", "severity": "critical", "tunnel": PAIR}, alert["labels"])
    note = alert["annotations"]
    sc.check("a summary of one line under 120 characters", "HQ to 203.0.113.7" in note.get("summary", "") and
             len(note["summary"]) < 120 and "\n" not in note["summary"], note)
    sc.check("the description has the fix", all(f"\n{i}. " in note.get("description", "") for i in (1, 2, 3)), note)
    sc.same("the cause", ("dpd_timeout", "authentication_fail"), (note.get("reason"), note.get("failure")))
    sc.check("the raw lines", "IPSECTUNNELSTOP" in note.get("lines", "") and "IPSECNEGOFAIL" in note["lines"], note)
    # It stays through three resends and a kill -9.
    first = (alert["fingerprint"], alert["startsAt"])
    gone = 0
    for step in range(60):
        if step == 30:
            rs.kill()
            rs.start()
        now = [(it["fingerprint"], it["startsAt"]) for it in am.alerts() or []]
        gone += now != [first]
        time.sleep(0.1)
    sc.same("the same alert through three resends, kill -9 and a restart", 0, gone)
    sc.check("the watchdog fires", len(am.alerts("OmipsecWatchdog") or []) == 1, am.alerts("OmipsecWatchdog"))
    rs.send(vrp.up("HQ", HQ, BR, 2))
    sc.check("the establish resolves it", poll(15, lambda: am.alerts() == []), am.alerts())
    rs.stop()


def receiver_is_down(sc):
    am, other = Alertmanager(sc), Alertmanager(sc).start()
    rs = Rsyslog(sc, f'output="alertmanager" url=["{am.url}","{other.url}"] {FAST} resendInterval="2"').start()
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    one(sc, other, "the replica that is up has it")
    other.stop()
    rs.send(vrp.up("BR2", "203.0.113.99", HQ, 1), vrp.down("BR2", "203.0.113.99", HQ, 1))
    time.sleep(60)
    am.start()
    found = poll(90, lambda: len(am.alerts() or []) == 2)
    sc.check("after a minute without any, the one that returns gets both alerts", found, am.alerts())
    sc.check("the operator was told", "alerts wait for it" in sc.read("messages"), sc.read("messages")[-500:])
    rs.stop()


def hub_dies(sc):
    am = Alertmanager(sc).start()
    rs = Rsyslog(sc, f'output="alertmanager" url=["{am.url}"] holdDown="20" holdUp="2" gatewayHold="10"').start()
    spokes = [(f"SP{i}", f"192.0.2.{i % 250 + 1}" if i < 250 else f"10.9.{i // 250}.{i % 250 + 1}") for i in range(2000)]
    rs.send(*[vrp.up(name, ip, HQ, i) for i, (name, ip) in enumerate(spokes)])
    poll(20, lambda: (rs.stat("tunnels") or 0) >= 2000)
    sc.same("2,000 tunnels", 2000, rs.stat("tunnels"))
    time.sleep(21)  # nothing new fires for one holdDown after a start
    # A failover that heals within the hold.
    rs.send(*[vrp.down(name, ip, HQ, i) for i, (name, ip) in enumerate(spokes)])
    time.sleep(6)
    rs.send(*[vrp.up(name, ip, HQ, i + 5000) for i, (name, ip) in enumerate(spokes)])
    time.sleep(8)
    sc.same("healed before gatewayHold: nobody is paged", [], am.alerts())
    begun = time.time()
    rs.send(*[vrp.down(name, ip, HQ, i + 5000) for i, (name, ip) in enumerate(spokes)])
    poll(25, am.alerts)
    took = time.time() - begun
    found = am.alerts() or []
    sc.same("one page, which names the hub", [("IPsecGatewayDown", HQ)],
            [(it["labels"]["alertname"], it["labels"]["gateway"]) for it in found])
    sc.lines.append(f"     {sc.name}: paged {took:.1f} s after the last spoke fell (gatewayHold is 10 s)")
    time.sleep(16)
    sc.same("still one after the spokes' own hold", 1, len(am.alerts() or []))
    rs.send(*[vrp.up(name, ip, HQ, i + 9000) for i, (name, ip) in enumerate(spokes)])
    sc.check("it resolves", poll(30, lambda: am.alerts() == []), am.alerts())
    rs.stop()


def open_incidents(events):
    """What PagerDuty would have open, and how many incidents there ever were."""
    now, ever = set(), 0
    for event in events:
        key = event["dedup_key"]
        if event["event_action"] == "trigger":
            ever += key not in now
            now.add(key)
        else:
            now.discard(key)
    return now, ever


def pagerduty(sc):
    key = "R0UT1NGKEY0123456789abcdef0SECRET"[:32]
    keyfile = sc.write("key", key + "\n")
    script = [500, (429, 2), "hang", "reset", 202]
    rc = Receiver(sc, script)
    rs = Rsyslog(sc, f'output="pagerduty" url=["{rc.url}"] routingKeyFile="{keyfile}" requestTimeout="1000" {FAST} '
                     'resendInterval="2"').start()
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    poll(60, rc.taken)
    ps = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True).stdout
    sc.same("one incident after 500, 429, a hang and a reset", ({f"omipsec/IPsecTunnelDown/{PAIR}"}, 1),
            open_incidents(rc.taken()))
    times = [at for at, how, _, _ in rc.requests]
    sc.check("Retry-After is honoured", len(times) > 2 and times[2] - times[1] >= 1.9, times)
    sc.check("the routing key is in the request", rc.taken()[0]["routing_key"] == key, "")
    time.sleep(5)
    rs.kill()
    rs.start()
    time.sleep(4)
    rs.send(vrp.up("HQ", HQ, BR, 2))
    poll(20, lambda: not open_incidents(rc.taken())[0])
    sc.same("resolved, and one incident through resends and a kill -9", (set(), 1), open_incidents(rc.taken()))
    rc.script[:] = [400]
    rs.send(vrp.down("HQ", HQ, BR, 2))
    sc.check("400 is final and counted", poll(20, lambda: rs.stat("refused")), rs.stat("refused"))
    seen = len(rc.requests)
    time.sleep(1)
    sc.check("and not repeated at once", len(rc.requests) - seen <= 1, len(rc.requests) - seen)
    rs.stop()
    leaks = subprocess.run(["grep", "-rlaF", key, sc.work], capture_output=True, text=True).stdout.split()
    sc.same("the key is in its own file only", [keyfile], leaks)
    sc.check("nor in the process list", key not in ps)


def webhook(sc):
    secret = "hmac-SECRET-of-the-test"
    rc = Receiver(sc, [503, 200])
    rs = Rsyslog(sc, f'output="webhook" url=["{rc.url}?token=QUERYSECRET"] hmacKeyFile="{sc.write("hmac", secret)}" '
                     f'{FAST}').start()
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    poll(20, rc.taken)
    rs.send(vrp.up("HQ", HQ, BR, 2))
    poll(20, lambda: len(rc.taken()) > 1)
    rs.stop()
    sc.same("firing, then resolved", ["firing", "resolved"], [it["status"] for it in rc.taken()])
    alert = (rc.taken() or [{"alerts": [{}]}])[0]["alerts"][0]
    sc.same("Alertmanager's fingerprint", fingerprint(alert.get("labels", {})), alert.get("fingerprint"))
    sc.check("every request is signed", all(headers.get("X-Omipsec-Signature") == signature(secret, body)
                                           for _, _, headers, body in rc.requests), rc.requests[:1])
    text = sc.read("messages") + sc.read("rsyslogd.log")
    sc.check("no secret is told", secret not in text and "QUERYSECRET" not in text, text[-400:])
    sc.check("the 503 is told", "answered 503" in text, text[-400:])


def tls(sc):
    cert, key = sc.path("cert.pem"), sc.path("key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
                   check=True, capture_output=True)
    rc = Receiver(sc, [200], (cert, key))
    rs = Rsyslog(sc, f'output="webhook" url=["{rc.url}"] {FAST}').start()
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    sc.check("a certificate that nobody vouches for is refused",
             poll(15, lambda: "ertificate" in sc.read("messages")), sc.read("messages")[-300:])
    sc.same("nothing was sent", [], rc.requests)
    rs.stop()
    rs = Rsyslog(sc, f'output="webhook" url=["{rc.url}"] tls.cacert="{cert}" {FAST}').start()
    sc.check("with its CA the alert that waited is sent", poll(20, rc.taken), sc.read("messages")[-300:])
    rs.stop()


def records(sc):
    import jsonschema
    rs = Rsyslog(sc, f'output="file" file="{sc.path("out")}" tunnelState="on" {FAST}').start()
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1), vrp.torn("HQ", HQ, BR, 99))
    read = lambda: [json.loads(line) for line in sc.read("out").splitlines()]
    alerts = lambda: [it for it in read() if it["event"]["kind"] == "alert"]
    poll(15, alerts)
    rs.send(vrp.up("HQ", HQ, BR, 2))
    poll(15, lambda: len(alerts()) > 1)
    rs.stop()
    states = [(it["omipsec"]["tunnel"]["previous_state"], it["omipsec"]["tunnel"]["state"],
               it["omipsec"]["tunnel"]["changed"]) for it in read() if it["event"]["kind"] == "event"]
    sc.same("STOP and TEARED_DOWN are one transition", [("unknown", "up", True), ("up", "down", True),
                                                       ("down", "down", False), ("down", "up", True)], states)
    sc.same("opened and resolved", ["ipsec-alert-opened", "ipsec-alert-resolved"],
            [it["event"]["action"] for it in alerts()])
    sc.same("of one outage", 1, len({it["omipsec"]["outage"]["id"] for it in alerts()}))
    last = alerts()[-1]["event"] if alerts() else {}
    sc.check("with start, end and duration", {"start", "end", "duration"} <= set(last), last)
    with open(SCHEMA) as file:
        validator = jsonschema.Draft202012Validator(json.load(file))
    wrong = [error.message for it in read() for error in validator.iter_errors(it)]
    sc.same("all fit the schema", [], wrong[:3])


def store_faults(sc):
    am = Alertmanager(sc).start()
    sc.write("state/alerts.state", "this is no database\n" * 100)
    rs = Rsyslog(sc, f'output="alertmanager" url=["{am.url}"] {FAST}').start()
    sc.check("a file that is no state file is told",
             poll(5, lambda: "is no state file of omipsec" in sc.read("messages")), sc.read("messages")[-300:])
    time.sleep(2)
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    one(sc, am, "the alert goes out from memory")
    sc.check("and the error is counted", poll(5, lambda: rs.stat("store.errors")), rs.stat("store.errors"))
    rs.stop()


def overrides(sc):
    am = Alertmanager(sc).start()
    good = (f'tunnels:\n  - {{match: {{peer: {BR}}}, name: "Berlin - HQ", owner: net, runbook: "https://wiki/berlin"}}\n'
            '  - {match: {peer: 203.0.113.8}, page: false}\n'
            'silence:\n  - {device: QUIET, after: 60}\n')
    path = sc.write("overrides.yaml", good, 0o644)
    rs = Rsyslog(sc, f'output="alertmanager" url=["{am.url}"] overrides="{path}" {FAST}').start()
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.up("HQ", HQ, "203.0.113.8", 2))
    time.sleep(2)
    rs.send(vrp.down("HQ", HQ, BR, 1), vrp.down("HQ", HQ, "203.0.113.8", 2))
    alert = one(sc, am, "page: false does not page, the other does")
    sc.same("its owner is a label", "net", alert["labels"].get("owner"))
    sc.check("its name and runbook", alert["annotations"].get("summary", "").startswith("Berlin - HQ") and
             alert["annotations"].get("runbook_url") == "https://wiki/berlin", alert)
    sc.write("overrides.yaml", good + "tunnel: []\n", 0o644)
    rs.hup()
    sc.check("a bad file is refused with its place",
             poll(10, lambda: "overrides.yaml:6" in sc.read("messages")), sc.read("messages")[-400:])
    sc.same("suppressed is counted", True, poll(5, lambda: (rs.stat("alerts.suppressed") or 0) >= 1))
    sc.same("and what fires", 1, poll(5, lambda: rs.stat("alerts.firing")))
    rs.stop()


def rehearsal(sc):
    rc = Receiver(sc, [200])
    rs = Rsyslog(sc, f'output="webhook" url=["{rc.url}"] dryRun="on" {FAST}').start()
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    found = poll(15, lambda: sc.read("state/alerts.dryrun.jsonl"))
    rs.stop()
    sc.check("the page is in the file", "ipsec-alert-opened" in found, found)
    sc.same("and nothing was sent", [], rc.requests)


def ruleset(sc):
    more = (f'template(name="t" type="string" string="%hostname%|%syslogtag%|%msg%|%$!vpn!omipsec!alarm!name%\\n")\n'
            f'ruleset(name="pages") {{ action(type="omfile" file="{sc.path("pages")}" template="t")\n call in }}\n')
    more = more.replace("\n call in }", " }")
    rs = Rsyslog(sc, f'output="ruleset" ruleset="pages" {FAST}', more).start()
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    found = poll(15, lambda: sc.read("pages"))
    time.sleep(2)
    rs.stop()
    lines = sc.read("pages").splitlines()
    sc.same("one message", 1, len(lines))
    sc.check("with device, summary and record", lines and lines[0].startswith("HQ|omipsec:|HQ to 203.0.113.7") and
             lines[0].endswith("|IPsecTunnelDown"), lines)


def forget(sc):
    am = Alertmanager(sc).start()
    rs = Rsyslog(sc, f'output="alertmanager" url=["{am.url}"] {FAST}').start()
    state = sc.path("state/alerts.state")
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    one(sc, am, "one alert")
    run = lambda *args: subprocess.run([VPNLOG, *args], capture_output=True, text=True)
    said = run("tunnels", "--rules", RULES, "--state", state)
    sc.check("vpnlog tunnels tells who is down and why", said.returncode == 0 and PAIR in said.stdout and
             "DPD" in said.stdout, said)
    sc.same("vpnlog forget", 0, run("forget", "--state", state, PAIR).returncode)
    sc.check("closes the alert", poll(15, lambda: am.alerts() == []), am.alerts())
    rs.stop()
    said = run("tunnels", "--rules", RULES, "--state", state, "--json")
    sc.check("and it is not known any more", said.returncode == 0 and PAIR not in said.stdout, said)


def latency(sc):
    rc = Receiver(sc, [200])
    rs = Rsyslog(sc, f'output="webhook" url=["{rc.url}"] holdDown="0" holdUp="0"').start()
    pairs = [(HQ, f"10.{i // 250}.{i % 250}.1") for i in range(2500)]
    rs.send(*[vrp.up("HQ", local, peer, i) for i, (local, peer) in enumerate(pairs)])
    poll(20, lambda: (rs.stat("tunnels") or 0) >= 2500)
    took = []
    for i in range(20):
        # A tenth of a second of 10,000 events: rekeys of tunnels that are up, and in the middle the one that falls.
        burst = [vrp.up("HQ", *pairs[j % 2000], 10000 + i * 1000 + j) for j in range(1000)]
        burst.insert(500, vrp.down("HQ", *pairs[2000 + i], 2000 + i))
        seen, begun = len(rc.requests), time.time()
        rs.send(*burst)
        if poll(5, lambda: len(rc.requests) > seen):
            took.append(rc.requests[seen][0] - begun)
        time.sleep(max(0, 0.1 - (time.time() - begun)))
    rs.stop()
    took.sort()
    sc.same("every teardown among 10,000 events a second is posted", 20, len(took))
    if took:
        sc.lines.append(f"     {sc.name}: from the first byte of its burst to the POST: median "
                        f"{took[len(took) // 2] * 1000:.0f} ms, most {took[-1] * 1000:.0f} ms")


SCENARIOS = [receiver_is_down, hub_dies, teardown_pages_once, pagerduty, webhook, tls, records, store_faults, overrides,
             rehearsal, ruleset, forget]


def play(function, root):
    sc = Scenario(function.__name__, root, MODULE, RULES)
    begun = time.monotonic()
    try:
        function(sc)
    except Exception:
        sc.check("plays to its end", False, traceback.format_exc()[-600:])
    finally:
        sc.end()
    sc.lines.append(f"     {sc.name}: took {time.monotonic() - begun:.0f} s")
    return sc.lines


def main():
    if not RSYSLOGD or not ALERTMANAGER:
        print(f"THE ALERTS CANNOT BE TESTED: {'rsyslogd' if not RSYSLOGD else 'prometheus-alertmanager'} is missing")
        print("0 passed, 0 failed, 1 skipped")
        return 1 if os.environ.get("CI") == "true" else 0
    wanted = sys.argv[5:]
    root = tempfile.mkdtemp(prefix="omipsec-alerts.")
    os.chmod(root, 0o755)
    lines = []
    chosen = [f for f in SCENARIOS + [latency] if not wanted or f.__name__ in wanted]
    # They wait most of the time; the one that measures has the machine for itself.
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda f: play(f, root), [f for f in chosen if f is not latency]):
            print("\n".join(found), flush=True)
            lines += found
    if latency in chosen:
        found = play(latency, root)
        print("\n".join(found))
        lines += found
    failed = sum(line.startswith("FAIL") for line in lines)
    if failed:
        print(f"what they left is in {root}")
    else:
        shutil.rmtree(root)
    print(f"{sum(line.startswith('ok') for line in lines)} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


sys.exit(main())
