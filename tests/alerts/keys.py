# SPDX-License-Identifier: Apache-2.0
"""Keys, secrets and tokens: what they sign, and where they must not be."""
import hashlib
import hmac
import os
import subprocess

from parts import RSYSLOGD


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
