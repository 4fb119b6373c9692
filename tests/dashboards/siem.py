# SPDX-License-Identifier: Apache-2.0
"""The index template, the saved dashboard and the ways of the topic into a SIEM, through a real OpenSearch."""
import collections
import copy
import glob
import json
import os
import shutil
import subprocess

import opensearch as node
import searches
from parts import FAST, Rsyslog, poll
from prometheus import DASHBOARDS, is_made
from vrp import BR, HQ
import vrp

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SIEM = os.path.join(DASHBOARDS, "..", "siem")
SAVED = os.path.join(DASHBOARDS, "opensearch-dashboard.ndjson")
STREAM = "logs-omipsec.event-default"
OTHER = "203.0.113.8"


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def template():
    return read_json(os.path.join(DASHBOARDS, "index-template.json"))


def templates_made(sc):
    is_made(sc, "index-template.json", "mapping.py", sc.schema)
    is_made(sc, "opensearch-dashboard.ndjson", "saved_objects.py")


def samples(sc):
    """Those that cannot be run here say at least the same."""
    for name in ("vector.yaml", "logstash.conf", "kafka-connect.json"):
        with open(os.path.join(SIEM, name), encoding="utf-8") as file:
            text = file.read()
        sc.check(f"{name} reads the topic of the other samples", "vpn-events" in text)
        sc.check(f"{name} has event.id for the document's", "event.id" in text or "[event][id]" in text)
    config = read_json(os.path.join(SIEM, "kafka-connect.json"))["config"]
    sc.same("kafka-connect.json writes the same data stream", STREAM,
            config["data.stream.prefix"] + "-" + config["transforms.stream.replacement"])
    for name in ("opensearch-ism-policy.json", "elasticsearch-ilm-policy.json"):
        sc.check(f"{name} is JSON", read_json(os.path.join(DASHBOARDS, name))["policy"])


# --- documents --------------------------------------------------------------------------------------------------

def explained(sc, language):
    logs = sorted(glob.glob(os.path.join(TESTS, "lines", "*.log")))
    got = subprocess.run([sc.tool, "explain", "--rules", sc.rules, "--json", "--language", language, *logs],
                         stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in got.stdout.decode().splitlines()]


def tracked(sc):
    """Events with the tunnels' state, and records of outages: one tunnel stays down, one comes back."""
    rs = Rsyslog(sc, f'output="file" file="{sc.path("out")}" tunnelState="on" language="both" {FAST}').start()
    actions = lambda: collections.Counter(it["event"]["action"] for it in sc.json_lines("out"))
    rs.send(vrp.up("HQ", HQ, BR, 1), vrp.up("HQ", HQ, OTHER, 2), vrp.down("HQ", HQ, BR, 1), vrp.down("HQ", HQ, OTHER, 2),
            vrp.fail("HQ", BR))
    sc.check("two outages are opened", poll(lambda: actions()["ipsec-alert-opened"] == 2), actions())
    rs.send(vrp.up("HQ", HQ, OTHER, 3))
    sc.check("one is resolved", poll(lambda: actions()["ipsec-alert-resolved"] == 1), actions())
    rs.stop()
    return sc.json_lines("out")


def at(document, field):
    """What a document has in a field: a tuple, as arrays are many values."""
    found = [document]
    for name in field.removesuffix(".keyword").split("."):
        found = [it[name] for it in found if isinstance(it, dict) and name in it]
        found = [it for one in found for it in (one if isinstance(one, list) else [one])]
    return tuple(found)


def chosen(documents, conditions):
    return [it for it in documents if all((value in at(it, field)) == wanted for field, value, wanted in conditions)]


# --- the template -----------------------------------------------------------------------------------------------

def strict(os_, sc, documents):
    """Every field that omipsec writes is in the mapping, and every value fits its type."""
    body = copy.deepcopy(template())
    body["index_patterns"], body["priority"] = ["logs-omipsec.event-strict-*"], 300
    body["template"]["mappings"]["dynamic"] = "strict"
    body["template"]["settings"]["index.mapping.ignore_malformed"] = False
    sc.same("OpenSearch takes the template", 200, os_.ask("PUT", "/_index_template/strict", body)[0])
    for language, some in documents.items():
        items = os_.create(f"logs-omipsec.event-strict-{language}", some)
        refused = [it["error"] for it in items if it["status"] != 201 and it["status"] != 409]
        sc.same(f"strict: {language}: none of {len(some)} documents is refused", [], refused[:3])
    odd = copy.deepcopy(documents["both"][0])
    odd["event"]["id"], odd["omipsec"]["strange"] = "0" * 32, 1
    sc.same("strict refuses a field of another", [400],
            [it["status"] for it in os_.create("logs-omipsec.event-strict-en", [odd])])


def found(os_, event_id):
    return os_.search(STREAM, {"query": {"ids": {"values": [event_id]}}})["hits"]["hits"]


def published(os_, sc, documents):
    sc.same("OpenSearch takes the template as it is", 200, os_.ask("PUT", "/_index_template/omipsec", template())[0])
    ids = {it["event"]["id"] for it in documents}
    sc.same("every document is created", len(ids), sum(it["status"] == 201 for it in os_.create(STREAM, documents)))
    sc.same("what comes twice is one document", {409}, {it["status"] for it in os_.create(STREAM, documents)})
    answer = os_.search(STREAM, {"size": 0, "track_total_hits": True})
    sc.same("all are found", len(ids), answer["hits"]["total"]["value"])
    ignored = os_.search(STREAM, {"query": {"exists": {"field": "_ignored"}}})
    sc.same("no value was left out", 0, ignored["hits"]["total"]["value"])
    streams = os_.ask("GET", "/_data_stream")[1]["data_streams"]
    sc.same("they are in one data stream", [("omipsec", "@timestamp")],
            [(it["template"], it["timestamp_field"]["name"]) for it in streams if it["name"] == STREAM])
    first = documents[0]
    sc.same("a document is the event, unchanged", [first], [it["_source"] for it in found(os_, first["event"]["id"])])


def odd_ones(os_, sc, one):
    odd = copy.deepcopy(one)
    odd["event"]["id"], odd["omipsec"]["later"], odd["source"]["ip"] = "f" * 32, {"than": "this"}, "xx.xx"
    sc.same("an event of a later version, with a bad address, is kept", [201],
            [it["status"] for it in os_.create(STREAM, [odd])])
    sc.same("and says which field was bad", [["source.ip"]], [it["_ignored"] for it in found(os_, "f" * 32)])
    os_.ask("POST", f"/{STREAM}/_rollover")
    sc.same("the stream rolls over", 2, len(os_.ask("GET", f"/_data_stream/{STREAM}")[1]["data_streams"][0]["indices"]))


def words(os_, sc):
    for field, text in (("omipsec.explanation.en", "probes"), ("omipsec.explanation.zh", "探测"),
                        ("message", "negotiated"), ("source.ip", "198.51.100.0/24")):
        answer = os_.search(STREAM, {"query": {"match": {field: text}}})
        sc.check(f"people find {text} in {field}", answer["hits"]["hits"], answer)


# --- the dashboard ----------------------------------------------------------------------------------------------

def whole(sc, objects):
    known = {(it["type"], it["id"]) for it in objects}
    sc.same("every reference is in the file", [],
            [ref for it in objects for ref in it["references"] if (ref["type"], ref["id"]) not in known])
    for it in objects:
        names = {ref["name"] for ref in it["references"]}
        text = json.dumps(it["attributes"]).replace('\\"', '"')
        used = {part.split('"')[2] for part in text.split('RefName')[1:]}
        sc.same(f"{it['id']}: it names what it refers to", names, used)


def expected(documents, aggregation):
    """Documents of each value, as a terms aggregation counts them."""
    counts = collections.Counter(value for it in documents for value in set(at(it, aggregation["params"]["field"])))
    return collections.Counter(dict(counts.most_common(aggregation["params"]["size"]))).total(), counts


def panel(os_, sc, board, it, documents):
    """A panel that is made of aggregations shows what the documents have."""
    state = json.loads(it["attributes"]["visState"])
    conditions = searches.conditions(board, it)
    some = chosen(documents, conditions)
    answer = os_.search(STREAM, {"size": 0, "track_total_hits": True, "query": searches.query(conditions),
                                 "aggs": searches.aggregations(state)})
    sc.same(f"{state['title']}: as many documents", len(some), answer["hits"]["total"]["value"])
    for one in state["aggs"]:
        if one["type"] == "terms" and one["id"] in answer["aggregations"]:
            shown = answer["aggregations"][one["id"]]["buckets"]
            total, counts = expected(some, one)
            sc.check(f"{state['title']}: every row is right", shown and all(
                counts[row["key"]] == row["doc_count"] for row in shown), (shown[:3], counts.most_common(3)))
            if one["params"]["orderBy"] == "1":
                sc.same(f"{state['title']}: and they are the largest", total, sum(row["doc_count"] for row in shown))


def listing(os_, sc, board, it, documents):
    conditions = searches.conditions(board, it)
    some = chosen(documents, conditions)
    answer = os_.search(STREAM, {"size": 3, "query": searches.query(conditions), "sort": dict([it["attributes"]["sort"][0]]),
                                 "track_total_hits": True})
    title = it["attributes"]["title"]
    sc.same(f"{title}: as many documents", len(some), answer["hits"]["total"]["value"])
    sc.same(f"{title}: every column has something", [], [
        column for column in it["attributes"]["columns"] if not any(at(one, column) for one in some)])


def down_now(os_, sc, board, it):
    data = searches.vega_spec(it)["data"][0]
    body = {**data["url"]["body"], "query": searches.query(searches.conditions(board, it))}
    rows = os_.search(STREAM, body)
    for name in data["format"]["property"].split("."):
        rows = rows[name]
    states = {row["key"]: row["last"]["hits"]["hits"][0]["_source"] for row in rows}
    sc.same("Tunnels down now: the one that is down, with its reason", [(f"HQ/9/1/{BR}", "down", True)], [
        (key, it["omipsec"]["tunnel"]["state"], bool(it["omipsec"]["why"]["en"])) for key, it in states.items()
        if it["omipsec"]["tunnel"]["state"] == "down"])
    sc.same("Tunnels down now: of two that are known", 2, len(states))
    sc.check("Tunnels down now: since when", all(row["turned"]["at"]["value"] for row in rows), rows)


def dashboard(os_, sc, documents):
    objects = searches.saved_objects(SAVED)
    whole(sc, objects)
    board = next(it for it in objects if it["type"] == "dashboard")
    repeated = [it for it in documents if "repeat" in it["omipsec"]]
    sc.check("there are repeats, for the dashboard to leave out", repeated)
    for it in objects:
        if it["type"] == "search":
            listing(os_, sc, board, it, documents)
        elif it["type"] == "visualization":
            if json.loads(it["attributes"]["visState"])["type"] == "vega":
                down_now(os_, sc, board, it)
            else:
                panel(os_, sc, board, it, documents)


def opensearch(sc):
    if not (shutil.which("java") and shutil.which("mvn")):
        sc.skip("THE TEMPLATE AND THE DASHBOARD ARE NOT TRIED: java or mvn is missing")
        return
    folder, why = node.jars()
    if not folder:
        sc.skip(f"THE TEMPLATE AND THE DASHBOARD ARE NOT TRIED, there is no OpenSearch: {why}")
        return
    os_ = node.OpenSearch(sc, folder).start()
    live = tracked(sc)
    documents = {it: explained(sc, it) for it in ("en", "zh", "both")}
    repeat = copy.deepcopy(documents["both"][0])
    repeat["event"]["id"], repeat["omipsec"]["repeat"] = "a" * 32, True
    strict(os_, sc, {**documents, "live": [*live, repeat]})
    once = list({it["event"]["id"]: it for it in [*live, *documents["both"], repeat]}.values())
    published(os_, sc, once)
    words(os_, sc)
    dashboard(os_, sc, once)
    odd_ones(os_, sc, once[0])
