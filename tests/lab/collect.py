#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""collect.py DIR [RUN...]: plays the faults and leaves what each end sent to syslog in DIR/RUN-END.log."""
import concurrent.futures
import os
import sys
import time
import traceback

import lab
import openvpn
import strongswan


def collect(run, root, into, shared):
    begun = time.monotonic()
    net = lab.Net(run.name, root)
    try:
        net.begin()
        run.play(net, shared)
        how = "played"
    except Exception:
        how = "DID NOT PLAY\n" + traceback.format_exc()
    finally:
        net.end()
    for end in "ab":
        with open(f"{into}/{run.name}-{end}.log", "w") as file:
            file.write(net.log(end))
    return f"{run.name}: {how}, {time.monotonic() - begun:.0f} s"


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    root, why = lab.enter(*strongswan.NEEDED, *openvpn.NEEDED)
    if why:
        print(f"skip the lab: {why}")
        return 1
    into, wanted = sys.argv[1], sys.argv[2:]
    os.makedirs(into, exist_ok=True)
    shared = lab.shared(root, strongswan.SWANCTL)
    chosen = [run for run in strongswan.RUNS + openvpn.RUNS if not wanted or run.name in wanted]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for told in pool.map(lambda run: collect(run, root, into, shared), chosen):
            print(told, flush=True)
    return 0


sys.exit(main())
