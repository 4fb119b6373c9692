#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Follow the logs of Huawei Cloud VPN connections.

Asks the service for each connection's log (GET /v5/{project_id}/vpn-connection/{id}/log) and appends what is new to FILE,
as lines of JSON that omipsec takes: {"vpn_connection_id": .., "logs": [{"time": .., "raw_message": ..}]}. rsyslog follows
FILE with imfile: packaging/rsyslog.d/omipsec-huawei-cloud.conf.

The token is the first line of a file that others may not read; it is read again for each request, and whoever renews it
writes it there. Requests are not signed with AK/SK."""
import argparse
import hashlib
import http.client
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request

LINE_MAX = 7000  # bytes; rsyslog's maxMessageSize is 8 KiB
KEPT = 3600  # seconds before the newest log in which a log may still come late
ANSWER_MAX = 64 << 20
SHORTEST, LONGEST, MOST = 5, 300, 3600  # seconds of patience; what the service may ask for


class Refused(Exception):
    """Said of one request; patience: seconds to wait before the next, or None where waiting does not help."""

    def __init__(self, why, patience=None):
        super().__init__(why)
        self.patience = patience


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token is for one host."""

    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(NoRedirect)


def complain(what):
    print(f"huawei-cloud-log.py: {what}", file=sys.stderr, flush=True)


def read_token(path):
    try:
        with open(path, encoding="ascii") as file:
            if os.fstat(file.fileno()).st_mode & 0o007:
                raise Refused(f"{path} can be read by everybody; chmod o-rwx it", SHORTEST)
            token = file.readline().strip()
    except (OSError, UnicodeError) as error:
        raise Refused(f"the token cannot be read: {error}", SHORTEST) from None
    if not re.fullmatch("[!-~]+", token):
        raise Refused(f"{path} has no token of printable characters on its first line", SHORTEST)
    return token


def retry_after(error):
    asked = error.headers.get("Retry-After", "")
    return min(int(asked), MOST) if asked.isdecimal() else SHORTEST


def refusal(error, token_path):
    error.close()
    if error.code in (401, 403):
        return Refused(f"the token is refused ({error.code}); write a new one into {token_path}", SHORTEST)
    if error.code == 429 or error.code >= 500:
        return Refused(f"the service answers {error.code}", retry_after(error))
    return Refused(f"the service answers {error.code}; are endpoint, project and connection right?")


def fetch(args, connection):
    """The log of a connection, oldest first."""
    url = f"{args.endpoint}/v5/{args.project}/vpn-connection/{connection}/log"
    request = urllib.request.Request(url, headers={"X-Auth-Token": read_token(args.token)})
    try:
        with OPENER.open(request, timeout=30) as answer:
            logs = json.loads(answer.read(ANSWER_MAX))["logs"]
        logs = [{"time": int(log["time"]), "raw_message": str(log["raw_message"])} for log in logs]
    except urllib.error.HTTPError as error:
        raise refusal(error, args.token) from None
    except (OSError, http.client.HTTPException) as error:
        raise Refused(f"the service cannot be reached: {error}", SHORTEST) from None
    except (ValueError, KeyError, TypeError):
        raise Refused("the service's answer is not a log", SHORTEST) from None
    return sorted(logs, key=lambda log: log["time"])


def name(log):
    return hashlib.sha256(f'{log["time"]} {log["raw_message"]}'.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def fresh(logs, seen):
    """Those that are new; seen: time of each log that is known, by its name. A service that answers with less, and then
    with all again, tells nothing new."""
    oldest = max(seen.values(), default=KEPT) - KEPT
    return [log for log in logs if log["time"] >= oldest and name(log) not in seen]


def remember(logs, seen):
    seen.update((name(log), log["time"]) for log in logs)
    oldest = max(seen.values(), default=KEPT) - KEPT
    return {key: at for key, at in seen.items() if at >= oldest}


def lines(connection, logs):
    """As many logs in a line as rsyslog takes."""
    line = []
    for log in logs:
        if line and len(json.dumps(line + [log])) > LINE_MAX:
            yield {"vpn_connection_id": connection, "logs": line}
            line = []
        line.append(log)
    if line:
        yield {"vpn_connection_id": connection, "logs": line}


def append(path, records):
    with open(path, "a", encoding="ascii", opener=lambda *at: os.open(*at, 0o640)) as file:
        file.writelines(json.dumps(record) + "\n" for record in records)
        file.flush()
        os.fsync(file.fileno())


def load(path):
    try:
        with open(path, encoding="ascii") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def save(path, places):
    with open(path + ".new", "w", encoding="ascii") as file:
        json.dump(places, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)


def follow(args, connection, places):
    """What is written and not yet remembered comes again after a crash: as the same events."""
    logs = fetch(args, connection)
    seen = places.get(connection, {})
    new = fresh(logs, seen)
    if new:
        append(args.output, lines(connection, new))
        places[connection] = remember(new, seen)
        save(args.state, places)


def ask_all(args, places):
    """How long the service wants to be left alone, None when it answered for all; and whether anything was refused."""
    refused = False
    for connection in args.connection:
        try:
            follow(args, connection, places)
        except Refused as error:
            complain(f"{connection}: {error}")
            refused = True
            if error.patience is not None:
                return error.patience, True
    return None, refused


def run(args):
    places = load(args.state)
    tries = 0
    while True:
        patience, refused = ask_all(args, places)
        if args.once:
            return 1 if refused else 0
        if patience is None:
            tries = 0
            time.sleep(args.interval)
        else:
            time.sleep(max(patience, min(SHORTEST << tries, LONGEST)))
            tries = min(tries + 1, 6)


def arguments():
    def fits(pattern, what):
        def check(text):
            if not re.fullmatch(pattern, text):
                raise argparse.ArgumentTypeError(f"'{text}' is not {what}")
            return text
        return check

    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--endpoint", required=True, metavar="URL", help="of your region, https://vpn.REGION.myhuaweicloud.com",
                       type=fits(r"https://[^/?#@]+", "https:// and a host"))
    words.add_argument("--project", required=True, metavar="ID", type=fits("[0-9A-Za-z-]+", "an id"))
    words.add_argument("--token", required=True, metavar="FILE", help="its first line is the X-Auth-Token")
    words.add_argument("--state", required=True, metavar="FILE", help="remembers what was written")
    words.add_argument("--output", required=True, metavar="FILE", help="which rsyslog follows")
    words.add_argument("--interval", type=int, default=60, metavar="SECONDS", help="between two rounds (60)")
    words.add_argument("--once", action="store_true", help="one round; 0: all answered, 1: something was refused")
    words.add_argument("connection", nargs="+", metavar="CONNECTION", help="id of a VPN connection",
                       type=fits("[0-9A-Za-z-]+", "an id"))
    return words.parse_args()


def main():
    try:
        return run(arguments())
    except (OSError, ValueError) as error:
        complain(error)
    except KeyboardInterrupt:
        pass
    return 1


if __name__ == "__main__":
    sys.exit(main())
