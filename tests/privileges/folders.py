# SPDX-License-Identifier: Apache-2.0
"""Folders and files that rsyslogd may not write: told, and nothing is lost that somebody else can take."""
import os
import shutil

from confined import NOBODY, UNPRIVILEGED, Confined, own, settle
from keys import verify
from parts import Alertmanager, Rsyslog, poll
from vrp import BR, HQ, PAIR
from work import conf, ids, to
import vrp

MANY = 1000


def alerts_all_the_same(sc, rs, am):
    """From memory."""
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    sc.check("the alert goes out all the same", poll(am.alerts), rs.sc.told())
    sc.check("the errors are counted", poll(lambda: rs.stat("store.errors")))


def foreign(sc):
    """The folders of the state and of logs are root's, and rsyslogd is nobody."""
    room, am = settle(sc), Alertmanager(sc).start()
    rs = Confined(sc, room, conf(sc, to(am)), UNPRIVILEGED)
    own(room.work)
    rs.start()
    sc.check("the state's is told", poll(lambda: room.told(f'action "alerts": {sc.path("state")}/alerts.state.lock: Permission '
                                                          "denied; it and its folder must belong to the user")), room.told())
    sc.check("that of logs is told", poll(lambda: room.told(
        f'messages wait in rsyslog\'s queue: cannot open file="{sc.path("log")}/events": Permission denied')), room.told())
    alerts_all_the_same(sc, rs, am)
    own(sc.path("log"), sc.path("state"))
    sc.check("with the right owner, the events are delivered", poll(lambda: len(ids(sc, "log/events")) == 2), room.told())
    known = lambda: sc.vpnlog("tunnels", "--rules", sc.rules, "--state", sc.path("state/alerts.state"))
    sc.check("and the state has what it missed", poll(lambda: PAIR in known().stdout), known())
    rs.stop()
    sc.same("rsyslogd ends well", 0, rs.process.returncode)


def read_only_state(sc):
    """The system is read-only, and the folder of the state is forgotten."""
    room, am = settle(sc), Alertmanager(sc).start()
    rs = Confined(sc, room, conf(sc, to(am)), (), (room.work, sc.path("log"))).start()
    sc.check("it is told", poll(lambda: room.told(f'action "alerts": {sc.path("state")}/alerts.state.lock: Read-only file '
                                                  "system")), room.told())
    alerts_all_the_same(sc, rs, am)
    sc.check("the events are delivered", poll(lambda: len(ids(sc, "log/events")) == 2), room.told())
    rs.send(vrp.up("HQ", HQ, BR, 2))
    sc.check("and the end of the outage", poll(am.quiet), am.alerts())
    rs.stop()
    sc.same("rsyslogd ends well", 0, rs.process.returncode)


def of_root(sc):
    """The state was written by an rsyslogd that was root; the folder alone has changed hands."""
    room, am = settle(sc), Alertmanager(sc).start()
    rs = Confined(sc, room, conf(sc, to(am))).start()
    rs.send(vrp.up("HQ", HQ, BR, 1))
    poll(lambda: rs.stat("tunnels"))
    rs.stop()
    sc.same("the state's files are nobody else's business", {0o640}, {
        it.stat().st_mode & 0o777 for it in os.scandir(sc.path("state"))})
    rs = Confined(sc, room, conf(sc, to(am)), UNPRIVILEGED)
    own(room.work, sc.path("log"))
    shutil.chown(sc.path("state"), NOBODY)
    rs.start()
    sc.check("it is told what to do", poll(lambda: room.told("alerts.state.lock: Permission denied; it and its folder must "
                                                             "belong to the user that rsyslogd runs as")), room.told())
    rs.stop()
    own(sc.path("state"))
    os.remove(room.path("stats"))
    rs.start()
    sc.check("with the right owner, the tunnels are known again", poll(lambda: rs.stat("tunnels")), room.told())
    rs.stop()


def open_to_all(sc):
    """Everybody might put a link there, by which rsyslogd would write to another file."""
    rs = Rsyslog(sc, 'output="alertmanager" url=["http://127.0.0.1:1"]')
    for mode in (0o777, 0o1777):
        os.chmod(sc.path("state"), mode)
        said = verify(rs.sc)
        sc.check(f"a folder of the state with mode {mode:o} is refused", said.returncode and
                 f'stateDir="{sc.path("state")}" is not a folder of rsyslogd\'s own, everybody may write to it: chmod o-w it'
                 in said.stderr, said)


def many_open(sc):
    """What is open is read in its order at a start: more than SQLite sorts without a file in /tmp or /var/tmp."""
    room, am = settle(sc), Alertmanager(sc).start()
    rs = Confined(sc, room, conf(sc, to(am)), (), (room.work, sc.path("state"), sc.path("log"))).start()
    ends = [(f"SPOKE{i}", f"192.0.{i // 250}.{i % 250 + 1}", f"10.9.{i // 250}.{i % 250 + 1}") for i in range(MANY)]
    rs.send(*[turn(*end, 1) for turn in (vrp.up, vrp.down) for end in ends])
    sc.check("each is an alert", rs.reaches("alerts.firing", MANY), rs.stat("alerts.firing"))
    rs.stop()
    os.remove(room.path("stats"))
    rs.start()
    sc.check("all are known after a restart", rs.reaches("alerts.firing", MANY), rs.stat("alerts.firing"))
    rs.stop()
    sc.same("nobody complains", [], room.told())
    # SQLite would try /var/tmp, /usr/tmp, /tmp and the working folder.
    sc.same("no temporary file is wanted", set(), {it for it in rs.written() if "tmp/etilqs" in it})
