#!/usr/bin/env python3
"""Every labelled line in tests/lines gives what its label says, and every
event fits the JSON Schema.

usage: golden.py VPNLOG RULES SOURCE"""
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
    }


def line_problem(label, event):
    if label["class"] == "optional":
        return None
    if event is None:
        return None if label["class"] == "none" else "no event"
    got = told(event)
    wrong = [f"{key} is {got[key]}, not {label[key]}"
             for key in got if got[key] != label[key]]
    return ", ".join(wrong)


def check_labels(log, found):
    by_line = {event["omipsec"]["input"]["line"]: event for event in found}
    order = [event["omipsec"]["input"]["line"] for event in found]
    failed = 0
    rows = labels(log.with_suffix(".tsv"))
    for label in rows:
        problem = line_problem(label, by_line.get(int(label["line"])))
        if problem:
            print(f"FAIL {log.name}:{label['line']}: {problem}")
            failed += 1
    if order != sorted(order) or len(order) != len(by_line):
        print(f"FAIL {log.name}: events are not one a line in input order")
        failed += 1
    return len(rows) + 1 - failed, failed


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
    result = check_readme()
    passed, failed = passed + result[0], failed + result[1]
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
