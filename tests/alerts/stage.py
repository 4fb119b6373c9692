# SPDX-License-Identifier: Apache-2.0
"""Plays scenarios, several at once, counts what they found, and sees to it that nothing is left behind."""
import concurrent.futures
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback

from parts import Scenario

AT_ONCE = 4  # they wait most of the time

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


def interrupted(root, number, shared):
    for sc in playing:
        sc.end()
    for it in shared:
        it.stop()
    shutil.rmtree(root, ignore_errors=True)
    os._exit(128 + number)


def main(usage, together, alone=(), missing="", shared=(), finish=str):
    """The command line of a suite: its four files and the scenarios that are wanted.

    alone: those that measure have the machine for themselves; missing: what the machine lacks; shared: parts that all
    scenarios use, started with the folder of the suite; finish: text for the end."""
    tested, wanted = [os.path.abspath(it) for it in sys.argv[1:5]], sys.argv[5:]
    if len(tested) < 4:
        sys.exit(usage)
    known = [it.__name__ for it in (*together, *alone)]
    if set(wanted) - set(known):
        sys.exit(f"run.py: there is no scenario {' '.join(sorted(set(wanted) - set(known)))}; there are {' '.join(known)}")
    if missing:
        print(f"skip NOTHING CAN BE TESTED HERE: {missing}\n0 passed, 0 failed, 1 skipped")
        return 1 if os.environ.get("CI") == "true" else 0
    root = tempfile.mkdtemp(prefix="omipsec-test.")
    os.chmod(root, 0o755)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda it, _: interrupted(root, it, shared))
    lines = []

    def tell(found):
        print("\n".join(found), flush=True)
        lines.extend(found)

    def count(word):
        return sum(line.startswith(word) for line in lines)

    together, alone = ([it for it in some if not wanted or it.__name__ in wanted] for some in (together, alone))
    try:
        for it in shared:
            it.start(root)
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for found in concurrent.futures.as_completed([pool.submit(play, it, root, tested) for it in together]):
                tell(found.result())
        for it in alone:
            tell(play(it, root, tested))
    finally:
        for it in shared:
            it.stop()
    tell(tidy(root, count("FAIL")))
    print(finish(), end="")
    print(f"{count('ok')} passed, {count('FAIL')} failed, {count('skip')} skipped")
    return 1 if count("FAIL") else 0
