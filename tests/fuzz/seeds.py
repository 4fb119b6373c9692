#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""seeds.py BUILD DIR: what the fuzzers begin with, DIR/<fuzzer>/*, their dictionary, DIR/words.dict, and DIR/guide.yaml,
which has one code of each class: the whole guide takes a hundred times as long to read.

Lines, logs and rules are those of the tests; events are what vpnlog makes of them; saved items what the engine makes;
crashes/<fuzzer>/* what broke it once."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD, SEEDS = map(pathlib.Path, sys.argv[1:])
LOGS = sorted([*ROOT.glob("tests/lines/*.log"), *ROOT.glob("tests/scenarios/*.log")])
WRAPPED = ['{"logs":[{"time":1735024112,"raw_message":"%s"}]}',
           '{"time":"2026-11-23T09:00:00","thread":9,"group":"IKE","level":1,"ikesa-uniqueid":"1","ikesa-name":"hq","msg":"%s"}']


def put(fuzzer, name, data):
    folder = SEEDS / fuzzer
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def lines():
    return dict.fromkeys(line for log in LOGS for line in log.read_bytes().splitlines() if line)


def events():
    answer = subprocess.run([BUILD / "vpnlog", "explain", "--json", "--rules", ROOT / "rules", *LOGS],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return dict.fromkeys(answer.stdout.splitlines())


def dictionary():
    words = set()
    for path in ROOT.glob("rules/**/*.yaml"):
        words |= set(re.findall(r"[A-Za-z][\w/.=: -]{3,40}", path.read_text("utf-8"), re.ASCII))
    return "".join(f'"{word}"\n' for word in sorted(words) if "\\" not in word)


def entries(text, key):
    """Of a list, the texts of its entries."""
    return re.findall(rf"^  - {key}: .*?(?=^  - |^ *#|^\S|\Z)", text, re.DOTALL | re.MULTILINE)


def small_guide():
    """The guide, and which of its codes stands for a code."""
    guide, extra = ((ROOT / "rules" / it).read_text("utf-8") for it in ("guide.yaml", "codes-extra.yaml"))
    kept, stands = {}, {}
    for code in entries(guide, "slug") + entries(extra, "slug"):
        said = dict(re.findall(r"^ +(?:- )?(slug|variant|class): (\w+)$", code, re.MULTILINE))
        name = "/".join(said[it] for it in ("slug", "variant") if it in said)
        if said["slug"] == "unknown_reason" or (said["class"] not in kept and "variant" not in said):
            kept[name if said["slug"] == "unknown_reason" else said["class"]] = code
        stands[name] = re.search(r"slug: (\w+)", kept[said["class"]])[1]
    codes = "".join(kept.values())
    checks = [it for it in entries(guide, "id") if re.search(r"id: (\S+)", it)[1] in re.findall(r"check: (\S+)", codes)]
    head = guide[guide.index("\nguide:") + 1:guide.index("\nchecks:")]
    return f"{head}\nchecks:\n{''.join(checks)}\ncodes:\n{codes}", stands


guide, stands = small_guide()
for n, line in enumerate(lines()):
    put("line", f"{n}", line)
for n, text in enumerate(WRAPPED):
    put("line", f"json-{n}", (text % "closing CHILD_SA net{1}").encode())
for n, event in enumerate(events()):
    put("event", f"{n}", event)
for path in (ROOT / "rules/vendors").glob("*.yaml"):
    put("rules", path.stem, re.sub(r"(\bcode: )([\w/]+)", lambda it: it[1] + stands.get(it[2], it[2]),
                                   path.read_text("utf-8")).encode())
put("rules", "guide", guide.encode())
(SEEDS / "guide.yaml").write_text(guide, "utf-8")
put("overrides", "sample", (ROOT / "packaging/samples/overrides.yaml").read_bytes())
(SEEDS / "state").mkdir(parents=True, exist_ok=True)
subprocess.run([BUILD / "tests/state-seeds", SEEDS / "state", *LOGS], check=True)
for path in ROOT.glob("tests/fuzz/crashes/*/*"):
    put(path.parent.name, path.name, path.read_bytes())
(SEEDS / "words.dict").write_text(dictionary())
