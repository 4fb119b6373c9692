# SPDX-License-Identifier: Apache-2.0
"""What the panels of the saved dashboard ask OpenSearch, taken from the saved objects."""
import json

METRICS = ("sum", "max", "avg", "cardinality")


def saved_objects(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def search_source(it):
    return json.loads(it["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])


def conditions(*objects):
    """Field, value, wanted or not, of the filters of these objects."""
    return [(one["meta"]["key"], one["meta"]["params"]["query"], not one["meta"]["negate"])
            for it in objects for one in search_source(it)["filter"]]


def query(found):
    either = {True: [], False: []}
    for field, value, wanted in found:
        either[wanted].append({"match_phrase": {field: value}})
    return {"bool": {"filter": either[True], "must_not": either[False]}}


def bucket(it, metrics):
    params = it["params"]
    if it["type"] == "date_histogram":
        return {"date_histogram": {"field": params["field"], "fixed_interval": "1d"}}
    order = params["orderBy"] if params["orderBy"] in metrics else "_count"
    return {"terms": {"field": params["field"], "size": params["size"], "order": {order: params["order"]}}}


def aggregations(state):
    """Of a visualization that is made of aggregations: each bucket in the one before, the metrics in all."""
    metrics = {it["id"]: {it["type"]: {"field": it["params"]["field"]}} for it in state["aggs"] if it["type"] in METRICS}
    inner = metrics
    for it in reversed([it for it in state["aggs"] if it["type"] not in (*METRICS, "count")]):
        inner = {it["id"]: {**bucket(it, metrics), "aggs": inner}, **metrics}
    return inner


def vega_spec(it):
    return json.loads(json.loads(it["attributes"]["visState"])["params"]["spec"])
