# SPDX-License-Identifier: Apache-2.0
"""What can go wrong between two charons, and what each of them then logs."""
import os
import shutil
import subprocess
import time
from typing import NamedTuple

from lab import ADDRESS, INSIDE, OTHER, Run, poll

CHARON, SWANCTL = "/usr/sbin/charon-systemd", "/usr/sbin/swanctl"
NEEDED = (CHARON, SWANCTL, "/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so",
          "/usr/lib/ipsec/plugins/libstrongswan-eap-mschapv2.so")
CONNECTION = {"a": "hq-berlin", "b": "berlin-hq"}
KEY = "what-both-ends-know"
UP = r"CHILD_SA lan\{\d+\} established"
DEAD = r"giving up after \d+ retransmits|DPD check timed out"

# The journal's logger is on by default. The kernel has no ESP: libipsec does it with a TUN device.
CONF = """charon-systemd {{
  load_modular = yes
  retransmit_timeout = 0.5
  retransmit_base = 1.4
  retransmit_tries = 3
  half_open_timeout = 6
  syslog {{
    identifier = charon
    daemon {{
      default = 1
      ike_name = yes
    }}
  }}
  filelog {{
    file {{
      path = {dir}/charon.log
      default = 1
      ike_name = yes
      flush_line = yes
    }}
  }}
  plugins {{
    include /etc/strongswan.d/charon/*.conf
    vici {{
      socket = unix://{dir}/vici
    }}
    kernel-libipsec {{
      load = yes
    }}
  }}
}}
"""


def settings(flat):
    """{"a.b": 1} as the braces of swanctl.conf."""
    tree = {}
    for key, value in flat.items():
        *path, last = key.split(".")
        at = tree
        for name in path:
            at = at.setdefault(name, {})
        at[last] = value

    def braces(node):
        return "".join(f"{name} {{\n{braces(value)}}}\n" if isinstance(value, dict) else f"{name} = {value}\n"
                       for name, value in node.items())
    return braces(tree)


def subnet(end):
    return INSIDE[end].rsplit(".", 1)[0] + ".0/24"


def agreed(end, version):
    """The connection when nothing is wrong with it."""
    other = OTHER[end]
    return {"version": version, "local_addrs": ADDRESS[end], "remote_addrs": ADDRESS[other],
            "proposals": "aes128-sha256-ecp256", "dpd_delay": "20s",
            "local.auth": "psk", "local.id": f"gw-{end}.example",
            "remote.auth": "psk", "remote.id": f"gw-{other}.example",
            "children.lan.local_ts": subnet(end), "children.lan.remote_ts": subnet(other),
            "children.lan.esp_proposals": "aes128-sha256-ecp256",
            # Lifetimes as they are written, so that a short one is not drawn below nothing.
            "rand_time": 0, "children.lan.rand_time": 0}


class Charon:
    """One end's daemon."""

    def __init__(self, gateway, connection, secrets, shared, certificate):
        self.gateway, self.tool = gateway, os.path.join(shared, os.path.basename(SWANCTL))
        if certificate:
            connection = {**connection, "local.certs": f"{shared}/{certificate}.pem"}
            for folder, file in (("private", f"{certificate}.key"), ("x509ca", "ca.pem")):
                os.mkdir(gateway.path(folder))
                shutil.copy(os.path.join(shared, file), gateway.path(folder))
        gateway.write("strongswan.conf", CONF.format(dir=gateway.dir))
        gateway.write("swanctl.conf", settings({
            **{f"connections.{CONNECTION[gateway.end]}.{key}": value for key, value in connection.items()},
            **{f"secrets.{key}": value for key, value in secrets.items()}}))
        self.start()

    def start(self):
        self.process = self.gateway.inside(CHARON, STRONGSWAN_CONF=self.gateway.path("strongswan.conf"))
        poll(lambda: self.swanctl("--stats").returncode == 0, 20)
        loaded = self.swanctl("--load-all", "--noprompt")
        if loaded.returncode:
            raise RuntimeError(f"{self.gateway.space}: {loaded.stdout}{loaded.stderr}")

    def swanctl(self, *argv):
        return subprocess.run([self.tool, *argv, "--uri", f"unix://{self.gateway.dir}/vici"], capture_output=True,
                              text=True, timeout=60, env={**os.environ, "SWANCTL_DIR": self.gateway.dir})

    def initiate(self):
        return self.swanctl("--initiate", "--child", "lan", "--timeout", "15").returncode == 0


def moment():
    """What comes next has another time in the log, where a time is a whole second."""
    time.sleep(1.1)


class Tunnel:
    """Both ends, and what is done with them in the cases below. gw-a is the initiator."""

    def __init__(self, net, a, b):
        self.net, self.a, self.b = net, a, b

    def up(self):
        if not self.a.initiate():
            raise RuntimeError(f"{self.net.name}: the tunnel does not come up")
        self.net.wait("b", UP)
        moment()

    def back(self):
        self.net.wait("a", UP, 2)
        self.net.wait("b", UP, 2)
        time.sleep(1)


def established(tunnel):
    tunnel.up()
    time.sleep(1)


def refused(tunnel):
    if tunnel.a.initiate():
        raise RuntimeError(f"{tunnel.net.name}: the tunnel came up")
    time.sleep(1)


def half_open(tunnel):
    refused(tunnel)
    tunnel.net.wait("b", "deleting half open IKE_SA")


def unreachable(tunnel):
    tunnel.net.cut()
    refused(tunnel)


def one_way(tunnel):
    tunnel.net.cut_to("a")
    half_open(tunnel)


def cut(tunnel):
    tunnel.up()
    tunnel.net.cut()
    tunnel.net.wait("a", DEAD)
    tunnel.net.wait("b", DEAD)
    tunnel.net.while_cut()
    tunnel.net.mend()
    tunnel.back()


def link_down(tunnel):
    tunnel.up()
    tunnel.net.a.link("down")
    tunnel.net.wait("b", DEAD)
    time.sleep(3)
    tunnel.net.a.link("up")
    tunnel.back()


def crash(tunnel):
    tunnel.up()
    tunnel.b.process.kill()
    tunnel.b.process.wait()
    tunnel.b.start()
    tunnel.net.wait("a", DEAD)
    tunnel.back()


def service_stop(tunnel):
    tunnel.up()
    tunnel.b.process.terminate()
    tunnel.b.process.wait(20)
    moment()
    tunnel.b.start()
    tunnel.a.initiate()
    tunnel.back()


def terminated(*what):
    def play(tunnel):
        tunnel.up()
        tunnel.b.swanctl("--terminate", *what)
        time.sleep(1)
    return play


def until(pattern, ends="ab", count=1):
    """The ends log it while nobody does anything."""
    def play(tunnel):
        tunnel.up()
        for end in ends:
            tunnel.net.wait(end, pattern, count)
        time.sleep(1)
    return play


class Case(NamedTuple):
    """tells_a, tells_b, states, alerts: as in lab.Run."""
    name: str
    play: object
    tells_a: tuple
    tells_b: tuple
    states: tuple = ()
    alerts: tuple = ()
    both: dict = {}
    a: dict = {}
    b: dict = {}
    secrets_a: dict = {}
    secrets_b: dict = {}
    certificate_b: str = ""
    versions: tuple = (2, 1)
    seconds: int = 0


CHILD = "children.lan."
DPD = {"dpd_delay": "1s", "dpd_timeout": "4s", "keyingtries": 0}
RESTART = {CHILD + "dpd_action": "restart"}
CERTIFICATES = {"local.auth": "pubkey", "remote.auth": "pubkey"}
OTHER_KEY = {"ike-1.secret": "what-only-b-knows"}
NO_KEY = {"ike-1.id": "gw-c.example"}
DH_OF_B = {CHILD + "esp_proposals": "aes128-sha256-ecp384"}
OTHER_NET = {CHILD + "remote_ts": "10.9.0.0/24"}
TRANSPORT = {CHILD + "mode": "transport"}

# Of an IKE SA, then of its first child.
BOTH_UP = ("ike", "up")
KEY_DIFFERS = ("authentication_fail",)
NO_PHASE2 = ("ike", "phase2_proposal_or_pfs_mismatch")
NO_CHILD = ("ike", "flow_or_peer_mismatch")
STRANGER = (("phase1_proposal_mismatch",), ("peer_address_mismatch",))
LOST = (*BOTH_UP, "dpd_timeout", *BOTH_UP)
# It tries again while nobody can answer.
LOST_AND_TRIED = (*BOTH_UP, "dpd_timeout", "exchange_timeout?", *BOTH_UP)
BACK = ("up", "down", "up")
# What gw-b says of it may come before what gw-a says.
MEANT = ("up", "down?", "admin_down")
# The initiator refuses what the responder takes for up by then.
DROPPED_V2 = (*BOTH_UP, "authentication_fail", "peer_request")
DROPPED_V1 = ("ike", "peer_request")
DOWN = (("IPsecTunnelDown", "opened"),)

CASES = [
    Case("established", established, BOTH_UP, BOTH_UP, ("up",)),
    Case("psk", refused, KEY_DIFFERS, KEY_DIFFERS, secrets_b=OTHER_KEY, versions=(2,)),
    # It decrypts to nonsense at both ends.
    Case("psk", half_open, KEY_DIFFERS, KEY_DIFFERS, secrets_b=OTHER_KEY, versions=(1,)),
    # By IKEv1 the initiator is told INVALID_KEY_INFORMATION, which charon calls INVALID_KE_PAYLOAD.
    Case("no-psk", refused, KEY_DIFFERS, KEY_DIFFERS, secrets_b=NO_KEY),
    Case("certificates", established, BOTH_UP, BOTH_UP, ("up",), both=CERTIFICATES, certificate_b="b"),
    Case("certificate-expired", refused, ("authentication_fail",), DROPPED_V2, ("up", "down"), DOWN,
         both=CERTIFICATES, certificate_b="expired", versions=(2,)),
    Case("certificate-expired", refused, ("authentication_fail",), DROPPED_V1, ("down",), DOWN,
         both=CERTIFICATES, certificate_b="expired", versions=(1,)),
    Case("certificate-untrusted", refused, ("peer_cert_verify_fail",), DROPPED_V2, ("up", "down"), DOWN,
         both=CERTIFICATES, certificate_b="stranger", versions=(2,)),
    Case("certificate-untrusted", refused, ("peer_cert_verify_fail",), DROPPED_V1, ("down",), DOWN,
         both=CERTIFICATES, certificate_b="stranger", versions=(1,)),
    Case("xauth", refused, ("xauth_authentication_fail",), ("xauth_authentication_fail",),
         a={"local-2.auth": "xauth", "local-2.xauth_id": "joe"}, b={"remote-2.auth": "xauth"},
         secrets_a={"xauth-1.id": "joe", "xauth-1.secret": "guessed"},
         secrets_b={"xauth-1.id": "joe", "xauth-1.secret": "right"}, versions=(1,)),
    Case("eap", refused, ("eap_authentication_fail",), ("eap_authentication_fail",),
         a={"local.auth": "eap-mschapv2", "local.eap_id": "joe"},
         b={"remote.auth": "eap-mschapv2", "remote.eap_id": "%any"},
         secrets_a={"eap-1.id": "joe", "eap-1.secret": "guessed"},
         secrets_b={"eap-1.id": "joe", "eap-1.secret": "right"}, versions=(2,)),
    Case("ike-proposal", refused, ("phase1_proposal_mismatch",), ("phase1_proposal_mismatch",),
         b={"proposals": "aes256-sha384-ecp384"}),
    Case("esp-proposal", refused, NO_PHASE2, NO_PHASE2, b={CHILD + "esp_proposals": "aes256-sha384-ecp256"}),
    Case("pfs", refused, NO_PHASE2, NO_PHASE2, b=DH_OF_B, versions=(1,)),
    # In IKEv2 the first child SA has no key exchange of its own: the mismatch shows at its rekey.
    Case("pfs", until("closing expired", "a"),
         (*BOTH_UP, "phase2_proposal_or_pfs_mismatch", "phase2_hard_expiry"),
         (*BOTH_UP, "phase2_proposal_or_pfs_mismatch"), ("up", "idle", "down"), DOWN,
         a={CHILD + "rekey_time": "3s", CHILD + "life_time": "8s"}, b=DH_OF_B, versions=(2,), seconds=10),
    # By IKEv2 the initiator reads the refusal of the child SA before it is told of the IKE SA.
    Case("selectors", refused, NO_CHILD[::-1], NO_CHILD, b=OTHER_NET, versions=(2,)),
    Case("selectors", refused, NO_CHILD, NO_CHILD, b=OTHER_NET, versions=(1,)),
    # charon words it as traffic selectors.
    Case("mode", refused, NO_CHILD[::-1], NO_CHILD, b=TRANSPORT, versions=(2,)),
    Case("mode", refused, NO_CHILD, NO_CHILD, b=TRANSPORT, versions=(1,)),
    Case("identity", refused, ("authentication_fail",), ("config_id_mismatch",), b={"remote.id": "gw-x.example"}),
    Case("identity-of-responder", refused, ("authentication_fail",), ("config_id_mismatch",),
         b={"local.id": "gw-x.example"}, versions=(2,)),
    Case("identity-of-responder", refused, ("config_id_mismatch",), DROPPED_V1, ("down",), DOWN,
         b={"local.id": "gw-x.example"}, versions=(1,)),
    # The initiator cannot tell these from proposals, nor the responder an unknown version from an unknown address.
    Case("address", refused, *STRANGER, b={"remote_addrs": "192.0.2.77"}),
    Case("version", refused, *STRANGER, b={"version": 1}, versions=(2,)),
    Case("version", refused, *STRANGER, b={"version": 2}, versions=(1,)),
    Case("aggressive", refused, ("authentication_fail",), ("exchange_mode_mismatch",), a={"aggressive": "yes"},
         versions=(1,)),
    Case("unreachable", unreachable, ("exchange_timeout",), ()),
    Case("one-way", one_way, ("exchange_timeout",), ("exchange_timeout",)),
    Case("cut", cut, LOST_AND_TRIED, LOST, BACK, both=DPD, a=RESTART, seconds=15),
    # By IKEv2, MOBIKE seeks the path again for half a minute.
    Case("link-down", link_down, LOST_AND_TRIED, LOST, BACK, both=DPD, a=RESTART, seconds=38),
    Case("crash", crash, LOST_AND_TRIED, BOTH_UP * 2, BACK, both=DPD, a=RESTART),
    Case("delete", terminated("--ike", "berlin-hq"), (*BOTH_UP, "peer_request"),
         (*BOTH_UP, "config_modify_or_manual_offline"), MEANT),
    # Only what does not follow tells gw-a that this is no rekey.
    Case("delete-child", terminated("--child", "lan"), BOTH_UP, (*BOTH_UP, "config_modify_or_manual_offline"), ("up",)),
    Case("service-stop", service_stop, (*BOTH_UP, "peer_request", *BOTH_UP),
         (*BOTH_UP, "service_stop", "config_modify_or_manual_offline", *BOTH_UP), (*MEANT, "up")),
    Case("rekey-child", until(r"CHILD_SA lan\{2\} established"), ("ike", "up+"), ("ike", "up+"), ("up",),
         a={CHILD + "rekey_time": "3s", CHILD + "life_time": "30s"}),
    Case("rekey-ike", until(r"IKE_SA \S+\[2\] (?:rekeyed|established) between"), (*BOTH_UP, "ike"), (*BOTH_UP, "ike"),
         ("up",), a={"rekey_time": "5s", "over_time": "30s"}, seconds=10),
    # By IKEv2 the old one goes first, by IKEv1 the new one comes first.
    Case("reauth", until(UP, count=2), BOTH_UP * 2, (*BOTH_UP, "peer_request", *BOTH_UP), (*MEANT, "up"),
         a={"reauth_time": "5s", "rekey_time": 0, "over_time": "30s"}, versions=(2,), seconds=10),
    Case("reauth", until(r"IKE_SA \S+\[2\] established between"), (*BOTH_UP, "ike"), (*BOTH_UP, "ike"), ("up",),
         a={"reauth_time": "5s", "rekey_time": 0, "over_time": "30s"}, versions=(1,), seconds=10),
    # By IKEv2 charon makes another at once.
    Case("expiry", until("closing expired", "a"), (*BOTH_UP, "phase2_hard_expiry", "up"), ("ike", "up", "up"),
         ("up", "idle", "up"), a={CHILD + "rekey_time": 0, CHILD + "life_time": "4s"}, versions=(2,)),
    Case("expiry", until("closing expired", "a"), (*BOTH_UP, "phase2_hard_expiry"), BOTH_UP, ("up", "idle"),
         a={CHILD + "rekey_time": 0, CHILD + "life_time": "4s"}, versions=(1,)),
    Case("idle", until("of inactivity", "a"), (*BOTH_UP, "idle_timeout"), BOTH_UP, ("up", "idle"),
         a={CHILD + "inactivity": "2s"}),
]


def play(case, version):
    def played(net, shared):
        certificates = {"a": "a", "b": case.certificate_b} if case.certificate_b else {}
        ends = [Charon(gateway, {**agreed(end, version), **case.both, **getattr(case, end)},
                       {"ike-1.secret": KEY, **getattr(case, f"secrets_{end}")}, shared, certificates.get(end))
                for end, gateway in net.gateways.items()]
        case.play(Tunnel(net, *ends))
    return played


def addresses(end, line):
    """All is said of an IKE SA, but for the end of all, and for a command that names a child SA alone."""
    nameless = "SIGTERM received" in line or "terminate CHILD_SA" in line
    return (None, None) if nameless else (ADDRESS[end], ADDRESS[OTHER[end]])


RUNS = [Run(f"ikev{version}-{case.name}", play(case, version), {"a": case.tells_a, "b": case.tells_b}, addresses,
            case.states, case.alerts, case.seconds)
        for case in CASES for version in case.versions]
CUT = [run for run in RUNS if run.name.endswith("-cut")]
