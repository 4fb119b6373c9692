#!/usr/bin/env python3
"""send.py TO FILE [--octet] [--rate N]: sends the lines of FILE over TCP to the port TO of 127.0.0.1, or to the Unix
socket of the path TO.

It ends when the receiver has closed the connection, which imtcp does once it has read everything. --octet frames each
line by its length (RFC 6587) instead of a line feed; --rate sends about N lines a second instead of as fast as it goes.
"""
import argparse
import socket
import sys
import time


def frame(line, a):
  if a.raw:
    return line
  return b"%d %s" % (len(line), line) if a.octet else line + b"\n"


def chunks(lines, rate):
  """Slices of a twentieth of a second each."""
  size = max(1, rate // 20) if rate else 10000
  for i in range(0, len(lines), size):
    yield i, lines[i:i + size]


def connect(to):
  if "/" not in to:
    return socket.create_connection(("127.0.0.1", int(to)), timeout=120)
  s = socket.socket(socket.AF_UNIX)
  s.connect(to)
  return s


def main():
  p = argparse.ArgumentParser()
  p.add_argument("to")
  p.add_argument("file")
  p.add_argument("--octet", action="store_true")
  p.add_argument("--raw", action="store_true", help="send the file's bytes as they are")
  p.add_argument("--rate", type=int, default=0)
  a = p.parse_args()
  with open(a.file, "rb") as f:
    content = f.read()
  lines = [content] if a.raw else content.removesuffix(b"\n").split(b"\n")
  begun = time.monotonic()
  with connect(a.to) as s:
    for i, part in chunks(lines, a.rate):
      if a.rate:
        time.sleep(max(0, begun + i / a.rate - time.monotonic()))
      s.sendall(b"".join(frame(x, a) for x in part))
    s.shutdown(socket.SHUT_WR)
    try:
      while s.recv(4096):
        pass
    except ConnectionResetError:
      sys.exit("send.py: the receiver reset the connection")


if __name__ == "__main__":
  main()
