# SPDX-License-Identifier: Apache-2.0
"""Authorities of a test, and what they vouch for."""
import subprocess

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
HERE = "DNS:localhost,IP:127.0.0.1"
# What is wrong with a certificate: whose it is, and how it is issued.
BAD = {"expired": ("ours", dict(days=-1)), "other_host": ("ours", dict(san="DNS:elsewhere.example")),
       "unknown_ca": ("theirs", {})}


class Authority:
    def __init__(self, sc, name):
        self.sc, self.name, self.pem = sc, name, sc.path(name + ".pem")
        self.run("req", "-x509", *KEY, "-days", "2", "-subj", f"/CN={name}", "-keyout",
                 f"{name}.key", "-out", self.pem)

    def run(self, *args):
        subprocess.run(["openssl", *args], check=True, capture_output=True, cwd=self.sc.work)

    def issue(self, name, san=HERE, days=2):
        """Paths of a certificate and its key."""
        self.run("req", *KEY, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out",
                 f"{name}.csr")
        self.sc.write(f"{name}.ext", f"subjectAltName={san}\n")
        self.run("x509", "-req", "-in", f"{name}.csr", "-CA", self.pem, "-CAkey", f"{self.name}.key", "-CAcreateserial",
                 "-days", str(days), "-extfile", f"{name}.ext", "-out", f"{name}.pem")
        return self.sc.path(f"{name}.pem"), self.sc.path(f"{name}.key")


def authorities(sc):
    """Ours, theirs, and the certificates of all that is wrong, by its name."""
    both = {name: Authority(sc, name) for name in ("ours", "theirs")}
    return both["ours"], both["theirs"], {name: both[who].issue(name, **how) for name, (who, how) in BAD.items()}
