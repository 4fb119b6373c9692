#!/usr/bin/env python3
"""topic.py HOST:PORT NAME PARTITIONS [key=value...]: makes a Kafka topic, or deletes it when PARTITIONS is 0.

kcat cannot, and Kafka's own tool costs a second of JVM each time; this is one CreateTopics request (version 4, in which
-1 replicas are the broker's default.replication.factor) or one DeleteTopics request (version 1).
"""
import socket
import struct
import sys


def text(s):
  b = s.encode()
  return struct.pack(">h", len(b)) + b


def request(key, version, body):
  head = struct.pack(">hhi", key, version, 1) + text("omipsec-e2e")
  return struct.pack(">i", len(head) + len(body)) + head + body


def creation(name, partitions, configs):
  body = struct.pack(">i", 1) + text(name) + struct.pack(">ihi", partitions, -1, 0)
  body += struct.pack(">i", len(configs))
  for c in configs:
    key, _, value = c.partition("=")
    body += text(key) + text(value)
  return request(19, 4, body + struct.pack(">i?", 20000, False))


def deletion(name):
  return request(20, 1, struct.pack(">i", 1) + text(name) + struct.pack(">i", 20000))


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
    s.sendall(creation(name, int(partitions), configs) if int(partitions) else deletion(name))
    answer = receive(s, struct.unpack(">i", receive(s, 4))[0])
  # Correlation id, throttle time, the number of topics, then the name, the error and, of a creation, its words.
  at = 12 + 2 + len(name.encode())
  error, = struct.unpack_from(">h", answer, at)
  if error:
    sys.exit(f"topic.py: the broker refused topic {name}: error {error} {answer[at + 4:].decode(errors='replace')}")


if __name__ == "__main__":
  main()
