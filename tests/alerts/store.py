# SPDX-License-Identifier: Apache-2.0
"""The state file: one that cannot be used, one that cannot be written, and who reads it."""
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import time

from parts import FAST, Alertmanager, Receiver, Rsyslog, poll
from vrp import BR, HQ, PAIR
import vrp


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def unusable(sc):
    """One action's file has a newer schema, the other's is no database: both alert from memory and leave it alone."""
    am, hook = Alertmanager(sc).start(), Receiver(sc, [200])
    rs = Rsyslog(sc, f'output="alertmanager" url=["{am.url}"] {FAST}', junk=f'output="webhook" url=["{hook.url}"] {FAST}')
    rs.start()
    rs.send(vrp.up("HQ", HQ, BR, 1))
    poll(lambda: rs.stat("tunnels") == 1)
    rs.stop()
    state = sc.path("state/alerts.state")
    with sqlite3.connect(state) as db:
        known = db.execute("PRAGMA user_version").fetchone()[0]
        db.execute("PRAGMA journal_mode=DELETE")
        db.execute("PRAGMA user_version=99")
    db.close()
    junk = sc.write("state/junk.state", "this is no database\n" * 100)
    before = digest(state), digest(junk)
    rs.start()
    sc.check("a newer schema is told, with both numbers",
             poll(lambda: sc.told(f"has schema 99, written by a newer omipsec; this one knows schema {known}")), sc.told())
    sc.check("a file that is no state file is told", poll(lambda: sc.told("is no state file of omipsec")), sc.told())
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    sc.check("the alerts go out from memory", poll(lambda: am.alerts() and hook.taken()), (am.alerts(), hook.taken()))
    sc.check("the errors are counted", poll(lambda: rs.stat("store.errors") and rs.stat("store.errors", "junk")))
    rs.send(vrp.up("HQ", HQ, BR, 2))
    sc.check("and are resolved", poll(lambda: am.quiet() and len(hook.taken()) > 1), (am.alerts(), hook.taken()))
    rs.stop()
    sc.same("the files are as they were", before, (digest(state), digest(junk)))
    said = sc.vpnlog("tunnels", "--rules", sc.rules, "--state", state)
    sc.check("vpnlog tunnels refuses it too", said.returncode == 1 and "schema 99" in said.stderr, said)


def late(sc):
    """At the start the state cannot be read, later it can: as with a folder that is mounted late."""
    am = Alertmanager(sc).start()
    rs = Rsyslog(sc, f'output="alertmanager" url=["{am.url}"] {FAST}').start()
    heals, stays = "203.0.113.8", BR
    rs.send(*[vrp.up("HQ", HQ, it, 1) for it in (heals, stays)], *[vrp.down("HQ", HQ, it, 1) for it in (heals, stays)])
    sc.check("two are down", poll(lambda: len(am.alerts()) == 2), am.alerts())
    rs.stop()
    state, away = sc.path("state/alerts.state"), sc.path("away")
    os.rename(state, away)
    os.mkdir(state)
    rs.start()
    sc.check("it is told", poll(lambda: sc.told("Alerting goes on from memory")), sc.told())
    rs.send(vrp.up("HQ", HQ, heals, 2))
    poll(lambda: rs.stat("tunnels") == 1)
    os.rmdir(state)
    os.rename(away, state)
    sc.check("once it can be read, both are known", poll(lambda: rs.stat("tunnels") == 2, 90), rs.stat("tunnels"))
    sc.check("what came back meanwhile is resolved", poll(lambda: len(am.alerts()) == 1), am.alerts())
    firing = lambda: (rs.stat("alerts.firing"), rs.stat("tunnels.down"))
    sc.check("the other is still down", poll(lambda: firing() == (1, 1)) and len(am.alerts()) == 1, firing())
    rs.send(vrp.up("HQ", HQ, stays, 2))
    sc.check("until it is back", poll(am.quiet), am.alerts())
    rs.stop()


class SmallDisk(Rsyslog):
    """rsyslogd with a state folder on a disk of a megabyte, which nobody else sees."""

    def command(self):
        script = f'mount -t tmpfs -o size=1m,mode=755 tmpfs "{self.sc.work}/state" && exec "$0" "$@"'
        return ["unshare", "-m", "sh", "-c", script, *super().command()]

    def state(self):
        return f"/proc/{self.process.pid}/root{self.sc.work}/state"

    def fill(self):
        with open(self.state() + "/ballast", "wb", buffering=0) as file:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    pass


def full_disk(sc):
    tried = subprocess.run(["unshare", "-m", "sh", "-c", f'mount -t tmpfs -o size=1m tmpfs "{sc.work}/state"'],
                           capture_output=True, text=True)
    if tried.returncode != 0:
        sc.skip(f"THE FULL DISK IS NOT TESTED, no private mount: {tried.stderr.strip()}")
        return
    am = Alertmanager(sc).start()
    rs = SmallDisk(sc, f'output="alertmanager" url=["{am.url}"] {FAST}').start()
    rs.send(vrp.up("HQ", HQ, BR, 1))
    poll(lambda: rs.stat("tunnels") == 1)
    time.sleep(2)
    sc.same("the disk is not full yet", 0, rs.stat("store.errors"))
    rs.fill()
    spokes = [f"10.7.{i // 250}.{i % 250 + 1}" for i in range(1000)]
    rs.send(*[vrp.up("HQ", "192.0.2.1", peer, i) for i, peer in enumerate(spokes)])
    sc.check("a full disk is told", poll(lambda: sc.told("the disk is full")), sc.told())
    rs.send(vrp.down("HQ", HQ, BR, 1))
    sc.check("the alert goes out from memory", poll(am.alerts), sc.told())
    sc.check("the error is counted", poll(lambda: rs.stat("store.errors")))
    time.sleep(3)
    sc.same("and told once", 1, len(sc.told("the disk is full")))
    os.remove(rs.state() + "/ballast")
    # SQLite resolves links itself, and /proc/PID/root is one: vpnlog has to go in.
    inside = lambda: sc.vpnlog("tunnels", "--rules", sc.rules, "--state", sc.path("state/alerts.state"),
                               before=["nsenter", "-m", "-t", str(rs.process.pid)])
    sc.check("with room again, the store has what it missed", poll(lambda: PAIR in inside().stdout, 90), inside())
    rs.send(vrp.up("HQ", HQ, BR, 2))
    sc.check("the alert is resolved", poll(am.quiet), am.alerts())
    rs.stop()


def who_is_down(sc):
    """vpnlog tells and forgets, while rsyslogd runs and while it does not."""
    am = Alertmanager(sc).start()
    rs = Rsyslog(sc, f'output="alertmanager" url=["{am.url}"] {FAST}').start()
    other = f"{HQ}~203.0.113.8"
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.up("HQ", HQ, "203.0.113.8", 2), vrp.down("HQ", HQ, BR, 1))
    poll(am.alerts)
    state = sc.path("state/alerts.state")
    # So that another user may run it, wherever the checkout is.
    tool, rules = shutil.copy(sc.tool, sc.path("vpnlog")), shutil.copytree(sc.rules, sc.path("rules"))
    os.chmod(tool, 0o755)
    # Of rsyslogd's group, but not its user.
    nobody = ["setpriv", "--reuid", "65534", "--regid", "0", "--clear-groups"]

    def down(before=()):
        said = subprocess.run([*before, tool, "tunnels", "--rules", rules, "--state", state, "--json"],
                              capture_output=True, text=True)
        try:
            return sorted((it["subject"], it["state"], it.get("reason")) for it in map(json.loads, said.stdout.splitlines())
                          if it.get("state") == "down") or said
        except (ValueError, KeyError):
            return said
    expected = [(PAIR, "down", "dpd_timeout")]
    for claim, act in (("while rsyslogd runs", None), ("after a kill -9", rs.kill), ("after a clean stop", rs.stop)):
        if act == rs.stop:
            rs.start()
        if act:
            act()
        sc.same(f"vpnlog tunnels {claim}", expected, down())
        sc.same(f"by another user of the group, {claim}", expected, down(nobody))
    tunnels = lambda *args: sc.vpnlog("tunnels", "--rules", sc.rules, "--state", state, *args)
    sc.check("for people: who, why, what to do", tunnels().returncode == 0 and PAIR in tunnels().stdout and
             "DPD" in tunnels().stdout and "1." in tunnels().stdout, tunnels())
    sc.same("a file that is not there", 1, sc.vpnlog("tunnels", "--rules", sc.rules, "--state", state + "x").returncode)
    sc.same("forget, while rsyslogd is stopped", 0, sc.vpnlog("forget", "--state", state, PAIR).returncode)
    rs.start()
    sc.check("closes the alert at the next start", poll(am.quiet), am.alerts())
    rs.send(vrp.down("HQ", HQ, "203.0.113.8", 2))
    sc.check("the other goes down", poll(am.alerts))
    sc.same("forget, while rsyslogd runs", 0, sc.vpnlog("forget", "--state", state, other).returncode)
    sc.check("closes the alert", poll(am.quiet), am.alerts())
    rs.stop()
    said = tunnels("--json")
    sc.check("and neither is known any more", said.returncode == 0 and PAIR not in said.stdout and other not in said.stdout,
             said)
