# SPDX-License-Identifier: Apache-2.0
"""What a line costs rsyslogd: alone, with a filter, with the modules, and with the pipeline that people build by hand."""
import json
import os
import subprocess

from broker import E2E
from daemon import HERE, Daemon, Topic

SHARES = {"0": 400000, "0.01": 400000, "1": 100000}  # of VPN lines, and how many lines
EIGHT = 8
ROUNDS = {"0": 6, "0.01": 3, "1": 5}
CONTAINS = 'if $rawmsg contains "IPSec tunnel" then'
# The same for omipsec and omkafka.
PRODUCER = ["enable.idempotence=true", "acks=all", "compression.codec=lz4"]
# Small, so that what waits is in the cache whoever is slow.
QUEUE = 'queue.type="FixedArray" queue.size="4096" queue.dequeueBatchSize="1024" queue.workerThreads="1"'

KNOWN = ("code", "class", "phase", "alert", "alert_reason", "effect", "role", "look_at", "why", "explanation", "causes", "fix")


class Variant:
    """body: of the ruleset; publishes: its VPN lines are records in Kafka afterwards; small: so cheap on an ordinary line
    that only the eighth of eight in a row stands out of the noise."""

    def __init__(self, name, body, modules=(), before="", publishes=False, small=False):
        self.name, self.body, self.modules, self.before = name, body, modules, before
        self.publishes, self.small = publishes, small
        self.cost = {}  # share -> seconds of a line, of each round
        self.size = 0   # bytes of a record

    def times(self, share):
        return EIGHT if self.small and share == "0" else 1

    def ruleset(self, share):
        body = self.times(share) * (self.body + "\n")
        return f'{self.before}\nruleset(name="in" {QUEUE}) {{\n{body}}}'


def omipsec(bench, params):
    return f'action(type="omipsec" rules="{bench.rules}" action.resumeRetryCount="-1" {params})'


def kafka(bench):
    return f'broker=["{bench.topic.address}"] topic="{Topic.NAME}" confParam={json.dumps(PRODUCER)}'


def lookup_table(bench):
    """Reason -> the members of omipsec's event that the rules know, as a table of rsyslog."""
    listed = subprocess.run([bench.vpnlog, "codes", "--json", "--language", "en", "--rules", bench.rules],
                            stdout=subprocess.PIPE, text=True, check=True).stdout
    known = {"": '"action": "ipsec-tunnel-up"'}
    for code in map(json.loads, listed.splitlines()):
        members = {it: code[it] for it in KNOWN if it in code}
        known.setdefault(code["name"], json.dumps(members, ensure_ascii=False, separators=(",", ":"))[1:-1])
    table = {"version": 1, "nomatch": '"code": "unknown_reason"', "type": "string",
             "table": [{"index": name, "value": value} for name, value in known.items()]}
    path = os.path.join(bench.root, "lookup.json")
    with open(path, "w") as file:
        json.dump(table, file)
    return path


def handmade(bench):
    with open(os.path.join(HERE, "handmade.conf")) as file:
        before = file.read().replace("LOOKUP", lookup_table(bench))
    return Variant("the pipeline by hand: contains, mmnormalize, lookup, template, omkafka", f"""
{CONTAINS} {{
  action(type="mmnormalize" rulebase="{HERE}/handmade.rulebase" useRawMsg="on")
  set $!known = lookup("known", $!reason);
  action(type="omkafka" template="event" dynaKey="on" key="tunnel" partitions.auto="on" resubmitOnFailure="on" {kafka(bench)})
}}""", ["mmnormalize", "omkafka"], before, publishes=True)


def variants(bench):
    mmipsec = os.path.join(os.path.dirname(bench.module), "mmipsec.so")
    return [Variant("rsyslogd alone", ""),
            Variant("one contains", f"{CONTAINS} stop", small=True),
            Variant("mmipsec", f'action(type="mmipsec" rules="{bench.rules}")\nif $!vpn!event!id != "" then stop',
                    [mmipsec], small=True),
            Variant("omipsec to /dev/null", omipsec(bench, 'output="file" file="/dev/null"'), [bench.module]),
            Variant("omipsec to Kafka", omipsec(bench, 'output="kafka" ' + kafka(bench)), [bench.module], publishes=True),
            handmade(bench)]


def make_lines(bench, share):
    made = subprocess.run(["python3", f"{E2E}/lines.py", "--lines", str(SHARES[share]), "--vpn", share],
                          stdout=subprocess.PIPE, check=True)
    return made.stdout


def measure(bench, variant, share, lines):
    before = bench.topic.count() if variant.publishes else 0
    with Daemon(bench.root, variant.ruleset(share), variant.modules, quiet=True) as daemon:
        begun = daemon.cpu()
        daemon.feed(lines)
        daemon.settle()
        variant.cost.setdefault(share, []).append((daemon.cpu() - begun) / SHARES[share])
    if variant.publishes:
        wanted = round(SHARES[share] * float(share))
        bench.same(f"{variant.name}: records of {share} VPN lines", wanted, bench.topic.count() - before)
        variant.size = variant.size or wanted and bench.topic.mean_size()


def added(variant, alone, share):
    """Of the quietest rounds: others use the machine too."""
    return (min(variant.cost[share]) - min(alone.cost[share])) / variant.times(share)


def tell(bench, found, share):
    alone = found[0]
    unit = added(next(it for it in found if it.name.startswith(UNIT[share])), alone, share)
    for it in found:
        rounds = f"{min(it.cost[share]) * 1e6:.2f} to {max(it.cost[share]) * 1e6:.2f} us a line"
        if it is alone:
            bench.table.add(it.name, "", "", rounds)
            continue
        cost = added(it, alone, share)
        if it.times(share) > 1:
            rounds += f" with {EIGHT} of it"
        size = f"; {it.size} bytes a record" if share == "1" and it.publishes else ""
        bench.table.add(f"+ {it.name}", cost / unit, ASKED.get((it.name, share), ""),
                        f"{cost * 1e6:+.2f} us; {rounds}{size}")


ASKED = {("mmipsec", "0"): "at most 1, aim 0.5", ("omipsec to Kafka", "1"): "at most 0.5"}
UNIT = {"0": "one contains", "0.01": "one contains", "1": "the pipeline by hand"}


def cpu(bench):
    found = variants(bench)
    for share in SHARES:
        lines = make_lines(bench, share)
        for _ in range(ROUNDS[share]):
            for it in found:
                measure(bench, it, share, lines)
        bench.table.group(f"CPU of rsyslogd, {float(share) * 100:.0f} % VPN lines; added cost : that of {UNIT[share]}")
        tell(bench, found, share)
