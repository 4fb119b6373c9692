# SPDX-License-Identifier: Apache-2.0
"""Alert rules, the Grafana dashboard and Alertmanager's sample, as their own programs read them."""
import json
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request

import metrics
from parts import free_port

HERE = os.path.dirname(os.path.abspath(__file__))
DASHBOARDS = os.path.join(HERE, "..", "..", "packaging", "dashboards")
RULES = os.path.join(DASHBOARDS, "omipsec.rules.yml")
RULES_TEST = os.path.join(HERE, "rules.test.yml")
METRIC = re.compile(r"\b(?:omipsec|rsyslog)_\w+")
KNOWN = {row[1] for _, rows in metrics.TABLES.values() for row in rows}


def run(*command, text=None):
    return subprocess.run(command, input=text, capture_output=True, text=True)


def succeeds(sc, claim, *command, text=None):
    got = run(*command, text=text)
    return sc.check(claim, got.returncode == 0, got.stdout[-500:] + got.stderr[-500:])


def is_made(sc, committed, script, *args):
    """What is committed is what the script makes of today's tables."""
    got = run(sys.executable, os.path.join(DASHBOARDS, script), *args)
    with open(os.path.join(DASHBOARDS, committed), encoding="utf-8") as file:
        sc.check(f"{committed} is what {script} makes", got.stdout == file.read(),
                 f"run packaging/dashboards/{script}, see its head{got.stderr[-300:]}")


def board():
    with open(os.path.join(DASHBOARDS, "grafana-dashboard.json"), encoding="utf-8") as file:
        return json.load(file)


def expressions(dashboard):
    """What Grafana asks for each panel, its variables filled in."""
    def filled(expr):
        return expr.replace("$__rate_interval", "1m").replace("$instance", ".*").replace("$action", ".*")
    return {it["title"]: [filled(one["expr"]) for one in it["targets"]] for it in dashboard["panels"]}


def grafana_made(sc):
    is_made(sc, "grafana-dashboard.json", "grafana.py")


def rules(sc):
    succeeds(sc, "promtool reads the rules", "promtool", "check", "rules", RULES)
    succeeds(sc, "each fires when it should, and only then", "promtool", "test", "rules", RULES_TEST)
    with open(RULES, encoding="utf-8") as file:
        text = file.read()
    with open(RULES_TEST, encoding="utf-8") as file:
        tested = file.read()
    sc.same("they name metrics that are there", set(), set(METRIC.findall(text)) - KNOWN)
    sc.same("every rule is tested", [], [it for it in re.findall(r"alert: (\w+)", text) if f'"{it}"' not in tested])
    succeeds(sc, "amtool reads the watchdog's route", "amtool", "check-config",
             os.path.join(DASHBOARDS, "alertmanager-watchdog.yml"))


def overlap(one, other):
    return (one["x"] < other["x"] + other["w"] and other["x"] < one["x"] + one["w"] and
            one["y"] < other["y"] + other["h"] and other["y"] < one["y"] + one["h"])


def grafana(sc):
    dashboard = board()
    panels = dashboard["panels"]
    asked = [expr for some in expressions(dashboard).values() for expr in some]
    asked += [it["query"]["query"] for it in dashboard["templating"]["list"] if it["type"] == "query"]
    sc.same("every panel has an id of its own", len(panels), len({it["id"] for it in panels}))
    places = [it["gridPos"] for it in panels]
    sc.check("no panel lies on another", not any(overlap(a, b) for i, a in enumerate(places) for b in places[:i]), places)
    sc.same("every panel takes the datasource that is chosen", {"${datasource}"},
            {it["datasource"]["uid"] for panel in panels for it in [panel, *panel["targets"]]})
    sc.same("they show metrics that are there", set(), set(METRIC.findall(" ".join(asked))) - KNOWN)


class Server:
    """A program of Prometheus that answers on loopback."""

    def __init__(self, sc, *command):
        self.sc, self.port = sc, free_port()
        with open(sc.path(command[0] + ".log"), "wb") as log:
            self.process = subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{self.port}"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        sc.parts.append(self)

    def get(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.read().decode()
        except OSError as error:
            return str(error)

    def query(self, expr):
        return json.loads(self.get("/api/v1/query?" + urllib.parse.urlencode({"query": expr})))["data"]["result"]

    def rules(self):
        return [it for group in json.loads(self.get("/api/v1/rules"))["data"]["groups"] for it in group["rules"]]

    def stop(self):
        self.process.kill()
        self.process.wait()


def node_exporter(sc):
    return Server(sc, "prometheus-node-exporter", "--collector.disable-defaults", "--collector.textfile",
                  f"--collector.textfile.directory={sc.work}")


def prometheus(sc, target):
    conf = {"global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": [os.path.abspath(RULES)],
            "scrape_configs": [{"job_name": "node", "static_configs": [{"targets": [f"127.0.0.1:{target.port}"]}]}]}
    return Server(sc, "prometheus", f"--config.file={sc.write('prometheus.yml', json.dumps(conf))}",
                  f"--storage.tsdb.path={sc.path('tsdb')}")
