# SPDX-License-Identifier: Apache-2.0
"""Files with keys: which of them rsyslogd as nobody takes, and what it says of the others before it starts."""
import os
import subprocess

from confined import NOBODY, UNPRIVILEGED, settle
from parts import RSYSLOGD, Rsyslog

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
