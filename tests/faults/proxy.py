# SPDX-License-Identifier: Apache-2.0
"""A way between a client and a server that can be slow, half-open, or reset what is on it."""
import socket
import threading
import time

RESET = b"\1\0\0\0\0\0\0\0"  # SO_LINGER on, of no seconds
CHUNK = 65536


class Proxy:
    """Hands on what comes to its port. server: its port on loopback, which may be known later than ours."""

    def __init__(self, sc, listener=None):
        self.listener = listener or socket.create_server(("127.0.0.1", 0))
        self.address = "%s:%d" % self.listener.getsockname()
        self.server, self.delay, self.chunk, self.deaf = None, 0, CHUNK, False
        self.pairs, self.lock = [], threading.Lock()
        sc.parts.append(self)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.server))
            except ConnectionRefusedError:
                client.close()
                continue
            except OSError:
                return
            with self.lock:
                self.pairs.append((client, server))
            for source, target, answers in ((client, server, False), (server, client, True)):
                threading.Thread(target=self.hand_on, args=(source, target, answers), daemon=True).start()

    def hand_on(self, source, target, answers):
        """While it is deaf, answers are swallowed; what has lost one of its connection never works again."""
        dead = False
        try:
            while data := source.recv(self.chunk):
                time.sleep(self.delay)
                dead = dead or answers and self.deaf
                if not dead:
                    target.sendall(data)
            if not self.deaf:
                target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def lose_answers(self, seconds):
        self.deaf = True
        time.sleep(seconds)
        self.deaf = False

    def keep_resetting(self, seconds):
        for _ in range(4 * seconds):
            self.reset()
            time.sleep(0.25)

    def slow(self, delay, chunk):
        self.delay, self.chunk = delay, chunk

    def quick(self):
        self.slow(0, CHUNK)

    def reset(self):
        """Everything that is open ends with RST, on both sides."""
        with self.lock:
            pairs, self.pairs = self.pairs, []
        for it in (it for pair in pairs for it in pair):
            try:
                it.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                it.shutdown(socket.SHUT_RD)  # wakes who reads
            except OSError:
                pass
            it.close()

    def stop(self):
        self.listener.close()
        self.reset()
