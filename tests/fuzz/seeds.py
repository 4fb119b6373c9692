#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""seeds.py BUILD DIR: what the fuzzers begin with, DIR/<fuzzer>/*, and their dictionary, DIR/words.dict.

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


for n, line in enumerate(lines()):
    put("line", f"{n}", line)
for n, text in enumerate(WRAPPED):
    put("line", f"json-{n}", (text % "closing CHILD_SA net{1}").encode())
for n, event in enumerate(events()):
    put("event", f"{n}", event)
for path in (ROOT / "rules/vendors").glob("*.yaml"):
    put("rules", path.stem, path.read_bytes())
put("overrides", "sample", (ROOT / "packaging/samples/overrides.yaml").read_bytes())
(SEEDS / "state").mkdir(parents=True, exist_ok=True)
subprocess.run([BUILD / "tests/state-seeds", SEEDS / "state", *LOGS], check=True)
for path in ROOT.glob("tests/fuzz/crashes/*/*"):
    put(path.parent.name, path.name, path.read_bytes())
(SEEDS / "words.dict").write_text(dictionary())
