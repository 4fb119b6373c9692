# SPDX-License-Identifier: Apache-2.0
"""rsyslogd under load: its memory over millions of lines, and how soon an alert is out."""
import os
import subprocess

from broker import E2E
from daemon import Daemon
from parts import Scenario
import latency
import variants

LINES = int(os.environ.get("BENCH_LINES", 10_000_000))
FIRST = min(1_000_000, LINES // 10)  # by then most is allocated
SHARE = 100                          # one line in so many is a VPN line
ORDINARY = 1_000_000                 # distinct ones, used again
FLAT = 1.05                          # what the rounding of kernel and malloc may make of no growth


def interleave(ordinary, vpn, first, last):
    """Those lines of the whole, in chunks; every VPN line is another one."""
    step = SHARE - 1
    blocks = [b"".join(ordinary[i:i + step]) for i in range(0, len(ordinary) - step, step)]
    for i in range(first // SHARE, last // SHARE, 1000):
        yield b"".join(blocks[j % len(blocks)] + vpn[j] for j in range(i, min(i + 1000, last // SHARE)))


def memory(bench):
    make = ["python3", f"{E2E}/lines.py", "--lines"]
    vpn = subprocess.run([*make, str(LINES // SHARE), "--vpn", "1", "--tunnels", "20000"], stdout=subprocess.PIPE, check=True)
    ordinary = bench.program("ordinary-lines", bench.file("golden/ordinary.txt"), str(ORDINARY)).encode()
    vpn, ordinary = vpn.stdout.splitlines(True), ordinary.splitlines(True)
    action = variants.omipsec(bench, 'output="kafka" ' + variants.kafka(bench))
    before = bench.topic.count()
    with Daemon(bench.root, f'ruleset(name="in" {variants.QUEUE}) {{\n{action}\n}}', [bench.module]) as daemon:
        sizes, sent = {0: daemon.rss()}, 0
        for mark in FIRST, LINES // 2, LINES:
            daemon.feed(*interleave(ordinary, vpn, sent, mark))
            daemon.settle()
            sizes[mark], sent = daemon.rss(), mark
    bench.same("memory: records", LINES // SHARE, bench.topic.count() - before)
    bench.table.group("Memory of rsyslogd with omipsec to Kafka")
    bench.table.add(f"after {LINES:,} lines : after {LINES // 2:,}", sizes[LINES] / sizes[LINES // 2], f"at most {FLAT}",
                    ", ".join(f"{size / 1024:.1f} MB after {mark:,}" for mark, size in sizes.items()))


def alerts(bench):
    sc = Scenario("latency", bench.root, bench.module, bench.rules, None, bench.vpnlog)
    try:
        rate, waits = latency.steady_load(sc)
    finally:
        sc.end()
    for line in sc.lines:
        if line.startswith("FAIL"):
            bench.fail(line[5:])
    bench.table.group("Alerts")
    bench.table.add("line to POST", "", "", f"median {waits[len(waits) // 2] * 1000:.0f} ms, most {waits[-1] * 1000:.0f} ms, "
                    f"at {rate:.0f} events/s")
