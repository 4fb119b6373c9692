# SPDX-License-Identifier: Apache-2.0
"""SASL over TLS: PLAIN, and SCRAM as far as the broker and librdkafka go together."""
import ctypes

from authority import Authority
from broker import Broker, listens, ports
from brokers import shows
from keys import leaks
from publisher import EVENTS, Publisher, publishes

# A broker that takes SCRAM also as librdkafka speaks it before 2.6.1: with the client's nonce once more than RFC 5802.
LENIENT = "3.9.1"
MENDED = 0x020601ff  # librdkafka 2.6.1
PASSWORDS = {"right": "pass-WORD-that-is-right", "wrong": "pass-WORD-that-is-wrong"}
MODULES = {"PLAIN": f'plain.PlainLoginModule required user_omipsec="{PASSWORDS["right"]}";',
           "SCRAM-SHA-256": "scram.ScramLoginModule required;", "SCRAM-SHA-512": "scram.ScramLoginModule required;"}
# The name of a topic: its mechanism and password.
CASES = {f"{mechanism}-{word}": (mechanism, password) for mechanism in MODULES for word, password in PASSWORDS.items()}


def guarded(sc, authority, **variables):
    """A broker, and its address, where it wants a login. variables: of kafka.sh."""
    own, control, port = ports(3)
    users = " ".join(f"--add-scram {it}=[name=omipsec,password={PASSWORDS['right']}]" for it in MODULES if it != "PLAIN")
    modules = [f"listener.name.login.{name.lower()}.sasl.jaas.config=org.apache.kafka.common.security.{module}"
               for name, module in MODULES.items()]
    broker, address = Broker(KAFKA_FORMAT=users, **variables), f"127.0.0.1:{port}"
    sc.parts.append(broker)
    broker.start(sc.work, *shows(sc, "login", authority.issue("broker")), *modules,
                 "listener.name.login.sasl.enabled.mechanisms=" + ",".join(MODULES),
                 *listens(own, control, ("LOGIN", "SASL_SSL", port, address)))
    for topic in CASES:
        broker.topic(topic, 1)
    return broker, address


def logins(sc, takes_scram, **variables):
    """Each mechanism with the right password and with a wrong one; then what did not get in is corrected."""
    authority = Authority(sc, "ours")
    broker, address = guarded(sc, authority, **variables)
    login = lambda topic, mechanism, password: publishes(
        address, topic, "security.protocol=sasl_ssl", f"ssl.ca.location={authority.pem}", f"sasl.mechanism={mechanism}",
        "sasl.username=omipsec", f"sasl.password={password}")
    arrived = lambda: {topic: broker.count(topic) for topic in CASES}
    open_to = [topic for topic in CASES if topic.endswith("right") and (takes_scram or topic.startswith("PLAIN"))]
    closed = [topic for topic in CASES if topic not in open_to]
    rs = Publisher(sc, {topic: login(topic, *its) for topic, its in CASES.items()})
    rs.send(*EVENTS)
    for topic in closed:
        mechanism, _ = CASES[topic]
        old = "" if takes_scram or mechanism == "PLAIN" else "; Kafka 4 takes SCRAM from librdkafka 2.6.1 on, and this is "
        rs.is_kept_out(topic, address, mechanism, "correct sasl.mechanism, sasl.username and sasl.password" + old)
    rs.delivers(open_to)
    sc.same("every event arrives where the login is right, and none elsewhere",
            {topic: len(EVENTS) * (topic in open_to) for topic in CASES}, arrived())
    sc.same("passwords are in the configurations only", [],
            leaks(sc, rs, PASSWORDS.values(), ("rsyslog.conf", "kafka/server.properties")))
    rs = Publisher(sc, {topic: login(topic, CASES[topic][0] if takes_scram else "PLAIN", PASSWORDS["right"])
                        for topic in closed})
    sc.check("corrected, and started again: what waited arrives", rs.delivers(closed), sc.told())
    sc.same("all of it once", dict.fromkeys(CASES, len(EVENTS)), arrived())
    rs.stop()


def logins_kafka_3(sc):
    logins(sc, True, KAFKA_VERSION=LENIENT)


def logins_kafka_4(sc):
    """Debian 12's librdkafka does not get in by SCRAM: then the correction is PLAIN."""
    logins(sc, ctypes.CDLL("librdkafka.so.1").rd_kafka_version() >= MENDED)
