# SPDX-License-Identifier: Apache-2.0
"""What came of it: the checks, and the figures."""
import collections
import datetime
import itertools
import time

from load import settled
from faults import KILLED
from parts import poll

SETTLED = 8  # seconds, more than the holds and a resend
WARM = 10    # minutes in which what is bounded in rsyslogd fills: the memory of lines that belong together
JUDGED = 8   # minutes that a life must have after that for its memory to be judged
FLAT = 1.1   # what malloc may make of no growth
# A SIGKILL may bring again the lines since imfile's last note, and what each worker had in hand.
AGAIN = 100 + 2 * 128


def whole(second):
    """As the pager and the records have it, but for what is below a second."""
    return datetime.datetime.fromtimestamp(second, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")


def delivery(sc, it, traffic, minutes):
    settled(lambda: it.tally.read().distinct, traffic.n, 300)
    found = it.tally
    lost = found.lost(traffic.n)
    sc.same("nothing is lost", (traffic.n, []), (found.distinct, lost[:5]))
    sc.same("each has an id of its own", traffic.n, found.different())
    sc.same("nothing else is there", [], found.faults[:3])
    again = [now.minute for before, now in itertools.pairwise(minutes.rows) if now.twice > before.twice and
             KILLED not in now.fault]
    sc.check("only SIGKILLs of rsyslogd bring events again", not again and found.again <= it.kills * AGAIN,
             (found.again, it.kills, again))
    return lost


def differ(expected, actual):
    """What is there too seldom, and too often."""
    expected, actual = collections.Counter(expected), collections.Counter(actual)
    return sorted(expected - actual)[:5], sorted(actual - expected)[:5]


def incidents(sc, it, traffic):
    """By tunnel and start: told to the pager, and recorded in the topic."""
    outages = {(subject, whole(begun)) for subject, begun in traffic.outages}
    names = {subject for subject, _ in outages}
    told = lambda what: [(subject, start[:19]) for (subject, kind, start), times in it.pages().items()
                         for _ in range(times) if kind == what]
    ours = lambda incidents: [it for it in incidents if it[0] in names]
    poll(lambda: outages <= set(told("resolved")), 60)
    time.sleep(SETTLED)
    it.tally.read()
    fired = ours(told("firing"))
    again = collections.Counter(fired) - collections.Counter(set(fired))
    sc.same("each outage is an incident, and nothing else", ([], []), differ(outages, set(fired)))
    sc.same("none is told twice, but by an Alertmanager that was killed", set(),
            set(again) - {(subject, whole(begun)) for subject, begun in it.retold})
    sc.same("each ends once", ([], []), differ(outages, ours(told("resolved"))))
    for what in ("opened", "resolved"):
        records = [(subject, start[:19]) for action, subject, start in it.tally.alerts.values()
                   if action == f"ipsec-alert-{what}"]
        sc.same(f"in the topic each is {what} once", ([], []), differ(outages, ours(records)))
    others = collections.Counter(subject for subject, _ in told("firing") if subject not in names)
    sc.check("no other alert but of who knocks", set(others) <= {"IPsecUnknownPeers"}, others)
    return len(outages), len(set(fired)), again.total(), others


def quarters(rows, name):
    """The values of the first and of the last quarter."""
    values = [getattr(it, name) for it in rows]
    return values[:len(values) // 4], values[-(len(values) // 4):]


def memory(sc, minutes):
    rows = minutes.life()[WARM:]
    if len(rows) < JUDGED:
        return f"no life of rsyslogd was long enough to judge its memory by, {WARM + JUDGED} minutes"
    first, last = (sum(it) / len(it) for it in quarters(rows, "rss"))
    sc.check(f"memory is flat, at most {FLAT}", last <= FLAT * first, (first, last))
    for name in ("descriptors", "threads"):
        first_, last_ = map(max, quarters(rows, name))
        sc.check(f"{name} are no more", last_ <= first_, (first_, last_))
    slope = (last - first) / (rows[-1].minute - rows[0].minute) / 0.75 * 60
    return (f"RSS of the last life of rsyslogd, {len(rows)} minutes after its first {WARM}: {first:.1f} MB in their first "
            f"quarter, {last:.1f} MB in their last, {slope:+.2f} MB an hour")


def judge(sc, it, traffic, minutes, full):
    """The figures and the table, as lines of Markdown."""
    lost = delivery(sc, it, traffic, minutes)
    outages, fired, again, others = incidents(sc, it, traffic)
    sc.same("nothing is refused", "", sc.read("state/refused.jsonl")[:300])
    figures = [
        f"full rate {full:,.0f} lines/s, soaked at {traffic.rate:,.0f} for {len(minutes.rows)} minutes",
        f"sent {traffic.sent:,} lines, {traffic.n:,} of them VPN lines; delivered {it.tally.distinct:,}, lost {len(lost)}, "
        f"twice {it.tally.again}, in {it.kills} SIGKILLs",
        f"outages {outages}, incidents {fired}, told again by an Alertmanager that was killed {again}; other alerts: "
        f"{', '.join(f'{name} {times}' for name, times in others.items()) or 'none'}",
        memory(sc, minutes),
        f"CPU of sender, reader and proxies: {time.process_time():.0f} s",
    ]
    for line in figures:
        sc.note(line)
    return [*(f"- {line}" for line in figures), "", *minutes.markdown()]
