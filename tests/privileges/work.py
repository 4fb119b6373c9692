# SPDX-License-Identifier: Apache-2.0
"""All that rsyslogd has to do with both modules, by a user and on a system that let it do no more."""
import os
import shutil

from confined import NOBODY, UNPRIVILEGED, Confined, own, settle
from parts import FAST, Alertmanager, poll
from vrp import BR, HQ, PAIR
import vrp

OTHER = "203.0.113.8"
QUEUE = ('action.resumeRetryCount="-1" action.resumeInterval="2" queue.type="LinkedList" queue.timeoutShutdown="5000" '
         'queue.timeoutActionCompletion="4000" shutdownTimeout="2000"')


def conf(sc, alerts, first="", state=None, log=None):
    """Tags into a file, alerts, and events with the tunnel's state into another file."""
    state, log = state or sc.path("state"), log or sc.path("log")
    omipsec = f'type="omipsec" rules="{sc.rules}" stateDir="{state}" {QUEUE} {FAST}'
    return f"""{first}
global(maxMessageSize="8k" abortOnUncleanConfig="on")
module(load="{sc.module}")
module(load="{os.path.dirname(sc.module)}/mmipsec.so")
template(name="tag" type="string" string="%$!vpn!event!id%\\n")
ruleset(name="in") {{
  action(type="mmipsec" rules="{sc.rules}")
  if $!vpn!event!id != "" then action(type="omfile" file="{log}/tags" template="tag")
  action(name="alerts" {omipsec} {alerts})
  action(name="vpn" {omipsec} output="file" file="{log}/events" tunnelState="on")
}}
"""


def to(am):
    return f'output="alertmanager" url=["{am.url}"]'


def ids(sc, *names):
    return [it["event"]["id"] for name in names for it in sc.json_lines(name) if it["event"]["kind"] == "event"]


def outage(sc, rs, am):
    """A tunnel goes down; log rotation, kill -9, restart; it comes back. Returns what rsyslogd may."""
    may = rs.start().may()
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    sc.check("the alert goes out", poll(am.alerts), rs.sc.told())
    sc.check("both events are in the file", poll(lambda: len(ids(sc, "log/events")) == 2), sc.read("log/events"))
    began = [(it["labels"]["tunnel"], it["startsAt"]) for it in am.alerts() or []]
    os.rename(sc.path("log/events"), sc.path("log/events.1"))
    rs.hup()
    sc.check("HUP: there is a new file", poll(lambda: os.path.exists(sc.path("log/events"))))
    rs.send(vrp.down("HQ", HQ, OTHER, 2))
    sc.check("events go there", poll(lambda: ids(sc, "log/events")), sc.read("log/events"))
    rs.kill()
    os.remove(rs.sc.path("stats"))
    rs.start()
    sc.check("kill -9, restart: the outage is known", poll(lambda: rs.stat("alerts.firing")), rs.stat("alerts.firing"))
    sc.check("and the alert is the same", (PAIR, began[0][1]) in [(it["labels"]["tunnel"], it["startsAt"])
                                                                 for it in am.alerts()], (began, am.alerts()))
    rs.send(vrp.up("HQ", HQ, BR, 2), vrp.up("HQ", HQ, OTHER, 3))
    sc.check("it is resolved", poll(am.quiet), am.alerts())
    rs.stop()
    sc.same("rsyslogd ends well", 0, rs.process.returncode)
    sc.same("every event is a line of a file, and a tag", sorted(ids(sc, "log/events.1", "log/events")),
            sorted(sc.read("log/tags").split()))
    sc.same("nobody complains", [], rs.sc.told())
    return may


def keeps_to_its_folders(sc, rs, state=None, log=None):
    """It opens what it is told to write, SQLite's companions of that, and rsyslogd's own; omfile asks for its folder."""
    state, log = state or sc.path("state"), log or sc.path("log")
    must = {f"{log}/events", f"{log}/tags", *(f"{state}/{name}.{it}" for name in ("alerts", "vpn")
                                              for it in ("state", "state-wal", "state.lock"))}
    may = {log} | {f"{state}/{name}.state-{it}" for name in ("alerts", "vpn") for it in ("shm", "journal")}
    may |= {rs.sc.path(it) for it in ("messages", "stats", "port", "rsyslogd.pid", "rsyslogd.pid.tmp")}
    sc.same("it writes what it is told to, and nothing else", (set(), set()),
            (must - rs.written(), rs.written() - must - may))


def owners(sc):
    """Of all that was written for omipsec."""
    return {os.stat(sc.path(f"{it}/{name}")).st_uid for it in ("state", "log") for name in os.listdir(sc.path(it))}


def unprivileged(sc):
    """Nobody, without a capability or a way to one."""
    room, am = settle(sc), Alertmanager(sc).start()
    rs = Confined(sc, room, conf(sc, to(am)), UNPRIVILEGED)
    own(room.work, sc.path("state"), sc.path("log"))
    sc.same("it had no capability and could get none", (0, False), outage(sc, rs, am)[:2])
    keeps_to_its_folders(sc, rs)


def read_only_system(sc):
    """Nothing can be written but in three folders."""
    room, am = settle(sc), Alertmanager(sc).start()
    rs = Confined(sc, room, conf(sc, to(am)), (), (room.work, sc.path("state"), sc.path("log")))
    sc.same("all else was read-only", False, outage(sc, rs, am)[2])
    keeps_to_its_folders(sc, rs)


def dropped(sc):
    """rsyslogd starts as root, and becomes nobody by itself: before anything is opened."""
    room, am = settle(sc), Alertmanager(sc).start()
    token = sc.write("token", "bearer-TOKEN-of-the-test\n", 0o640)
    rs = Confined(sc, room, conf(sc, f'{to(am)} tokenFile="{token}"', "$PrivDropToUser nobody\n$PrivDropToGroup nogroup"))
    own(room.work, sc.path("state"), sc.path("log"))
    rs.start()
    sc.check("a key that is root's alone is told", poll(lambda: room.told(f'tokenFile="{token}" cannot be read: Permission')),
             room.told())
    rs.stop()
    os.remove(room.path("messages"))
    shutil.chown(token, group=NOBODY)
    outage(sc, rs, am)
    sc.same("all that omipsec writes is that user's", {NOBODY}, owners(sc))
