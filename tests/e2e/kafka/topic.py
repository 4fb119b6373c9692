#!/usr/bin/env python3
"""topic.py HOST:PORT NAME PARTITIONS [key=value...]: makes a Kafka topic.

kcat cannot, and Kafka's own tool costs a second of JVM each time; this is one CreateTopics request (version 2).
"""
import socket
import struct
import sys


def text(s):
  b = s.encode()
  return struct.pack(">h", len(b)) + b


def request(name, partitions, configs):
  head = struct.pack(">hhi", 19, 2, 1) + text("omipsec-e2e")
  body = struct.pack(">i", 1) + text(name) + struct.pack(">ihi", partitions, 1, 0)
  body += struct.pack(">i", len(configs))
  for c in configs:
    key, _, value = c.partition("=")
    body += text(key) + text(value)
  body += struct.pack(">i?", 20000, False)
  return struct.pack(">i", len(head) + len(body)) + head + body


def receive(s, n):
  data = b""
  while len(data) < n:
    got = s.recv(n - len(data))
    if not got:
      sys.exit("topic.py: the broker closed the connection")
    data += got
  return data


def main():
  broker, name, partitions, *configs = sys.argv[1:]
  host, port = broker.rsplit(":", 1)
  with socket.create_connection((host, int(port)), timeout=30) as s:
    s.sendall(request(name, int(partitions), configs))
    answer = receive(s, struct.unpack(">i", receive(s, 4))[0])
  # Correlation id, throttle time, the number of topics, then the name, the error and its words.
  at = 12 + 2 + len(name.encode())
  error, length = struct.unpack_from(">hh", answer, at)
  if error:
    words = answer[at + 4:at + 4 + length].decode() if length > 0 else ""
    sys.exit(f"topic.py: the broker refused topic {name}: error {error} {words}")


if __name__ == "__main__":
  main()
