# SPDX-License-Identifier: Apache-2.0
"""Floods, texts that attack who reads them, and receivers that attack who posts to them."""
import gzip
import json
import os
import socket
import threading
import time
import unicodedata

from parts import FAST, Alertmanager, Receiver, Rsyslog, poll
from vrp import BR, HQ, PAIR
import vrp

ROOM, TUNNELS, MORE = 100, 10000, 2000


def peak_kb(rs):
    with open(f"/proc/{rs.process.pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))


def ends_of(n):
    """Device, local and peer address of a tunnel that shares none of them with another."""
    return f"GW{n}", f"10.{n >> 8}.{n & 255}.1", f"11.{n >> 8}.{n & 255}.1"


def opened(rc, name):
    """What fires: key by key, how often it was posted."""
    posted = {}
    for body in rc.taken():
        if body["status"] == "firing" and body["commonLabels"]["alertname"] == name:
            posted[body["groupKey"]] = posted.get(body["groupKey"], 0) + 1
    return posted


def closed(rc):
    return {body["groupKey"] for body in rc.taken() if body["status"] == "resolved"}


def flood(sc):
    """Twelve thousand tunnels that share nothing drop at once, and there is room for ten thousand: a hundred alerts, one
    for the rest, every outage a record, and all of it over when they are back."""
    rc = Receiver(sc, [200])
    records = sc.path("records.jsonl")
    rs = Rsyslog(sc, f'output="webhook" url=["{rc.url}"] {FAST} maxTunnels="{TUNNELS}"',
                 events=f'output="file" file="{records}" tunnelState="on" {FAST} maxTunnels="{TUNNELS}"').start()
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    poll(lambda: opened(rc, "IPsecTunnelDown"))
    quiet = peak_kb(rs)
    rs.send(vrp.up("HQ", HQ, BR, 2))
    poll(lambda: rs.stat("alerts.firing") == 0)
    rs.send(*(vrp.down(*ends_of(n), 1) for n in range(TUNNELS + MORE)))
    poll(lambda: (rs.stat("tunnels.down") or 0) >= TUNNELS - 1 and rs.stat("alerts.firing") == ROOM + 1, 90)
    sc.same("so many are told singly, and one for the rest", ROOM + 1, rs.stat("alerts.firing"))
    poll(lambda: len(opened(rc, "IPsecTunnelDown")) > ROOM and opened(rc, "IPsecTooManyAlerts"))
    single, rest = opened(rc, "IPsecTunnelDown"), opened(rc, "IPsecTooManyAlerts")
    sc.same("the receiver has no more", (ROOM + 1, 1), (len(single), len(rest)))
    sc.check("and hears of the rest a few times", sum(rest.values()) <= 16, rest)
    sc.check("tunnels without room are counted", (rs.stat("alerts.overflowed") or 0) >= MORE, rs.stat("alerts.overflowed"))
    sc.check("no more tunnels are kept", rs.stat("tunnels") <= TUNNELS, rs.stat("tunnels"))
    sc.check("the operator is told of maxTunnels once", len(sc.told('"alerts": more tunnels than maxTunnels')) == 1, sc.told())
    downs = lambda: sum('"ipsec-alert-opened"' in it for it in sc.read("records.jsonl").splitlines())
    sc.check("where events go, every outage is a record", poll(lambda: downs() >= TUNNELS), downs())
    peak = peak_kb(rs)
    sc.note(f"memory at most {quiet // 1024} MB before, {peak // 1024} MB after {TUNNELS + MORE} tunnels, of two actions")
    sc.check("a tunnel costs a few KiB an action", peak - quiet < 2 * 8 * TUNNELS + 64 * 1024, (quiet, peak))
    rs.send(*(vrp.up(*ends_of(n), 2) for n in range(TUNNELS + MORE)))
    sc.check("all is over when they are back", poll(lambda: rs.stat("alerts.firing") == 0, 180), rs.stat("alerts.firing"))
    sc.check("for the receiver too", poll(lambda: set(single) | set(rest) <= closed(rc)), len(closed(rc)))
    rs.stop()


NAME = 'X{{.Labels}}><script>\u202e\u009b2J\u2066'


def is_shown(text):
    return all(c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in text)


def texts(sc):
    """A device and a tunnel whose names attack terminals, pages and templates, up to a real pager behind Alertmanager."""
    rc = Receiver(sc, [200])
    am = Alertmanager(sc, rc).start()
    rs = Rsyslog(sc, f'output="alertmanager" url=["{am.url}"] {FAST}').start()
    line = vrp.down(NAME, HQ, BR, 1).replace("GigabitEthernet1/0/4", "{{ $x }}\x1b[2J\u202e</pre>")
    rs.send(vrp.up(NAME, HQ, BR, 1), line)
    found = poll(am.alerts) or [{"labels": {}, "annotations": {}}]
    sc.same("labels are what it is about", {"alertname": "IPsecTunnelDown", "severity": "critical", "tunnel": PAIR}, found[0]["labels"])
    sc.check("what is shown commands nobody", all(map(is_shown, found[0]["annotations"].values())), found)
    sc.check("what a template would be is a text", "{{.Labels}}" in found[0]["annotations"].get("device", ""), found)
    body = json.dumps(poll(rc.taken), ensure_ascii=False)
    sc.check("so does what the pager gets", is_shown(body) and "{{.Labels}}" in body, body)
    rs.stop()


class Liar:
    """A server that answers every request with the same bytes, then goes on with a byte every tenth of a second or ends."""

    def __init__(self, sc, answer, drips=False):
        self.sock, self.answer, self.drips = socket.create_server(("127.0.0.1", 0)), answer, drips
        self.url = f"http://127.0.0.1:{self.sock.getsockname()[1]}/hook"
        self.asked = 0
        sc.parts.append(self)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                talk, _ = self.sock.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(talk,), daemon=True).start()

    def talk(self, talk):
        try:
            talk.recv(65536)
            self.asked += 1
            talk.sendall(self.answer)
            while self.drips:
                talk.sendall(b"x")
                time.sleep(0.1)
            talk.close()
        except OSError:
            pass

    def stop(self):
        self.sock.close()


def head(status, *more):
    return "\r\n".join([f"HTTP/1.1 {status}", *more, "", ""]).encode()


def answers(sc):
    """Receivers that redirect, that send what is packed, endless, late or made for a terminal."""
    other = Receiver(sc, [200])
    bomb = gzip.compress(b"UNPACKED" * 10_000_000)
    lies = {"redirect": Liar(sc, head("307 Go", f"Location: {other.url}", "Content-Length: 0")),
            "file": Liar(sc, head("301 Go", f"Location: file://{sc.path('secret')}", "Content-Length: 0")),
            "packed": Liar(sc, head("400 No", "Content-Encoding: gzip", f"Content-Length: {len(bomb)}") + bomb),
            "endless": Liar(sc, head("200 OK") + b"x" * 1_000_000, drips=True),
            "heads": Liar(sc, b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200_000, drips=True),
            "words": Liar(sc, head("400 No", "Connection: close") + "\x1b[2J\u009b2J\u202e\u2066 said".encode() + b"\x9b\xff"),
            "retry": Liar(sc, head("503 No", "Retry-After: 4000000000", "Content-Length: 0"))}
    sc.write("secret", "SECRET")
    rs = Rsyslog(sc, f'output="webhook" url=["{other.url}"] {FAST}', **{
        name: f'output="webhook" url=["{it.url}"] requestTimeout="1000" {FAST}' for name, it in lies.items()}).start()
    quiet = peak_kb(rs)
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    sc.check("each is asked", poll(lambda: all(it.asked for it in lies.values())), {k: v.asked for k, v in lies.items()})
    time.sleep(5)
    sc.check("no redirect is followed", len(other.taken()) == 1, len(other.taken()))
    sc.same("nor is it an answer", [0, 0], [rs.stat("delivered", it) for it in ("redirect", "file")])
    sc.check("nobody's answer is endless", rs.stat("retried", "endless") and rs.stat("retried", "heads"),
             (rs.stat("retried", "endless"), rs.stat("retried", "heads")))
    log = sc.read("messages")
    sc.check("nothing is unpacked", "UNPACKED" not in log and peak_kb(rs) - quiet < 40 * 1024, peak_kb(rs) - quiet)
    told = sc.told("answered 400")
    sc.same("both that refused are told of", 2, len(told))
    sc.check("what they said commands nobody", all(map(is_shown, told)) and any(" said" in it for it in told), told)
    sc.check("a receiver asks for no more than ten minutes", lies["retry"].asked == 1, lies["retry"].asked)
    rs.send(vrp.up("HQ", HQ, BR, 2))
    sc.check("the one that is good has all of it", poll(lambda: len(other.taken()) == 2), other.taken())
    rs.stop()
