# SPDX-License-Identifier: Apache-2.0
"""What can go wrong between an OpenVPN client (gw-a) and its server (gw-b)."""
import time
from typing import NamedTuple

from lab import ADDRESS, Run

OPENVPN = "/usr/sbin/openvpn"
NEEDED = (OPENVPN,)
COMMON = {"dev": "tun", "proto": "udp", "data-ciphers": "AES-256-GCM", "verb": "3", "hand-window": "3",
          "ca": "{pki}/ca.pem", "cert": "{pki}/{end}.pem", "key": "{pki}/{end}.key"}
SERVER = {"local": ADDRESS["b"], "port": "1194", "server": "10.8.0.0 255.255.255.0", "topology": "subnet", "dh": "none",
          "tls-server": "", "keepalive": "10 60", "syslog": "ovpn-server"}
CLIENT = {"client": "", "remote": ADDRESS["b"] + " 1194", "nobind": "", "connect-retry": "1 1",
          "syslog": "ovpn-client"}


def start(gateway, options, pki):
    """An option without a value is a flag."""
    conf = gateway.write("openvpn.conf", "".join(
        f"{name} {value}\n".format(pki=pki, end=gateway.end, dir=gateway.dir) for name, value in options.items()))
    return gateway.inside(OPENVPN, "--config", conf)


def connected(net):
    net.wait("a", "Initialization Sequence Completed")
    time.sleep(1)


def told(*patterns):
    """The end logs it: (end, pattern) in turn."""
    def play(net):
        for end, pattern in patterns:
            net.wait(end, pattern)
        time.sleep(1)
    return play


def cut(net):
    net.wait("a", "Initialization Sequence Completed")
    net.cut()
    net.wait("a", "Inactivity timeout")
    net.wait("b", "Inactivity timeout")
    net.while_cut()
    net.mend()
    net.wait("a", "Initialization Sequence Completed", 2)
    time.sleep(1)


class Case(NamedTuple):
    name: str
    play: object
    tells_a: tuple
    tells_b: tuple
    both: dict = {}
    a: dict = {}
    b: dict = {}


NO_ANSWER = ("tls_key_negotiation_timeout|tls_handshake_failed",)

# The server's own start reads "Initialization Sequence Completed" too, and a client is "initiated" before its password
# has been looked at: no line tells these from an established tunnel.
CASES = [
    Case("connected", connected, ("up",), ("up",)),
    Case("wrong-ca", told(("a", "certificate verify failed"), ("b", "TLS handshake failed")),
         ("certificate_verify_failed", "tls_handshake_failed?"), ("up?", *NO_ANSWER), a={"ca": "{pki}/other-ca.pem"}),
    Case("wrong-key", told(("a", "Exiting due to fatal error")), ("private_key_mismatch",), ("up?",),
         a={"key": "{pki}/b.key"}),
    Case("tls-auth", told(("a", "TLS handshake failed")), NO_ANSWER, ("up?", "tls_auth_mismatch"),
         both={"tls-auth": "{dir}/static.key"}),
    Case("password", told(("a", "AUTH_FAILED")), ("up?", "auth_failed"), ("up?", "auth_failed"),
         a={"auth-user-pass": "{dir}/password"},
         b={"auth-user-pass-verify": "/bin/false via-file", "script-security": "2"}),
    Case("closed-udp", told(("a", "TLS handshake failed")), NO_ANSWER, ("up?",), a={"remote": ADDRESS["b"] + " 1195"}),
    Case("closed-tcp", told(("a", "TCP: connect to .* failed")), ("tcp_connect_failed",), ("up?",),
         both={"proto": "tcp"}, a={"remote": ADDRESS["b"] + " 1195"}),
    Case("cut", cut, ("up", "ping_timeout", "tls_key_negotiation_timeout?", "tls_handshake_failed?"),
         ("up", "ping_timeout"), b={"keepalive": "1 4"}),
]


def play(case):
    def played(net, pki):
        net.a.write("password", "joe\nguessed\n")
        for gateway in net.gateways.values():
            # Another key at each end.
            gateway.inside(OPENVPN, "--genkey", "secret", gateway.path("static.key")).wait()
        start(net.b, {**COMMON, **SERVER, **case.both, **case.b}, pki)
        net.wait("b", "Initialization Sequence Completed")
        start(net.a, {**COMMON, **CLIENT, **case.both, **case.a}, pki)
        case.play(net)
    return played


RUNS = [Run(f"openvpn-{case.name}", play(case), {"a": case.tells_a, "b": case.tells_b}, lambda e,c:(None,None), ()) for case in CASES]
