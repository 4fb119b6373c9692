# SPDX-License-Identifier: Apache-2.0
"""Logs that the pages are made of."""
import datetime

BEGIN = datetime.datetime(2026, 11, 23, 2, 0, 0)
# What must stay text: markup, ends of attributes and of the elements it is put in, ANSI, marks of direction, bytes.
ATTACKS = ["<script>window.__xss=1</script>", "\"><img src=x onerror=window.__xss=1>", "'><svg/onload=window.__xss=1>",
           "</pre></details></title></style><script>window.__xss=1</script>", "<!--", "]]>", "&lt;b&gt;&#x3c;i&#x3e;",
           "javascript:window.__xss=1", "\x1b[31mred\x1b[0m\x1b]0;title\x07", "\u202egnp.exe\u202c\u2066\u200b", "`code`</code>"]
TIMELESS = b"06[IKE] <b|1> deleting IKE_SA b[1] between 198.51.100.1[a]...203.0.113.7[b]\n"


def line(device, peer, at, name, text, index=1, local="198.51.100.1"):
    when = (BEGIN + datetime.timedelta(seconds=at)).strftime("%b %d %Y %H:%M:%S+00:00")
    return (f"<188>{when} {device} %%01IPSEC/4/{name}(l)[1]:OID 1.3.6.1.4.1.2011.6.122.26.6.2 The IPSec tunnel. (Ifindex=9, "
            f"SeqNum=1,TunnelIndex={index}, RuleNum=5, DstIP={peer}, InsideIP=0.0.0.0, RemotePort=500, CpuID=0, "
            f"SrcIP={local}, {text}VsysName=public, InterfaceName=GigabitEthernet1/0/4, SlotID=11)\n")


def up(device, peer, at, **more):
    return line(device, peer, at, "IPSECTUNNELSTART", "LifeSize=1, LifeTime=3600, Role=Initiator, ", **more)


def down(device, peer, at, reason="dpd timeout", **more):
    return line(device, peer, at, "IPSECTUNNELSTOP", f"OfflineReason={reason}, ", **more)


def fine():
    """Three tunnels that come up and stay so."""
    return "".join(up("HQ", f"203.0.113.{i}", 60 * i) for i in range(1, 4)).encode()


def many(tunnels):
    """Each is down for as many seconds as its number says, and the last one still is."""
    lines = [up(f"SITE-{i}", f"10.{i >> 8}.{i & 255}.1", 0, index=i, local=f"192.0.{2 + (i >> 8)}.{i & 255}")
             for i in range(1, tunnels + 1)]
    lines += [down(f"SITE-{i}", f"10.{i >> 8}.{i & 255}.1", 3600, index=i, local=f"192.0.{2 + (i >> 8)}.{i & 255}")
              for i in range(1, tunnels + 1)]
    lines += [up(f"SITE-{i}", f"10.{i >> 8}.{i & 255}.1", 3600 + i, index=i, local=f"192.0.{2 + (i >> 8)}.{i & 255}")
              for i in range(1, tunnels)]
    return "".join(lines).encode()


def hostile():
    """Every attack as a device's name, as a reason, and at the end of a line; bytes that are no UTF-8."""
    log = b""
    for i, attack in enumerate(ATTACKS):
        peer, word = f"203.0.113.{i + 1}", attack.replace(" ", "/").replace(",", ";")
        log += (up(word, peer, 10 * i) + down(word, peer, 10 * i + 300, word)).encode()
        log += (down("HQ", peer, 10 * i + 2, attack)[:-1] + " " + attack + "\n").encode()
    return log + down("B\xfcro", "203.0.113.99", 500).encode("latin-1") + b"\xff\xfe\x00\xef\xbf\xbf IPSEC/4/IPSECTUNNELSTOP: \n"
