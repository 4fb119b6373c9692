# SPDX-License-Identifier: Apache-2.0
"""The one table of a run: what, its ratio, what is asked of it, the figures behind it."""
import datetime
import os


class Table:
    """A row that begins with blanks is a detail, and is left out of the Markdown."""

    HEAD = ("", "ratio", "asked", "absolute")

    def __init__(self):
        self.rows = []

    def group(self, name):
        self.rows.append((name, None, None, None))

    def add(self, what, ratio, asked, absolute):
        self.rows.append((what, ratio if isinstance(ratio, str) else f"{ratio:.2f}", asked, absolute))

    def add_lines(self, text):
        """Rows as the C programs print them: four columns between tabs."""
        for line in text.splitlines():
            self.add(*line.split("\t"))

    def text(self):
        lines = [(what, "", "", "") if ratio is None else ("  " + what, ratio, asked, absolute)
                 for what, ratio, asked, absolute in [self.HEAD, *self.rows]]
        wide = [max(len(line[i]) for line in lines) for i in range(3)]
        return "\n".join(f"{a:{wide[0]}}  {b:>{wide[1]}}  {c:{wide[2]}}  {d}".rstrip() for a, b, c, d in lines)

    def markdown(self):
        lines = [machine(), "", "| | ratio | asked | absolute |", "| --- | ---: | --- | --- |"]
        for what, ratio, asked, absolute in self.rows:
            if ratio is None:
                lines.append(f"| **{what}** | | | |")
            elif not what.startswith(" "):
                lines.append(f"| {what} | {ratio} | {asked} | {absolute} |")
        return "\n".join(lines) + "\n"


def machine():
    """Ratios hold elsewhere too; the rest is of this day and this machine."""
    with open("/proc/cpuinfo") as file:
        model = next((it.split(":")[1].strip() for it in file if it.startswith("model name")), "a CPU")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2 ** 30
    return f"{datetime.date.today()}, {os.cpu_count()} cores of {model}, {memory:.0f} GB"
