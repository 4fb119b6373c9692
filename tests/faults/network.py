# SPDX-License-Identifier: Apache-2.0
"""A namespace at the far end of a cable, which can be pulled."""
import ctypes
import os
import socket
import subprocess
import threading

from parts import poll

NEAR, FAR = "198.51.100.1", "198.51.100.2"
NEWNET = 0x40000000


def ip(*words, inside=()):
    subprocess.run([*inside, "ip", *words], check=True)


class Cable:
    """The near end is in the namespace of the test, the far end in that of a process which only waits."""

    def __init__(self, sc):
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        sc.parts.append(self)
        self.space = f"/proc/{self.holder.pid}/ns/net"
        poll(lambda: os.readlink(self.space) != os.readlink("/proc/self/ns/net"))
        inside = ["nsenter", f"--net={self.space}"]
        ip("link", "add", "near", "type", "veth", "peer", "name", "far", "netns", str(self.holder.pid))
        ip("address", "add", NEAR + "/24", "dev", "near")
        ip("address", "add", FAR + "/24", "dev", "far", inside=inside)
        ip("link", "set", "far", "up", inside=inside)
        self.plug()

    def listener(self):
        """A socket of the far end: it stays there, whoever uses it."""
        made = []

        def make():
            with open(self.space) as space:
                if ctypes.CDLL(None, use_errno=True).setns(space.fileno(), NEWNET):
                    raise OSError(ctypes.get_errno(), "setns")
            made.append(socket.create_server((FAR, 0)))
        thread = threading.Thread(target=make)  # which alone goes there
        thread.start()
        thread.join()
        return made[0]

    def plug(self):
        ip("link", "set", "near", "up")

    def pull(self):
        ip("link", "set", "near", "down")

    def stop(self):
        self.holder.kill()
        self.holder.wait()
