#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""complete.py VPNLOG RULES COMPLETION: the Tab key, in a real bash and a real zsh.

In a shell on a terminal it types a word of `vpnlog --help` but for its last letter, presses Tab, and has the shell echo
what the line has become. So every command, option and value that the help names is tried, and no list is here.
"""
import os
import pty
import re
import select
import shutil
import sys
import tempfile

VPNLOG, RULES, COMPLETION = map(os.path.abspath, sys.argv[1:4])
PROMPT = "READY> "
SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], ["source %s/vpnlog" % COMPLETION]),
    "zsh": (["zsh", "-f", "-i", "-o", "no_prompt_sp", "-o", "emacs"],
            ["fpath=(%s $fpath)" % COMPLETION, "autoload -U compinit", "compinit -u -D"]),
}
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\r")
counts = {"passed": 0, "failed": 0, "skipped": 0}


class Shell:
    def __init__(self, argv, setup, folder):
        pid, self.fd = pty.fork()
        if pid == 0:
            os.chdir(folder)
            os.execvpe(argv[0], argv, {"PATH": folder + "/bin:" + os.environ["PATH"], "TERM": "dumb", "PS1": PROMPT, "PROMPT": PROMPT, "HOME": folder,
                                       "LC_ALL": "C.UTF-8", "COLUMNS": "400", "INPUTRC": "/dev/null"})
        self.until(PROMPT)
        for line in setup:
            self.run(line)

    def until(self, text):
        seen = ""
        while text not in seen:
            if not select.select([self.fd], [], [], 20)[0]:
                raise TimeoutError("the shell does not say %r; it said %r" % (text, seen[-500:]))
            seen += ESCAPES.sub("", os.read(self.fd, 65536).decode("utf-8", "replace"))
        return seen

    def run(self, line):
        os.write(self.fd, line.encode() + b"\n")
        return self.until("\n" + PROMPT)

    def completed(self, typed):
        """What the line is after Tab: its end is typed by us, its beginning is then made a command that echoes it."""
        os.write(self.fd, typed.encode() + b"\t")
        os.write(self.fd, b"\x05.\x01echo +\n")
        line = re.search(r"\n\+(.*)\.", self.until("\n" + PROMPT))
        return line.group(1).strip() if line else None


def check(name, expected, actual):
    good = expected == actual
    counts["passed" if good else "failed"] += 1
    if not good:
        print("FAIL %s: expected %r, got %r" % (name, expected, actual))


def help_of(*words):
    return os.popen("%s %s --help" % (VPNLOG, " ".join(words))).read()


def lines_to_try():
    """Every word that the helps name, as the line that ends with it."""
    yield from ("vpnlog --help", "vpnlog --version")
    for command in re.findall(r"^  ([a-z]+)  ", help_of(), re.M):
        yield "vpnlog " + command
        text = help_of(command)
        for option, value in re.findall(r"^  (--[a-z]+) (\S*) ", text, re.M):
            yield "vpnlog %s %s" % (command, option)
            for word in value.split("|") if "|" in value else {"FILE": ["gateway.log"], "DIR": ["rules"]}.get(value, []):
                yield "vpnlog %s %s %s" % (command, option, word)
        kind = re.search(r"\[OPTION\.\.\] \[?([A-Z]*)", text).group(1)
        for word in {"FILE": ["gateway.log"], "DIR": ["rules"], "WORDS": ["dpd_timeout"]}.get(kind, []):
            yield "vpnlog %s %s" % (command, word)


def as_installed(folder):
    """vpnlog, whose codes are found without --rules."""
    os.mkdir(os.path.join(folder, "bin"))
    with open(os.path.join(folder, "bin/vpnlog"), "w") as script:
        script.write("#!/bin/sh\n[ \"$*\" != codes ] || set -- codes --rules '%s'\nexec '%s' \"$@\"\n" % (RULES, VPNLOG))
        os.fchmod(script.fileno(), 0o755)


def try_all(name, folder):
    argv, setup = SHELLS[name]
    if not shutil.which(name):
        print("skip %s is not here" % name)
        counts["skipped"] += 1
        return
    shell = Shell(argv, setup, folder)
    for line in lines_to_try():
        check("%s, Tab in '%s'" % (name, line[:-1]), line, shell.completed(line[:-1]).rstrip("/"))
    for line in ("vpnlog nothing --he", "vpnlog check --nothi", "vpnlog explain --json gateway.lo"):
        check("%s, Tab in '%s'" % (name, line), line.replace("gateway.lo", "gateway.log"), shell.completed(line))
    os.close(shell.fd)


with tempfile.TemporaryDirectory() as there:
    open(os.path.join(there, "gateway.log"), "w").close()
    os.mkdir(os.path.join(there, "rules"))
    as_installed(there)
    for each in SHELLS:
        try_all(each, there)
print("%(passed)d passed, %(failed)d failed, %(skipped)d skipped" % counts)
sys.exit(counts["failed"] > 0)
