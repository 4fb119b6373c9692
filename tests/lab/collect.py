#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""collect.py DIR [CASE...]: plays the faults and leaves what each gateway sent to syslog in DIR/VERSION-CASE-END.log."""
import concurrent.futures
import os
import shutil
import sys
import tempfile
import time
import traceback

import cases
import lab


def collect(case, version, root, into, pki):
    name = f"ikev{version}-{case.name}"
    begun = time.monotonic()
    net = lab.Net(name, root)
    try:
        net.begin()
        cases.play(case, version, net, pki)
        told = "played"
    except Exception:
        told = "DID NOT PLAY\n" + traceback.format_exc()
    finally:
        net.remove()
    for end in "ab":
        shutil.copy(f"{net.dir}/{end}.log", f"{into}/{name}-{end}.log")
    return f"{name}: {told}, {time.monotonic() - begun:.0f} s"


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    why = lab.enter()
    if why:
        print(f"skip the lab: {why}")
        return 1
    into, wanted = sys.argv[1], sys.argv[2:]
    os.makedirs(into, exist_ok=True)
    root = tempfile.mkdtemp(prefix="omipsec-lab.")
    pki = lab.pki(root)
    chosen = [(case, version) for case in cases.CASES for version in case.versions if not wanted or case.name in wanted]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for told in pool.map(lambda it: collect(*it, root, into, pki), chosen):
            print(told, flush=True)
    return 0


sys.exit(main())
