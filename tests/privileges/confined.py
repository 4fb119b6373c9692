# SPDX-License-Identifier: Apache-2.0
"""An rsyslogd that may do little, and what it asked of the kernel."""
import os
import re
import shutil
import subprocess

from parts import RSYSLOGD, Daemon

NOBODY = 65534
UNPRIVILEGED = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--bounding-set=-all",
                "--inh-caps=-all", "--no-new-privs"]
# All that is a disk is read-only, /tmp too, but the folders in $0.
READ_ONLY = r"""set -e
mounts=$(cut -d ' ' -f 2 /proc/self/mounts)
for folder in $0; do mount --bind "$folder" "$folder"; done
for at in $mounts; do
	case $at in /proc* | /sys* | /dev*) ;; *) mount -o remount,bind,ro "$at" ;; esac
done
exec "$@"
"""
OPENED = re.compile(r'\d+ +open(?:at\(AT_FDCWD, |\()"([^"]+)", [A-Z_|]*(?:O_WRONLY|O_RDWR|O_CREAT)')
CHANGED = re.compile(r'\d+ +(?:mkdir|rename|unlink|rmdir|link|symlink|creat|mknod|truncate|chmod|chown)(?:at2?)?'
                     r'\((?:AT_FDCWD, )?"([^"]+)"')


def own(*paths):
    subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", *paths], check=True)


def settle(sc):
    """What is under test moves to where every user may read it; logs, the trace and rsyslogd itself get folders, of which
    the last is returned as a room."""
    plugins = shutil.copytree(os.path.dirname(sc.module), sc.path("plugins"))
    sc.module, sc.rules = os.path.join(plugins, "omipsec.so"), shutil.copytree(sc.rules, sc.path("rules"))
    for name in ("log", "trace"):
        os.mkdir(sc.path(name))
    return sc.room("rsyslogd")


class Confined(Daemon):
    """before: the words of a command that takes something away; writable: the folders that are not read-only, if others
    are."""

    def __init__(self, sc, room, conf, before=(), writable=()):
        self.before, self.writable, self.trace = before, writable, sc.path("trace")
        super().__init__(room, conf, ruleset="in")

    def command(self):
        traced = ["strace", "-D", "-f", "-A", "-o", self.trace + "/calls", *self.before, *super().command()]
        if not self.writable:
            return traced
        return ["unshare", "--mount", "sh", "-c", READ_ONLY, " ".join([*self.writable, self.trace]), *traced]

    def may(self):
        """Its capabilities, as a mask; whether it can get more; whether it can write where others do."""
        with open(f"/proc/{self.process.pid}/status") as file:
            status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
        writes = any(not os.statvfs(f"/proc/{self.process.pid}/root/{it}").f_flag & os.ST_RDONLY for it in ("", "etc", "tmp"))
        return int(status["CapEff"], 16), status["NoNewPrivs"] == "0", writes

    def calls(self):
        """Each line that strace wrote of rsyslogd, which begins with a thread's id."""
        inside = False
        with open(self.trace + "/calls", errors="replace") as file:
            for line in file:
                if " execve(" in line:
                    inside = f'execve("{RSYSLOGD}"' in line
                if inside:
                    yield line

    def written(self):
        """Every file that it opened to write, made or did away with, or tried to; but folders, which omfile asks for
        one by one."""
        asked = (OPENED.match(it) or CHANGED.match(it) for it in self.calls())
        return {it[1] for it in asked if it and not it[1].startswith(("/dev/", "/proc/")) and not os.path.isdir(it[1])}
