# SPDX-License-Identifier: Apache-2.0
"""A Kafka that fails while events and outages flow to it."""
import concurrent.futures
import os
import re
import signal
import subprocess
import time

from broker import Broker, listens, ports
from load import EVENTS, OUTAGES, Load, Tally, settled
from mount import Mount
from network import Cable
from parts import FAST, Rsyslog, poll
from proxy import Proxy
from table import Row

TOPIC, PARTITIONS = "vpn", 3
AWAY = 8  # seconds
RIGHT, WRONG = "right-password", "wrong-password"


def plain(st):
    st.broker = Broker().start(st.sc.work)
    return st.broker.address


def behind(st, proxy):
    """The broker has clients come by way of the proxy."""
    own, control, port = ports(3)
    proxy.server, st.proxy = port, proxy
    st.broker = Broker().start(st.sc.work, *listens(own, control, ("VIA", "PLAINTEXT", port, proxy.address)))
    return proxy.address


def proxied(st):
    return behind(st, Proxy(st.sc))


def cabled(st):
    st.cable = Cable(st.sc)
    return behind(st, Proxy(st.sc, st.cable.listener()))


def small_disk(st):
    """Its data has a file system of its own; what Kafka maps must be in it from the start."""
    data = st.sc.path("kafka/data")
    os.makedirs(data)
    Mount(st.sc, data, "-t", "tmpfs", "-o", "size=64m", "tmpfs")
    st.broker = Broker().start(st.sc.work, "log.index.size.max.bytes=65536")
    return st.broker.address


def guarded(st):
    """By PLAIN: Kafka 4 refuses SCRAM as librdkafka before 2.6.1 speaks it, which is what Debian 12 has."""
    own, control, port = ports(3)
    st.broker = Broker().start(
        st.sc.work, "listener.name.via.sasl.enabled.mechanisms=PLAIN",
        "listener.name.via.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required "
        f'user_omipsec="{RIGHT}";',
        *listens(own, control, ("VIA", "SASL_PLAINTEXT", port, f"127.0.0.1:{port}")))
    return f"127.0.0.1:{port}"


class Cluster:
    """Three brokers that are one Kafka; what is asked of it is asked of the first that lives."""

    def __init__(self, sc):
        pairs = [ports(2) for _ in range(3)]
        voters = ",".join(f"{i}@127.0.0.1:{control}" for i, (_, control) in enumerate(pairs, 1))
        self.nodes = [Broker(KAFKA_JAVA="-Xms64m -Xmx160m -XX:+UseSerialGC -XX:TieredStopAtLevel=1") for _ in pairs]
        sc.parts.append(self)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(lambda i: self.nodes[i].start(
                sc.path(f"node{i + 1}"), *listens(*pairs[i]), f"node.id={i + 1}", f"controller.quorum.voters={voters}",
                "default.replication.factor=3", "min.insync.replicas=2",
                "log.cleaner.dedupe.buffer.size=4194304"), range(3)))
        self.address = '","'.join(it.address for it in self.nodes)
        self.topic, self.count, self.records = self.nodes[0].topic, self.nodes[0].count, self.nodes[0].records

    def leader(self):
        """The node that leads most of the topic's partitions."""
        listed = re.findall(r"leader (\d)", self.nodes[0].ask(f"kcat -b $KAFKA_BROKER -L -m 5 -t {TOPIC}"))
        return self.nodes[int(max(listed, key=listed.count)) - 1]

    def stop(self):
        """The last ones would wait for others to tell that they go."""
        for it in self.nodes:
            it.kill()


def clustered(st):
    st.broker = Cluster(st.sc)
    return st.broker.address


class Stream:
    """rsyslogd publishes the load to a broker. kind: how that is made; params: of the action."""

    def __init__(self, sc, kind, params):
        self.sc, self.before, self.params = sc, [], params
        address = kind(self)
        if isinstance(self.broker, Broker):
            sc.parts.append(self.broker)
        self.broker.topic(TOPIC, PARTITIONS)
        self.load = Load(sc)
        self.daemon = Rsyslog(sc, f'output="kafka" broker=["{address}"] topic="{TOPIC}" tunnelState="on" '
                              f'errorFile="{sc.path("refused")}" {FAST} {self.params}').start()

    def count(self):
        return len(self.before) + self.broker.count(TOPIC)

    def flows(self):
        return poll(lambda: self.count() > EVENTS // 10)

    def row(self):
        settled(self.count, self.load.sent + 2 * OUTAGES)
        self.daemon.stop()
        found = Tally(self.load, self.before + self.broker.records(TOPIC))
        self.sc.same("nothing is refused", "", self.sc.read("refused")[:300])
        self.sc.same("every record is well formed", [], found.faults)
        self.sc.same("each outage is over", self.load.outages, found.over)
        self.sc.same("each outage is told once", self.load.outages, found.opened)
        return Row(self.load.tells(), self.load.sent, found.delivered, found.lost, found.twice, len(found.opened))


def stream(fault, kind=plain, params=""):
    """How a case is played: fault(the stream) comes while it flows, and is over when it returns."""
    def play(sc):
        st = Stream(sc, kind, params)
        st.load.begin(st.daemon)
        fault(st)
        st.load.end(st.daemon)
        return st.row()
    return play


def killed(st):
    st.flows()
    st.broker.kill()
    time.sleep(AWAY / 2)
    st.broker.again()


def paused(st):
    st.flows()
    os.kill(st.broker.pid(), signal.SIGSTOP)
    time.sleep(AWAY)
    os.kill(st.broker.pid(), signal.SIGCONT)


def slow(st):
    st.flows()
    st.proxy.slow(0.1, 4096)
    time.sleep(AWAY)
    st.proxy.quick()


def half_open(st):
    """Requests get through and answers do not, and what was open then is dead for good."""
    st.flows()
    st.proxy.lose_answers(AWAY)


def reset(st):
    st.flows()
    st.proxy.keep_resetting(AWAY)


def cut(st):
    st.flows()
    st.cable.pull()
    time.sleep(AWAY)
    st.cable.plug()


def disk_full(st):
    """Kafka ends itself when it cannot write; there is room again, and it is started again."""
    st.flows()
    ballast = st.sc.path("kafka/data/ballast")
    subprocess.run(["dd", "if=/dev/zero", f"of={ballast}", "bs=4096"], stderr=subprocess.DEVNULL)
    dead = lambda: st.broker.ask("if kafka_alive; then echo alive; fi") == ""
    st.sc.check("the broker ends for want of room", poll(dead), st.sc.read("kafka/log")[-300:])
    os.remove(ballast)
    st.broker.again()


def topic_gone(st):
    """The sender waits at the deletion only, so that what the old topic held can be counted."""
    st.flows()
    st.load.sender.send_signal(signal.SIGSTOP)
    settled(st.count, EVENTS // 10)
    st.before = st.broker.records(TOPIC)
    st.broker.topic(TOPIC, 0)
    st.load.sender.send_signal(signal.SIGCONT)
    time.sleep(AWAY / 2)
    st.broker.topic(TOPIC, PARTITIONS)


def wrong_password(st):
    """rsyslogd's queue is on disk when it is started again with the right one."""
    st.load.sender.wait()
    st.sc.check("the operator is told", poll(lambda: st.sc.told("SASL")), st.sc.told())
    st.sc.same("nothing is let in", 0, st.count())
    st.daemon.stop()
    st.sc.write("rsyslog.conf", st.sc.read("rsyslog.conf").replace(WRONG, RIGHT))
    st.daemon.start()


LOGIN = ('queue.filename="vpn" queue.saveOnShutdown="on" confParam=["security.protocol=SASL_PLAINTEXT", '
         f'"sasl.mechanism=PLAIN", "sasl.username=omipsec", "sasl.password={WRONG}"]')


# A broker that has gone silent is given up after a minute otherwise.
IMPATIENT = 'confParam=["request.timeout.ms=5000", "socket.timeout.ms=6000"]'


def leader_killed(st):
    st.flows()
    leader = st.broker.leader()
    leader.kill()
    st.broker.count, st.broker.records = next((it.count, it.records) for it in st.broker.nodes if it is not leader)
    time.sleep(AWAY)
    leader.again()
