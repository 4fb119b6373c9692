# SPDX-License-Identifier: Apache-2.0
"""The one table of a run: what failed, under which load, and what came of it."""
from typing import NamedTuple

HEAD = ("fault", "load", "sent", "delivered", "lost", "duplicated", "incidents")
RIGHT = 2  # from here on there are figures


class Row(NamedTuple):
    load: str
    sent: int
    delivered: int
    lost: int
    duplicated: int
    incidents: int


class Table:
    """faults: of all rows that there may be, in order; they come in any."""

    def __init__(self, faults):
        self.faults, self.rows = faults, {}

    def lines(self):
        yield HEAD
        for fault in self.faults:
            if fault in self.rows:
                yield (fault, *(f"{it:,}" if isinstance(it, int) else it for it in self.rows[fault]))

    def text(self):
        lines = list(self.lines())
        wide = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]
        return "\n".join("  ".join(f"{it:>{wide[i]}}" if i >= RIGHT else f"{it:{wide[i]}}" for i, it in enumerate(line))
                         for line in lines)

    def markdown(self):
        head, *rows = self.lines()
        rule = ["---:" if i >= RIGHT else "---" for i in range(len(HEAD))]
        return "".join(f"| {' | '.join(line)} |\n" for line in (head, rule, *rows))
