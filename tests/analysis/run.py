#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What gcc -fanalyzer, clang-tidy and cppcheck say of plugin and include.

usage: run.py SOURCE BUILD

KNOWN holds each finding that is none, with the reason; one that is not found any
more is a failure too. .clang-tidy says what it looks for. Each tool has to find the
leak in a file of ours first: one that looks at nothing finds nothing."""

import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time

SLICE = "the slice's bytes are written by the call that gives its length"
LISTED = "it is in a list, which is freed as a whole"
ROWS = "there is a row, so there is the array of them"

KNOWN = {
    ("cppcheck", "legacyUninitvar", "plugin/cli/match.c"): SLICE,
    ("cppcheck", "legacyUninitvar", "plugin/core/frozen.c"): SLICE,
    ("cppcheck", "legacyUninitvar", "plugin/load/guide.c"): SLICE,
    ("cppcheck", "uninitvar", "plugin/core/policy.c"): SLICE,
    ("cppcheck", "funcArgOrderDifferent", "plugin/core/frozen.c"):
        "a declaration without names of its parameters",
    ("cppcheck", "memleak", "plugin/cli/play.c"): LISTED,
    ("cppcheck", "memleak", "plugin/core/scope.c"): LISTED,
    ("gcc", "-Wanalyzer-malloc-leak", "plugin/cli/play.c"): LISTED,
    ("gcc", "-Wanalyzer-malloc-leak", "plugin/rsyslog/params.c"): LISTED,
    ("gcc", "-Wanalyzer-malloc-leak", "plugin/sink/http.c"):
        "the one caller frees all of them when one fails",
    ("gcc", "-Wanalyzer-null-argument", "plugin/cli/history_sum.c"): ROWS,
    ("gcc", "-Wanalyzer-null-dereference", "plugin/cli/report_head.c"): ROWS,
    ("gcc", "-Wanalyzer-null-dereference", "plugin/sink/file.c"): ROWS,
    ("clang-tidy", "clang-analyzer-core.NullDereference", "plugin/sink/file.c"): ROWS,
    ("clang-tidy", "clang-analyzer-core.NullDereference", "plugin/cli/place.c"): ROWS,
    ("gcc", "-Wanalyzer-null-argument", "plugin/load/document.c"):
        "a node that is no scalar has a text of no length, which is refused before",
    ("gcc", "-Wanalyzer-use-of-uninitialized-value", "plugin/core/who.c"):
        "gcc 12 does not see that a struct is set from another one",
    ("clang-tidy", "clang-analyzer-core.NullDereference", "plugin/core/gateway.c"):
        "is_due() lets no candidate pass that has no group",
    ("clang-tidy", "clang-analyzer-core.NonNullParamChecker", "plugin/rsyslog/params_output.c"):
        "the output of rsyslog's rulesets has a name",
    ("clang-tidy", "clang-analyzer-unix.Malloc", "plugin/core/memory.c"):
        "what is dropped is the entry that was touched first, and this one was touched last",
    ("clang-tidy", "bugprone-suspicious-missing-comma", "plugin/store/store.c"):
        "a statement that goes on in the next line",
}

LEAK = """#include <stdio.h>
#include <stdlib.h>
void leak(void);
void
leak(void)
{
	char *bytes = calloc(10, 1);

	if (bytes)
		puts(bytes);
}
"""

FINDING = re.compile(r"^(/\S+?):(\d+):\d+: (?:warning|error|\w+): (.*) \[([^]]+)\]$")
results = {True: 0, False: 0}


def check(name, wrong):
    print(f"ok   {name}" if not wrong else f"FAIL {name}: " + "; ".join(wrong[:8]))
    results[not wrong] += 1


def say(words, folder):
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
    return done.stdout + done.stderr


def gcc(unit, build):
    words = shlex.split(unit["command"])
    words[0] = "gcc"
    words[words.index("-o") + 1] = "/dev/null"
    words.remove("-Werror")
    return say(words + ["-fanalyzer"], unit["directory"])


def clang_tidy(unit, build):
    return say(["clang-tidy", "--quiet", "-p", build, unit["file"]], unit["directory"])


def cppcheck(unit, build):
    includes = [word for word in shlex.split(unit["command"])
                if word.startswith(("-D", "-I"))]
    return say(["cppcheck", "-q", "--std=c11", "--enable=warning,performance,portability",
                "--template={file}:{line}:{column}: {severity}: {message} [{id}]",
                *includes, unit["file"]], unit["directory"])


TOOLS = {"gcc": gcc, "clang-tidy": clang_tidy, "cppcheck": cppcheck}


def findings(tool, said, source):
    """(tool, id, file), and the line to show, of everything that it said."""
    for line in said.splitlines():
        hit = FINDING.match(line)
        if hit:
            path = os.path.relpath(hit[1], source)
            name = re.sub(r"^CWE-\d+\] \[", "", hit[4]).split(",")[0]
            yield (tool, name, path), f"{path}:{hit[2]}: {hit[3]} [{name}]"


def units(source, build):
    """Each source file once."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        everything = json.load(file)
    return list({unit["file"]: unit for unit in everything
                 if unit["file"].startswith(os.path.join(source, "plugin", ""))}.values())


def check_leak(tool, model, build):
    with tempfile.TemporaryDirectory(dir=build) as folder:
        path = os.path.join(folder, "leak.c")
        with open(path, "w", encoding="utf-8") as file:
            file.write(LEAK)
        unit = {"directory": build, "file": path,
                "command": model["command"].replace(model["file"], path)}
        found = list(findings(tool, TOOLS[tool](unit, build), build))
    check(f"{tool} finds a leak", [] if found else ["it says nothing"])


def main(source, build):
    every = units(source, build)
    wrong, seen = {tool: [] for tool in TOOLS}, set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for tool, look in TOOLS.items():
            begun = time.monotonic()
            check_leak(tool, every[0], build)
            for said in pool.map(lambda unit: look(unit, build), every):
                for key, line in findings(tool, said, source):
                    seen.add(key)
                    if key not in KNOWN and line not in wrong[tool]:
                        wrong[tool].append(line)
            check(f"{tool} finds nothing in {len(every)} files", wrong[tool])
            print(f"     took {time.monotonic() - begun:.0f} s")
    check("each exception is still needed",
          [" ".join(key) for key in KNOWN if key not in seen])
    print(f"{results[True]} passed, {results[False]} failed, 0 skipped")
    return 0 if results[False] == 0 else 1


if __name__ == "__main__":
    sys.exit(main(os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])))
