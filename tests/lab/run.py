#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py MODULE RULES SCHEMA VPNLOG [RUN...]: real gateways fail, and what they log becomes the right events."""
import concurrent.futures
import json
import os
import re
import sys
import time
import traceback

sys.dont_write_bytecode = True

import jsonschema  # noqa: E402

import lab  # noqa: E402
import openvpn  # noqa: E402
import strongswan  # noqa: E402
from lab import ADDRESS  # noqa: E402
from parts import ALERTMANAGER, Alertmanager, Receiver, Rsyslog, Scenario, poll  # noqa: E402

RUNS = strongswan.RUNS + openvpn.RUNS
CHARON_LINE = re.compile(r"^<\d+>\S+ +\d+ \S+ \S+ charon(?:\[\d+\])?: ", re.M)
PAIR = f"{ADDRESS['a']}~{ADDRESS['b']}"
AT_ONCE = 8  # they wait most of the time


def told(event):
    """The code of what failed or went down; of what came up, "ike" if it is an IKE SA alone, else "up"."""
    if event["omipsec"]["class"] == "established":
        return "ike" if event["omipsec"].get("phase") == "ike" else "up"
    return event["event"]["code"]


def addresses(event):
    tunnel = event["omipsec"]["tunnel"]
    return tuple(tunnel.get(end, {}).get("ip") for end in ("local", "peer"))


def is_shown(event):
    """Does an address stand in its line, or in the one beside it?"""
    lines = event["event"]["original"] + event["omipsec"].get("context", {}).get("original", "")
    return all(it in lines for it in addresses(event) if it)


def fits(expected, found):
    """expected: a code, or one|another, in each place; "?" at its end: it may be missing; "+": it may come again."""
    pattern = "".join(f"(?:(?:{it.rstrip('?+')}) ){it[len(it.rstrip('?+')):]}" for it in expected)
    return re.fullmatch(pattern, "".join(it + " " for it in found))


def judge_end(sc, run, end, found):
    expected, codes = run.expected[end], [told(it) for it in found]
    sc.check(f"gw-{end} tells {', '.join(expected) or 'nothing'}", fits(expected, codes),
             [(told(it), it["event"]["original"]) for it in found])
    wrong = [(told(it), addresses(it)) for it in found if addresses(it) != run.addresses(end, it["event"]["original"])]
    sc.same(f"gw-{end} names the addresses", [], wrong)
    sc.same(f"gw-{end} says which line named them", [], [it["event"]["original"] for it in found if not is_shown(it)])


def judge(sc, run, net, found):
    for end in "ab":
        judge_end(sc, run, end, [it for it in found if it["observer"].get("hostname") == f"gw-{end}"])
    with open(sc.schema) as file:
        schema = jsonschema.Draft202012Validator(json.load(file))
    wrong = [next(schema.iter_errors(it)).message for it in found if not schema.is_valid(it)]
    sc.same("all of it fits the schema", [], wrong)


def same_as_vpnlog(sc, net, found):
    """The same engine reads the same lines from the logs; it tells those too that only say the same again."""
    brief = lambda them: {(it["event"]["id"], told(it), addresses(it)) for it in them}
    said = sc.vpnlog("explain", "--rules", sc.rules, "--json", *net.logs())
    read = [json.loads(line) for line in said.stdout.splitlines()]
    sc.same("vpnlog reads the same in the logs", (0, set()), (said.returncode, brief(found) - brief(read)))


def judge_tunnel(sc, run, net, events):
    """What became of the tunnel, as the module saw it; and who is paged an hour later, by both logs."""
    turns = [it["omipsec"]["tunnel"] for it in events if "state" in it["omipsec"]["tunnel"]]
    states = [it["state"] for it in turns if it["state"] != it["previous_state"]]
    sc.check(f"the tunnel is {', '.join(run.states) or 'not known of'}", fits(run.states, states), states)
    said = sc.vpnlog("replay", "--rules", sc.rules, "--json", *net.logs())
    steps = [json.loads(line) for line in said.stdout.splitlines()]
    by_logs = [it["state"] for it in steps if it["kind"] == "transition"]
    sc.same("the logs end alike", states[-1:], by_logs[-1:])
    sc.same("who is paged", list(run.alerts),
            [(it["name"], it["step"]) for it in steps if it["kind"] == "alert" and it["step"] != "cleared"])


def lost(net):
    """Lines that a charon wrote to its own file and that did not come out of syslog."""
    count = lambda end: (len(net.gateways[end].read("charon.log").splitlines()), len(CHARON_LINE.findall(net.log(end))))
    return [(end, count(end)) for end in "ab" if len(set(count(end))) > 1]


def collected(sc, rs, net):
    """Both logs are complete at the collector; then it ends, and has written all events."""
    lines = sum(len(net.log(end).splitlines()) for end in "ab")
    for action in ("alerts", "states"):
        sc.check(f"every line arrives at the action {action}", rs.reaches("lines", lines, action),
                 f"{rs.stat('lines', action)} of {lines}")
    rs.stop()
    # Byte-identical lines are one event.
    return list({it["event"]["id"]: it for it in sc.json_lines("events")}.values())


class Pages:
    """The link-cut case as an Alertmanager sees it, and whom that notifies."""

    def __init__(self, sc):
        self.sc, self.pager = sc, Receiver(sc, [200])
        self.am = Alertmanager(sc, self.pager).start()
        self.action = f'output="alertmanager" url=["{self.am.url}"] holdDown="1" holdUp="1"'

    def while_cut(self):
        found = poll(self.am.alerts) or []
        self.sc.same("the cut link is one alert of the pair", [("IPsecTunnelDown", PAIR)],
                     [(it["labels"]["alertname"], it["labels"].get("tunnel")) for it in found])

    def end(self):
        self.sc.check("it is resolved when the link is back", poll(self.am.quiet), self.am.alerts())
        poll(lambda: len(self.pager.taken()) > 1)

    def judge(self):
        self.sc.same("nobody was told twice", [("firing", [PAIR]), ("resolved", [PAIR])],
                     [(it["status"], [one["labels"].get("tunnel") for one in it["alerts"]])
                      for it in self.pager.taken()])


def play_through(sc, run, net, shared):
    file = 'output="file" file="%s"'
    others = {"states": file % sc.path("states") + ' tunnelState="on"'}
    pages = Pages(sc) if run in strongswan.CUT else None
    if pages:
        others["pages"], net.while_cut = pages.action, pages.while_cut
    rs = Rsyslog(sc, file % sc.path("events"), **others).start()
    net.begin(rs.port)
    run.play(net, shared)
    if run in strongswan.RUNS:
        sc.check("syslog loses no line of charon's", poll(lambda: not lost(net)), lost(net))
    if pages:
        pages.end()
    net.end()
    found = collected(sc, rs, net)
    judge(sc, run, net, found)
    same_as_vpnlog(sc, net, found)
    judge_tunnel(sc, run, net, sc.json_lines("states"))
    if pages:
        pages.judge()


def play(run, root, shared, tested):
    sc = Scenario(run.name, root, *tested)
    net = lab.Net("net-" + run.name, root)
    begun = time.monotonic()
    try:
        play_through(sc, run, net, shared)
    except Exception:
        sc.check("plays to its end", False, traceback.format_exc()[-800:])
    finally:
        net.end()
        sc.end()
    sc.note(f"took {time.monotonic() - begun:.0f} s")
    return sc.lines


def main():
    tested, wanted = [os.path.abspath(it) for it in sys.argv[1:5]], sys.argv[5:]
    if len(tested) < 4:
        sys.exit(__doc__)
    unknown = set(wanted) - {run.name for run in RUNS}
    if unknown:
        sys.exit(f"run.py: there is no run {', '.join(sorted(unknown))}; there are {', '.join(run.name for run in RUNS)}")
    root, why = lab.enter(ALERTMANAGER or "prometheus-alertmanager", *strongswan.NEEDED, *openvpn.NEEDED)
    if why:
        print(f"skip THE LAB OF REAL GATEWAYS CANNOT BE PLAYED: {why}\n0 passed, 0 failed, 1 skipped")
        return 1 if os.environ.get("CI") == "true" else 0
    shared = lab.shared(root, strongswan.SWANCTL)
    lines = []
    chosen = [run for run in sorted(RUNS, key=lambda it: -it.seconds) if not wanted or run.name in wanted]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for done in concurrent.futures.as_completed([pool.submit(play, run, root, shared, tested) for run in chosen]):
            print("\n".join(done.result()), flush=True)
            lines += done.result()
    passed, failed = (sum(line.startswith(word) for line in lines) for word in ("ok", "FAIL"))
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


sys.exit(main())
