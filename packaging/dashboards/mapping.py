#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mapping.py SCHEMA: the index template of OpenSearch and Elasticsearch for
events and alerts, made from their JSON Schema. It is in index-template.json."""
import json
import re
import sys

DATA_STREAMS = ["logs-omipsec.event-*"]
PRIORITY = 200  # above Elasticsearch's own template of logs-*-*
A_TIME = "2026-11-22T19:12:40.000Z"

SHORT = {"keyword": {"type": "keyword", "ignore_above": 256}}
WORDS = {"type": "text", "fields": SHORT}
BY_NAME = {  # of a property, or its whole path
    "ip": {"type": "ip"},
    "en": WORDS,
    "zh": {**WORDS, "analyzer": "cjk"},
    ".message": WORDS,
    "fix_text": WORDS,
    "original": {"type": "keyword", "index": False, "doc_values": False},
}
BY_TYPE = {
    str: {"type": "keyword", "ignore_above": 1024},
    int: {"type": "long"},
    bool: {"type": "boolean"},
}
TYPES = {"string": str, "integer": int, "boolean": bool}


def is_time(schema):
    return schema.get("format") == "date-time" or bool(
        "pattern" in schema and re.search(schema["pattern"], A_TIME) and not re.search(schema["pattern"], "word"))


def value_type(schema):
    """The Python type of what the schema allows, or allows in an array; null apart."""
    if "type" in schema:
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        (only,) = [TYPES[name] for name in names if name != "null"]
    else:
        values = schema.get("enum", [schema.get("const")])
        (only,) = {type(it) for value in values for it in (value if isinstance(value, list) else [value])}
    return only


def field(path, schema):
    """The mapping of one property. OpenSearch needs no word for an array: the
    objects of one are flat, so that any of them answers a search."""
    if "items" in schema:
        return field(path, schema["items"])
    if "properties" in schema:
        return {"properties": fields(path, schema)}
    for name in (path, path.rpartition(".")[2]):
        if name in BY_NAME:
            return BY_NAME[name]
    return {"type": "date"} if is_time(schema) else BY_TYPE[value_type(schema)]


def fields(path, schema):
    return {name: field(f"{path}.{name}", it) for name, it in schema["properties"].items()}


def union(one, other, path=""):
    """Both kinds of document are in one index."""
    merged = dict(one)
    for name, it in other.items():
        there = merged.setdefault(name, it)
        if "properties" in it and "properties" in there:
            merged[name] = {"properties": union(there["properties"], it["properties"], f"{path}.{name}")}
        elif there != it:
            sys.exit(f"mapping.py: {path}.{name} of an event is {there}, of an alert {it}: make the schema say the same")
    return merged


def template(schema):
    kinds = schema["$defs"]
    return {
        "index_patterns": DATA_STREAMS,
        "data_stream": {},
        "priority": PRIORITY,
        "template": {
            # An event of which one field is odd is better kept than refused.
            "settings": {"index.mapping.ignore_malformed": True},
            "mappings": {
                "dynamic": False,  # a later omipsec may add fields: kept, not indexed
                "_meta": {"schema": schema["$id"]},
                "properties": union(fields("", kinds["event"]), fields("", kinds["alert"])),
            },
        },
    }


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {__doc__}")
    with open(sys.argv[1], encoding="utf-8") as file:
        json.dump(template(json.load(file)), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
