#!/usr/bin/env python3
"""hostile.py GOOD: writes what no device should send, each message framed by its length (RFC 6587) for imtcp.

After every third message stands a good line of the file GOOD: they must all come out, whatever came before.
"""
import random
import sys

HEAD = b"<188>Nov 20 2026 00:00:%02d HQ-USG6000 %%%%01IPSEC/4/IPSECNEGOFAIL(l)[7]:OID 1.3.6.1.4.1.2011.6.122.26.6.14 "
BODY = (b"IPSec tunnel negotiation fails. (Ifindex=6, SeqNum=10, Reason=%s, ReasonCode=%s, PeerAddress=%s, PeerPort=500, "
        b"VsysName=%s, InterfaceName=%s, ConnID=%s)")
BROKEN = [b"\x80", b"\xbf\xbf", b"\xc3", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xed\xa0\x80\xed\xb0\x80", b"\xf4\x90\x80\x80",
          b"\xf0\x9f\x92", b"\xfe\xff", b"\xef\xbf\xbe", b"\xe4\xb8\xad\xe6"]
CONTROL = [b"\x00", b"\x00\x00", bytes(range(1, 32)), b"\x7f", b"\x1b[31m", b"\r", b"\n", b"\r\n", b"\t", b"\x08" * 9, b"\x1f",
           b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xae"]
CODED = ["策略一".encode("gbk"), "协商失败".encode("gb18030"), "Café Zürich".encode("latin-1"), "協商".encode("big5"),
         "トンネル".encode("shift_jis"), "中文".encode("utf-16"), "隧道".encode()]
QUOTES = [b'"', b"\\", b'\\"', b"\\u0000", b"</script>", b"'; drop table", b'"}]}', b"%s%n%x", b"#000#011#", b"${x}", b"a=b, c=d",
          b")))", b"(((", b"[]", b"=", b",", b", ", b", Reason=", b"\xe2\x80\x9c"]


def huawei(n, reason=b"responder dh mismatch", code=b"6", peer=b"203.0.113.9", vsys=b"public", interface=b"GE0/0/1", conn=b"1"):
  return HEAD % (n % 60) + BODY % (reason, code, peer, vsys, interface, conn)


def fields(junk, n):
  """The same junk in each field of a Huawei line in turn, alone and around what belongs there."""
  for x in (junk, b"public" + junk + b"x"):
    yield huawei(n, reason=x)
    yield huawei(n, reason=b"dpd" + x + b"timeout")
    yield huawei(n, code=x)
    yield huawei(n, peer=x)
    yield huawei(n, vsys=x)
    yield huawei(n, interface=x)
    yield huawei(n, conn=x)
  yield junk + huawei(n)
  yield huawei(n) + junk
  yield huawei(n).replace(b"HQ-USG6000", b"HQ" + junk + b"6000")
  yield huawei(n).replace(b"IPSECNEGOFAIL", b"IPSEC" + junk + b"NEGOFAIL")


def long_ones(rng):
  for size in (0, 1, 2, 8191, 8192, 8193, 16384, 65536):
    yield rng.randbytes(size)
    yield b"<188>" + rng.randbytes(size)
    yield HEAD % 1 + rng.randbytes(size)
    yield huawei(1, vsys=b"x" * size)
    yield huawei(2, vsys="中".encode() * (size // 3))
    yield huawei(3, vsys=rng.randbytes(size))
    yield huawei(4) + b" " * size
    yield HEAD % 5 + b"(" * size
    yield HEAD % 6 + b"IPSec tunnel negotiation fails. (" + b"a=b, " * (size // 5)
    yield HEAD % 7 + b"IPSec tunnel negotiation fails. (Reason=" + b"=" * size
  for cut in range(0, 260, 3):
    yield huawei(8)[:cut]
  for _ in range(40):
    yield rng.randbytes(65536)


def flipped(rng):
  """A good line with a few of its bytes changed."""
  for n in range(600):
    line = bytearray(huawei(n))
    for _ in range(rng.randrange(1, 8)):
      line[rng.randrange(len(line))] = rng.randrange(256)
    yield bytes(line)


def messages(rng):
  n = 0
  for junk in BROKEN + CONTROL + CODED + QUOTES:
    n += 1
    yield from fields(junk, n)
  yield from long_ones(rng)
  yield from flipped(rng)


def main():
  with open(sys.argv[1], "rb") as f:
    good = f.read().splitlines()
  every, at = 3, 0
  out = sys.stdout.buffer
  for n, m in enumerate(messages(random.Random(2))):
    if m:
      out.write(b"%d %s" % (len(m), m))
    if n % every == 0 and at < len(good):
      out.write(b"%d %s" % (len(good[at]), good[at]))
      at += 1
  for g in good[at:]:
    out.write(b"%d %s" % (len(g), g))


if __name__ == "__main__":
  main()
