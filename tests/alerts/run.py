#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py MODULE RULES SCHEMA VPNLOG [SCENARIO...]: alerts from a real rsyslogd to real receivers."""
import concurrent.futures
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True

from parts import ALERTMANAGER, RSYSLOGD, Scenario
import certificates
import keys
import latency
import pages
import policy
import receivers
import records
import store

# They wait most of the time, so that several play at once; the longest first.
SCENARIOS = [pages.hub_dies, receivers.replicas, records.records, store.full_disk, policy.overrides, pages.killed_in_hold,
             receivers.faults, pages.teardown, receivers.one_identity, receivers.healed_while_deaf, store.unusable,
             store.who_is_down, records.ruleset, certificates.certificates, receivers.nobody_waits, receivers.missed_resolve,
             receivers.deaf_replica, records.rehearsal, records.findings, keys.echo, keys.key_files]
# Those that measure have the machine for themselves.
ALONE = [latency.steady_load]
AT_ONCE = 4

playing = []


def play(function, root, tested):
    sc = Scenario(function.__name__, root, *tested)
    playing.append(sc)
    begun = time.monotonic()
    try:
        function(sc)
    except Exception:
        sc.check("plays to its end", False, traceback.format_exc()[-800:])
    finally:
        sc.end()
    sc.note(f"took {time.monotonic() - begun:.0f} s")
    return sc.lines


def still_used(root):
    """Processes that know of this folder, or have it mounted."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline") as line, open(f"/proc/{pid}/mountinfo") as mounts:
                seen = line.read() + mounts.read() + os.readlink(f"/proc/{pid}/cwd")
            seen += "".join(os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd"))
        except OSError:
            continue
        if root in seen and int(pid) != os.getpid():
            found.append((pid, seen.split("\0")[:3]))
    return found


def tidy(root, failed):
    """Nothing may be left behind; what a failure left is for people to look at."""
    sc = playing[0]
    sc.name, sc.lines = "end", []
    sc.same("no process is left, and no mount", [], still_used(root))
    if failed:
        sc.note(f"what they left is in {root}")
    else:
        shutil.rmtree(root)
        sc.check("nor the folder", not os.path.exists(root))
    return sc.lines


def interrupted(root, number):
    for sc in playing:
        sc.end()
    shutil.rmtree(root, ignore_errors=True)
    os._exit(128 + number)


def main():
    tested, wanted = [os.path.abspath(it) for it in sys.argv[1:5]], sys.argv[5:]
    if len(tested) < 4:
        sys.exit(__doc__)
    unknown = set(wanted) - {it.__name__ for it in SCENARIOS + ALONE}
    if unknown:
        sys.exit(f"run.py: there is no scenario {' '.join(sorted(unknown))}; there are " +
                 " ".join(it.__name__ for it in SCENARIOS + ALONE))
    if not RSYSLOGD or not ALERTMANAGER:
        print(f"skip THE ALERTS CANNOT BE TESTED: {'rsyslogd' if not RSYSLOGD else 'prometheus-alertmanager'} is missing")
        print("0 passed, 0 failed, 1 skipped")
        return 1 if os.environ.get("CI") == "true" else 0
    root = tempfile.mkdtemp(prefix="omipsec-alerts.")
    os.chmod(root, 0o755)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda it, _: interrupted(root, it))
    lines = []

    def tell(found):
        print("\n".join(found), flush=True)
        lines.extend(found)

    def count(word):
        return sum(line.startswith(word) for line in lines)

    together, alone = ([it for it in some if not wanted or it.__name__ in wanted] for some in (SCENARIOS, ALONE))
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for found in concurrent.futures.as_completed([pool.submit(play, it, root, tested) for it in together]):
            tell(found.result())
    for it in alone:
        tell(play(it, root, tested))
    tell(tidy(root, count("FAIL")))
    print(f"{count('ok')} passed, {count('FAIL')} failed, {count('skip')} skipped")
    return 1 if count("FAIL") else 0


if __name__ == "__main__":
    sys.exit(main())
