# SPDX-License-Identifier: Apache-2.0
"""Keys, secrets and tokens: what they sign, and where they must not be."""
import hashlib
import hmac
import os
import subprocess

from parts import FAST, RSYSLOGD, Receiver, Rsyslog, poll
from vrp import BR, HQ
import vrp


def signed(secret, body):
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def verify(sc):
    return subprocess.run([RSYSLOGD, "-N1", "-f", sc.path("rsyslog.conf"), "-i", sc.path("n1.pid")],
                          capture_output=True, text=True)


def leaks(sc, rs, secrets, own):
    """Where a secret is that should not be. own: the files that may have it."""
    with open(f"/proc/{rs.process.pid}/cmdline") as line, open(f"/proc/{rs.process.pid}/environ") as environ:
        seen = {"command line": line.read(), "environment": environ.read()}
    seen["process list"] = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True).stdout
    said = verify(sc)
    sc.same("rsyslogd -N1 is content", 0, said.returncode)
    seen["-N1"] = said.stdout + said.stderr
    rs.stop()
    for folder, _, names in os.walk(sc.work):
        for name in names:
            with open(os.path.join(folder, name), errors="replace") as file:
                seen[os.path.relpath(file.name, sc.work)] = file.read()
    return sorted(f"{secret} in {where}" for where, text in seen.items() if where not in own
                  for secret in secrets if secret in text)


def echo(sc):
    """A receiver, or a proxy before it, that answers with what it was asked."""
    routing, token = "R0UT1NGKEY0123456789abcdef012345", "bearer-TOKEN-of-the-test"
    keyfile, tokenfile = sc.write("routing", routing + "\n"), sc.write("token", token + "\n")
    final, later = Receiver(sc, [400], echo=True), Receiver(sc, [500], echo=True)
    rs = Rsyslog(sc, f'output="pagerduty" url=["{final.url}"] routingKeyFile="{keyfile}" {FAST}',
                 hook=f'output="webhook" url=["{later.url}"] tokenFile="{tokenfile}" {FAST}').start()
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.down("HQ", HQ, BR, 1))
    sc.check("both refusals are told", poll(lambda: sc.told("answered 400") and sc.told("answered 500")), sc.told())
    sc.same("without the keys", [], leaks(sc, rs, (routing, token), ("routing", "token")))
