# SPDX-License-Identifier: Apache-2.0
"""metrics.py FILE.prom [--deltas]: impstats' counters for Prometheus.

Reads impstats' JSON, a line an object, as rsyslog's omprog writes it, and keeps
FILE.prom up to date for node_exporter's textfile collector. --deltas: impstats
has resetCounters="on", so that each value counts from the last one only."""
import json
import os
import select
import sys

LAST_OF_A_ROUND = 0.5  # seconds without a further line

# Of each origin of impstats: its label for an object's name; then counter, metric
# (a counter of Prometheus if it ends in _total), further label, what it says.
ACTION = ("action", [
    ("lines", "omipsec_lines_total", "", "Lines that were looked at."),
    ("events.negotiation", "omipsec_events_total", 'class="negotiation"', "VPN events that were recognised."),
    ("events.disconnect", "omipsec_events_total", 'class="disconnect"', ""),
    ("events.established", "omipsec_events_total", 'class="established"', ""),
    ("events.client", "omipsec_events_total", 'class="client"', ""),
    ("unknown", "omipsec_unknown_reasons_total", "", "Failures whose reason no rule knows."),
    ("repeated", "omipsec_repeated_total", "", "Lines that only say again what another has said."),
    ("malformed", "omipsec_malformed_total", "", "Events of another that could not be read."),
    ("delivered", "omipsec_delivered_total", "", "Events or alerts that the destination has taken."),
    ("refused", "omipsec_refused_total", "", "Events or alerts that the destination refused."),
    ("retried", "omipsec_retried_total", "", "Events or alerts that have to be sent again."),
    ("waits", "omipsec_waits_total", "", "Batches that Kafka did not acknowledge in time."),
    ("alerts.opened", "omipsec_alerts_opened_total", "", "Alerts that were opened."),
    ("alerts.resolved", "omipsec_alerts_resolved_total", "", "Alerts that were resolved."),
    ("alerts.reminded", "omipsec_alerts_reminded_total", "", "Reminders of alerts that fire for long."),
    ("alerts.suppressed", "omipsec_alerts_suppressed_total", "", "Alerts that were held back: muted, or their gateway's."),
    ("alerts.firing", "omipsec_alerts_firing", "", "Alerts that are open now."),
    ("alerts.waiting", "omipsec_alerts_waiting", "", "Alerts that wait to be sent now."),
    ("alerts.late", "omipsec_alerts_late_total", "", "Events that came too late to be news."),
    ("alerts.overflowed", "omipsec_alerts_overflowed_total", "", "Tunnels or alerts that found no room."),
    ("alerts.last_sent", "omipsec_alerts_last_sent_timestamp_seconds", "", "When a receiver last took an alert; 0: never."),
    ("tunnels", "omipsec_tunnels", "", "Tunnels that are known now."),
    ("tunnels.down", "omipsec_tunnels_down", "", "Tunnels that are down now."),
    ("tunnels.evicted", "omipsec_tunnels_evicted_total", "", "Tunnels that were forgotten to make room."),
    ("store.errors", "omipsec_store_errors_total", "", "Writes of the tunnels' state that failed."),
])
TABLES = {
    "omipsec": ACTION,
    "mmipsec": ACTION,
    "core.action": ("action", [
        ("processed", "rsyslog_action_processed_total", "", "Messages that an action of rsyslog was given."),
        ("failed", "rsyslog_action_failed_total", "", "Messages that an action could not process."),
        ("suspended", "rsyslog_action_suspended_total", "", "Times that an action was suspended."),
        ("suspended.duration", "rsyslog_action_suspended_seconds_total", "", "How long it was, once it is resumed."),
        ("resumed", "rsyslog_action_resumed_total", "", "Times that an action was resumed."),
    ]),
    "core.queue": ("queue", [
        ("size", "rsyslog_queue_size", "", "Messages in a queue of rsyslog now."),
        ("maxqsize", "rsyslog_queue_max_size", "", "The most messages that a queue has had."),
        ("enqueued", "rsyslog_queue_enqueued_total", "", "Messages that a queue was given."),
        ("full", "rsyslog_queue_full_total", "", "Times that a queue was full."),
        ("discarded.full", "rsyslog_queue_discarded_full_total", "", "Messages that were lost to a full queue."),
        ("discarded.nf", "rsyslog_queue_discarded_nearly_full_total", "", "Messages that were lost to a nearly full one."),
    ]),
}
# What impstats does not reset.
NEVER_RESET = ("alerts.", "tunnels.", "store.", "suspended.duration")


def is_counter(metric):
    return metric.endswith("_total")


def quoted(value):
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


class Samples:
    """The newest value of everything that impstats has told."""

    def __init__(self, deltas):
        self.deltas = deltas
        self.values = {}  # of metric, labels

    def add(self, stats):
        origin = stats.get("origin")
        if origin not in TABLES:
            return
        label, rows = TABLES[origin]
        whose = f'{label}="{quoted(stats["name"])}"'
        if rows is ACTION[1]:
            whose += f',module="{origin}"'
        for counter, metric, further, _ in rows:
            if counter in stats:
                self.put((metric, whose + (further and f",{further}")), counter, stats[counter])

    def put(self, key, counter, value):
        if self.deltas and is_counter(key[0]) and not counter.startswith(NEVER_RESET):
            value += self.values.get(key, 0)
        self.values[key] = value

    def text(self):
        lines, told = [], set()
        for _, metric, _, words in (row for _, rows in TABLES.values() for row in rows):
            found = sorted((labels, value) for (name, labels), value in self.values.items() if name == metric)
            if metric in told or not found:
                continue
            told.add(metric)
            lines += [f"# HELP {metric} {words}", f"# TYPE {metric} {'counter' if is_counter(metric) else 'gauge'}"]
            lines += [f"{metric}{{{labels}}} {value}" for labels, value in found]
        return "\n".join(lines) + "\n"


def write(path, text):
    """node_exporter reads at any moment: it must find the old text or the new one."""
    try:
        with open(path + ".new", "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(text)
        os.replace(path + ".new", path)
    except OSError as error:
        complain(f"cannot write {path}: {error.strerror}; it is tried again with the next counters")


def complain(what):
    print(f"metrics.py: {what}", file=sys.stderr, flush=True)


def read(samples, line):
    try:
        stats = json.loads(line)
        samples.add(stats)
    except (ValueError, KeyError, TypeError, AttributeError):
        complain(f'not a line of impstats with format="json": {line[:200]!r}')


def rounds(descriptor):
    """Whole lines, in lists: those that impstats writes at a time."""
    rest, lines = b"", []
    while True:
        if lines and not select.select([descriptor], [], [], LAST_OF_A_ROUND)[0]:
            yield lines
            lines = []
        chunk = os.read(descriptor, 65536)
        *whole, rest = (rest + chunk).split(b"\n")
        lines += whole
        if not chunk:
            yield lines
            return


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--deltas"]):
        sys.exit(f"usage: {__doc__}")
    samples = Samples(deltas=len(sys.argv) == 3)
    for lines in rounds(sys.stdin.fileno()):
        for line in lines:
            read(samples, line)
        write(sys.argv[1], samples.text())


if __name__ == "__main__":
    main()
