# SPDX-License-Identifier: Apache-2.0
"""TLS: what is verified of a receiver, and what omipsec shows of itself."""
import ssl
import subprocess
import time

from parts import FAST, Receiver, Rsyslog, poll
from vrp import BR, HQ
import vrp


class Authority:
    def __init__(self, sc, name):
        self.sc, self.name, self.pem = sc, name, sc.path(name + ".pem")
        self.run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout",
                 f"{name}.key", "-out", self.pem)

    def run(self, *args):
        subprocess.run(["openssl", *args], check=True, capture_output=True, cwd=self.sc.work)

    def issue(self, name, san="IP:127.0.0.1", days=2):
        """Paths of a certificate and its key."""
        self.run("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out",
                 f"{name}.csr")
        self.sc.write(f"{name}.ext", f"subjectAltName={san}\n")
        self.run("x509", "-req", "-in", f"{name}.csr", "-CA", self.pem, "-CAkey", f"{self.name}.key", "-CAcreateserial",
                 "-days", str(days), "-extfile", f"{name}.ext", "-out", f"{name}.pem")
        return self.sc.path(f"{name}.pem"), self.sc.path(f"{name}.key")


def certificates(sc):
    ours, theirs = Authority(sc, "ours"), Authority(sc, "theirs")
    client = ours.issue("client", "DNS:client")
    key = sc.write("key", "00112233445566778899aabbccddeeff")
    bad = {"expired": Receiver(sc, [202], ours.issue("expired", days=-1)),
           "other_host": Receiver(sc, [202], ours.issue("other_host", "DNS:pagerduty.example")),
           "unknown_ca": Receiver(sc, [202], theirs.issue("unknown_ca")),
           "client": Receiver(sc, [202], ours.issue("good")),
           "plain": Receiver(sc, [202])}
    strict = bad["client"].server.socket.context
    strict.verify_mode = ssl.CERT_REQUIRED
    strict.load_verify_locations(ours.pem)
    outputs = {"pd": f'output="pagerduty" routingKeyFile="{key}"', "hook": 'output="webhook"', "am": 'output="alertmanager"'}
    urls = {name: rc.url.replace("http:", "https:") for name, rc in bad.items()}
    actions = {f"{kind}_{name}": f'{output} url=["{urls[name]}"] tls.cacert="{ours.pem}" {FAST}'
               for kind, output in outputs.items() for name in bad}
    # The system's authorities do not vouch for ours.
    actions["hook_system"] = f'{outputs["hook"]} url=["{urls["expired"]}"] {FAST}'
    rs = Rsyslog(sc, f'output="file" file="{sc.path("out")}"', **actions).start()
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    told = lambda name: [it for it in sc.told(f'action "{name}"') if "127.0.0.1" in it]
    poll(lambda: all(map(told, actions)))
    for name in actions:
        sc.check(f"{name}: refused, and told", told(name), sc.told())
    why = {(told(f"hook_{it}") or [""])[0].split(": ")[-1] for it in ("expired", "other_host", "unknown_ca")}
    sc.same("three causes, three sentences", 3, len(why))
    time.sleep(2)
    sc.same("nothing was sent to any", {}, {name: rc.requests for name, rc in bad.items() if rc.requests})
    sc.same("nor counted as delivered", {0}, {rs.stat("delivered", name) for name in actions})
    rs.stop()
    # Mended: the client shows a certificate, or knows the authority.
    for kind in outputs:
        actions[f"{kind}_client"] += f' tls.mycert="{client[0]}" tls.myprivkey="{client[1]}"'
        actions[f"{kind}_unknown_ca"] = actions[f"{kind}_unknown_ca"].replace(ours.pem, theirs.pem)
    rs = Rsyslog(sc, f'output="file" file="{sc.path("out")}"', **actions).start()
    for name in ("client", "unknown_ca"):
        sc.check(f"{name}, mended: the alerts that waited are sent, by all three", poll(
            lambda: {"pd": True, "hook": True, "am": True} == {kind: bool(rs.stat("delivered", f"{kind}_{name}"))
                                                              for kind in outputs} and len(bad[name].requests) >= 3),
                 (sc.told()[-3:], bad[name].requests[:3]))
    rs.stop()
