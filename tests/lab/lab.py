# SPDX-License-Identifier: Apache-2.0
"""Two real gateways with a provider between them, each in a network namespace, and their way to syslog."""
import os
import re
import shutil
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "alerts"))
from parts import RSYSLOGD, poll  # noqa: E402

JOURNALD = "/lib/systemd/systemd-journald"
CHARON = "/usr/sbin/charon-systemd"
ADDRESS = {"a": "198.51.100.1", "b": "203.0.113.1"}
ROUTER = {"a": "198.51.100.254", "b": "203.0.113.254"}
INSIDE = {"a": "10.1.0.1", "b": "10.2.0.1"}
NAME = {"a": "hq-berlin", "b": "berlin-hq"}
OTHER = {"a": "b", "b": "a"}

# As systemd sets it at boot. With the kernel's 10, journald drops what it cannot hand on at once.
QUEUE = "echo 512 >/proc/sys/net/unix/max_dgram_qlen"

# What a gateway has for itself: a /dev with its own log, /run and /var/log. journald takes /dev/log there and hands
# on to the socket that a relay listens to, as Debian has it.
HOME = "set -e\n" + QUEUE + """
hostname gw-{end}
mkdir -p {dir}/dev
mount -t tmpfs dev {dir}/dev
for name in null zero full random urandom tty; do : >{dir}/dev/$name; mount --bind /dev/$name {dir}/dev/$name; done
mkdir {dir}/dev/net
: >{dir}/dev/net/tun
mount --bind /dev/net/tun {dir}/dev/net/tun
mount --rbind {dir}/dev /dev
mount -t tmpfs run /run
mkdir -p /run/systemd/journal
mount --bind {dir}/journal /run/systemd/journal
ln -s /run/systemd/journal/dev-log /dev/log
mount -t tmpfs log /var/log
mount -t cgroup2 cgroup /sys/fs/cgroup
exec """ + JOURNALD

CHARON_CONF = """charon-systemd {{
  load_modular = yes
  retransmit_timeout = 0.5
  retransmit_base = 1.4
  retransmit_tries = 3
  half_open_timeout = 6
  syslog {{
    identifier = charon
    daemon {{
      default = 1
      ike_name = yes
    }}
  }}
  filelog {{
    file {{
      path = {dir}/charon.log
      default = 1
      ike_name = yes
      flush_line = yes
    }}
  }}
  plugins {{
    include /etc/strongswan.d/charon/*.conf
    vici {{
      socket = unix://{dir}/vici
    }}
    kernel-libipsec {{
      load = yes
    }}
  }}
{more}}}
"""


def enter():
    """Runs this program again in namespaces of its own, which end with it whatever happens; answers why it cannot."""
    if os.environ.get("OMIPSEC_LAB"):
        subprocess.run("mount -t tmpfs run /run && mkdir /run/netns && ip link set lo up && " + QUEUE, shell=True, check=True)
        return None
    unshare = ["unshare", "--mount", "--net", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"]
    for needed in (RSYSLOGD, JOURNALD, CHARON, "/usr/sbin/swanctl", "/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so",
                   "/dev/net/tun"):
        if not needed or not os.path.exists(needed):
            return f"{needed or 'rsyslogd'} is missing"
    tried = subprocess.run([*unshare, "true"], capture_output=True, text=True)
    if tried.returncode:
        return "no namespaces can be made: " + tried.stderr.strip()
    sys.stdout.flush()
    os.environ["OMIPSEC_LAB"] = "1"
    os.execvp(unshare[0], [*unshare, sys.executable, *sys.argv])


def settings(flat):
    """{"a.b": 1} as the braces of swanctl.conf."""
    tree = {}
    for key, value in flat.items():
        *path, last = key.split(".")
        at = tree
        for name in path:
            at = at.setdefault(name, {})
        at[last] = value

    def write(node, indent):
        for name, value in node.items():
            if isinstance(value, dict):
                yield f"{indent}{name} {{\n" + "".join(write(value, indent + "  ")) + f"{indent}}}\n"
            elif value is not None:
                yield f"{indent}{name} = {value}\n"
    return "".join(write(tree, ""))


def pki(root):
    """Certificates of both gateways: good ones, one that has expired, one of a CA that nobody knows."""
    there = os.path.join(root, "pki")
    os.mkdir(there)
    openssl = lambda *argv: subprocess.run(["openssl", *argv], cwd=there, check=True, capture_output=True)
    for name, subject, ca in (("ca", "lab-ca", None), ("other-ca", "other-ca", None), ("a", "gw-a.example", "ca"),
                              ("b", "gw-b.example", "ca"), ("stranger", "gw-b.example", "other-ca")):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={subject}",
                "-keyout", f"{name}.key", "-out", f"{name}.pem",
                *(("-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-addext", f"subjectAltName=DNS:{subject}",
                   "-addext", "basicConstraints=critical,CA:FALSE") if ca else ()))
    openssl("req", "-new", "-key", "b.key", "-subj", "/CN=gw-b.example", "-addext", "subjectAltName=DNS:gw-b.example",
            "-out", "b.csr")
    openssl("x509", "-req", "-in", "b.csr", "-copy_extensions", "copy", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "-1", "-out", "expired.pem")
    shutil.copy(there + "/b.key", there + "/expired.key")
    return there


class Gateway:
    """A namespace with one outside interface, journald and charon."""

    def __init__(self, net, end):
        self.net, self.end = net, end
        self.dir = os.path.join(net.dir, end)
        self.space = f"{net.name}-{end}"
        self.processes = []
        os.makedirs(self.dir + "/journal")

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        return self.path(name)

    def popen(self, *argv, **env):
        with open(self.path("said"), "ab") as said:
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                                       env={**os.environ, **env})
        self.processes.append(process)
        return process

    def home(self):
        """journald is the first process of the gateway; the others join its namespaces."""
        script = self.write("home.sh", HOME.format(end=self.end, dir=self.dir))
        self.init = self.popen("ip", "netns", "exec", self.space, "unshare", "--uts", "sh", script)
        self.inside = ["nsenter", "-t", str(self.init.pid), "-m", "-n", "-u"]
        self.net.wait_file(self.path("journal/socket"))

    def credentials(self, pki, name):
        """swanctl takes every key and CA of these folders."""
        for folder, file in (("private", f"{name}.key"), ("x509ca", "ca.pem")):
            os.makedirs(self.path(folder), exist_ok=True)
            shutil.copy(os.path.join(pki, file), self.path(folder))
        return os.path.join(pki, f"{name}.pem")

    def charon(self, connection, secrets, more=""):
        self.write("strongswan.conf", CHARON_CONF.format(dir=self.dir, more=more))
        self.write("swanctl.conf", settings({**{f"connections.{NAME[self.end]}.{key}": value
                                                for key, value in connection.items()},
                                             **{f"secrets.{key}": value for key, value in secrets.items()}}))
        self.start()

    def start(self):
        self.daemon = self.popen(*self.inside, CHARON, STRONGSWAN_CONF=self.path("strongswan.conf"))
        self.net.wait_file(self.path("vici"))
        poll(20, lambda: self.swanctl("--stats").returncode == 0)
        done = self.swanctl("--load-all", "--noprompt")
        if done.returncode:
            raise RuntimeError(f"{self.space}: {done.stdout}{done.stderr}")

    def swanctl(self, *argv):
        return subprocess.run(["swanctl", *argv, "--uri", f"unix://{self.dir}/vici"], capture_output=True, text=True,
                              timeout=60, env={**os.environ, "SWANCTL_DIR": self.dir})

    def ip(self, *argv):
        subprocess.run(["ip", "-n", self.space, *argv], check=True)

    def link(self, state):
        self.ip("link", "set", "eth0", state)
        if state == "up":
            self.ip("route", "replace", "default", "via", ROUTER[self.end])

    def initiate(self, seconds=15):
        return self.swanctl("--initiate", "--child", "lan", "--timeout", str(seconds)).returncode == 0

    def kill(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.kill()
            process.wait()


class Relay:
    """A private rsyslogd that hears both gateways' journald and writes each one's lines as a collector gets them."""

    def __init__(self, net, collector=None):
        self.net = net
        inputs = "".join(
            f'input(type="imuxsock" Socket="{net.dir}/{end}/journal/syslog" HostName="gw-{end}" CreatePath="on" '
            f'ruleset="{end}" UsePIDFromSystem="{"on" if end == "b" else "off"}" RateLimit.Interval="0")\n'
            f'ruleset(name="{end}") {{\n'
            f'  action(type="omfile" file="{net.dir}/{end}.log" template="line")\n' +
            (f'  action(type="omfwd" target="127.0.0.1" port="{collector}" protocol="tcp" '
             f'template="RSYSLOG_TraditionalForwardFormat")\n' if collector else "") + "}\n" for end in "ab")
        with open(net.dir + "/relay.conf", "w") as file:
            file.write(f'global(workDirectory="{net.dir}")\nmodule(load="imuxsock" SysSock.Use="off")\n'
                       'template(name="line" type="string" '
                       'string="<%PRI%>%TIMESTAMP% %HOSTNAME% %syslogtag:1:32%%msg:::sp-if-no-1st-sp%%msg%\\n")\n' + inputs)
        with open(net.dir + "/relay.said", "ab") as said:
            self.process = subprocess.Popen([RSYSLOGD, "-n", "-f", net.dir + "/relay.conf", "-i", net.dir + "/relay.pid"],
                                            stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        for end in "ab":
            net.wait_file(f"{net.dir}/{end}/journal/syslog")

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


class Net:
    """gw-a -- provider -- gw-b. The provider can be cut so that neither gateway's own link goes down."""
    made = threading.Lock()

    def __init__(self, name, root):
        self.name, self.dir = name, os.path.join(root, name)
        self.middle = f"{name}-net"
        self.gateways = {end: Gateway(self, end) for end in "ab"}
        self.a, self.b = self.gateways["a"], self.gateways["b"]
        self.relay = None

    def begin(self, collector=None):
        with Net.made:
            self.wire()
        self.relay = Relay(self, collector)
        for gateway in self.gateways.values():
            gateway.home()

    def wire(self):
        def ip(*argv):
            subprocess.run(["ip", *argv], check=True)
        ip("netns", "add", self.middle)
        for end, gateway in self.gateways.items():
            ip("netns", "add", gateway.space)
            ip("link", "add", "eth0", "netns", gateway.space, "type", "veth", "peer", "name", f"to-{end}", "netns", self.middle)
            ip("-n", self.middle, "addr", "add", ROUTER[end] + "/24", "dev", f"to-{end}")
            ip("-n", self.middle, "link", "set", f"to-{end}", "up")
            gateway.ip("addr", "add", ADDRESS[end] + "/24", "dev", "eth0")
            gateway.ip("addr", "add", INSIDE[end] + "/32", "dev", "lo")
            gateway.ip("link", "set", "lo", "up")
            gateway.ip("link", "set", "eth0", "addrgenmode", "none")
            gateway.link("up")
        self.mend()

    def forward(self, on):
        subprocess.run(["ip", "netns", "exec", self.middle, "sh", "-c", f"echo {on} >/proc/sys/net/ipv4/ip_forward"],
                       check=True)

    def cut(self):
        self.forward(0)

    def cut_to(self, end):
        """What is sent to this end is lost; what it sends arrives."""
        subprocess.run(["ip", "-n", self.middle, "route", "add", "blackhole", ADDRESS[end]], check=True)

    def mend(self):
        self.forward(1)

    def wait_file(self, path):
        if not poll(20, lambda: os.path.exists(path)):
            raise RuntimeError(f"{self.name}: {path} does not come")

    def log(self, end):
        try:
            with open(f"{self.dir}/{end}.log", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def wait(self, end, pattern, count=1, seconds=40):
        """Until the end has logged it so often; its lines in the journal's form are copies."""
        line = re.compile(rf" charon(?:\[\d+\])?: .*(?:{pattern})")
        if not poll(seconds, lambda: len(line.findall(self.log(end))) >= count):
            raise RuntimeError(f"{self.name}: gw-{end} never logs {pattern}")

    def remove(self):
        for gateway in self.gateways.values():
            gateway.kill()
        if self.relay:
            self.relay.stop()
        for space in (self.a.space, self.b.space, self.middle):
            subprocess.run(["ip", "netns", "del", space], stderr=subprocess.DEVNULL)

