# SPDX-License-Identifier: Apache-2.0
"""The drop-in for rsyslog.service: systemd reads it, it takes away what it should, and rsyslogd asks for nothing of that.

There is no systemd to start it here, so its rules are applied by hand where that can be done: folders and capabilities;
what it asks of the kernel is held against the others."""
import glob
import os
import re
import shutil
import subprocess

from confined import Confined, settle
from parts import SAMPLES, Alertmanager
from work import conf, keeps_to_its_folders, outage, to

SYSTEMD = os.path.join(SAMPLES, "../systemd")
DROP_IN = os.path.join(SYSTEMD, "rsyslog.service.d/omipsec.conf")
EXPOSURE = 4.0  # at most, of the 9.6 that Debian's unit has
STATE, LOG = "/var/lib/omipsec", "/var/log/omipsec"
# A /var with nothing but the folders in $1, of which two are this test's, as rsyslogd sees it.
VAR = f"""set -e
test=$0 folders=$1
shift
mount -t tmpfs -o mode=755 tmpfs /var
for folder in $folders; do mkdir -p "$folder" && mount --bind "$folder" "$folder"; done
for folder in {STATE} {LOG}; do mkdir -p "$folder"; done
mount --bind "$test/state" {STATE}
mount --bind "$test/log" {LOG}
mount -o remount,bind,ro /var
exec "$@"
"""


def settings():
    """Each with its words, in the order of the file."""
    found = {}
    with open(DROP_IN) as file:
        for name, words in re.findall(r"^(\w+)=(.*)$", file.read(), flags=re.M):
            found.setdefault(name, []).extend(words.split())
    return found


def analyze(*args, folder=SYSTEMD):
    """systemd-analyze of Debian's unit with that folder's drop-ins."""
    return subprocess.run(["systemd-analyze", *args], capture_output=True, text=True,
                          env={**os.environ, "SYSTEMD_UNIT_PATH": folder + ":"})


def exposure(folder):
    said = analyze("security", "--offline=true", "rsyslog.service", folder=folder)
    return float((re.findall(r"exposure level for rsyslog.service: ([\d.]+)", said.stdout) or ["nan"])[0])


def read(sc):
    """By systemd itself."""
    said = analyze("verify", "rsyslog.service")
    sc.same("systemd-analyze verify has nothing to say", (0, ""), (said.returncode, said.stderr))
    wrong = shutil.copytree(SYSTEMD, sc.path("wrong"))
    with open(wrong + "/rsyslog.service.d/omipsec.conf", "a") as file:
        file.write("ProtectSytem=strict\n")
    sc.check("of a mistake it has", "ProtectSytem" in analyze("verify", "rsyslog.service", folder=wrong).stderr)
    os.mkdir(sc.path("none"))
    before, after = exposure(sc.path("none")), exposure(SYSTEMD)
    sc.check(f"systemd-analyze security: exposure {before} before, {after} with it", after <= EXPOSURE < before)


def syscalls(group):
    """What a filter's group lets through, with the groups in it."""
    said = subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True).stdout
    for word in re.findall(r"^ +([@\w-]+)$", said, flags=re.M):
        yield from syscalls(word) if word[0] == "@" else [word]


def asks(sc, rs, found):
    """What rsyslogd did in all its life."""
    lines = list(rs.calls())
    called = {it[1] for it in (re.match(r"\d+ +(\w+)\(", line) for line in lines) if it}
    allowed = {it for group in found["SystemCallFilter"] for it in syscalls(group)}
    sc.same("every system call is one of SystemCallFilter", set(), called - allowed)
    families = {it for line in lines for it in re.findall(r" socket\((AF_\w+)", line)}
    sc.same("every address family is one of RestrictAddressFamilies", set(), families - set(found["RestrictAddressFamilies"]))
    sc.check("both were seen", {"execve", "fdatasync"} <= called and "AF_INET" in families, (called, families))
    sc.same("no memory is writable and executable", [], [it for it in lines if "PROT_WRITE|PROT_EXEC" in it])


def drop_in(sc):
    read(sc)
    found, room, am = settings(), settle(sc), Alertmanager(sc).start()
    folders = [it.lstrip("-") for it in found["ReadWritePaths"]]
    used = {it for path in glob.glob(SAMPLES + "/*.conf") for it in re.findall(r'/var/[\w/.-]+', open(path).read())}
    sc.same("the samples write below ReadWritePaths", [], [it for it in used if not it.startswith(tuple(folders))])
    capabilities = ["-all"] + ["+" + it.removeprefix("CAP_").lower() for it in found["CapabilityBoundingSet"]]
    rs = Confined(sc, room, conf(sc, to(am), state=STATE, log=LOG), [
        "sh", "-c", VAR, sc.work, " ".join(folders), "setpriv", "--bounding-set=" + ",".join(capabilities), "--no-new-privs"],
        (room.work, sc.path("state"), sc.path("log")))
    mask, more, writes = outage(sc, rs, am)
    sc.same("it had the capabilities of CapabilityBoundingSet, could get no other, and all else was read-only",
            (len(found["CapabilityBoundingSet"]), False, False), (mask.bit_count(), more, writes))
    keeps_to_its_folders(sc, rs, STATE, LOG)
    asks(sc, rs, found)
