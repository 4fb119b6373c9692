# SPDX-License-Identifier: Apache-2.0
"""impstats' counters as Prometheus reads them: metrics.py alone, and under a real rsyslogd by its sample."""
import json
import os
import re
import signal
import subprocess
import sys
import time

import metrics
from parts import Rsyslog, poll
from prometheus import board, expressions, node_exporter, prometheus, succeeds
from vrp import BR, HQ
import vrp

PACKAGING = os.path.dirname(os.path.dirname(os.path.abspath(metrics.__file__)))
SAMPLE = os.path.join(PACKAGING, "rsyslog.d", "omipsec-metrics.conf")
OTHER = "203.0.113.8"


def samples(text):
    """Value of each metric with its labels."""
    return {name: float(value) for name, value in re.findall(r"^(\w+\{.*\}) (\S+)$", text, re.M)}


def value(sc, metric, more=""):
    return samples(sc.read("omipsec.prom")).get(f'{metric}{{action="alerts",module="omipsec"{more}}}')


class Converter:
    """metrics.py, as omprog runs it."""

    def __init__(self, sc, *args, file="omipsec.prom"):
        self.sc, self.file = sc, file
        self.process = subprocess.Popen([sys.executable, metrics.__file__, sc.path(file), *args],
                                        stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        sc.parts.append(self)

    def tell(self, *objects):
        """Until it has written them."""
        before = self.sc.read(self.file)
        for it in objects:
            self.process.stdin.write((it if isinstance(it, str) else json.dumps(it)).encode() + b"\n")
        self.process.stdin.flush()
        poll(lambda: self.sc.read(self.file) != before, 5)

    def stop(self):
        if self.process.poll() is None:
            self.said = self.process.communicate(timeout=10)[1].decode()


def vpn(lines, **more):
    return {"name": "vpn", "origin": "omipsec", "lines": lines, **more}


def lines(sc):
    it = Converter(sc)
    it.tell(vpn(5, delivered=2), {"name": "main Q", "origin": "core.queue", "size": 7},
            {"name": "x", "origin": "imtcp", "n": 1})
    it.tell("no JSON", "[]", "7", '{"origin": "omipsec"}', {**vpn(1), "name": 'a "b"\\c'}, vpn(9, delivered=2))
    it.stop()
    sc.same("the newest value of each, and nothing else",
            {'omipsec_lines_total{action="a \\"b\\"\\\\c",module="omipsec"}': 1,
             'omipsec_lines_total{action="vpn",module="omipsec"}': 9,
             'omipsec_delivered_total{action="vpn",module="omipsec"}': 2, 'rsyslog_queue_size{queue="main Q"}': 7},
            samples(sc.read("omipsec.prom")))
    sc.same("it complains of what it cannot read", 4, it.said.count("not a line of impstats"))
    sc.same("it ends with its input", 0, it.process.returncode)
    sc.same("everyone may read the file", 0o644, os.stat(sc.path("omipsec.prom")).st_mode & 0o777)
    sc.same("and finds no other", ["omipsec.prom"], [it for it in os.listdir(sc.work) if it.startswith("omipsec.prom")])
    it = Converter(sc, file="missing/omipsec.prom")
    it.process.stdin.write(json.dumps(vpn(1)).encode() + b"\n")
    it.process.stdin.flush()
    time.sleep(1)
    os.mkdir(sc.path("missing"))
    it.tell(vpn(2))
    it.stop()
    sc.check("a file that it cannot write is told", "cannot write" in it.said, it.said)
    sc.check("and tried again", samples(sc.read("missing/omipsec.prom")), it.said)


def start(sc, more="", deltas=""):
    """The sample, but for the paths of an installation and the interval."""
    with open(SAMPLE, encoding="utf-8") as file:
        sample = file.read()
    for installed, here in (
            ('interval="60"', f'interval="1" {more} log.file="{sc.path("stats")}"'), ("/usr/bin/python3", sys.executable),
            ("/usr/share/omipsec/metrics.py", metrics.__file__), ("omipsec.prom", "omipsec.prom" + deltas),
            ("/var/lib/prometheus/node-exporter", sc.work), ("/var/log/omipsec", sc.work)):
        sc.check(f"the sample has {installed}", installed in sample)
        sample = sample.replace(installed, here)
    sample = re.sub(r"^#.*\n|^global.*\n", "", sample, flags=re.M)
    return Rsyslog(sc, f'output="file" file="{sc.path("out")}" tunnelState="on" holdDown="2"', stats=sample).start()


def told_by_impstats(sc):
    """Of each origin, the counters that impstats has."""
    found = {}
    for line in sc.read("stats").splitlines():
        if line.endswith("}") and "{" in line:
            it = json.loads(line[line.index("{"):])
            found.setdefault(it.get("origin"), set()).update(set(it) - {"name", "origin"})
    return found


def panels(sc):
    """node_exporter, Prometheus, and what Grafana and the rules ask it."""
    exporter = node_exporter(sc)
    server = prometheus(sc, exporter)
    poll(lambda: "node_textfile_scrape_error" in exporter.get("/metrics"))
    shown = exporter.get("/metrics")
    sc.check("node_exporter reads the file", "node_textfile_scrape_error 0" in shown and "omipsec_lines_total{" in shown,
             shown[-500:])
    asked = expressions(board())
    empty = lambda: [title for title, some in asked.items() if not all(server.query(it) for it in some)]
    poll(lambda: server.get("/-/ready").startswith("Prometheus") and not empty(), 30)
    sc.same("every panel of Grafana's dashboard shows something", [], empty())
    healths = lambda: {it["health"] for it in server.rules()}
    sc.check("every rule is evaluated", poll(lambda: healths() == {"ok"}, 20), server.rules())
    sc.same("none finds fault with a collector that is well", [], server.query('ALERTS{alertstate="firing"}'))
    sc.check("the rules see how old the file is",
             server.query('node_textfile_mtime_seconds{file=~"(.*/)?omipsec\\\\.prom"}'))


def counters(sc):
    rs, begun = start(sc), time.time()
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.up("HQ", HQ, OTHER, 2), vrp.down("HQ", HQ, BR, 1), vrp.fail("HQ", BR),
            "ordinary line")
    poll(lambda: value(sc, "omipsec_lines_total") == 5 and value(sc, "omipsec_alerts_firing"))
    poll(lambda: value(sc, "omipsec_delivered_total") == 5)
    sc.same("lines, tunnels down, alerts that fire, of 2 tunnels", (5, 1, 1, 2), tuple(value(sc, it) for it in (
        "omipsec_lines_total", "omipsec_tunnels_down", "omipsec_alerts_firing", "omipsec_tunnels")))
    sc.same("events by class", [2, 1, 1, 0], [value(sc, "omipsec_events_total", more=f',class="{it}"')
                                              for it in ("established", "disconnect", "negotiation", "client")])
    taken = value(sc, "omipsec_alerts_last_sent_timestamp_seconds")
    sc.check("the last alert was taken in this test", begun - 1 <= taken <= time.time(), taken)
    told = told_by_impstats(sc)
    sc.same("every counter that omipsec has is a metric, and no other", sorted(told["omipsec"]),
            sorted(row[0] for row in metrics.ACTION[1]))
    for origin in ("core.action", "core.queue"):
        sc.same(f"every counter of {origin} is a metric, and no other", sorted(told[origin]),
                sorted(row[0] for row in metrics.TABLES[origin][1]))
    succeeds(sc, "promtool has nothing to say of them", "promtool", "check", "metrics", text=sc.read("omipsec.prom"))
    panels(sc)
    helper = subprocess.run(["pgrep", "-P", str(rs.process.pid), "-f", "metrics.py"], capture_output=True, text=True)
    os.kill(int(helper.stdout), signal.SIGKILL)
    rs.send(vrp.up("HQ", HQ, BR, 3))
    sc.check("metrics.py is started again when it dies", poll(lambda: value(sc, "omipsec_lines_total") == 6),
             sc.read("messages")[-300:])
    rs.stop()
    sc.same("it has nothing to complain of", "", sc.read("metrics.log"))


def deltas(sc):
    """impstats counts from the last time only; Prometheus must see no counter fall."""
    rs = start(sc, 'resetCounters="on"', " --deltas")
    seen = []
    for n in range(3):
        rs.send(*[vrp.up("HQ", HQ, f"203.0.113.{10 * n + i}", 10 * n + i) for i in range(4)])
        poll(lambda: value(sc, "omipsec_lines_total") == 4 * (n + 1), 20)
        seen.append(value(sc, "omipsec_lines_total"))
        time.sleep(2)
        seen.append(value(sc, "omipsec_lines_total"))
    rs.send(vrp.down("HQ", HQ, "203.0.113.1", 1))
    poll(lambda: value(sc, "omipsec_alerts_opened_total"))
    time.sleep(3)
    sc.same("they add up, and stay when nothing comes", [4, 4, 8, 8, 12, 12], seen)
    sc.same("what impstats does not reset is not added up", (1, 12), (
        value(sc, "omipsec_alerts_opened_total"), value(sc, "omipsec_tunnels")))
    sc.check("impstats did reset", rs.stat("lines") == 0, rs.stat("lines"))
    rs.stop()
