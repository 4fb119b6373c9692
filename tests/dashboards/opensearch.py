# SPDX-License-Identifier: Apache-2.0
"""A real OpenSearch: one node on loopback, from the jars that Maven brings."""
import json
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request

from parts import free_port, poll

POM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "opensearch", "pom.xml")
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "omipsec")
NOBODY = 65534
# As a distribution has them in modules/: the jars of each, its class, what its code may do.
MODULES = {
    "transport-netty4": (("transport-netty4-", "netty-"), "org.opensearch.transport.Netty4Plugin",
                         'permission java.net.SocketPermission "*", "accept,resolve";'),
    "analysis-common": (("analysis-common-",), "org.opensearch.analysis.common.CommonAnalysisPlugin", ""),
}
LOG = """rootLogger.level = warn
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.appenderRef.console.ref = console
"""
# It lives for seconds: a small heap, the simplest collector, no second compiler.
JAVA = ["java", "-Xms512m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.security.manager=allow",
        "-Dlog4j2.disable.jmx=true", "-Dopensearch.distribution.type=tar", "-Dopensearch.bundled_jdk=false"]


def version():
    with open(POM, encoding="utf-8") as file:
        return re.search("<opensearch.version>(.*)</opensearch.version>", file.read()).group(1)


def jars():
    """The folder of the jars, and what is wrong."""
    folder = os.path.join(CACHE, f"opensearch-{version()}")
    if os.path.isdir(folder):
        return folder, ""
    part = f"{folder}.part.{os.getpid()}"
    got = subprocess.run(["mvn", "-B", "-q", "-f", POM, "dependency:copy-dependencies", "-DincludeScope=runtime",
                          f"-DoutputDirectory={part}"], capture_output=True, text=True)
    if got.returncode:
        return None, "Maven could not fetch it: " + got.stdout[-500:]
    os.rename(part, folder)
    return folder, ""


class OpenSearch:
    def __init__(self, sc, folder):
        self.sc, self.home, self.process = sc, sc.path("opensearch"), None
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.lay_out(folder)
        sc.parts.append(self)

    def write(self, name, text):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def lay_out(self, folder):
        """As a distribution is. It refuses to run as root, and another user does not see root's cache."""
        shutil.copytree(folder, os.path.join(self.home, "lib"))
        for name, (prefixes, plugin, permission) in MODULES.items():
            self.write(f"modules/{name}/plugin-descriptor.properties",
                       f"name={name}\ndescription={name}\nversion={version()}\nopensearch.version={version()}\n"
                       f"java.version=11\nclassname={plugin}\n")
            self.write(f"modules/{name}/plugin-security.policy", f"grant {{ {permission} }};\n")
            for jar in os.listdir(os.path.join(self.home, "lib")):
                if jar.startswith(prefixes):
                    shutil.move(os.path.join(self.home, "lib", jar), os.path.join(self.home, "modules", name))
        self.write("config/log4j2.properties", LOG)
        self.write("config/opensearch.yml",
                   f"discovery.type: single-node\nnetwork.host: 127.0.0.1\nhttp.port: {self.port}\n"
                   f"transport.port: {free_port()}\npath.data: {self.home}/data\npath.logs: {self.home}/logs\n"
                   "cluster.routing.allocation.disk.threshold_enabled: false\n")
        for name in ("data", "logs", "plugins", "tmp"):
            os.mkdir(os.path.join(self.home, name))

    def start(self):
        command = [*JAVA, f"-Djava.io.tmpdir={self.home}/tmp", f"-Dopensearch.path.home={self.home}",
                   f"-Dopensearch.path.conf={self.home}/config", "-cp", f"{self.home}/lib/*",
                   "org.opensearch.bootstrap.OpenSearch"]
        if os.getuid() == 0:
            subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", self.home], check=True)
            command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
        with open(self.sc.path("opensearch.log"), "wb") as log:
            self.process = subprocess.Popen(command, cwd=self.home, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        poll(lambda: self.process.poll() is not None or self.answers(), 120)
        if not self.answers():
            raise RuntimeError("OpenSearch did not start: " + self.sc.read("opensearch.log")[-800:])
        return self

    def answers(self):
        try:
            return self.ask("GET", "/")[0] == 200
        except OSError:
            return False

    def ask(self, method, path, body=None):
        """Status and answer. A body that is a list is what _bulk takes."""
        text = "".join(json.dumps(it) + "\n" for it in body) if isinstance(body, list) else json.dumps(body)
        request = urllib.request.Request(self.url + path, method=method, data=text.encode() if body else None,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def create(self, stream, documents):
        """As the samples of packaging/siem do; the items that _bulk answers."""
        body = [it for one in documents for it in ({"create": {"_id": one["event"]["id"]}}, one)]
        items = []
        for at in range(0, len(body), 1000):
            items += self.ask("POST", f"/{stream}/_bulk", body[at:at + 1000])[1]["items"]
        self.ask("POST", f"/{stream}/_refresh")
        return [it["create"] for it in items]

    def search(self, stream, body):
        status, answer = self.ask("POST", f"/{stream}/_search", body)
        if status != 200:
            raise RuntimeError(f"{status}: {json.dumps(answer)[:600]}")
        return answer

    def stop(self):
        """What it has is thrown away, so it need not put it in order first."""
        if self.process:
            self.process.kill()
            self.process.wait()
