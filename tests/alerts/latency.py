# SPDX-License-Identifier: Apache-2.0
"""What an alert costs in time. It is printed, not judged: what a machine can do is not ours to say."""
import socket
import time

from parts import Receiver, Rsyslog, poll
from vrp import HQ
import vrp

RATE, SECONDS, MARKS, PARTS = 10000, 10, 20, 100


def play(port, packets, marked):
    """PARTS packets a second, and spread among them MARKS teardowns: when each was sent, and how long it all took."""
    sent = {}
    with socket.create_connection(("127.0.0.1", port)) as sock:
        begun = time.monotonic()
        for i, packet in enumerate(packets):
            time.sleep(max(0, begun + i / PARTS - time.monotonic()))
            if i % (len(packets) // MARKS) == 25:
                device, local, peer = marked[len(sent)]
                packet += (vrp.down(device, local, peer, 1) + "\n").encode()
                sent[f"{local}~{peer}"] = time.time()
            sock.sendall(packet)
        return sent, time.monotonic() - begun


def steady_load(sc):
    """10,000 VPN events a second for ten seconds on one connection; twice a second one of them is a teardown.

    The rate that was reached, and how long each teardown waited for its POST, in order."""
    rc = Receiver(sc, [200])
    rs = Rsyslog(sc, f'output="webhook" url=["{rc.url}"] holdDown="0" holdUp="0"').start()
    peers = [f"10.{i // 250}.{i % 250}.1" for i in range(2000)]
    # Each teardown has a gateway of its own, so that no gateway alert takes their place.
    marked = [(f"M{i}", f"192.0.2.{i + 1}", f"198.18.0.{i + 1}") for i in range(MARKS)]
    rs.send(*[vrp.up("HQ", HQ, peer, i) for i, peer in enumerate(peers)], *[vrp.up(*it, 1) for it in marked])
    rs.reaches("tunnels", len(peers) + MARKS)
    step = RATE // PARTS
    packets = ["".join(vrp.up("HQ", HQ, peers[(i * step + j) % len(peers)], 10000 + i * step + j) + "\n"
                       for j in range(step)).encode() for i in range(PARTS * SECONDS)]
    sent, took = play(rs.port, packets, marked)
    first = lambda: {body["commonLabels"].get("tunnel"): at for at, _, _, body in reversed(rc.asked())}
    poll(lambda: set(sent) <= set(first()))
    arrived = first()
    sc.same("every teardown is posted", sorted(sent), sorted(it for it in arrived if it in sent))
    rs.reaches("events.established", len(peers) + MARKS + RATE * SECONDS)
    sc.same("and every event was seen", len(peers) + MARKS + RATE * SECONDS, rs.stat("events.established"))
    waits = sorted(arrived[it] - sent[it] for it in sent if it in arrived)
    if waits:
        sc.note(f"at {RATE * SECONDS / took:.0f} events/s from send() to the POST: median "
                f"{waits[len(waits) // 2] * 1000:.0f} ms, most {waits[-1] * 1000:.0f} ms, of {len(waits)}")
    rs.stop()
    return RATE * SECONDS / took, waits
