#!/usr/bin/env python3
"""strange.py FILE: the lines of FILE with messages between them that are no event; --count: how many these are.

One of them is the record of an outage, which shares a topic with events and is to be skipped."""
import json
import sys

ALERT = json.dumps({"event": {"kind": "alert"}, "omipsec": {"schema": 1}}).encode()
STRANGE = [ALERT, b"hello", b"{", b"}", b"[]", b"{}", b"null", b'"text"', b"[" * 5000, b'{"a":' * 5000, b'{"omipsec":{"schema":2}}',
           b'{"omipsec":{"schema":1}}', b'{"omipsec":{"schema":1e400}}', b'{"omipsec":{"schema":' + b"9" * 400 + b"}}",
           b'{"omipsec":"schema"}', b"{'a':1}", b'{"a":"\xff\xfe"}', b"\xd6\xd0\xce\xc4", b'{"a":"\\ud800"}',
           b'{"a":"' + b"x" * 65000 + b'"}', b'{"more":[{}]}', b'{"omipsec":{"schema":1,"class":"disconnect"},"event":[]}']


def main():
    if sys.argv[1] == "--count":
        print(len(STRANGE))
        return
    with open(sys.argv[1], "rb") as file:
        lines = file.read().splitlines()
    for i, line in enumerate(lines):
        sys.stdout.buffer.write(line + b"\n")
        if i < len(STRANGE):
            sys.stdout.buffer.write(STRANGE[i] + b"\n")


main()
