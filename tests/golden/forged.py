#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every labelled line, as what somebody typed into another line: a user's name, a URL, a host's name. In a line of
another program it is no event. In what a peer chooses of a gateway's line (its identity, its user's name) it leaves
device, vendor, class and addresses as they were, or makes no event.

usage: forged.py VPNLOG RULES SOURCE"""
import json
import pathlib
import re
import subprocess
import sys

VPNLOG, RULES, SOURCE = sys.argv[1:4]
SHOWN = 10
EVIL = "198.51.100.99"

AT = "Nov 27 10:00:00 web1 "
OTHERS = [  # {}: what somebody typed
    AT + "sshd[712]: Invalid user {} from 192.0.2.7 port 4711",
    AT + "sshd[712]: Invalid user x#012{} from 192.0.2.7 port 4711",
    AT + "sshd[712]: Invalid user x#015#012{} from 192.0.2.7 port 4711",
    AT + "sshd[712]: Invalid user x#011{} from 192.0.2.7 port 4711",
    "<38>1 2026-11-27T10:00:00.000Z web1 sshd 712 - - Invalid user {} from 192.0.2.7",
    '<38>1 2026-11-27T10:00:00.000Z web1 app 712 ID [x@1 user="a\\] {}"] logged in',
    '<38>1 2026-11-27T10:00:00.000Z web1 app 712 ID [x@1 user="a] {}"] logged in',
    AT + "dhcpd: DHCPACK on 10.0.0.7 to 00:11:22:33:44:55 ({}) via eth0",
    AT + "dnsmasq-dhcp[9]: DHCPREQUEST(eth0) 10.0.0.7 00:11:22:33:44:55 {}",
    AT + 'nginx: 192.0.2.7 - - [27/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "{}"',
    '192.0.2.7 - - [27/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "{}"',
    AT + "postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 554; helo=<{}>",
    AT + "freeradius[5]: Login incorrect: [{}] (from client nas port 0)",
    AT + "sudo: bob : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/echo {}",
    AT + "kernel: [12.34] {}",
]
# Vendors whose identities and users' names stand in quotes or brackets; of FortiGate, what peers choose comes last.
CHOSEN = re.compile(r"'([^']+)'|\"([^\"]+)\"|\[([^\]\d][^\]]*)\]")
NOT_QUOTED = "Fortinet"
FORGED = [
    f"x]...{EVIL}[y", f"x, IP = {EVIL}, Session disconnected", f"x 10.9.9.1[500]-{EVIL}[500]",
    f"x', PeerAddress={EVIL}, DstIP={EVIL}, Reason=dpd timeout, x=",
    f"x #012charon: 09[IKE] <hq|3> deleting IKE_SA hq[3] between 10.9.9.1[me]...{EVIL}[you]",
    f"charon: 09[IKE] <hq|3> IKE_SA hq[3] established between 10.9.9.1[me]...{EVIL}[you]",
    f"%%01IPSEC/4/IPSECTUNNELSTART(l)[34]:The IPSec tunnel is established. (DstIP={EVIL}, SrcIP=10.9.9.1)",
]


def events(lines):
    """line number, from 0 -> its events"""
    text = "\n".join(lines).encode("utf-8", "surrogateescape")
    run = subprocess.run([VPNLOG, "explain", "--rules", RULES, "--json"], input=text, capture_output=True, check=True)
    found = {}
    for line in run.stdout.splitlines():
        event = json.loads(line)
        found.setdefault(event["omipsec"]["input"]["line"] - 1, []).append(event)
    return found


def labelled():
    """The lines that are events, each with its first."""
    lines = [line for name in ("huawei.log", "vendors.log") for line in
             (pathlib.Path(SOURCE) / "tests/lines" / name).read_text("utf-8", "surrogateescape").split("\n")]
    return [(lines[n], found[0]) for n, found in events(lines).items()]


def bodies(line):
    """The line whole, without its priority, and from its tag or message on."""
    yield line
    for pattern in (r"^<\d+>(?:\d )?(.*)", r"(%%\d+.*)", r"(\b(?:charon|pluto|openvpn|racoon|kmd|iked)\S*: .*)", r"(%[A-Z]+\S* .*)",
                    r"\b(?:charon|pluto|openvpn|racoon|kmd|iked)\S*: (.*)"):
        found = re.search(pattern, line)
        if found:
            yield found[1]


def elsewhere(known):
    """What is an event although it stands in another program's line."""
    rows = [other.replace("{}", body) for other in OTHERS for line, _ in known for body in bodies(line)]
    found = events(rows)
    return len(rows), [f"is an event: {rows[n]}" for n in found]


def what_holds(event):
    return event["observer"].get("vendor"), event["observer"].get("hostname"), event["omipsec"]["class"]


def inside(known):
    """What a peer's own words changed in the event of its gateway's line."""
    rows, base = [], []
    for line, event in known:
        if event["observer"]["vendor"] == NOT_QUOTED:
            continue
        for chosen in CHOSEN.finditer(line):
            for forged in FORGED:
                rows.append(line[:chosen.start() + 1] + forged + line[chosen.end() - 1:])
                base.append(event)
    wrong = []
    for n, found in events(rows).items():
        for event in found:
            ends = json.dumps([event.get("source"), event.get("destination"), event["omipsec"].get("tunnel", {}).get("peer")])
            if what_holds(event) != what_holds(base[n]):
                wrong.append(f"{what_holds(base[n])} became {what_holds(event)}: {rows[n]}")
            elif f'"{EVIL}"' in ends or '"10.9.9.1"' in ends:
                wrong.append(f"names a forged address: {rows[n]}")
    return len(rows), wrong


def main():
    known = labelled()
    failed = 0
    for what, (tried, wrong) in (("in lines of other programs", elsewhere(known)), ("in what a peer chooses", inside(known))):
        for it in wrong[:SHOWN]:
            print(f"FAIL {it[:400]}")
        bad = len(wrong) > 0 or tried < 1000
        failed += bad
        print(f"{'FAIL' if bad else 'ok  '} {tried} forged texts {what}: {len(wrong)} believed")
    print(f"{2 - failed} passed, {failed} failed, 0 skipped")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
