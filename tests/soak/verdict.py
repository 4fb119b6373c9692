# SPDX-License-Identifier: Apache-2.0
"""What came of it: the checks, and the figures."""
import collections
import datetime
import time

from load import settled
from parts import poll

SETTLED = 8  # seconds, more than the holds and a resend
JUDGED = 8   # minutes that a life of rsyslogd must have for its memory to be judged
FLAT = 1.1   # what malloc may make of no growth
# A SIGKILL may bring again the lines since imfile's last note, and what each worker had in hand.
AGAIN = 100 + 2 * 128


def iso(second):
    return datetime.datetime.fromtimestamp(second, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def delivery(sc, it, traffic):
    settled(lambda: it.tally.read().distinct, traffic.n, 300)
    found = it.tally
    lost = found.lost(traffic.n)
    sc.same("nothing is lost", (traffic.n, []), (found.distinct, lost[:5]))
    sc.same("each has an id of its own", traffic.n, found.different())
    sc.same("nothing else is there", [], found.faults[:3])
    sc.check("only a SIGKILL brings events again", found.again <= it.kills * AGAIN, (found.again, it.kills))
    return lost


def incidents(sc, it, traffic):
    """By tunnel and start: told to the pager, and recorded in the topic."""
    outages = {(subject, iso(begun)) for subject, begun in traffic.outages}
    poll(lambda: outages <= {(it[0], it[2]) for it in it.pages() if it[1] == "resolved"}, 60)
    time.sleep(SETTLED)
    pages = it.pages()
    told = {what: {(subject, start) for subject, kind, start in pages if kind == what} for what in ("firing", "resolved")}
    known = {subject for subject, _ in outages}
    others = sorted({it for its in told.values() for it in its if it[0] not in known})
    for what in ("firing", "resolved"):
        told[what] -= set(others)
        sc.same(f"each outage is {what}, and no other", ([], []),
                (sorted(outages - told[what])[:5], sorted(told[what] - outages)[:5]))
    retold = {(subject, iso(begun)) for subject, begun in it.retold}
    twice = [it for it, times in pages.items() if times > 1 and it[::2] not in retold and it[0] in known]
    sc.same("each once, but for what an Alertmanager that was killed tells again", [], twice[:5])
    for what in ("opened", "resolved"):
        records = collections.Counter(it[1:] for it in it.tally.alerts.values() if it[0] == f"ipsec-alert-{what}" and
                                      it[1] in known)
        sc.same(f"each outage is one record that it is {what}", [], sorted((records - collections.Counter(outages)) +
                                                                       (collections.Counter(outages) - records))[:5])
    return len(outages), len(told["firing"]), others


def quarters(rows, name):
    """The values of the first and of the last quarter."""
    values = [getattr(it, name) for it in rows]
    return values[:len(values) // 4], values[-(len(values) // 4):]


def memory(sc, minutes):
    rows = minutes.life()
    if len(rows) < JUDGED:
        return f"no life of rsyslogd was long enough to judge its memory by ({len(rows)} minutes)"
    first, last = (sum(it) / len(it) for it in quarters(rows, "rss"))
    sc.check(f"memory is flat, at most {FLAT}", last <= FLAT * first, (first, last))
    for name in ("descriptors", "threads"):
        first_, last_ = map(max, quarters(rows, name))
        sc.check(f"{name} are no more", last_ <= first_, (first_, last_))
    slope = (last - first) / (rows[-1].minute - rows[0].minute) / 0.75 * 60
    return (f"RSS of the last life of rsyslogd, {len(rows)} minutes: {first:.1f} MB in its first quarter, {last:.1f} MB in its "
            f"last, {slope:+.2f} MB an hour")


def judge(sc, it, traffic, minutes, full):
    """The figures and the table, as lines of Markdown."""
    lost = delivery(sc, it, traffic)
    outages, fired, others = incidents(sc, it, traffic)
    sc.same("nothing is refused", "", sc.read("state/refused.jsonl")[:300])
    figures = [
        f"full rate {full:,.0f} lines/s, soaked at {traffic.rate:,.0f} for {len(minutes.rows)} minutes",
        f"sent {traffic.sent:,} lines, {traffic.n:,} of them VPN lines; delivered {it.tally.distinct:,}, lost {len(lost)}, "
        f"twice {it.tally.again}, in {it.kills} SIGKILLs",
        f"outages {outages}, incidents {fired}; other alerts: {others}",
        memory(sc, minutes),
        f"CPU of sender, reader and proxies: {time.process_time():.0f} s",
    ]
    for line in figures:
        sc.note(line)
    return [*(f"- {line}" for line in figures), "", *minutes.markdown()]
