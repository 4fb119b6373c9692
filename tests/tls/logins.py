# SPDX-License-Identifier: Apache-2.0
"""SASL over TLS against real brokers: PLAIN, and SCRAM as far as the broker and librdkafka go together."""
import ctypes

from authority import Authority
from broker import Broker, listens, ports
from brokers import EVENTS, check_told, delivered_all, publishes, store
from keys import leaks
from parts import Rsyslog, poll

# The last whose broker takes SCRAM as librdkafka before 2.6.1 speaks it: with the client's nonce once too often.
OLDER = "3.9.1"
MENDED = 0x020601ff  # librdkafka 2.6.1
RIGHT, WRONG = "pass-WORD-that-is-right", "pass-WORD-that-is-wrong"
MODULES = {"PLAIN": f'plain.PlainLoginModule required user_omipsec="{RIGHT}";',
           "SCRAM-SHA-256": "scram.ScramLoginModule required;", "SCRAM-SHA-512": "scram.ScramLoginModule required;"}


def guarded(sc, authority, version):
    """A broker with a listener that wants a login, and its address."""
    own, control, port = ports(3)
    address = f"127.0.0.1:{port}"
    broker = Broker(KAFKA_FORMAT=" ".join(f"--add-scram {it}=[name=omipsec,password={RIGHT}]" for it in MODULES
                                          if it != "PLAIN"), **version)
    sc.parts.append(broker)
    broker.start(sc.work, *store(sc, "login", authority.issue("broker")), "listener.name.login.sasl.enabled.mechanisms=" +
                 ",".join(MODULES), *(f"listener.name.login.{name.lower()}.sasl.jaas.config=org.apache.kafka.common.security."
                                      f"{module}" for name, module in MODULES.items()),
                 *listens(own, control, ("LOGIN", "SASL_SSL", port, address)))
    return broker, address


def logins(sc, version, takes_scram):
    """Each mechanism with the right password and with a wrong one; then the wrong ones are corrected."""
    authority = Authority(sc, "ours")
    broker, address = guarded(sc, authority, version)
    login = lambda topic, mechanism, password: publishes(address, topic, [
        "security.protocol=sasl_ssl", f"ssl.ca.location={authority.pem}", f"sasl.mechanism={mechanism}",
        "sasl.username=omipsec", f"sasl.password={password}"])
    cases = {f"{name}-{word}": (name, {"right": RIGHT, "wrong": WRONG}[word]) for name in MODULES for word in
             ("right", "wrong")}
    taken = [name for name, (mechanism, password) in cases.items() if password == RIGHT and
             (takes_scram or mechanism == "PLAIN")]
    for topic in cases:
        broker.topic(topic, 1)
    arrived = lambda: {topic: broker.count(topic) for topic in cases}
    closed = set(cases) - set(taken)
    rs = Rsyslog(sc, f'output="file" file="{sc.path("out")}"', **{it: login(it, *cases[it]) for it in cases}).start()
    rs.send(*EVENTS)
    for name in closed:
        mechanism = cases[name][0]
        old = "" if takes_scram or mechanism == "PLAIN" else "; Kafka 4 takes SCRAM from librdkafka 2.6.1 on, and this is"
        check_told(sc, rs, name, address, mechanism, "correct sasl.mechanism, sasl.username and sasl.password" + old)
    poll(lambda: delivered_all(rs, taken))
    sc.same("every event arrives where the login is right, and none elsewhere",
            {name: len(EVENTS) * (name in taken) for name in cases}, arrived())
    sc.same("passwords are in the configurations only", [],
            leaks(sc, rs, (RIGHT, WRONG), ("rsyslog.conf", "kafka/server.properties")))
    rs = Rsyslog(sc, f'output="file" file="{sc.path("out")}"', **{
        it: login(it, cases[it][0] if takes_scram else "PLAIN", RIGHT) for it in closed}).start()
    sc.check("corrected, and started again: what waited arrives, all of it once",
             poll(lambda: delivered_all(rs, closed)) and arrived() == dict.fromkeys(cases, len(EVENTS)), arrived())
    rs.stop()


def logins_kafka_3(sc):
    logins(sc, {"KAFKA_VERSION": OLDER}, True)


def logins_kafka_4(sc):
    """Debian 12's librdkafka does not get in by SCRAM: the operator changes to PLAIN."""
    logins(sc, {}, ctypes.CDLL("librdkafka.so.1").rd_kafka_version() >= MENDED)
