# SPDX-License-Identifier: Apache-2.0
"""The faults: what differs at one end or at both, and what is then done."""
import time
from typing import NamedTuple

from lab import ADDRESS, INSIDE, OTHER

UP = r"CHILD_SA lan\{\d+\} established"
KEY = "what-both-ends-know"


def connection(end, version):
    """What both ends agree on."""
    other = OTHER[end]
    return {"version": version, "local_addrs": ADDRESS[end], "remote_addrs": ADDRESS[other],
            "proposals": "aes128-sha256-ecp256", "dpd_delay": "20s",
            "local.auth": "psk", "local.id": f"gw-{end}.example", "remote.auth": "psk", "remote.id": f"gw-{other}.example",
            "children.lan.local_ts": inside(end), "children.lan.remote_ts": inside(other),
            "children.lan.esp_proposals": "aes128-sha256-ecp256"}


def inside(end):
    return INSIDE[end].rsplit(".", 1)[0] + ".0/24"


# What is done, for the cases below.

def up(net):
    if not net.a.initiate():
        raise RuntimeError(f"{net.name}: the tunnel does not come up")
    net.wait("b", UP)


def established(net):
    up(net)
    time.sleep(1)


def refused(net):
    if net.a.initiate():
        raise RuntimeError(f"{net.name}: the tunnel came up")
    time.sleep(7)  # what is half open at gw-b times out after 6 s


def unreachable(net):
    net.cut()
    refused(net)


def cut(net):
    up(net)
    net.cut()
    dead = r"giving up after \d+ retransmits|DPD check timed out"
    net.wait("a", dead)
    net.wait("b", dead)
    net.mend()
    net.wait("a", UP, 2)
    net.wait("b", UP, 2)


def link_down(net):
    up(net)
    net.a.link("down")
    net.wait("b", r"giving up after \d+ retransmits|DPD check timed out")
    time.sleep(3)
    net.a.link("up")
    net.wait("a", UP, 2)


def delete(*what):
    def play(net):
        up(net)
        net.b.swanctl("--terminate", *what)
        time.sleep(1)
    return play


def rekeyed(net):
    up(net)
    time.sleep(15)


def expired(net):
    up(net)
    net.wait("a", "closing expired CHILD_SA")
    time.sleep(2)


def service_stop(net):
    up(net)
    net.b.daemon.terminate()
    net.b.daemon.wait(20)
    time.sleep(1)
    net.b.start()
    net.a.initiate()
    net.wait("b", UP, 2)


class Case(NamedTuple):
    name: str
    play: object
    both: dict = {}
    a: dict = {}
    b: dict = {}
    key_b: str = KEY
    versions: tuple = (2, 1)


CHILD = "children.lan."
DPD = {"dpd_delay": "1s", "dpd_timeout": "4s", "keyingtries": 0}
CASES = [
    Case("established", established),
    Case("psk", refused, key_b="something-else"),
    Case("ike-proposal", refused, b={"proposals": "aes256-sha384-ecp384"}),
    Case("esp-proposal", refused, b={CHILD + "esp_proposals": "aes256-sha384-ecp256"}),
    # In IKEv2 the first child SA has no key exchange of its own: the mismatch shows at its rekey.
    Case("pfs", refused, b={CHILD + "esp_proposals": "aes128-sha256-ecp384"}, versions=(1,)),
    Case("pfs", rekeyed, a={CHILD + "rekey_time": "3s", CHILD + "life_time": "8s"},
         b={CHILD + "esp_proposals": "aes128-sha256-ecp384"}, versions=(2,)),
    Case("selectors", refused, b={CHILD + "remote_ts": "10.9.0.0/24"}),
    Case("mode", refused, b={CHILD + "mode": "transport"}),
    Case("identity", refused, b={"remote.id": "gw-x.example"}),
    Case("identity-of-responder", refused, b={"local.id": "gw-x.example"}),
    Case("address", refused, b={"remote_addrs": "192.0.2.77"}),
    Case("version", refused, b={"version": 1}, versions=(2,)),
    Case("version", refused, b={"version": 2}, versions=(1,)),
    Case("aggressive", refused, a={"aggressive": "yes"}, versions=(1,)),
    Case("unreachable", unreachable),
    Case("cut", cut, both=DPD, a={CHILD + "dpd_action": "restart"}, b={CHILD + "dpd_action": "clear"}),
    Case("link-down", link_down, both=DPD, a={CHILD + "dpd_action": "restart"}, b={CHILD + "dpd_action": "clear"}),
    Case("delete", delete("--ike", "berlin-hq")),
    Case("delete-child", delete("--child", "lan")),
    Case("service-stop", service_stop),
    Case("rekey", rekeyed, a={CHILD + "rekey_time": "3s", CHILD + "life_time": "20s", "rekey_time": "5s", "over_time": "20s"}),
    Case("reauth", rekeyed, a={"reauth_time": "5s", "rekey_time": 0, "over_time": "20s"}),
    Case("expiry", expired, both={CHILD + "rekey_time": 0, CHILD + "life_time": "4s"}),
]


def play(case, version, net):
    for end in "ab":
        changed = {**connection(end, version), **case.both, **getattr(case, end)}
        secrets = {"ike-1.secret": case.key_b if end == "b" else KEY}
        net.gateways[end].charon(changed, secrets)
    case.play(net)
