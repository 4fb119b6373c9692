# SPDX-License-Identifier: Apache-2.0
"""Alert rules, the Grafana dashboard and Alertmanager's sample, as their own programs read them."""
import json
import os
import re
import subprocess
import sys

import metrics

HERE = os.path.dirname(os.path.abspath(__file__))
DASHBOARDS = os.path.join(HERE, "..", "..", "packaging", "dashboards")
RULES = os.path.join(DASHBOARDS, "omipsec.rules.yml")
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


def made(sc):
    is_made(sc, "grafana-dashboard.json", "grafana.py")


def rules(sc):
    succeeds(sc, "promtool reads the rules", "promtool", "check", "rules", RULES)
    succeeds(sc, "each fires when it should, and only then", "promtool", "test", "rules", os.path.join(HERE, "rules.test.yml"))
    with open(RULES, encoding="utf-8") as file:
        text = file.read()
    sc.same("they name metrics that are there", set(), set(METRIC.findall(text)) - KNOWN)
    with open(os.path.join(HERE, "rules.test.yml"), encoding="utf-8") as file:
        tested = file.read()
    sc.same("every rule is tested", [], [it for it in re.findall(r"alert: (\w+)", text) if f'"{it}"' not in tested])
    succeeds(sc, "amtool reads the watchdog's route", "amtool", "check-config",
             os.path.join(DASHBOARDS, "alertmanager-watchdog.yml"))


def overlap(one, other):
    return (one["x"] < other["x"] + other["w"] and other["x"] < one["x"] + one["w"] and
            one["y"] < other["y"] + other["h"] and other["y"] < one["y"] + one["h"])


def grafana(sc):
    with open(os.path.join(DASHBOARDS, "grafana-dashboard.json"), encoding="utf-8") as file:
        board = json.load(file)
    panels = board["panels"]
    exprs = [it["expr"] for panel in panels for it in panel["targets"]]
    queries = [it["query"]["query"] for it in board["templating"]["list"] if it["type"] == "query"]
    sc.same("every panel has an id of its own", len(panels), len({it["id"] for it in panels}))
    places = [it["gridPos"] for it in panels]
    sc.check("no panel lies on another", not any(overlap(a, b) for i, a in enumerate(places) for b in places[:i]), places)
    sc.same("every panel takes the datasource that is chosen", {"${datasource}"},
            {it["datasource"]["uid"] for panel in panels for it in [panel, *panel["targets"]]})
    sc.same("they show metrics that are there", set(), set(METRIC.findall(" ".join(exprs + queries))) - KNOWN)
    # promtool reads expressions in rules only.
    concrete = [it.replace("$__rate_interval", "5m").replace("$instance", ".*").replace("$action", ".*") for it in exprs]
    path = sc.write("panels.yml", json.dumps({"groups": [{"name": "panels", "rules": [
        {"record": f"panel:{i}", "expr": it} for i, it in enumerate(concrete)]}]}))
    succeeds(sc, "Prometheus reads every expression", "promtool", "check", "rules", path)
