#!/usr/bin/env python3
"""Every labelled line in tests/lines gives what its label says, and every
event fits the JSON Schema.

usage: golden.py VPNLOG RULES SOURCE"""
import collections
import json
import pathlib
import subprocess
import sys

import jsonschema

VPNLOG, RULES, SOURCE = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
SCHEMA = SOURCE / "packaging/schema/omipsec-event.schema.json"
LANGUAGES = {"en": ["en"], "zh": ["zh"], "both": ["en", "zh"]}


def events(log, language):
    run = subprocess.run(
        [VPNLOG, "explain", "--rules", RULES, "--json", "--language", language, log],
        stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in run.stdout.decode("utf-8").splitlines()]


def labels(tsv):
    rows = tsv.read_text("utf-8").splitlines()
    names = rows[0].lstrip("#").split("\t")
    return [dict(zip(names, row.split("\t"))) for row in rows[1:]]


def told(event):
    """What an event says, in the columns of the labels."""
    tunnel = event["omipsec"]["tunnel"]
    return {
        "class": event["omipsec"]["class"],
        "code": event["event"].get("code", "-"),
        "peer_ip": tunnel.get("peer", {}).get("address", "-"),
        "local_ip": tunnel.get("local", {}).get("address", "-"),
        "connection": tunnel.get("connection", event.get("user", {}).get("name", "-")),
    }


def differs(key, label, got, line):
    """Is what the event says under key not what the label says? What a line
    does not name itself, its neighbours may have brought."""
    if label == "-" and key == "connection":
        return False
    if label == "-" and key.endswith("_ip"):
        return got != "-" and got in line
    return label != got


def line_problem(label, event, line):
    if label["class"] == "optional":
        return None
    if event is None:
        return None if label["class"] == "none" else f"no event, not {label['class']}"
    got = told(event)
    if label["class"] == "none":
        return f"an event ({got['class']} {got['code']}), not none"
    wrong = [f"{key} is {got[key]}, not {label[key]}" for key in got
             if key in label and differs(key, label[key], got[key], line)]
    return ", ".join(wrong)


def vendor_of(label, log):
    return label.get("vendor", log.stem)


def print_vendors(log, rows, failures):
    """How many lines of each vendor are as their labels say."""
    lines = collections.Counter(vendor_of(label, log) for label in rows)
    bad = collections.Counter(vendor_of(label, log) for label in failures)
    for vendor, n in lines.items():
        print(f"{'FAIL' if bad[vendor] else 'ok  '} {log.name} {vendor}: "
              f"{n - bad[vendor]} of {n} lines as labelled")


def check_labels(log, found):
    by_line = {event["omipsec"]["input"]["line"]: event for event in found}
    order = [event["omipsec"]["input"]["line"] for event in found]
    lines = log.read_text("utf-8", "surrogateescape").split("\n")
    rows = labels(log.with_suffix(".tsv"))
    failures = []
    for label in rows:
        n = int(label["line"])
        problem = line_problem(label, by_line.get(n), lines[n - 1])
        if problem:
            print(f"FAIL {log.name}:{n} {vendor_of(label, log)}: {problem}")
            failures.append(label)
    print_vendors(log, rows, failures)
    failed = len(failures)
    if order != sorted(order) or len(order) != len(by_line):
        print(f"FAIL {log.name}: events are not one a line in input order")
        failed += 1
    if len(rows) != len(lines) - (lines[-1] == ""):
        print(f"FAIL {log.name}: {len(rows)} labels are not one a line")
        failed += 1
    return len(rows) + 2 - failed, failed


def schema_problem(validator, event, languages):
    error = next(validator.iter_errors(event), None)
    if error:
        return f"{'/'.join(map(str, error.path))}: {error.message[:200]}"
    explanation = event["omipsec"].get("explanation", dict.fromkeys(languages + ["guide"]))
    if sorted(explanation) != sorted(languages + ["guide"]):
        return f"explanation has {sorted(explanation)}"
    return None


def check_schema(validator, log, language, found):
    failed = 0
    for event in found:
        problem = schema_problem(validator, event, LANGUAGES[language])
        if problem:
            print(f"FAIL {log.name}:{event['omipsec']['input']['line']} ({language}): {problem}")
            failed += 1
    return len(found) - failed, failed


def is_part(shown, real):
    """Is what a document shows a part of what really comes out? Lists may be
    cut at their end; a text in parentheses stands for one that varies."""
    if isinstance(shown, dict):
        return isinstance(real, dict) and all(
            key in real and is_part(value, real[key]) for key, value in shown.items())
    if isinstance(shown, list):
        return isinstance(real, list) and len(shown) <= len(real) and all(
            map(is_part, shown, real))
    if isinstance(shown, str) and shown.endswith(")") and shown not in (real, ""):
        return real.startswith(shown[:shown.rindex("(")].rstrip(" ."))
    return shown == real


def check_readme():
    """The README's event is one that the sample gives."""
    text = (SOURCE / "README.md").read_text("utf-8")
    shown = json.loads(text.split("```json\n", 1)[1].split("```", 1)[0])
    real = [event for event in events(SOURCE / "packaging/samples/huawei.log", "en")
            if event["event"]["id"] == shown["event"]["id"]]
    if real and is_part(shown, real[0]):
        return 1, 0
    print("FAIL README.md: the event shown is not what the sample gives")
    return 0, 1


def check_carriers():
    """The README's table of codes is what the rules say."""
    text = (SOURCE / "README.md").read_text("utf-8")
    shown = text.split("<!-- vpnlog codes --vendors -->\n", 1)[1].split("<!-- end -->", 1)[0]
    real = subprocess.run([VPNLOG, "codes", "--vendors", "--rules", RULES], stdout=subprocess.PIPE, check=True)
    if shown == real.stdout.decode("utf-8"):
        return 1, 0
    print("FAIL README.md: its table is not what `vpnlog codes --vendors` prints now; put that there")
    return 0, 1


def main():
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    passed = failed = 0
    for log in sorted((SOURCE / "tests/lines").glob("*.log")):
        for language in LANGUAGES:
            found = events(log, language)
            results = [check_schema(validator, log, language, found)]
            if language == "both":
                results.append(check_labels(log, found))
            passed += sum(result[0] for result in results)
            failed += sum(result[1] for result in results)
        print(f"ok   {log.name}: {len(found)} events")
    for result in check_readme(), check_carriers():
        passed, failed = passed + result[0], failed + result[1]
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
