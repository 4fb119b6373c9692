# SPDX-License-Identifier: Apache-2.0
"""Tunnels whose two ends log to different collectors: Huawei's devices and strongSwan's charon."""
import datetime

import vrp


class Huawei:
    """An end: which lines its gateway writes now."""

    def __init__(self, name, local, peer):
        self.name, self.local, self.peer, self.sa = name, local, peer, 0

    def up(self):
        self.sa += 1
        return [vrp.up(self.name, self.local, self.peer, self.sa)]

    def down(self):
        return [vrp.down(self.name, self.local, self.peer, self.sa)]


class Charon(Huawei):
    def line(self, text):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return f"<30>{now} {self.name} charon[1200]: 12[IKE] <net|{self.sa}> {text}"

    def up(self):
        self.sa += 1
        return [self.line(f"IKE_SA net[{self.sa}] established between {self.local}[{self.local}]...{self.peer}[{self.peer}]"),
                self.line(f"CHILD_SA lan{{{self.sa}}} established with SPIs a{self.sa:07x}_i b{self.sa:07x}_o and TS "
                          "10.1.0.0/24 === 10.2.0.0/24")]

    def down(self):
        return [self.line("giving up after 5 retransmits")]


KINDS = [(Huawei, Huawei), (Huawei, Huawei), (Charon, Charon), (Huawei, Charon)]


class Tunnel:
    def __init__(self, number):
        addresses = f"198.51.{number // 250}.{number % 250 + 1}", f"203.0.{number // 250}.{number % 250 + 1}"
        kinds = KINDS[number % len(KINDS)]
        self.ends = (kinds[0](f"a{number}", *addresses), kinds[1](f"b{number}", *reversed(addresses)))
        self.name = "~".join(addresses)


def up(tunnels):
    """What each of the two collectors gets."""
    return [[line for it in tunnels for line in it.ends[side].up()] for side in (0, 1)]


def down(tunnels, sides=(0, 1)):
    return [[line for it in tunnels for line in it.ends[side].down()] if side in sides else [] for side in (0, 1)]
