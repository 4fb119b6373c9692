# SPDX-License-Identifier: Apache-2.0
"""What the core and the Kafka sink cost without rsyslogd: the C programs of this folder."""
import os
import re
import subprocess

from broker import E2E
from daemon import HERE, Topic

RECORDS = 120000  # of a round of bench-sink
KINDS = 20480     # distinct ones among them: 20 batches of 1024, 160 of 128
BASELINE = os.path.join(HERE, "instructions.txt")


def core(bench):
    bench.table.group("The core alone")
    bench.table.add_lines(bench.program(
        "bench-core", bench.rules, bench.file("bench/ordinary.log"), bench.file("golden/ordinary.txt"),
        bench.file("lines/huawei.log"), bench.file("lines/vendors.log")))
    bench.table.group("Tunnels")
    bench.table.add_lines(bench.program("bench-tunnels", bench.rules))


def kafka(bench):
    lines = bench.path("vpn.log")
    with open(lines, "wb") as file:
        subprocess.run(["python3", f"{E2E}/lines.py", "--lines", str(KINDS), "--vpn", "1"], stdout=file, check=True)
    bench.table.group("Kafka, same broker, records and settings")
    bench.table.add_lines(bench.program("bench-sink", bench.rules, bench.topic.address, Topic.NAME, lines,
                                        str(RECORDS)))


def counted(bench, path):
    """Instructions of one line on the hot path of that name. valgrind offers no SHA instructions, so that the digest of an
    event's id is in it at a price that few machines pay."""
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--collect-atstart=no",
         f"--toggle-collect=hot_{path}*", os.path.join(bench.build, "tests/bench-instructions"), bench.rules,
         bench.file("bench/ordinary.log"), path], capture_output=True, text=True)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not collected or int(collected[1]) == 0:
        raise RuntimeError("callgrind counted nothing: " + done.stderr[-400:])
    return int(collected[1]) / int(done.stdout)


def instructions(bench):
    """The counts of now are left beside the table, in the form of the baseline."""
    with open(BASELINE) as file:
        baseline = dict(line.split() for line in file)
    bench.table.group("Instructions, counted by callgrind; now : instructions.txt")
    with open(os.path.join(bench.build, "instructions.txt"), "w") as file:
        for path, was in baseline.items():
            now = counted(bench, path)
            file.write(f"{path} {now:.0f}\n")
            bench.table.add(WHAT[path], now / float(was), "at most 1.02", f"{now:.0f} instructions, were {was}")


WHAT = {"ordinary": "ordinary line to not ours", "event": "VPN line to ECS", "tunnel": "event to tunnel's state"}
