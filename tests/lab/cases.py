# SPDX-License-Identifier: Apache-2.0
"""The faults: what differs at one end or at both, and what is then done."""
import os
import time
from typing import NamedTuple

from lab import ADDRESS, INSIDE, OTHER

UP = r"CHILD_SA lan\{\d+\} established"
DEAD = r"giving up after \d+ retransmits|DPD check timed out"
KEY = "what-both-ends-know"


def connection(end, version):
    """What both ends agree on."""
    other = OTHER[end]
    return {"version": version, "local_addrs": ADDRESS[end], "remote_addrs": ADDRESS[other],
            "proposals": "aes128-sha256-ecp256", "dpd_delay": "20s",
            "local.auth": "psk", "local.id": f"gw-{end}.example", "remote.auth": "psk", "remote.id": f"gw-{other}.example",
            "children.lan.local_ts": inside(end), "children.lan.remote_ts": inside(other),
            "children.lan.esp_proposals": "aes128-sha256-ecp256",
            # Lifetimes as they are written, so that a short one is not drawn below nothing.
            "rand_time": 0, "children.lan.rand_time": 0}


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
    time.sleep(1)


def half_open(net):
    refused(net)
    net.wait("b", "deleting half open IKE_SA")


def unreachable(net):
    net.cut()
    refused(net)


def one_way(net):
    net.cut_to("a")
    half_open(net)


def back(net):
    """The tunnel is up a second time at both ends."""
    net.wait("a", UP, 2)
    net.wait("b", UP, 2)
    time.sleep(1)


def cut(net):
    up(net)
    net.cut()
    net.wait("a", DEAD)
    net.wait("b", DEAD)
    net.mend()
    back(net)


def link_down(net):
    up(net)
    net.a.link("down")
    net.wait("b", DEAD)
    time.sleep(3)
    net.a.link("up")
    back(net)


def delete(*what):
    def play(net):
        up(net)
        net.b.swanctl("--terminate", *what)
        time.sleep(1)
    return play


def repeated(pattern, count):
    """Both ends log it as often while nobody does anything."""
    def play(net):
        up(net)
        for end in "ab":
            net.wait(end, pattern, count)
        time.sleep(1)
    return play


def first_end(pattern):
    def play(net):
        up(net)
        net.wait("a", pattern)
        time.sleep(2)
    return play


def service_stop(net):
    up(net)
    net.b.daemon.terminate()
    net.b.daemon.wait(20)
    time.sleep(1)
    net.b.start()
    net.a.initiate()
    back(net)


def crash(net):
    up(net)
    net.b.daemon.kill()
    net.b.daemon.wait()
    os.remove(net.b.path("vici"))
    net.b.start()
    net.wait("a", DEAD)
    back(net)


class Case(NamedTuple):
    name: str
    play: object
    both: dict = {}
    a: dict = {}
    b: dict = {}
    secrets_a: dict = {}
    secrets_b: dict = {}
    certificate_b: str = ""
    versions: tuple = (2, 1)


CHILD = "children.lan."
DPD = {"dpd_delay": "1s", "dpd_timeout": "4s", "keyingtries": 0}
RESTART = {CHILD + "dpd_action": "restart"}
CERTIFICATES = {"local.auth": "pubkey", "remote.auth": "pubkey"}
CASES = [
    Case("established", established),
    Case("psk", refused, secrets_b={"ike-1.secret": "something-else"}, versions=(2,)),
    Case("psk", half_open, secrets_b={"ike-1.secret": "something-else"}, versions=(1,)),
    Case("no-psk", refused, secrets_b={"ike-1.secret": "of-another", "ike-1.id": "gw-c.example"}),
    Case("certificates", established, both=CERTIFICATES, certificate_b="b"),
    Case("certificate-expired", refused, both=CERTIFICATES, certificate_b="expired"),
    Case("certificate-untrusted", refused, both=CERTIFICATES, certificate_b="stranger"),
    Case("xauth", refused, a={"local-2.auth": "xauth", "local-2.xauth_id": "joe"}, b={"remote-2.auth": "xauth"},
         secrets_a={"xauth-1.id": "joe", "xauth-1.secret": "guessed"},
         secrets_b={"xauth-1.id": "joe", "xauth-1.secret": "right"}, versions=(1,)),
    Case("eap", refused, a={"local.auth": "eap-mschapv2", "local.eap_id": "joe"},
         b={"remote.auth": "eap-mschapv2", "remote.eap_id": "%any"},
         secrets_a={"eap-1.id": "joe", "eap-1.secret": "guessed"},
         secrets_b={"eap-1.id": "joe", "eap-1.secret": "right"}, versions=(2,)),
    Case("ike-proposal", refused, b={"proposals": "aes256-sha384-ecp384"}),
    Case("esp-proposal", refused, b={CHILD + "esp_proposals": "aes256-sha384-ecp256"}),
    Case("pfs", refused, b={CHILD + "esp_proposals": "aes128-sha256-ecp384"}, versions=(1,)),
    # In IKEv2 the first child SA has no key exchange of its own: the mismatch shows at its rekey, and when it expires.
    Case("pfs", first_end("closing expired"), a={CHILD + "rekey_time": "3s", CHILD + "life_time": "8s"},
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
    Case("one-way", one_way),
    Case("cut", cut, both=DPD, a=RESTART),
    Case("link-down", link_down, both=DPD, a=RESTART),
    Case("crash", crash, both=DPD, a=RESTART),
    Case("delete", delete("--ike", "berlin-hq")),
    Case("delete-child", delete("--child", "lan")),
    Case("service-stop", service_stop),
    Case("rekey-child", repeated(r"CHILD_SA lan\{2\} established", 1), a={CHILD + "rekey_time": "3s", CHILD + "life_time": "30s"}),
    Case("rekey-ike", repeated(r"IKE_SA \S+\[3\] (?:rekeyed|established) between", 1),
         a={"rekey_time": "3s", "over_time": "30s"}),
    Case("reauth", repeated(r"IKE_SA \S+\[3\] established between", 1),
         a={"reauth_time": "3s", "rekey_time": 0, "over_time": "30s"}),
    Case("expiry", first_end("closing expired"), a={CHILD + "rekey_time": 0, CHILD + "life_time": "4s"}),
    Case("idle", first_end("inactivity"), a={CHILD + "inactivity": "2s"}),
]


def play(case, version, net, pki):
    for end, gateway in net.gateways.items():
        changed = {**connection(end, version), **case.both, **getattr(case, end)}
        if case.certificate_b:
            changed["local.certs"] = gateway.credentials(pki, end if end == "a" else case.certificate_b)
        gateway.charon(changed, {"ike-1.secret": KEY, **getattr(case, f"secrets_{end}")})
    case.play(net)
