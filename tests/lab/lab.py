# SPDX-License-Identifier: Apache-2.0
"""Two gateways with a provider between them, each in a network namespace, and their way to a collector."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from typing import NamedTuple

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "alerts"))
from parts import RSYSLOGD, poll  # noqa: E402

JOURNALD = "/lib/systemd/systemd-journald"
ADDRESS = {"a": "198.51.100.1", "b": "203.0.113.1"}
ROUTER = {"a": "198.51.100.254", "b": "203.0.113.254"}
INSIDE = {"a": "10.1.0.1", "b": "10.2.0.1"}
OTHER = {"a": "b", "b": "a"}

# As long as systemd makes it at boot. With the kernel's 10, journald drops what it cannot hand on at once.
QUEUE = "echo 512 >/proc/sys/net/unix/max_dgram_qlen"

# Everything below happens in here and ends with this program, however that ends: no run can leave anything to the next.
SUDO = ["sudo", "-n", "-E"] if os.geteuid() else []
UNSHARE = SUDO + ["setpriv", "--pdeathsig", "KILL",
                  "unshare", "--mount", "--net", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"]
ENTER = f"mount -t tmpfs run /run && mkdir /run/netns && ip link set lo up && {QUEUE}"
PROBE = (f"{ENTER} && ip netns add probe && ip link add eth0 netns probe type veth peer name eth1 && "
         "ip netns exec probe mount -t cgroup2 cgroup /sys/fs/cgroup && ip -n probe tuntap add mode tun")

# What a gateway has for itself: /dev with its own log, /run and /var/log. journald takes /dev/log and hands on to the
# socket where the relay listens, as Debian has it.
HOME = f"set -e\n{QUEUE}\n" + """
hostname gw-{end}
mkdir -p {dir}/dev
mount -t tmpfs dev {dir}/dev
mkdir {dir}/dev/net
for name in null zero full random urandom tty net/tun; do
	: >{dir}/dev/$name
	mount --bind /dev/$name {dir}/dev/$name
done
mount --rbind {dir}/dev /dev
mount -t tmpfs run /run
mkdir -p /run/systemd/journal
mount --bind {dir}/journal /run/systemd/journal
ln -s /run/systemd/journal/dev-log /dev/log
mount -t tmpfs log /var/log
mount -t cgroup2 cgroup /sys/fs/cgroup
exec """ + JOURNALD


class Run(NamedTuple):
    """One fault between one pair. expected: of each end, what its log tells, in turn (run.py reads it); addresses: of an
    end and its line, the local one and the peer's; states: the tunnel's, by both logs; alerts: what they open."""
    name: str
    play: object
    expected: dict
    addresses: object
    states: tuple
    alerts: tuple = ()
    seconds: int = 0  # that it takes, when that is long


def missing(needed):
    """Why the lab cannot be played here."""
    if os.geteuid() and not shutil.which("sudo"):
        return "it needs root"
    for path in (RSYSLOGD or "rsyslogd", JOURNALD, "/dev/net/tun", *needed):
        if not os.path.exists(path):
            return f"{path} is missing"
    tried = subprocess.run([*UNSHARE, "sh", "-c", PROBE], capture_output=True, text=True)
    return f"no namespaces can be made here: {tried.stderr.strip()}" if tried.returncode else None


def enter(*needed):
    """Runs this program again in namespaces of its own; answers with a folder, and why it cannot."""
    if "OMIPSEC_LAB" in os.environ:
        subprocess.run(ENTER, shell=True, check=True)
        return os.environ["OMIPSEC_LAB"], None
    why = missing(needed)
    if why:
        return None, why
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    root = tempfile.mkdtemp(prefix="omipsec-lab.")
    inside, status = subprocess.Popen([*UNSHARE, sys.executable, *sys.argv], env={**os.environ, "OMIPSEC_LAB": root}), 0
    try:
        status = inside.wait()
    finally:
        inside.kill()
        inside.wait()
        if status:
            print(f"what they left is in {root}")
        else:
            subprocess.run([*SUDO, "rm", "-rf", root])
    sys.exit(status)


def shared(root, *tools):
    """A folder for all gateways. Certificates: good ones, one that has expired, one of a CA that nobody trusts. And
    tools that AppArmor, which knows them by their paths, would let read nothing here."""
    there = os.path.join(root, "shared")
    os.mkdir(there)
    for tool in tools:
        shutil.copy(tool, there)

    def openssl(*argv):
        subprocess.run(["openssl", *argv], cwd=there, check=True, capture_output=True)
    for name, subject, ca in (("ca", "lab-ca", None), ("other-ca", "other-ca", None), ("a", "gw-a.example", "ca"),
                              ("b", "gw-b.example", "ca"), ("stranger", "gw-b.example", "other-ca")):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-subj", f"/CN={subject}", "-keyout", f"{name}.key", "-out", f"{name}.pem",
                *(("-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-addext", f"subjectAltName=DNS:{subject}",
                   "-addext", "basicConstraints=critical,CA:FALSE") if ca else ()))
    openssl("req", "-new", "-key", "b.key", "-subj", "/CN=gw-b.example", "-addext", "subjectAltName=DNS:gw-b.example",
            "-out", "b.csr")
    openssl("x509", "-req", "-in", "b.csr", "-copy_extensions", "copy", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-days", "-1", "-out", "expired.pem")
    shutil.copy(there + "/b.key", there + "/expired.key")
    return there


def read(path):
    try:
        with open(path, errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


class Gateway:
    """A namespace with an outside interface, an inside address and journald."""

    def __init__(self, net, end):
        self.net, self.end = net, end
        self.dir, self.space = os.path.join(net.dir, end), f"{net.name}-{end}"
        self.processes = []
        os.makedirs(self.path("journal"))

    def path(self, name):
        return os.path.join(self.dir, name)

    def read(self, name):
        return read(self.path(name))

    def write(self, name, text, mode=0o600):
        with open(self.path(name), "w") as file:
            file.write(text)
        os.chmod(self.path(name), mode)
        return self.path(name)

    def popen(self, *argv, **env):
        with open(self.path("said"), "ab") as said:
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                                       env={**os.environ, **env})
        self.processes.append(process)
        return process

    def begin(self):
        """journald is the first process of the gateway; the others join its namespaces."""
        script = self.write("home.sh", HOME.format(end=self.end, dir=self.dir))
        self.first = self.popen("ip", "netns", "exec", self.space, "unshare", "--uts", "sh", script)
        self.net.wait_file(self.path("journal/socket"))

    def inside(self, *argv, **env):
        return self.popen("nsenter", "-t", str(self.first.pid), "-m", "-n", "-u", *argv, **env)

    def ip(self, *argv):
        subprocess.run(["ip", "-n", self.space, *argv], check=True)

    def link(self, state):
        self.ip("link", "set", "eth0", state)
        if state == "up":
            self.ip("route", "replace", "default", "via", ROUTER[self.end])

    def end_all(self):
        for process in reversed(self.processes):
            process.kill()
            process.wait()


class Net:
    """gw-a, the provider, gw-b. A cut is at the provider: no gateway's own link goes down."""
    wiring = threading.Lock()

    def __init__(self, name, root):
        self.name, self.dir = name, os.path.join(root, name)
        self.middle = f"{name}-net"
        self.gateways = {end: Gateway(self, end) for end in "ab"}
        self.a, self.b = self.gateways["a"], self.gateways["b"]
        self.relay = None
        self.while_cut = lambda: None  # what a test looks at before the provider mends it

    def begin(self, collector=None):
        """collector: a port on loopback that gets every line as well."""
        with Net.wiring:
            self.wire()
        self.listen(collector)
        for gateway in self.gateways.values():
            gateway.begin()

    def wire(self):
        def ip(*argv):
            subprocess.run(["ip", *argv], check=True)
        ip("netns", "add", self.middle)
        for end, gateway in self.gateways.items():
            ip("netns", "add", gateway.space)
            ip("link", "add", "eth0", "netns", gateway.space, "type", "veth", "peer", "name", f"to-{end}",
               "netns", self.middle)
            ip("-n", self.middle, "addr", "add", ROUTER[end] + "/24", "dev", f"to-{end}")
            ip("-n", self.middle, "link", "set", f"to-{end}", "up")
            gateway.ip("addr", "add", ADDRESS[end] + "/24", "dev", "eth0")
            gateway.ip("addr", "add", INSIDE[end] + "/32", "dev", "lo")
            gateway.ip("link", "set", "lo", "up")
            gateway.ip("link", "set", "eth0", "addrgenmode", "none")
            gateway.link("up")
        self.mend()

    def listen(self, collector):
        """A private rsyslogd that hears both journalds. It puts gw-b's process ids into the tags and, as Debian does,
        leaves gw-a's as they come."""
        conf = (f'global(workDirectory="{self.dir}")\nmodule(load="imuxsock" SysSock.Use="off")\n'
                'template(name="line" type="string" string='
                '"<%PRI%>%TIMESTAMP% %HOSTNAME% %syslogtag:1:32%%msg:::sp-if-no-1st-sp%%msg%\\n")\n')
        forward = (f' action(type="omfwd" target="127.0.0.1" port="{collector}" protocol="tcp" '
                   'template="RSYSLOG_TraditionalForwardFormat")\n' if collector else "")
        for end in "ab":
            pids = "on" if end == "b" else "off"
            conf += (f'ruleset(name="{end}") {{\n'
                     f' action(type="omfile" file="{self.log_file(end)}" template="line")\n{forward}}}\n'
                     f'input(type="imuxsock" Socket="{self.dir}/{end}/journal/syslog" HostName="gw-{end}" '
                     f'CreatePath="on" RateLimit.Interval="0" UsePIDFromSystem="{pids}" ruleset="{end}")\n')
        with open(self.dir + "/relay.conf", "w") as file:
            file.write(conf)
        with open(self.dir + "/relay.said", "ab") as said:
            self.relay = subprocess.Popen([RSYSLOGD, "-n", "-f", file.name, "-i", self.dir + "/relay.pid"],
                                          stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        for end in "ab":
            self.wait_file(f"{self.dir}/{end}/journal/syslog")

    def forward(self, on):
        subprocess.run(["ip", "netns", "exec", self.middle, "sh", "-c", f"echo {on} >/proc/sys/net/ipv4/ip_forward"],
                       check=True)

    def cut(self):
        self.forward(0)

    def mend(self):
        self.forward(1)

    def cut_to(self, end):
        """What is sent to this end is lost; what it sends arrives."""
        subprocess.run(["ip", "-n", self.middle, "route", "add", "blackhole", ADDRESS[end]], check=True)

    def wait_file(self, path):
        if not poll(lambda: os.path.exists(path), 20):
            raise RuntimeError(f"{self.name}: {path} does not come")

    def log_file(self, end):
        """What has left this gateway."""
        return f"{self.dir}/{end}.log"

    def logs(self):
        return [self.log_file(end) for end in "ab"]

    def log(self, end):
        return read(self.log_file(end))

    def wait(self, end, pattern, count=1, seconds=60):
        """Until the end has logged it so often; charon's copies in the journal's form do not count."""
        line = re.compile(rf" (?!charon-systemd)[^ ]+: .*(?:{pattern})")
        if not poll(lambda: len(line.findall(self.log(end))) >= count, seconds):
            raise RuntimeError(f"{self.name}: gw-{end} never logs {pattern}")

    def end(self):
        for gateway in self.gateways.values():
            gateway.end_all()
        if self.relay:
            self.relay.terminate()
            self.relay.wait(30)
        for space in (self.a.space, self.b.space, self.middle):
            subprocess.run(["ip", "netns", "del", space], stderr=subprocess.DEVNULL)
