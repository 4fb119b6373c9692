#!/usr/bin/env python3
"""Every labelled line in tests/lines gives in OCSF what it gives in ECS, every event
and every step of every alert fits our JSON Schema, and what OCSF 1.8.0 itself says of
the classes (ocsf.json, made by ocsf_table.py).

usage: ocsf.py VPNLOG FINDINGS RULES SOURCE"""
import ipaddress
import json
import pathlib
import subprocess
import sys

import jsonschema

VPNLOG, FINDINGS, RULES, SOURCE = sys.argv[1], sys.argv[2], sys.argv[3], pathlib.Path(sys.argv[4])
OCSF = json.loads((SOURCE / "tests/golden/ocsf.json").read_text("utf-8"))
SCHEMAS = SOURCE / "packaging/schema"
LANGUAGES = ["en", "zh", "both"]
EARLIEST, LATEST = 10 ** 12, 10 ** 13  # of times in milliseconds
PYTHON = {"string_t": str, "integer_t": int, "long_t": int, "boolean_t": bool}


def run(*command):
    out = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(line) for line in out.decode("utf-8").splitlines()]


def events(log, language, schema):
    return run(VPNLOG, "explain", "--rules", RULES, "--language", language, "--format", schema, log)


# --- what OCSF says -------------------------------------------------------------------

def value_problems(kind, value, path):
    """Is the value one of that type?"""
    if kind in OCSF["objects"]:
        return object_problems(OCSF["objects"][kind], value, path)
    base = OCSF["types"][kind]
    if base in PYTHON and type(value) is not PYTHON[base]:
        return [f"{path} is no {kind}: {value!r:.60}"]
    if kind == "timestamp_t" and not EARLIEST < value < LATEST:
        return [f"{path} is no time in milliseconds: {value}"]
    if kind == "port_t" and not 0 <= value <= 65535:
        return [f"{path} is no port: {value}"]
    if kind == "ip_t":
        try:
            ipaddress.ip_address(value)
        except ValueError:
            return [f"{path} is no address: {value!r:.60}"]
    return []


def caption_problems(told, value, path):
    """An enumerated value is one of the schema's, and its sibling is the caption; that
    of Other is the source's own word."""
    problems = []
    for name, enum in told["enums"].items():
        sibling = told["siblings"].get(name)
        if name not in value:
            continue
        if str(value[name]) not in enum:
            problems.append(f"{path}{name} is {value[name]}, not one of {', '.join(enum)}")
        elif sibling and value.get(sibling) != enum[str(value[name])] and enum[str(value[name])] != "Other":
            problems.append(f"{path}{sibling} is {value.get(sibling)}, not {enum[str(value[name])]}")
        elif sibling and not value.get(sibling):
            problems.append(f"{path}{sibling} is missing")
    return problems


def object_problems(told, value, path=""):
    if not isinstance(value, dict):
        return [f"{path} is no object"]
    if not told["attributes"]:
        return []
    problems = caption_problems(told, value, path)
    for name, kind in told["attributes"].items():
        if kind.endswith(" required") and name not in value:
            problems.append(f"{path}{name} is required")
    if told.get("at_least_one") and not set(told["at_least_one"]) & set(value):
        problems.append(f"{path or 'it'} has none of {', '.join(told['at_least_one'])}")
    for name, item in value.items():
        kind = told["attributes"].get(name, "").split(" ")[0]
        if not kind:
            problems.append(f"{path}{name} is no attribute")
        elif kind.endswith("*") != isinstance(item, list) and kind != "json_t":
            problems.append(f"{path}{name} is {'no' if kind.endswith('*') else 'a'} list")
        else:
            one = kind.rstrip("*")
            inner = f"{path}{name}." if one in OCSF["objects"] else f"{path}{name}"
            for it in item if kind.endswith("*") else [item]:
                problems += value_problems(one, it, inner)
    return problems


def reach(value, path):
    """The value at "a.b[0].c", or None."""
    for key in path.replace("[0]", ".0").split("."):
        value = value[int(key)] if isinstance(value, list) else (value or {}).get(key)
    return value


def event_problems(event):
    told = OCSF["classes"].get(str(event.get("class_uid")))
    if not told:
        return [f"class_uid is {event.get('class_uid')}"]
    problems = object_problems(told, event)
    if event["type_uid"] != event["class_uid"] * 100 + event["activity_id"]:
        problems.append("type_uid is not class_uid * 100 + activity_id")
    if event["metadata"]["version"] != OCSF["version"]:
        problems.append(f"metadata.version is not {OCSF['version']}")
    for it in event["observables"]:
        if reach(event, it["name"]) != it["value"]:
            problems.append(f"observable {it['name']} is {it['value']}")
    for it in event.get("enrichments", []):
        if reach(event, it["name"]) != it["value"]:
            problems.append(f"enrichment of {it['name']} is {it['value']}")
    return problems


# --- what we say ----------------------------------------------------------------------

def twin_problems(event, ecs):
    """Nothing that ECS tells is lost, or told otherwise."""
    own, unmapped = ecs["omipsec"], event["unmapped"]
    means = {key: own.pop(key) for key in list(own) if key in event.get("enrichments", [{"data": {}}])[0]["data"]}
    pairs = {
        "omipsec": (own, unmapped["omipsec"]),
        "enrichments": (means, {key: event["enrichments"][0]["data"][key] for key in means} if means else {}),
        "message": (ecs["message"], event["message"]),
        "code": (ecs["event"].get("code"), event.get("status_code")),
        "reason": (ecs["event"].get("reason"), event.get("status_detail")),
        "original": (ecs["event"]["original"], event["raw_data"]),
        "severity": (ecs["event"].get("severity"), unmapped.get("event", {}).get("severity")),
        "vendor": (ecs["observer"]["vendor"], event["metadata"]["product"]["vendor_name"]),
        "device": (ecs["observer"].get("hostname"), event.get("device", {}).get("hostname")),
        "user": (ecs.get("user"), event.get("user")),
        "log": (ecs.get("log"), unmapped.get("log")),
        "error": (ecs.get("error"), unmapped.get("error")),
        "tunnel": (own["tunnel"]["id"], event["metadata"].get("correlation_uid")),
    }
    return [f"{name}: {ocsf!r:.80}, in ECS {ecs!r:.80}" for name, (ecs, ocsf) in pairs.items() if ecs != ocsf]


def count(where, problems):
    for problem in problems:
        print(f"FAIL {where}: {problem[:300]}")
    return (0, 1) if problems else (1, 0)


def add(counts):
    return tuple(map(sum, zip((0, 0), *counts)))


def expand(node, schemas, within):
    """The schema with what it refers to in place: one refers to the other, which stands
    beside it."""
    if isinstance(node, list):
        return [expand(it, schemas, within) for it in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        name, pointer = node["$ref"].split("#")
        there = schemas[name or within]
        for key in pointer.split("/")[1:]:
            there = there[key]
        return {**expand(there, schemas, name or within), **{key: it for key, it in node.items() if key != "$ref"}}
    return {key: expand(it, schemas, within) for key, it in node.items()}


def validator():
    read = [json.loads((SCHEMAS / f"omipsec-{name}.schema.json").read_text("utf-8")) for name in ("event", "ocsf")]
    ocsf = read[1]["$id"]
    schema = expand({**read[1], "$defs": {}}, {it["$id"]: it for it in read}, ocsf)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def problems_of(valid, event):
    error = next(valid.iter_errors(event), None)
    said = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}"] if error else []
    return said + event_problems(event)


def check_lines(valid, log, language):
    found, ecs = events(log, language, "ocsf"), events(log, language, "ecs")
    if len(found) != len(ecs) or not found:
        return count(log.name, [f"{len(found)} events, {len(ecs)} in ECS"])
    return add([count(f"{log.name}:{twin['omipsec']['input']['line']} ({language})",
                      problems_of(valid, event) + twin_problems(event, twin)) for event, twin in zip(found, ecs)])


def check_findings(valid, language):
    found = run(FINDINGS, RULES, language)
    print(f"ok   {len(found)} findings ({language})")
    return add([count(f"finding {event['metadata']['uid']} ({language})", problems_of(valid, event))
                for event in found])


def check_mistakes(valid, event):
    """The checks themselves can fail: whatever is broken in an event is found, by ours
    also what OCSF leaves open."""
    broken = {
        "an attribute that OCSF has not": {"reason": "x"},
        "a missing one": {"metadata": {**event["metadata"], "product": None}},
        "a wrong caption": {"severity": "Low" if event["severity"] != "Low" else "High"},
        "a wrong number": {"status_id": 7},
        "a time in seconds": {"time": event["time"] // 1000},
        "an address that is none": {"device": {**event["device"], "ip": "198.51.100.xx"}},
        "a type of another activity": {"type_uid": 401400},
        "a list that is none": {"observables": {}},
    }
    enrichment = event["enrichments"][0]
    unknown = {
        "an attribute that is not ours": {"duration": 1},
        "one in unmapped": {"unmapped": {"omipsec": {**event["unmapped"]["omipsec"], "x": 1}}},
        "one in data": {"enrichments": [{**enrichment, "data": {**enrichment["data"], "x": 1}}]},
        "another activity's name": {"activity_name": "Renew"},
    }
    return add([count(name, [] if event_problems({**event, **change}) else ["it is not found"])
                for name, change in broken.items()] +
               [count(name, ["it is not found"] if valid.is_valid({**event, **change}) else [])
                for name, change in unknown.items()])


def main():
    valid = validator()
    counts = []
    for log in sorted((SOURCE / "tests/lines").glob("*.log")):
        counts += [check_lines(valid, log, language) for language in LANGUAGES]
        print(f"ok   {log.name}: {add(counts)[0]} events")
    counts += [check_findings(valid, language) for language in LANGUAGES]
    counts.append(check_mistakes(valid, events(SOURCE / "packaging/samples/huawei.log", "en", "ocsf")[0]))
    passed, failed = add(counts)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
