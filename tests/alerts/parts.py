# SPDX-License-Identifier: Apache-2.0
"""The real parts of a scenario: a private rsyslogd, an Alertmanager, a receiver that misbehaves."""
import hashlib
import hmac
import http.server
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import urllib.request

RSYSLOGD = shutil.which("rsyslogd", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
ALERTMANAGER = shutil.which("prometheus-alertmanager")


def poll(seconds, what):
    """The first true answer, or the last one."""
    end = time.monotonic() + seconds
    while True:
        answer = what()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(0.1)


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Scenario:
    def __init__(self, name, root, module, rules):
        self.name, self.module, self.rules = name, module, rules
        self.work = os.path.join(root, name)
        os.makedirs(os.path.join(self.work, "state"))
        self.lines, self.parts = [], []

    def check(self, claim, good, told=""):
        self.lines.append(f"{'ok  ' if good else 'FAIL'} {self.name}: {claim}" +
                          ("" if good else f": {str(told)[:700]}"))
        return good

    def same(self, claim, expected, actual):
        return self.check(claim, expected == actual, f"expected {expected!r}, got {actual!r}")

    def path(self, name):
        return os.path.join(self.work, name)

    def read(self, name):
        try:
            with open(self.path(name), errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def write(self, name, text, mode=0o600):
        with open(self.path(name), "w") as file:
            file.write(text)
        os.chmod(self.path(name), mode)
        return self.path(name)

    def end(self):
        for part in reversed(self.parts):
            part.stop()


class Rsyslog:
    """params: of the action, after its name, rules and stateDir."""

    def __init__(self, sc, params, more="", ruleset="in"):
        self.sc, self.process = sc, None
        sc.parts.append(self)
        sc.write("rsyslog.conf", f"""
global(workDirectory="{sc.work}" processInternalMessages="on" maxMessageSize="8k" abortOnUncleanConfig="on")
module(load="{sc.module}")
module(load="imtcp")
module(load="impstats" interval="1" format="json" log.syslog="off" log.file="{sc.work}/stats")
action(type="omfile" file="{sc.work}/messages")
{more}
ruleset(name="{ruleset}") {{
action(type="omipsec" name="alerts" rules="{sc.rules}" stateDir="{sc.work}/state" shutdownTimeout="2000"
  action.resumeRetryCount="-1" action.resumeInterval="2" queue.type="LinkedList" queue.size="200000"
  queue.dequeueBatchSize="1024" queue.timeoutShutdown="5000" queue.timeoutActionCompletion="4000"
  {params})
}}
input(type="imtcp" address="127.0.0.1" port="0" listenPortFileName="{sc.work}/port" ruleset="{ruleset}")
""")

    def start(self):
        sc = self.sc
        if os.path.exists(sc.path("port")):
            os.remove(sc.path("port"))
        with open(sc.path("rsyslogd.log"), "ab") as log:
            self.process = subprocess.Popen(
                [RSYSLOGD, "-n", "-f", sc.path("rsyslog.conf"), "-i", sc.path("rsyslogd.pid")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if not poll(20, lambda: sc.read("port") or self.process.poll() is not None) or self.process.poll() is not None:
            raise RuntimeError("rsyslogd did not start: " + sc.read("rsyslogd.log")[-800:])
        self.port = int(sc.read("port"))
        return self

    def send(self, *lines):
        with socket.create_connection(("127.0.0.1", self.port)) as sock:
            sock.sendall("".join(line + "\n" for line in lines).encode())

    def kill(self):
        self.process.kill()
        self.process.wait()

    def hup(self):
        self.process.send_signal(signal.SIGHUP)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.sc.check("rsyslogd ends within 30 s", False)
                self.kill()

    def stat(self, counter):
        for line in reversed(self.sc.read("stats").splitlines()):
            at = line.find("{")
            if '"omipsec"' in line and at >= 0:
                return json.loads(line[at:]).get(counter)
        return None


class Alertmanager:
    def __init__(self, sc, port=None):
        self.sc, self.port, self.process = sc, port or free_port(), None
        self.url = f"http://127.0.0.1:{self.port}"
        self.dir = sc.path(f"am{self.port}")
        sc.parts.append(self)

    def start(self):
        os.makedirs(self.dir, exist_ok=True)
        with open(self.dir + "/conf.yml", "w") as file:
            file.write("route: {receiver: none}\nreceivers: [{name: none}]\n")
        with open(self.dir + "/log", "ab") as log:
            self.process = subprocess.Popen(
                [ALERTMANAGER, f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address=",
                 f"--storage.path={self.dir}/data", f"--config.file={self.dir}/conf.yml"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        poll(20, lambda: self.alerts() is not None)
        return self

    def alerts(self, name=None):
        try:
            with urllib.request.urlopen(self.url + "/api/v2/alerts", timeout=5) as answer:
                found = json.load(answer)
        except OSError:
            return None
        return [it for it in found if it["labels"]["alertname"] != "OmipsecWatchdog"] if name is None else \
            [it for it in found if it["labels"]["alertname"] == name]

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Receiver:
    """Answers by self.script, one entry a request, the last for ever: a status, "hang", "reset", (status, retry)."""

    def __init__(self, sc, script=(202,), tls=None):
        self.script, self.requests, self.lock = list(script), [], threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with receiver.lock:
                    how = receiver.script.pop(0) if len(receiver.script) > 1 else receiver.script[0]
                    receiver.requests.append((time.time(), how, dict(self.headers), body))
                if how == "hang":
                    time.sleep(4)
                    how = "reset"
                if how == "reset":
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    self.close_connection = True
                    self.connection.close()
                    return
                status, retry = how if isinstance(how, tuple) else (how, None)
                self.send_response(status)
                if retry:
                    self.send_header("Retry-After", str(retry))
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        sc.parts.append(self)

    def taken(self):
        """The bodies that were answered with 2xx."""
        with self.lock:
            return [json.loads(body) for _, how, _, body in self.requests if how in (200, 202)]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def signature(secret, body):
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def fingerprint(labels):
    """As prometheus/common computes it."""
    value = 0xcbf29ce484222325
    for name in sorted(labels):
        for part in (name, labels[name]):
            for byte in part.encode() + b"\xff":
                value = (value ^ byte) * 0x100000001b3 % 2**64
    return f"{value:016x}"
