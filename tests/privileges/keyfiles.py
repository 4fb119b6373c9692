# SPDX-License-Identifier: Apache-2.0
"""Keys: from which files rsyslogd as nobody takes them, what it says of the others before it starts, and who has them then."""
import os
import re
import subprocess

from confined import NOBODY, UNPRIVILEGED, settle
from keys import leaks
from parts import FAST, RSYSLOGD, Receiver, Rsyslog, poll
from vrp import BR, HQ
import vrp

KEY = "0123456789abcdef0123456789abcdef"
OPTIONS = {"routingKeyFile": "pagerduty", "hmacKeyFile": "webhook", "tokenFile": "webhook", "tls.myprivkey": "alertmanager"}
BY_CONTENT = "has no secret of printable characters on its first line"
OPEN = "can be read by everybody, or written by its group; chmod g-w,o-rwx it"
# Each: whose it is, its group's, its mode, what is in it, what is said.
FILES = {
    "mine": (NOBODY, NOBODY, 0o400, KEY + "\n", None),
    "of_root": (0, NOBODY, 0o640, KEY, None),
    "of_root_alone": (0, 0, 0o600, KEY, "cannot be read: Permission denied"),
    "of_another": (1, NOBODY, 0o640, KEY, "belongs to another user; chown it to root, or to the user that rsyslogd runs as"),
    "readable": (NOBODY, NOBODY, 0o644, KEY, OPEN),
    "writable": (NOBODY, NOBODY, 0o660, KEY, OPEN),
    "empty": (NOBODY, NOBODY, 0o600, "", BY_CONTENT),
    "words": (NOBODY, NOBODY, 0o600, f"{KEY} {KEY}\n", BY_CONTENT),
    "long": (NOBODY, NOBODY, 0o600, KEY * 200, "is too long on its first line"),
}
OTHERS = {"link": None, "link_to_readable": OPEN, "folder": "is no file", "pipe": "is no file",
          "missing": "cannot be read: No such file or directory"}


def make(sc):
    for name, (user, group, mode, content, _) in FILES.items():
        os.chown(sc.write(name, content, mode), user, group)
    os.symlink("mine", sc.path("link"))
    os.symlink("readable", sc.path("link_to_readable"))
    os.mkdir(sc.path("folder"))
    os.mkfifo(sc.path("pipe"))


def verify(sc, names):
    """What rsyslogd -N1 says of actions with these files, one for each option."""
    actions = {}
    for option, output in OPTIONS.items():
        for name in names:
            also = f'tls.mycert="{sc.path("mine")}"' if option == "tls.myprivkey" else ""
            actions[f"{option}-{name}"] = f'output="{output}" url=["http://127.0.0.1:1"] {also} {option}="{sc.path(name)}"'
    Rsyslog(sc, 'output="alertmanager" url=["http://127.0.0.1:1"]', **actions)
    os.chmod(sc.path("rsyslog.conf"), 0o644)
    return subprocess.run([*UNPRIVILEGED, RSYSLOGD, "-N1", "-f", sc.path("rsyslog.conf"), "-i", sc.path("n1.pid")],
                          capture_output=True, text=True, timeout=60)


def key_files(sc):
    settle(sc)
    make(sc)
    expected = {name: it[-1] for name, it in FILES.items()} | OTHERS
    good = [name for name, wrong in expected.items() if not wrong]
    said = verify(sc, good)
    sc.same(f"{', '.join(good)}: fit", (0, ""), (said.returncode, "\n".join(
        line for line in said.stderr.splitlines() if "omipsec:" in line)))
    bad = {name: wrong for name, wrong in expected.items() if wrong}
    said = verify(sc, bad)
    sc.check("the others do not", said.returncode, said)
    for option in OPTIONS:
        # What is in a key of TLS is OpenSSL's business.
        for name in [it for it in bad if option != "tls.myprivkey" or expected[it] not in (BY_CONTENT, FILES["long"][-1])]:
            sentence = f'{option}="{sc.path(name)}" {bad[name]}'
            sc.check(f"{option}, {name}: {bad[name]}", sentence in said.stderr, said.stderr[-600:])
    sc.check("nothing of what is in them is told", KEY not in said.stderr + said.stdout, said.stderr)


def holds(process, text):
    """Would it stand in a core of it?"""
    with open(f"/proc/{process.pid}/maps") as maps, open(f"/proc/{process.pid}/mem", "rb", buffering=0) as memory:
        for begin, end in re.findall(r"^(\w+)-(\w+) rw", maps.read(), flags=re.M):
            memory.seek(int(begin, 16))
            if text.encode() in memory.read(int(end, 16) - int(begin, 16)):
                return True
    return False


def cores(sc):
    """A key is in rsyslogd's memory, but not in that of a vpnlog which has read all that rsyslogd wrote."""
    hook = Receiver(sc, [202])
    rs = Rsyslog(sc, f'output="webhook" url=["{hook.url}"] tokenFile="{sc.write("token", KEY)}" {FAST}',
                 vpn=f'output="file" file="{sc.path("events")}" tunnelState="on"').start()
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    sc.check("the key is in use", poll(lambda: any(KEY in it[2].get("Authorization", "") for it in hook.asked())), hook.asked())
    sc.check("rsyslogd has it in its memory", holds(rs.process, KEY))
    wrote = "".join(sc.read(it) for it in ("messages", "stats", "events", "rsyslogd.log", "state/alerts.state"))
    tool = subprocess.Popen([sc.tool, "explain", "--rules", sc.rules, "--json"], stdin=subprocess.PIPE, text=True,
                            stdout=subprocess.DEVNULL)
    tool.stdin.write(wrote + "END-OF-WHAT-IT-WROTE\n")
    tool.stdin.flush()
    sc.check("vpnlog has read it all", poll(lambda: holds(tool, "END-OF-WHAT-IT-WROTE")))
    sc.check("and has no key", not holds(tool, KEY))
    tool.stdin.close()
    tool.wait()
    sc.same("the key is in its own file only", [], leaks(sc, rs, (KEY,), ("token",)))
