# SPDX-License-Identifier: Apache-2.0
"""What can go wrong between an OpenVPN client (gw-a) and its server (gw-b)."""
import time
from typing import NamedTuple

from lab import ADDRESS, Run

OPENVPN = "/usr/sbin/openvpn"
NEEDED = (OPENVPN,)
COMMON = {"dev": "tun", "proto": "udp", "data-ciphers": "AES-256-GCM", "verb": "3", "hand-window": "3",
          "ca": "{shared}/ca.pem", "cert": "{shared}/{end}.pem", "key": "{shared}/{end}.key"}
SERVER = {"local": ADDRESS["b"], "port": "1194", "server": "10.8.0.0 255.255.255.0", "topology": "subnet", "dh": "none",
          "tls-server": "", "keepalive": "10 60", "syslog": "ovpn-server"}
CLIENT = {"client": "", "remote": ADDRESS["b"] + " 1194", "nobind": "", "connect-retry": "1 1",
          "syslog": "ovpn-client"}


def start(gateway, options, shared):
    """An option without a value is a flag."""
    conf = gateway.write("openvpn.conf", "".join(
        f"{name} {value}\n".format(shared=shared, end=gateway.end, dir=gateway.dir) for name, value in options.items()))
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
    """tells_a, tells_b, states: as in lab.Run."""
    name: str
    play: object
    tells_a: tuple
    tells_b: tuple
    states: tuple = ()
    both: dict = {}
    a: dict = {}
    b: dict = {}


# The server's own start, which reads like a client's "Initialization Sequence Completed".
STARTED = ("up",)
# A client is "initiated", then initialized; a server's session is initiated, even before the password is looked at.
UP = ("up", "up")
NO_ANSWER = ("tls_key_negotiation_timeout",)

# Each end knows the tunnel by another name, so that its states come twice.
CASES = [
    Case("connected", connected, UP, (*STARTED, "up"), ("up", "up")),
    Case("wrong-ca", told(("a", "certificate verify failed"), ("b", "TLS handshake failed")),
         ("certificate_verify_failed",), (*STARTED, *NO_ANSWER), a={"ca": "{shared}/other-ca.pem"}),
    Case("wrong-key", told(("a", "Exiting due to fatal error")), ("private_key_mismatch",), STARTED,
         a={"key": "{shared}/b.key"}),
    Case("tls-auth", told(("a", "TLS handshake failed")), NO_ANSWER, (*STARTED, "tls_auth_mismatch"),
         both={"tls-auth": "{dir}/static.key"}),
    Case("password", told(("a", "AUTH_FAILED")), ("up", "auth_failed"), (*STARTED, "auth_failed", "up"), ("up", "up"),
         a={"auth-user-pass": "{dir}/password"},
         b={"auth-user-pass-verify": "/bin/false via-file", "script-security": "2"}),
    Case("closed-udp", told(("a", "TLS handshake failed")), NO_ANSWER, STARTED, a={"remote": ADDRESS["b"] + " 1195"}),
    Case("closed-tcp", told(("a", "TCP: connect to .* failed")), ("tcp_connect_failed",), STARTED,
         both={"proto": "tcp"}, a={"remote": ADDRESS["b"] + " 1195"}),
    Case("cut", cut, (*UP, "ping_timeout", "tls_key_negotiation_timeout?", *UP), (*STARTED, "up", "ping_timeout", "up"),
         ("up", "up", "down", "down", "up", "up"), b={"keepalive": "1 4"}),
]


def play(case):
    def played(net, shared):
        net.a.write("password", "joe\nguessed\n")
        for gateway in net.gateways.values():
            # Another key at each end.
            gateway.inside(OPENVPN, "--genkey", "secret", gateway.path("static.key")).wait()
        start(net.b, {**COMMON, **SERVER, **case.both, **case.b}, shared)
        net.wait("b", "Initialization Sequence Completed")
        start(net.a, {**COMMON, **CLIENT, **case.both, **case.a}, shared)
        case.play(net)
    return played


def addresses(end, line):
    """A server says whose session it is; a client names the server where it connects to it."""
    if end == "b":
        return None, None if "Initialization Sequence Completed" in line else ADDRESS["a"]
    return None, ADDRESS["b"] if "TCP: connect to" in line else None


RUNS = [Run(f"openvpn-{case.name}", play(case), {"a": case.tells_a, "b": case.tells_b}, addresses, case.states)
        for case in CASES]
