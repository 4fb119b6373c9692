#!/usr/bin/env python3
"""A million lines of ordinary syslog (ordinary.txt) give no event. Behind them
comes one line that is an event, which shows that all were read.

usage: ordinary.py GENERATOR VPNLOG RULES SOURCE [LINES]"""
import json
import pathlib
import resource
import subprocess
import sys
import time

GENERATOR, VPNLOG, RULES, SOURCE = sys.argv[1:5]
LINES = int(sys.argv[5]) if len(sys.argv) > 5 else 1000000
TEMPLATES = pathlib.Path(SOURCE) / "tests/golden/ordinary.txt"
LAST = ("<188>Nov 23 2026 03:12:40+08:00 HQ-USG6000 %%01IPSEC/4/IPSECTUNNELSTOP(l)[34]:"
        "The IPSec tunnel is deleted. (DstIP=203.0.113.201, OfflineReason=dpd timeout)")
SHOWN = 10


def events():
    """What vpnlog makes of the lines, which go from one pipe into the other."""
    lines = subprocess.Popen(
        ["sh", "-c", '"$1" "$2" "$3" && printf "%s\\n" "$4"', "sh",
         GENERATOR, str(TEMPLATES), str(LINES), LAST], stdout=subprocess.PIPE)
    vpnlog = subprocess.Popen([VPNLOG, "explain", "--rules", RULES, "--json"],
                              stdin=lines.stdout, stdout=subprocess.PIPE)
    lines.stdout.close()
    for line in vpnlog.stdout:
        yield json.loads(line)
    answers = lines.wait(), vpnlog.wait()
    if any(answers):
        sys.exit(f"{GENERATOR} answered {answers[0]}, {VPNLOG} {answers[1]}")


def main():
    false = last = 0
    start = time.monotonic()
    for event in events():
        number = event["omipsec"]["input"]["line"]
        if number == LINES + 1:
            last += 1
            continue
        false += 1
        if false <= SHOWN:
            print(f"FAIL line {number} is an event, {event['observer']['vendor']} "
                  f"{event['omipsec']['vendor'].get('message')}: {event['event']['original']}")
    if last != 1:
        print(f"FAIL the event behind {LINES} ordinary lines was seen {last} times, not once")
    took = time.monotonic() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"{LINES} ordinary lines, {false} events, {took:.1f} s, at most {peak} MB")
    failed = (false > 0) + (last != 1)
    print(f"{2 - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
