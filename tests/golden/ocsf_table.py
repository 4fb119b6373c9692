#!/usr/bin/env python3
"""What OCSF says of the classes and objects that omipsec writes: names, types,
requirements and enumerations, as JSON. ocsf.json beside this file is its output; run
it again for another version.

usage: ocsf_table.py REPOSITORY TAG >ocsf.json

REPOSITORY is a clone of https://github.com/ocsf/ocsf-schema. Attributes that belong to
a profile, are deprecated, or are objects which omipsec does not write, are left out."""
import json
import pathlib
import re
import subprocess
import sys

REPOSITORY, TAG = sys.argv[1], sys.argv[2]
CLASSES = ["events/network/tunnel_activity", "events/findings/detection_finding"]
OBJECTS = ["analytic", "device", "enrichment", "evidences", "finding_info", "logger", "metadata",
           "network_connection_info", "network_endpoint", "network_interface", "object", "observable", "product",
           "remediation", "resource_details", "session", "user"]


def git(*args):
    return subprocess.run(["git", "-C", REPOSITORY, *args], stdout=subprocess.PIPE, check=True).stdout.decode("utf-8")


def read(path):
    return json.loads(git("show", f"{TAG}:{path}.json"))


# "events" or "objects", and the name -> the path
FILES = {(path.split("/")[0], pathlib.PurePath(path).stem): path[:-len(".json")]
         for path in git("ls-tree", "-r", "--name-only", TAG).split("\n") if path.startswith(("events/", "objects/"))}
DICTIONARY = read("dictionary")
TYPES = DICTIONARY["types"]["attributes"]


def observables():
    """Every type and object that may be an observable has its number there."""
    there = list(TYPES.values()) + [read(path) for (kind, _), path in FILES.items() if kind == "objects"]
    return {str(it["observable"]): {"caption": it["caption"]} for it in there if "observable" in it}


def resolve(path):
    """With what it extends; the constraints of the child hold."""
    item = read(path)
    parent = resolve(FILES[path.split("/")[0], item["extends"]]) if "extends" in item else {"attributes": {}}
    attributes = parent["attributes"]
    for name, attribute in item["attributes"].items():
        if name == "$include":
            continue
        old = attributes.get(name, {})
        attributes[name] = {**old, **attribute, "enum": {**old.get("enum", {}), **attribute.get("enum", {})}}
    return {**parent, **item, "attributes": attributes}


def describe(item):
    """{"attributes": {name: "type requirement"}, "enums", "siblings", "at_least_one"}; "type*" is a list."""
    told = {"attributes": {}, "enums": {}, "siblings": {}}
    for name, attribute in sorted(item["attributes"].items()):
        general = DICTIONARY["attributes"][name]
        merged = {**general, **attribute, "enum": {**general.get("enum", {}), **attribute["enum"]}}
        kind = merged["type"]
        if "@deprecated" in merged or merged.get("profile") or (kind not in TYPES and kind not in OBJECTS):
            continue
        told["attributes"][name] = (f"{kind}{'*' if merged.get('is_array') else ''} "
                                    f"{merged.get('requirement', 'optional')}")
        if merged["enum"]:
            told["enums"][name] = {key: value["caption"] for key, value in merged["enum"].items()}
        if "sibling" in merged:
            told["siblings"][name] = merged["sibling"]
    for key, names in item.get("constraints", {}).items():
        told[key] = names
    return told


def describe_class(path):
    item = resolve(path)
    category = read("categories")["attributes"][item["category"]]
    class_uid = category["uid"] * 1000 + item["uid"]
    told = describe(item)
    told["enums"] |= {
        "category_uid": {str(category["uid"]): category["caption"]},
        "class_uid": {str(class_uid): item["caption"]},
        "type_uid": {str(class_uid * 100 + int(key)): f"{item['caption']}: {caption}"
                     for key, caption in told["enums"]["activity_id"].items()}}
    return str(class_uid), told


def describe_object(name):
    item = resolve(f"objects/{name}")
    if name == "observable":
        item["attributes"]["type_id"]["enum"] |= observables()
    return describe(item)


def main():
    table = {"source": "https://github.com/ocsf/ocsf-schema", "version": read("version")["version"],
             "types": {name: it.get("type", name) for name, it in TYPES.items()},
             "classes": dict(map(describe_class, CLASSES)),
             "objects": {name: describe_object(name) for name in OBJECTS}}
    # What holds only texts is one line.
    print(re.sub(r"[{\[][^{}\[\]]*[}\]]", lambda found: " ".join(found.group().split()),
                 json.dumps(table, indent=1)))


main()
