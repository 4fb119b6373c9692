# SPDX-License-Identifier: Apache-2.0
"""The real parts of a scenario: a private rsyslogd, an Alertmanager, a receiver that misbehaves."""
import copy
import http.server
import json
import os
import re
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
FAST = 'holdDown="2" holdUp="2" gatewayHold="2" '
WATCHDOG = "OmipsecWatchdog"
SAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../packaging/rsyslog.d")


def poll(what, seconds=60):
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
    """What is under test, a folder, what was found, and what has to be stopped at the end."""

    def __init__(self, name, root, module, rules, schema, vpnlog):
        self.name, self.module, self.rules, self.schema, self.tool = name, module, rules, schema, vpnlog
        self.work = os.path.join(root, name)
        os.makedirs(os.path.join(self.work, "state"))
        self.lines, self.parts = [], []

    def room(self, name):
        """The same scenario in a folder of its own, for one of several parts."""
        room = copy.copy(self)
        room.work = self.path(name)
        os.makedirs(room.path("state"))
        return room

    def check(self, claim, good, told=""):
        self.lines.append(f"{'ok  ' if good else 'FAIL'} {self.name}: {claim}" +
                          ("" if good else f": {str(told)[:900]}"))
        return good

    def same(self, claim, expected, actual):
        return self.check(claim, expected == actual, f"expected {expected!r}, got {actual!r}")

    def note(self, text):
        self.lines.append(f"     {self.name}: {text}")

    def skip(self, why):
        self.lines.append(f"skip {self.name}: {why}")

    def path(self, name):
        return os.path.join(self.work, name)

    def read(self, name):
        try:
            with open(self.path(name), errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def json_lines(self, name):
        return [json.loads(line) for line in self.read(name).splitlines()]

    def write(self, name, text, mode=0o600):
        with open(self.path(name), "w") as file:
            file.write(text)
        os.chmod(self.path(name), mode)
        return self.path(name)

    def told(self, words=""):
        """What the operator was told."""
        return [it for it in self.read("messages").splitlines() if "omipsec: action" in it and words in it]

    def vpnlog(self, *args, before=()):
        return subprocess.run([*before, self.tool, *args], capture_output=True, text=True)

    def end(self):
        for part in reversed(self.parts):
            part.stop()


def sample(sc, name, broker, *changes):
    """A sample as it stands, but for the paths and names of a test. changes: (what is there, what is wanted instead)"""
    with open(os.path.join(SAMPLES, name)) as file:
        text = file.read()
    for old, new in [('["kafka1:9092","kafka2:9092"]', f'["{broker}"]'), ("/var/lib/omipsec", sc.path("state")), *changes]:
        if old not in text:
            raise ValueError(f"{name} has no {old}")
        text = text.replace(old, new)
    text = re.sub(r'load="(mm|om)ipsec"', rf'load="{os.path.dirname(sc.module)}/\1ipsec.so"', text)
    return re.sub(r'type="(mm|om)ipsec"', rf'\g<0> rules="{sc.rules}"', text)


class Daemon:
    """A private rsyslogd in the folder of sc; conf: what it has besides counters and an input on a port of its own;
    stats: that of impstats, which writes the file "stats"."""

    def __init__(self, sc, conf, ruleset=None, stats=""):
        self.sc, self.process = sc, None
        sc.parts.append(self)
        stats = stats or f'module(load="impstats" interval="1" format="json" log.syslog="off" log.file="{sc.work}/stats")'
        bound = f' ruleset="{ruleset}"' if ruleset else ""
        sc.write("rsyslog.conf", f"""
global(workDirectory="{sc.work}" processInternalMessages="on")
{conf}
module(load="imtcp")
{stats}
action(type="omfile" file="{sc.work}/messages")
input(type="imtcp" address="127.0.0.1" port="0" listenPortFileName="{sc.work}/port"{bound})
""")

    def command(self):
        return [RSYSLOGD, "-n", "-f", self.sc.path("rsyslog.conf"), "-i", self.sc.path("rsyslogd.pid")]

    def start(self):
        sc = self.sc
        if os.path.exists(sc.path("port")):
            os.remove(sc.path("port"))
        with open(sc.path("rsyslogd.log"), "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        poll(lambda: sc.read("port") or self.process.poll() is not None)
        if self.process.poll() is not None or not sc.read("port"):
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

    def stat(self, counter, action="alerts"):
        for line in reversed(self.sc.read("stats").splitlines()):
            at = line.find("{")
            if at >= 0 and line.endswith("}") and '"omipsec"' in line:
                found = json.loads(line[at:])
                if found.get("name") == action:
                    return found.get(counter)
        return None

    def reaches(self, counter, value, action="alerts"):
        return poll(lambda: (self.stat(counter, action) or 0) >= value)


class Rsyslog(Daemon):
    """params, others: of each action, after its name, rules and stateDir; more: configuration after their ruleset."""

    USUAL = {"shutdownTimeout": 2000, "queue.type": "LinkedList", "queue.timeoutShutdown": 5000,
             "queue.timeoutActionCompletion": 4000}

    def __init__(self, sc, params, more="", stats="", **others):
        usual = lambda its: " ".join(f'{name}="{value}"' for name, value in self.USUAL.items() if name + "=" not in its)
        actions = "".join(f"""
action(type="omipsec" name="{name}" rules="{sc.rules}" stateDir="{sc.work}/state" queue.size="200000"
  action.resumeRetryCount="-1" action.resumeInterval="2" queue.dequeueBatchSize="1024"
  {usual(it)} {it})""" for name, it in {"alerts": params, **others}.items())
        super().__init__(sc, f"""
global(maxMessageSize="8k" abortOnUncleanConfig="on")
module(load="{sc.module}")
ruleset(name="in") {{{actions}
}}
{more}""", ruleset="in", stats=stats)


class Alertmanager:
    """pager: the Receiver that it notifies of each alert, once when it fires and once when it is resolved.

    flags: more of its command line."""

    def __init__(self, sc, pager=None, *flags):
        self.port, self.process, self.flags = free_port(), None, flags
        self.url = f"http://127.0.0.1:{self.port}"
        self.dir = sc.path(f"am{self.port}")
        self.receiver = f"{{name: pager, webhook_configs: [{{url: '{pager.url}'}}]}}" if pager else "{name: pager}"
        sc.parts.append(self)

    def start(self):
        os.makedirs(self.dir, exist_ok=True)
        with open(self.dir + "/conf.yml", "w") as file:
            file.write("route:\n  {receiver: pager, group_by: ['...'], group_wait: 0s, group_interval: 1s,\n"
                       f"  repeat_interval: 4h, routes: [{{receiver: none, matchers: ['alertname={WATCHDOG}']}}]}}\n"
                       f"receivers: [{{name: none}}, {self.receiver}]\n")
        with open(self.dir + "/log", "ab") as log:
            self.process = subprocess.Popen(
                [ALERTMANAGER, f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address=",
                 f"--storage.path={self.dir}/data", f"--config.file={self.dir}/conf.yml", *self.flags],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        poll(lambda: self.alerts() is not None)
        return self

    def alerts(self, name=None):
        """What is active: of that name, or all but the watchdog."""
        try:
            with urllib.request.urlopen(self.url + "/api/v2/alerts", timeout=5) as answer:
                found = json.load(answer)
        except OSError:
            return None
        return [it for it in found if (it["labels"]["alertname"] == name if name else
                                       it["labels"]["alertname"] != WATCHDOG)]

    def quiet(self):
        return self.alerts() == []

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Receiver:
    """Answers by self.script, one entry a request, the last for ever: a status, "hang", "reset", (status, retry).

    echo: it answers with what it was asked.
    """

    def __init__(self, sc, script=(202,), tls=None, echo=False):
        self.script, self.requests, self.lock = list(script), [], threading.Lock()
        self.over = threading.Event()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with receiver.lock:
                    how = receiver.script.pop(0) if len(receiver.script) > 1 else receiver.script[0]
                    receiver.requests.append((time.time(), how, dict(self.headers), body))
                if how == "hang":
                    receiver.over.wait()
                if how in ("hang", "reset"):
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    self.close_connection = True
                    self.connection.close()
                    return
                status, retry = how if isinstance(how, tuple) else (how, None)
                answer = f"{self.headers['Authorization']} {body.decode()}".encode() if echo else b"{}"
                self.send_response(status)
                if retry:
                    self.send_header("Retry-After", str(retry))
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

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

    def answer(self, *script):
        with self.lock:
            self.script[:] = script

    def asked(self):
        """Every request: when, how it was answered, its headers, its body."""
        with self.lock:
            return [(at, how, headers, json.loads(body)) for at, how, headers, body in self.requests]

    def taken(self):
        """The bodies that were answered with 2xx."""
        return [body for _, how, _, body in self.asked() if how in (200, 202)]

    def stop(self):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()
