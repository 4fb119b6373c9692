#!/usr/bin/env python3
"""Writes syslog lines for the end-to-end tests: Huawei IPsec lines in a sea of other things.

Every VPN line is distinct (its own device second, and a number of its own in the body), because byte-identical lines of
one device are one event by definition. The same options give the same bytes, so a failure can be looked at again.

With --expect FILE it also writes what must come out: how many lines, VPN lines, events of each class and lines whose
reason no rule knows, and the number in each VPN line, by which events.py finds it again.
"""
import argparse
import datetime
import json
import random
import sys

# Reasons with the numbers that Huawei's own table gives them.
REASONS = [("phase1 proposal mismatch", 1), ("phase2 proposal or pfs mismatch", 2), ("flow or peer mismatch", 4),
           ("version mismatch", 5), ("responder dh mismatch", 6), ("config ID mismatch", 13), ("invalid cookie", 21),
           ("invalid length", 24), ("malformed payload", 28), ("malformed message", 30), ("local address mismatch", 39),
           ("nat detection fail", 40)]
CLOUD = ["authentication fail", "responder dh mismatch", "peer address mismatch", "rekey fail", "netmask mismatch"]
OFFLINE = ["dpd timeout", "peer request", "phase1 hard expiry", "phase2 hard expiry", "re-auth timeout", "spi conflict",
           "config modify or manual offline", "kick old sa with same flow", "exchange timeout"]
UNKNOWN = "quantum flux mismatch"
HOSTS = ["HQ-USG6000", "USG6630E-01-DC", "AR6280-BR3", "AC6805-1", "S5735-S-EFVPN", "HUAWEI"]
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
START = datetime.datetime(2026, 11, 20)


def bsd(t):
  return f"{MONTHS[t.month - 1]} {t.day:2d} {t:%Y %H:%M:%S}"


# The header forms in which Huawei devices write their time.
HEADERS = [lambda t: bsd(t),
           lambda t: bsd(t) + "+08:00",
           lambda t: bsd(t) + "+02:00 DST",
           lambda t: f"{t:%Y-%m-%d %H:%M:%S}",
           lambda t: f"{t:%Y/%m}/{t.day} {t:%H:%M:%S}",
           lambda t: f"{t:%Y-%m-}{t.day} {t:%H:%M:%S}.{t.microsecond // 1000:03d}.1"]


class Vpn:
  """The k-th VPN line of a run. The number k makes the line's time, and one field of its body, its own."""

  def __init__(self, rng, a, start):
    self.rng, self.tunnels, self.reason, self.up, self.start = rng, a.tunnels, a.reason, a.up, start

  def place(self, k):
    n = k % self.tunnels
    self.peer = f"100.{64 + n // 65536}.{n // 256 % 256}.{n % 256}"
    self.local = f"198.51.100.{20 + n % 24}"
    self.host = HOSTS[n % len(HOSTS)]
    self.time = self.start + datetime.timedelta(seconds=k, milliseconds=k % 1000)
    self.head = f"<188>{self.rng.choice(HEADERS)(self.time)} {self.host}"
    self.net = f"Source:10.1.{n % 256}.0-10.1.{n % 256}.255 Destination:10.2.{n % 256}.0-10.2.{n % 256}.255"

  def negotiation(self, k, reason, code):
    number = f", ReasonCode={code}" if code else ""
    return (f"ConnID={16777216 + k}", f"{self.head} %%01IPSEC/4/IPSECNEGOFAIL(l)[{k}]:OID 1.3.6.1.4.1.2011.6.122.26.6.14 "
            f"IPSec tunnel negotiation fails. (Ifindex=6, SeqNum=10, Reason={reason}{number}, PeerAddress={self.peer}, "
            f"PeerPort=500, VsysName=public, InterfaceName=GigabitEthernet0/0/2, ConnID={16777216 + k})")

  def cloud(self, k, reason):
    return (f"SeqNum=[{k}]", f"<188>{self.time:%Y-%m-%dT%H:%M:%S.%f}+00:00 host-10-24-6-{10 + k % 40} "
            f"ipsec_ike[{30000 + k % 999}]: [{self.local}] IPSec tunnel negotiation fails. "
            f"(IfIndex=[207], PolicyName=[policy_{k % 9}], SeqNum=[{k}], PeerAddress=[{self.peer}], PeerPort=[500], Reason=[{reason}])")

  def stop(self, k, reason):
    return (f"TunnelIndex={33554432 + k}", f"{self.head} IPSEC/4/IPSECTUNNELSTOP:OID 1.3.6.1.4.1.2011.6.122.26.6.2 The IPSec "
            f"tunnel is deleted. (Ifindex=6, SeqNum=1,TunnelIndex={33554432 + k}, RuleNum=5, DstIP={self.peer}, "
            f"InsideIP=0.0.0.0, RemotePort=4500, CpuID=0, SrcIP={self.local}, FlowInfo={self.net} Port:0-0 Protocol:0 DSCP:-, "
            f"OfflineReason={reason}, VsysName=public, InterfaceName=GigabitEthernet1/0/1, SlotID=11)")

  def teared_down(self, k, reason):
    return (f"InboundSPI={3193041977 + k}", f"{self.head} %%01IPSEC/5/IPSEC_TUNNEL_TEARED_DOWN(l)[{k}]:An IPSec tunnel is "
            f"teared down. (PolicyName=map1, IfIndex=6, SeqNum=10, RuleNum=5, SrcIP={self.local}, DstIP={self.peer}, "
            f"InboundSPI={3193041977 + k}, Slot=11, CpuID=0, OfflineReason={reason}, State=Normal)")

  def started(self, k):
    return (f"TunnelIndex={33554432 + k}", f"{self.head} IPSEC/4/IPSECTUNNELSTART:OID 1.3.6.1.4.1.2011.6.122.26.6.1 The IPSec "
            f"tunnel is established. (Ifindex=6, SeqNum=1,TunnelIndex={33554432 + k}, RuleNum=5, DstIP={self.peer}, "
            f"InsideIP=0.0.0.0, RemotePort=500, CpuID=0, SrcIP={self.local}, FlowInfo={self.net} Port:0-0 Protocol:0 DSCP:-, "
            f"LifeSize=5242880, LifeTime=3600, VsysName=public, InterfaceName=GigabitEthernet1/0/1, SlotID=11, Role=Responder)")

  def line(self, k):
    """Returns the event's class (or unknown), the number to find it by, and the line."""
    self.place(k)
    if self.reason:
      return "negotiation", *self.negotiation(k, self.reason, 0)
    if self.up:
      return "established", *self.started(k)
    shape = k % 25
    if shape == 7:
      return "unknown", *self.negotiation(k, UNKNOWN, 0)
    if shape < 6:
      return "negotiation", *self.negotiation(k, *self.rng.choice(REASONS))
    if shape < 12:
      return "negotiation", *self.cloud(k, self.rng.choice(CLOUD))
    if shape < 16:
      return "disconnect", *self.stop(k, self.rng.choice(OFFLINE))
    if shape < 20:
      return "disconnect", *self.teared_down(k, self.rng.choice(OFFLINE))
    return "established", *self.started(k)


def noise(rng, i):
  """An ordinary line; some contain the very words of a VPN line and are still none."""
  t = START + datetime.timedelta(milliseconds=20 * i)
  iso, short, ip = f"{t:%Y-%m-%dT%H:%M:%S.%f}+00:00", f"{MONTHS[t.month - 1]} {t.day:2d} {t:%H:%M:%S}", f"192.0.2.{i % 250}"
  pid, port = rng.randrange(300, 32000), rng.randrange(1024, 65536)
  return rng.choice([
      f"<86>{iso} web-{i % 40} sshd[{pid}]: Accepted publickey for deploy from {ip} port {port} ssh2: ED25519 SHA256:q{i}",
      f"<86>{iso} web-{i % 40} sshd[{pid}]: Connection closed by peer request {ip} port 500",
      f"<38>{short} bastion sshd[{pid}]: Failed password for invalid user admin{i} from {ip} port {port} ssh2",
      f"<6>{short} db-{i % 9} kernel: [{i}.{pid:06d}] TCP: request_sock_TCP: Possible SYN flooding on port {port}.",
      f"<190>{short} lb-{i % 4} nginx: {ip} - - \"GET /kb/?q=phase1+hard+expiry&n={i} HTTP/1.1\" 200 {port}",
      f"<190>{short} lb-{i % 4} nginx: {ip} - - \"POST /api/v1/orders/{i} HTTP/1.1\" 201 {port}",
      f"<78>{short} app-{i % 20} CRON[{pid}]: (root) CMD (run-parts --report /etc/cron.hourly)",
      f"<30>{iso} app-{i % 20} systemd[1]: Started Session {i} of user deploy.",
      f"<134>{short} ns{i % 2} named[{pid}]: client @0x7f {ip}#{port}: query: host{i}.example.net IN A +",
      f"<189>{bsd(t)} HQ-USG6000 %%01SHELL/5/CMDRECORD(s)[{i}]:Recorded command information. (Task=VT0, Ip={ip}, VpnName=, "
      f"User=admin, AuthenticationMethod=\"Local-user\", Command=\"display ike offline-info | include dpd timeout\")",
      f"<190>{bsd(t)} USG6630E-01-DC %%01POLICY/6/POLICYPERMIT(l):vsys=public, protocol=17, source-ip={ip}, "
      f"source-port={port}, destination-ip=198.51.100.9, destination-port=500, rule-name=ike.",
      f"<29>{t:%Y-%m-%d %H:%M:%S}.270.1 HUAWEI %%01IFNET/4/IF_STATE(l)[{i}]:Interface Ethernet0/0/8 has turned into UP state.",
  ])


def arguments():
  p = argparse.ArgumentParser(description="Writes distinct syslog lines, VPN lines among others.")
  p.add_argument("--lines", type=int, required=True, help="how many lines")
  p.add_argument("--vpn", type=float, default=0.01, help="share of VPN lines, 0 to 1 (default 0.01)")
  p.add_argument("--tunnels", type=int, default=1000, help="how many tunnels the VPN lines speak of (default 1000)")
  p.add_argument("--reason", help="make every VPN line a negotiation failure with this reason")
  p.add_argument("--up", action="store_true", help="make every VPN line a tunnel that came up")
  p.add_argument("--first", type=int, default=1, help="number of the first VPN line; another gives other events")
  p.add_argument("--seed", type=int, default=1)
  p.add_argument("--start", help="the first line's device time, such as 2026-11-20T00:00:00 (the default), or now")
  p.add_argument("--expect", metavar="FILE", help="write there, as JSON, what must come out")
  return p.parse_args()


def main():
  a = arguments()
  rng = random.Random(a.seed)
  ours = set(rng.sample(range(a.lines), round(a.lines * a.vpn)))
  start = START
  if a.start == "now":
    start = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None, microsecond=0)
  elif a.start:
    start = datetime.datetime.fromisoformat(a.start)
  vpn, k = Vpn(rng, a, start), a.first
  classes = dict.fromkeys(["negotiation", "disconnect", "established", "unknown"], 0)
  markers = []
  for i in range(a.lines):
    if i not in ours:
      sys.stdout.write(noise(rng, i) + "\n")
      continue
    kind, marker, line = vpn.line(k)
    k += 1
    classes[kind] += 1
    markers.append(marker)
    sys.stdout.write(line + "\n")
  if a.expect:
    with open(a.expect, "w", encoding="utf-8") as f:
      json.dump({"lines": a.lines, "vpn": len(markers), "classes": classes, "markers": markers}, f)


if __name__ == "__main__":
  main()
