# SPDX-License-Identifier: Apache-2.0
"""Receivers of alerts over TLS: what is verified of them, and what omipsec shows of itself."""
import ssl
import time

from authority import authorities
from parts import FAST, Receiver, Rsyslog, poll
from vrp import BR, HQ
import vrp

OUTPUTS = {"pd": 'output="pagerduty" routingKeyFile="{key}"', "hook": 'output="webhook"', "am": 'output="alertmanager"'}
# What the operator is told. How the end of a connection that wants a certificate is told depends on who is faster.
SAID = {"expired": "certificate has expired; renew it there", "other_host": "subject name matches target host name '127.0.0.1'; "
        "set url= to a name that it has", "unknown_ca": "set tls.cacert to the PEM file of its authority", "asks": "127.0.0.1",
        "plain": "it speaks no TLS: is it http://?"}


def listening(sc, ours, bad):
    """A receiver for each certificate; "asks" wants one of its client, "plain" speaks no TLS."""
    good = ours.issue("receiver")
    found = {name: Receiver(sc, [202], its) for name, its in {"good": good, "asks": good, "plain": None, **bad}.items()}
    strict = found["asks"].server.socket.context
    strict.verify_mode = ssl.CERT_REQUIRED
    strict.load_verify_locations(ours.pem)
    return found


def receivers(sc):
    """PagerDuty, a webhook and Alertmanager: good, expired, of another host, of an unknown authority."""
    ours, theirs, bad = authorities(sc)
    client = ours.issue("client", "DNS:client")
    key = sc.write("key", "00112233445566778899aabbccddeeff")
    rcs = listening(sc, ours, bad)
    urls = {name: rc.url.replace("http:", "https:") for name, rc in rcs.items()}
    actions = {f"{kind}_{name}": f'{output.format(key=key)} url=["{url}"] tls.cacert="{ours.pem}" {FAST}'
               for kind, output in OUTPUTS.items() for name, url in urls.items()}
    rs = Rsyslog(sc, f'output="file" file="{sc.path("out")}"', **actions,
                 # The system's authorities do not vouch for ours.
                 hook_system=f'output="webhook" url=["{urls["good"]}"] {FAST}').start()
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    delivered = lambda name: {kind for kind in OUTPUTS if rs.stat("delivered", f"{kind}_{name}")}
    sc.check("good: the alert is sent, by all three", poll(lambda: delivered("good") == set(OUTPUTS)), sc.told("_good"))
    for name in [it for it in actions if not it.endswith("_good")] + ["hook_system"]:
        words = SAID[name.split("_", 1)[1]] if name in actions else SAID["unknown_ca"]
        told = poll(lambda: sc.told(f'action "{name}"'))
        sc.check(f"{name}: refused, and told once, with what to do", len(told) == 1 and words in told[0], told)
    time.sleep(2)
    sc.same("nothing was sent to any of these", {}, {name: rcs[name].requests for name in SAID if rcs[name].requests})
    sc.same("nor counted as delivered", set(), set().union(*map(delivered, SAID)))
    rs.stop()
    # Mended: the client shows a certificate, or knows the authority.
    for kind in OUTPUTS:
        actions[f"{kind}_asks"] += f' tls.mycert="{client[0]}" tls.myprivkey="{client[1]}"'
        actions[f"{kind}_unknown_ca"] = actions[f"{kind}_unknown_ca"].replace(ours.pem, theirs.pem)
    rs = Rsyslog(sc, f'output="file" file="{sc.path("out")}"', **actions).start()
    for name in ("asks", "unknown_ca"):
        sc.check(f"{name}, mended: the alerts that waited are sent, by all three", poll(
            lambda: delivered(name) == set(OUTPUTS) and len(rcs[name].requests) >= 3), (sc.told()[-3:], rcs[name].requests[:3]))
    rs.stop()
