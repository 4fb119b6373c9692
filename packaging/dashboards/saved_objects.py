#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""saved_objects.py: the dashboard for OpenSearch Dashboards and Kibana, as the
saved objects that they import. It is in opensearch-dashboard.ndjson."""
import json

PATTERN = "logs-omipsec.event"
INDEX = "logs-omipsec.event-*"
# As OpenSearch Dashboards 1 to 3 write them, which Kibana reads from 7.10 on.
WRITTEN_BY = {"index-pattern": "7.6.0", "visualization": "7.10.0", "search": "7.9.3", "dashboard": "7.9.3"}

EVENTS, ALERTS = ("event.kind", "event"), ("event.kind", "alert")


def saved(kind, name, attributes, references=()):
    return {"type": kind, "id": name, "attributes": attributes, "references": list(references),
            "migrationVersion": {kind: WRITTEN_BY[kind]}}


def text(value):
    return json.dumps(value, ensure_ascii=False)


def reference(name):
    return {"type": "index-pattern", "id": PATTERN, "name": f"kibanaSavedObjectMeta.searchSourceJSON.{name}"}


def condition(number, field, value, negate):
    """A filter, as the bar above a dashboard has it; and what it refers to."""
    it = reference(f"filter[{number}].meta.index")
    return {"meta": {"indexRefName": it["name"], "type": "phrase", "key": field, "params": {"query": value},
                     "negate": negate, "disabled": False, "alias": None},
            "query": {"match_phrase": {field: value}}, "$state": {"store": "appState"}}, it


def search_source(conditions, **more):
    return {"kibanaSavedObjectMeta": {"searchSourceJSON": text({
        "query": {"query": "", "language": "kuery"}, "filter": conditions, **more})}}


def source(*wanted):
    """What a panel searches, and the references that it needs."""
    index, found = reference("index"), [condition(i, *it, False) for i, it in enumerate(wanted)]
    return search_source([it for it, _ in found], indexRefName=index["name"]), [index, *(ref for _, ref in found)]


def panel(name, title, kind, params, aggregations, *wanted):
    searched, references = source(*wanted)
    state = {"title": title, "type": kind, "params": params, "aggs": aggregations}
    return saved("visualization", f"omipsec-{name}", {
        "title": title, "visState": text(state), "uiStateJSON": "{}", "description": "", "version": 1, **searched},
        references)


def aggregation(number, kind, schema, label=None, **params):
    if label:
        params["customLabel"] = label
    return {"id": str(number), "enabled": True, "type": kind, "schema": schema, "params": params}


def terms(number, schema, field, label, size=15, order_by="1"):
    return aggregation(number, "terms", schema, label, field=field, orderBy=order_by, order="desc", size=size,
                       otherBucket=False, otherBucketLabel="other", missingBucket=False, missingBucketLabel="none")


def count(label):
    return aggregation(1, "count", "metric", label)


def table(name, title, aggregations, *wanted):
    params = {"perPage": 10, "showPartialRows": False, "showMetricsAtAllLevels": False, "showTotal": False,
              "totalFunc": "sum", "sort": {"columnIndex": None, "direction": None}, "percentageCol": ""}
    return panel(name, title, "table", params, aggregations, *wanted)


def bars(name, title, kind, aggregations, *wanted):
    """kind: histogram stands, horizontal_bar lies."""
    lies = kind == "horizontal_bar"
    axis = {"show": True, "style": {}, "labels": {"show": True, "truncate": 200 if lies else 100}, "title": {}}
    params = {
        "type": "histogram", "grid": {"categoryLines": False}, "times": [], "addTimeMarker": False,
        "labels": {"show": False}, "addTooltip": True, "addLegend": not lies, "legendPosition": "right",
        "categoryAxes": [{**axis, "id": "CategoryAxis-1", "type": "category", "position": "left" if lies else "bottom",
                          "scale": {"type": "linear"}}],
        "valueAxes": [{**axis, "id": "ValueAxis-1", "name": "BottomAxis-1" if lies else "LeftAxis-1", "type": "value",
                       "position": "bottom" if lies else "left", "scale": {"type": "linear", "mode": "normal"}}],
        "seriesParams": [{"show": True, "type": "histogram", "mode": "stacked", "valueAxis": "ValueAxis-1",
                          "data": {"id": "1", "label": "Count"}}]}
    return panel(name, title, kind, params, aggregations, *wanted)


def search(name, title, columns, *wanted):
    searched, references = source(*wanted)
    return saved("search", f"omipsec-{name}", {
        "title": title, "description": "", "hits": 0, "version": 1, "columns": columns,
        "sort": [["@timestamp", "desc"]], **searched}, references)


# A tunnel is down when its latest event says so, which no table can ask; Vega can,
# and the range of the dashboard does not matter to it. %context% brings its filters.
# Devices write whole seconds; what came in one is in the order of its arrival.
LATEST_FIRST = [{it: {"order": "desc"}} for it in ("@timestamp", "event.created", "_seq_no")]
DOWN = {
    "size": 0,
    "aggs": {"recent": {
        "filter": {"bool": {"filter": [{"range": {"@timestamp": {"gte": "now-30d"}}},
                                       {"exists": {"field": "omipsec.tunnel.state"}}]}},
        "aggs": {"tunnels": {
            "terms": {"field": "omipsec.tunnel.id", "size": 5000, "order": {"latest": "desc"}},
            "aggs": {
                "latest": {"max": {"field": "@timestamp"}},
                "turned": {"filter": {"term": {"omipsec.tunnel.changed": True}},
                           "aggs": {"at": {"max": {"field": "@timestamp"}}}},
                "last": {"top_hits": {"size": 1, "sort": LATEST_FIRST,
                                      "_source": ["@timestamp", "event.code", "omipsec.tunnel.state", "omipsec.why"]}},
            }}}}},
}
RED, GREY = "#e0483e", "#7a8294"  # on a light page and on a dark one
DOWN_COLUMNS = [("tunnel", "Tunnel", 0, 0.4), ("when", "Down since", 0.4, 0.22), ("cause", "Why", 0.62, 0.38)]


def cell(field, at, share, row, **style):
    return {"type": "text", **({"from": {"data": "down"}} if row else {}), "encode": {"update": {
        "x": {"signal": f"width * {at}"}, "y": {"signal": f"20 + 18 * datum.row" if row else "16"},
        "limit": {"signal": f"width * {share} - 8"}, "fill": {"value": RED if field == "tunnel" else GREY},
        "text": {"field": field} if row else {"value": field}, **style}}}


def down_now():
    vega = {
        "$schema": "https://vega.github.io/schema/vega/v5.json",
        "padding": 4,
        "autosize": {"type": "fit", "contains": "padding"},
        "data": [{
            "name": "down",
            "url": {"%context%": True, "index": INDEX, "body": DOWN},
            "format": {"property": "aggregations.recent.tunnels.buckets"},
            "transform": [
                {"type": "formula", "as": "event", "expr": "datum.last.hits.hits[0]._source"},
                {"type": "filter", "expr": "datum.event.omipsec.tunnel.state === 'down'"},
                {"type": "formula", "as": "tunnel", "expr": "datum.key"},
                {"type": "formula", "as": "since", "expr": "datum.turned.at.value || toDate(datum.event['@timestamp'])"},
                {"type": "formula", "as": "when", "expr": "timeFormat(datum.since, '%Y-%m-%d %H:%M')"},
                {"type": "formula", "as": "cause",
                 "expr": "datum.event.omipsec.why ? datum.event.omipsec.why.en || datum.event.omipsec.why.zh : ''"},
                {"type": "window", "sort": {"field": "since", "order": "descending"}, "ops": ["row_number"], "as": ["row"]},
            ]}],
        "marks": [
            *[cell(label, at, share, False, fontWeight={"value": "bold"}) for _, label, at, share in DOWN_COLUMNS],
            *[cell(field, at, share, True, tooltip={"field": field}) for field, _, at, share in DOWN_COLUMNS],
            cell("No tunnel is down.", 0, 1, False, y={"value": 38}, opacity={"signal": "length(data('down')) ? 0 : 1"})],
    }
    return panel("down", "Tunnels down now", "vega", {"spec": json.dumps(vega, indent=2)}, [])


def outages():
    """A record of an outage that is over has its duration, in nanoseconds as ECS has it; the pattern formats it."""
    return table("outages-by-subject", "Outages that are over", [
        count("outages"), aggregation(2, "sum", "metric", "down in all", field="event.duration"),
        aggregation(3, "max", "metric", "longest", field="event.duration"),
        terms(4, "bucket", "omipsec.alarm.subject", "tunnel or gateway", order_by="2")],
        ALERTS, ("event.action", "ipsec-alert-resolved"))


def over_time():
    return bars("over-time", "Events by class", "histogram", [
        count("events"),
        aggregation(2, "date_histogram", "segment", field="@timestamp", interval="auto", min_doc_count=1,
                    drop_partials=False, extended_bounds={}),
        terms(3, "group", "omipsec.class", "class", 4)], EVENTS)


# Left, top, width, height.
PANELS = [
    (down_now(), (0, 0, 24, 15)),
    (over_time(), (24, 0, 24, 15)),
    (table("codes", "Reasons", [count("events"), terms(2, "bucket", "event.code", "code"),
                                terms(3, "bucket", "rule.category", "class", 1)], EVENTS), (0, 15, 16, 15)),
    (table("peers", "Peers", [count("failures"), terms(2, "bucket", "destination.address", "peer")],
           EVENTS, ("event.outcome", "failure")), (16, 15, 16, 15)),
    (table("devices", "Devices", [count("failures"), terms(2, "bucket", "observer.hostname", "device"),
                                  terms(3, "bucket", "observer.vendor", "vendor", 1)],
           EVENTS, ("event.outcome", "failure")), (32, 15, 16, 15)),
    (bars("negotiation", "Failed negotiations by reason", "horizontal_bar",
          [count("failures"), terms(2, "segment", "rule.name", "reason", 10)],
          EVENTS, ("omipsec.class", "negotiation")), (0, 30, 24, 15)),
    (outages(), (24, 30, 24, 15)),
    (search("outages", "Outages", ["event.action", "message", "omipsec.alarm.severity", "event.start", "event.end",
                                   "event.duration", "omipsec.why.en"], ALERTS), (0, 45, 48, 15)),
    (search("events", "Last events", ["observer.hostname", "destination.address", "event.action", "event.code",
                                      "omipsec.why.en", "omipsec.explanation.en", "omipsec.fix_text"], EVENTS),
     (0, 60, 48, 25)),
]


def index_pattern():
    """Its list of fields is asked for when it is first used."""
    formats = {"event.duration": {"id": "duration", "params": {"inputFormat": "nanoseconds", "outputFormat": "humanize"}}}
    return saved("index-pattern", PATTERN, {"title": INDEX, "timeFieldName": "@timestamp", "fieldFormatMap": text(formats)})


def dashboard():
    # A repeat says again what another event has said.
    no_repeat, index = condition(0, "omipsec.repeat", True, True)
    places, references = [], [index]
    for number, (it, (left, top, width, height)) in enumerate(PANELS, 1):
        places.append({"version": "7.10.0", "panelIndex": str(number), "panelRefName": f"panel_{number}",
                       "gridData": {"i": str(number), "x": left, "y": top, "w": width, "h": height}, "embeddableConfig": {}})
        references.append({"type": it["type"], "id": it["id"], "name": f"panel_{number}"})
    return saved("dashboard", "omipsec", {
        "title": "VPN tunnels (omipsec)", "description": "What omipsec heard of VPN gateways", "hits": 0, "version": 1,
        "panelsJSON": text(places), "optionsJSON": text({"useMargins": True, "hidePanelTitles": False}),
        "timeRestore": True, "timeFrom": "now-24h", "timeTo": "now",
        "refreshInterval": {"pause": False, "value": 60000}, **search_source([no_repeat])}, references)


def main():
    for it in [index_pattern(), *(it for it, _ in PANELS), dashboard()]:
        print(text(it))


if __name__ == "__main__":
    main()
