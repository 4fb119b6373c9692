#!/usr/bin/env python3
"""events.py kafka|file FILE [EXPECT]: what is in FILE, as name=value lines for the shell.

FILE holds what kcat -J printed (kafka) or JSON Lines (file); EXPECT is what lines.py --expect wrote. `kafka` looks at
keys and headers too. The values are numbers of records:

  records   all of them                          distinct  different event.id
  twice     records over distinct                missing   expected lines with no event
  foreign   events of no expected line           invalid   not UTF-8, not JSON, or without event.id
  badkey    key is not the tunnel's id           badhead   a header is missing or does not agree with the event
  longest   bytes of the longest event

With --first N it prints instead what is wrong with the first N bad records, for the log of a failed test.
"""
import json
import re
import sys

MARKER = re.compile(r"(?:TunnelIndex|ConnID|InboundSPI)=\d+|SeqNum=\[\d+\]")
HEADERS = {"content-type", "ce_id", "ce_type", "ce_source", "ce_specversion", "omipsec-schema"}


def records(kind, path):
  """Yields key, headers and value; None for a value that is not valid UTF-8."""
  with open(path, "rb") as f:
    for raw in f:
      try:
        line = raw.decode("utf-8")
        if kind == "file":
          yield None, None, line
          continue
        r = json.loads(line)
        h = r.get("headers") or []
        yield r.get("key"), dict(zip(h[::2], h[1::2])), r.get("payload") or ""
      except ValueError:
        yield None, None, None


def header_fault(event, headers):
  missing = HEADERS - headers.keys()
  if missing:
    return "no header " + " ".join(sorted(missing))
  if headers["ce_id"] != event["event"]["id"]:
    return "ce_id is not event.id"
  if headers["ce_specversion"] != "1.0" or "json" not in headers["content-type"]:
    return "ce_specversion or content-type"
  if headers["omipsec-schema"] != str(event["omipsec"]["schema"]):
    return "omipsec-schema is not omipsec.schema"
  if not headers["ce_type"] or not headers["ce_source"]:
    return "an empty ce_type or ce_source"
  return None


class Tally:
  def __init__(self, markers):
    self.markers, self.seen, self.ids = set(markers), set(), set()
    self.n = dict.fromkeys(["records", "foreign", "invalid", "badkey", "badhead", "longest"], 0)
    self.faults = []

  def fault(self, name, words):
    self.n[name] += 1
    self.faults.append(f"{name}: {words}")

  def add(self, kind, key, headers, value):
    self.n["records"] += 1
    try:
      event = json.loads(value)
      # An escape can make half a character, which no strict reader takes.
      json.dumps(event, ensure_ascii=False).encode()
      event_id = event["event"]["id"]
      original = event["event"]["original"]
    except (ValueError, TypeError, KeyError) as e:
      self.fault("invalid", f"{e!r}: {value!r:.300}")
      return
    self.n["longest"] = max(self.n["longest"], len(value.encode()))
    self.ids.add(event_id)
    found = {m for m in MARKER.findall(original) if m in self.markers}
    self.seen |= found
    if self.markers and not found:
      self.fault("foreign", original)
    if kind == "kafka":
      if not key or key != event.get("omipsec", {}).get("tunnel", {}).get("id"):
        self.fault("badkey", f"{key!r} {event.get('omipsec', {}).get('tunnel')}")
      wrong = header_fault(event, headers)
      if wrong:
        self.fault("badhead", f"{wrong}: {headers}")


def main():
  args = sys.argv[1:]
  first = 0
  if "--first" in args:
    at = args.index("--first")
    first = int(args[at + 1])
    del args[at:at + 2]
  kind, path, *expect = args
  markers = []
  if expect:
    with open(expect[0], encoding="utf-8") as f:
      markers = json.load(f)["markers"]
  t = Tally(markers)
  for r in records(kind, path):
    t.add(kind, *r)
  if first:
    print("\n".join(t.faults[:first] + [f"missing: {m}" for m in sorted(t.markers - t.seen)[:first]]))
    return
  t.n["distinct"] = len(t.ids)
  t.n["twice"] = t.n["records"] - t.n["invalid"] - len(t.ids)
  t.n["missing"] = len(t.markers - t.seen)
  print("\n".join(f"{k}={v}" for k, v in t.n.items()))


if __name__ == "__main__":
  main()
