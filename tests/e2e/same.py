#!/usr/bin/env python3
"""same.py FILE FILE: the ids of events that are not alike in both, or in one only. JSON Lines, in any order."""
import json
import sys


def events(path):
    with open(path) as file:
        return {event["event"]["id"]: event for event in map(json.loads, file)}


one, other = map(events, sys.argv[1:])
print("\n".join(sorted(id for id in one.keys() | other.keys() if one.get(id) != other.get(id))))
