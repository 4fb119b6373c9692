#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py MODULE RULES SCHEMA VPNLOG [RUN...]: real gateways fail, and what they log becomes the right events."""
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

import jsonschema

import lab
import openvpn
import strongswan
from lab import ADDRESS, OTHER
from parts import ALERTMANAGER, Alertmanager, Rsyslog, Scenario, poll

RUNS = strongswan.RUNS + openvpn.RUNS
CHARON_LINE = re.compile(r"^<\d+>\S+ +\d+ \S+ \S+ charon(?:\[\d+\])?: ", re.M)
PAIR = f"{ADDRESS['a']}~{ADDRESS['b']}"


def events(text):
    return [json.loads(line) for line in text.splitlines()]


def told(event):
    return event["event"].get("code") or ("up" if event["omipsec"]["class"] == "established" else "no code")


def addresses(event):
    tunnel = event["omipsec"]["tunnel"]
    return tunnel.get("local", {}).get("ip"), tunnel.get("peer", {}).get("ip")


def same_as_vpnlog(sc, net, found):
    """The same engine reads the same lines from the relay's files."""
    said = subprocess.run([VPNLOG, "explain", "--rules", RULES, "--json", f"{net.dir}/a.log", f"{net.dir}/b.log"],
                          capture_output=True, text=True)
    brief = lambda them: sorted((it["event"]["id"], told(it), str(addresses(it))) for it in them)
    sc.check("vpnlog reads the same in the logs", said.returncode == 0 and brief(events(said.stdout)) == brief(found),
             said.stderr or (brief(events(said.stdout)), brief(found)))


def judge(sc, run, net, found):
    for end in "ab":
        here = [it for it in found if it["observer"].get("hostname") == f"gw-{end}"]
        codes, expected = {told(it) for it in here}, run.expected[end]
        missing = [code for code in expected if not code.endswith("?") and not codes & set(code.split("|"))]
        surplus = codes - {one for code in expected for one in code.rstrip("?").split("|")}
        sc.check(f"gw-{end} tells {', '.join(expected) or 'nothing'}", not missing and not surplus,
                 f"missing {missing}, not expected {sorted(surplus)}")
        if run.known and here:
            whose = {addresses(it) for it in here} - {(ADDRESS[end], ADDRESS[OTHER[end]])}
            sc.check(f"gw-{end} names both addresses", not whose, sorted(whose, key=str))
    if found:
        sc.check("all of it fits the schema", all(SCHEMA.is_valid(it) for it in found))
    same_as_vpnlog(sc, net, found)


def lost(net):
    """Lines that a charon wrote to its own file and that did not come out of syslog."""
    count = lambda end: (len(net.gateways[end].read("charon.log").splitlines()), len(CHARON_LINE.findall(net.log(end))))
    return [(end, count(end)) for end in "ab" if len(set(count(end))) > 1]


def collected(sc, rs, net):
    """Both logs are complete at the collector; then it ends, and has written all events."""
    lines = sum(len(net.log(end).splitlines()) for end in "ab")
    sc.check("every line arrives at the collector", poll(20, lambda: (rs.stat("lines") or 0) >= lines),
             f"{rs.stat('lines')} of {lines}")
    rs.stop()
    return events(sc.read("events.jsonl"))


class Pages:
    """The link-cut case as an Alertmanager sees it."""

    def __init__(self, sc, root):
        self.sc = Scenario(f"{sc.name}-pages", root, MODULE, RULES)
        self.am = Alertmanager(self.sc).start()
        self.rs = Rsyslog(self.sc, f'output="alertmanager" url=["{self.am.url}"] holdDown="1" holdUp="1"').start()
        self.fired = False

    def while_cut(self):
        found = poll(20, self.am.alerts) or []
        self.fired = self.sc.same("the cut link is one alert of the pair", [("IPsecTunnelDown", PAIR)],
                                  [(it["labels"]["alertname"], it["labels"].get("tunnel")) for it in found])

    def end(self):
        self.sc.check("it is resolved when the link is back", self.fired and poll(20, lambda: self.am.alerts() == []),
                      self.am.alerts())
        self.rs.stop()


def play(run, root, pki):
    sc = Scenario(run.name, root, MODULE, RULES)
    net = lab.Net("net-" + run.name, root)
    pages = None
    begun = time.monotonic()
    try:
        rs = Rsyslog(sc, f'output="file" file="{sc.path("events.jsonl")}"').start()
        ports = [rs.port]
        if run in strongswan.CUT:
            pages = Pages(sc, root)
            net.while_cut = pages.while_cut
            ports.append(pages.rs.port)
        net.begin(*ports)
        run.play(net, pki)
        if run in strongswan.RUNS:
            sc.check("syslog loses no line of charon's", poll(10, lambda: not lost(net)), lost(net))
        if pages:
            pages.end()
        net.end()
        judge(sc, run, net, collected(sc, rs, net))
    except Exception:
        sc.check("plays to its end", False, traceback.format_exc()[-600:])
    finally:
        net.end()
        sc.end()
        if pages:
            pages.sc.end()
    lines = sc.lines + (pages.sc.lines if pages else [])
    return lines + [f"     {run.name}: took {time.monotonic() - begun:.0f} s"]


def main():
    why = lab.enter(ALERTMANAGER or "prometheus-alertmanager", *strongswan.NEEDED, *openvpn.NEEDED)
    if why:
        print(f"THE LAB OF REAL GATEWAYS CANNOT BE PLAYED: {why}\nskip the lab\n0 passed, 0 failed, 1 skipped")
        return 1 if os.environ.get("CI") == "true" else 0
    wanted = sys.argv[5:]
    unknown = set(wanted) - {run.name for run in RUNS}
    if unknown:
        print(f"run.py: there is no run {', '.join(sorted(unknown))}; there are {', '.join(run.name for run in RUNS)}")
        return 2
    root = tempfile.mkdtemp(prefix="omipsec-lab.")
    pki = lab.pki(root)
    chosen = [run for run in RUNS if not wanted or run.name in wanted]
    lines = []
    # They wait most of the time.
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda run: play(run, root, pki), chosen):
            print("\n".join(found), flush=True)
            lines += found
    failed = sum(line.startswith("FAIL") for line in lines)
    if failed:
        print(f"what they left is in {root}")
    else:
        shutil.rmtree(root)
    print(f"{sum(line.startswith('ok') for line in lines)} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if len(sys.argv) < 5:
    print(__doc__)
    sys.exit(2)
MODULE, RULES, SCHEMA, VPNLOG = map(os.path.abspath, sys.argv[1:5])
with open(SCHEMA) as file:
    SCHEMA = jsonschema.Draft202012Validator(json.load(file))
sys.exit(main())
