#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""grafana.py: the Grafana dashboard on the metrics of packaging/metrics. It is
in grafana-dashboard.json."""
import json

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
HERE = 'instance=~"$instance", action=~"$action"'
FILE = 'node_textfile_mtime_seconds{instance=~"$instance", file=~"(.*/)?omipsec\\\\.prom"}'
WIDTH = 24  # of a dashboard, in its own units
GREEN, YELLOW, RED = "green", "yellow", "red"


def targets(queries):
    return [{"refId": chr(ord("A") + i), "datasource": SOURCE, "expr": expr, "legendFormat": legend}
            for i, (legend, expr) in enumerate(queries)]


def steps(*colours):
    """Colour and the value that it begins at; the first has none."""
    return {"mode": "absolute", "steps": [{"color": colour, "value": value} for colour, value in colours]}


def panel(kind, title, unit, queries, options, custom, thresholds, description=""):
    return {
        "type": kind, "title": title, "description": description, "datasource": SOURCE, "targets": targets(queries),
        "fieldConfig": {"defaults": {"unit": unit, "custom": custom, "thresholds": thresholds}, "overrides": []},
        "options": options}


def number(title, expr, unit="short", thresholds=steps((GREEN, None)), description=""):
    return panel("stat", title, unit, [("", expr)], {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "colorMode": "value",
        "graphMode": "area", "textMode": "auto", "justifyMode": "auto"}, {}, thresholds, description)


def curves(title, unit, *queries, stacked=False, description=""):
    return panel("timeseries", title, unit, queries, {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"}}, {
        "lineWidth": 1, "fillOpacity": 20 if stacked else 0, "showPoints": "never", "spanNulls": False,
        "stacking": {"mode": "normal" if stacked else "none", "group": "A"}}, steps((GREEN, None)), description)


def per_second(metric, by="action"):
    return f"sum by ({by}) (rate({metric}{{{HERE}}}[$__rate_interval]))"


def each_hour(metric, by="action"):
    return f"sum by ({by}) (increase({metric}{{{HERE}}}[1h]))"


NUMBERS = [
    number("Tunnels down", f"sum(omipsec_tunnels_down{{{HERE}}})", thresholds=steps((GREEN, None), (RED, 1))),
    number("Tunnels", f"sum(omipsec_tunnels{{{HERE}}})"),
    number("Alerts firing", f"sum(omipsec_alerts_firing{{{HERE}}})", thresholds=steps((GREEN, None), (RED, 1))),
    number("Alerts that wait to be sent", f"sum(omipsec_alerts_waiting{{{HERE}}})",
           thresholds=steps((GREEN, None), (YELLOW, 1), (RED, 10))),
    number("Last alert taken", f"time() - max(omipsec_alerts_last_sent_timestamp_seconds{{{HERE}}} > 0)", "s",
           description="How long ago a receiver last took an alert. To Alertmanager omipsec sends each minute."),
    number("Counters are from", f"time() - min({FILE})", "s", steps((GREEN, None), (YELLOW, 120), (RED, 300)),
           "How long ago omipsec.prom was written."),
]
CURVES = [
    curves("Events by class", "cpm", ("{{class}}", f'60 * {per_second("omipsec_events_total", "class")}'),
           stacked=True),
    curves("Lines", "cps", ("{{action}}", per_second("omipsec_lines_total"))),
    curves("Tunnels down, alerts firing", "short",
           ("down: {{action}}", f"sum by (action) (omipsec_tunnels_down{{{HERE}}})"),
           ("firing: {{action}}", f"sum by (action) (omipsec_alerts_firing{{{HERE}}})")),
    curves("Alerts opened and resolved in an hour", "short", ("opened: {{action}}", each_hour("omipsec_alerts_opened_total")),
           ("resolved: {{action}}", each_hour("omipsec_alerts_resolved_total")),
           ("held back: {{action}}", each_hour("omipsec_alerts_suppressed_total"))),
    curves("Delivered", "cps", ("{{action}}", per_second("omipsec_delivered_total"))),
    curves("Trouble with the destination, in an hour", "short", ("refused: {{action}}", each_hour("omipsec_refused_total")),
           ("to be sent again: {{action}}", each_hour("omipsec_retried_total")),
           ("waits: {{action}}", each_hour("omipsec_waits_total"))),
    curves("Messages in rsyslog's queues", "short",
           ("{{instance}} {{queue}}", 'rsyslog_queue_size{instance=~"$instance"}'),
           description="A queue that grows while nothing is delivered: the destination is away."),
    curves("Lost to full queues, in an hour", "short", ("{{queue}}", 'sum by (queue) (increase('
           'rsyslog_queue_discarded_full_total{instance=~"$instance"}[1h]) + increase('
           'rsyslog_queue_discarded_nearly_full_total{instance=~"$instance"}[1h]))')),
    curves("What was not understood, in an hour", "short",
           ("unknown reason: {{action}}", each_hour("omipsec_unknown_reasons_total")),
           ("unreadable event: {{action}}", each_hour("omipsec_malformed_total")),
           description="An unknown reason is one that the rules lack: write the rule, or tell us of it."),
    curves("State of the tunnels, in an hour", "short",
           ("writes that failed: {{action}}", each_hour("omipsec_store_errors_total")),
           ("tunnels forgotten for room: {{action}}", each_hour("omipsec_tunnels_evicted_total")),
           ("no room: {{action}}", each_hour("omipsec_alerts_overflowed_total"))),
]


def placed(panels, across, height, top):
    width = WIDTH // across
    return [{**it, "id": top + i + 1, "gridPos": {"x": i % across * width, "y": top + i // across * height,
                                                  "w": width, "h": height}} for i, it in enumerate(panels)]


def variable(name, label, query):
    return {"name": name, "label": label, "type": "query", "datasource": SOURCE, "query": {"query": query, "refId": name},
            "refresh": 2, "multi": True, "includeAll": True, "current": {"text": "All", "value": "$__all"}, "sort": 1}


def dashboard():
    return {
        "uid": "omipsec", "title": "omipsec", "tags": ["omipsec", "vpn", "rsyslog"], "schemaVersion": 39, "version": 1,
        "editable": True, "refresh": "1m", "time": {"from": "now-6h", "to": "now"}, "timezone": "browser",
        "templating": {"list": [
            {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "refresh": 1},
            variable("instance", "Collector", "label_values(omipsec_lines_total, instance)"),
            variable("action", "Action", 'label_values(omipsec_lines_total{instance=~"$instance"}, action)')]},
        "panels": placed(NUMBERS, 6, 4, 0) + placed(CURVES, 2, 8, 10)}


if __name__ == "__main__":
    print(json.dumps(dashboard(), indent=2))
