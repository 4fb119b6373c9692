# SPDX-License-Identifier: Apache-2.0
"""Kafka over TLS: whom omipsec takes for the broker, and whom the broker takes for omipsec."""
from authority import BAD, authorities
from broker import Broker, listens, ports
from keys import verify
from parts import Rsyslog, poll
from vrp import HQ
import vrp

EVENTS = [vrp.up("HQ", HQ, f"203.0.113.{i}", i) for i in range(5)]
# What the operator is told of a broker.
SAID = {"expired": "has expired: renew it there", "other_host": "of another address: have broker= and advertised.listeners",
        "unknown_ca": "of an authority that is not trusted: set ssl.ca.location",
        "anonymous": "set ssl.certificate.location and ssl.key.location",
        "stranger": "set ssl.certificate.location and ssl.key.location to a certificate that the broker accepts"}
GOOD = ("by_address", "by_name", "client")
ASKED = ("client", "anonymous", "stranger")  # for a certificate of theirs


def store(sc, listener, certificate):
    """Kafka's properties of what a listener shows, from its next start on."""
    pem, key = certificate
    path = sc.write(f"{listener}.store", sc.read(key) + sc.read(pem))
    return [f"listener.name.{listener}.ssl.keystore.type=PEM", f"listener.name.{listener}.ssl.keystore.location={path}"]


class Secured:
    """A real Kafka with a listener and a topic for each certificate."""

    def __init__(self, sc, authority, certificates):
        self.sc, self.authority, self.broker = sc, authority, Broker()
        own, control, *rest = ports(2 + len(certificates))
        names = {name: f"{'localhost' if name == 'by_name' else '127.0.0.1'}:{port}" for name, port in
                 zip(certificates, rest)}
        self.address = names
        properties = [line for name, its in certificates.items() for line in store(sc, name, its)]
        properties += [f"listener.name.{name}.ssl.{line}" for name in ASKED for line in (
            "client.auth=required", "truststore.type=PEM", f"truststore.location={authority.pem}")]
        sc.parts.append(self.broker)
        self.broker.start(sc.work, *properties, *listens(own, control, *(
            (name.upper(), "SSL", int(told.split(":")[1]), told) for name, told in names.items())))
        for name in names:
            self.broker.topic(name, 1)

    def action(self, name, shown=()):
        confs = ["security.protocol=ssl", f"ssl.ca.location={self.authority.pem}"]
        confs += [f"ssl.{kind}.location={path}" for kind, path in zip(("certificate", "key"), shown)]
        return publishes(self.address[name], name, confs)

    def arrived(self):
        return {name: self.broker.count(name) for name in self.address}

    def renew(self, names, certificate):
        self.broker.ask("kafka_stop")
        for name in names:
            store(self.sc, name, certificate)
        self.broker.again()


def publishes(address, topic, confs):
    """An action whose queue outlives a stop."""
    listed = ", ".join(f'"{it}"' for it in confs)
    return (f'output="kafka" broker=["{address}"] topic="{topic}" queue.filename="{topic}" queue.saveOnShutdown="on" '
            f'shutdownTimeout="500" queue.timeoutShutdown="1000" queue.timeoutActionCompletion="1000" confParam=[{listed}]')


def check_told(sc, rs, name, *words):
    """What cannot work is told once and counted, and nothing of it is delivered."""
    sc.check(f"{name}: the log names the broker and says what to do", poll(lambda: [
        it for it in sc.told(f'"{name}"') if all(word in it for word in words)]), sc.told(f'"{name}"'))
    sc.check(f"{name}: counted", rs.reaches("waits", 1, name), rs.stat("waits", name))
    sc.same(f"{name}: told once, and nothing delivered", (1, 0), (len(sc.told(f'action "{name}"')), rs.stat("delivered", name)))


def delivered_all(rs, names):
    return all(rs.stat("delivered", name) == len(EVENTS) for name in names)


def certificates(sc):
    """Good, expired, of another host, of an unknown authority; and the same question the other way."""
    ours, theirs, bad = authorities(sc)
    good, client, stranger = ours.issue("good"), ours.issue("client", "DNS:client"), theirs.issue("stranger", "DNS:client")
    kafka = Secured(sc, ours, {**dict.fromkeys((*GOOD, "anonymous", "stranger"), good), **bad})
    shown = {"client": client, "stranger": stranger}
    every = {name: len(EVENTS) for name in kafka.address}
    rs = Rsyslog(sc, f'output="file" file="{sc.path("out")}"',
                 **{name: kafka.action(name, shown.get(name, ())) for name in every}).start()
    rs.send(*EVENTS)
    for name in SAID:
        check_told(sc, rs, name, kafka.address[name], SAID[name])
    poll(lambda: delivered_all(rs, GOOD))
    sc.same("every event arrives where the certificate is good, and none elsewhere",
            {name: n * (name in GOOD) for name, n in every.items()}, kafka.arrived())
    kafka.renew(BAD, good)
    sc.check("renewed at the broker: what waited arrives, without a restart of rsyslogd",
             poll(lambda: delivered_all(rs, BAD)), kafka.arrived())
    rs.stop()
    rs = Rsyslog(sc, f'output="file" file="{sc.path("out")}"',
                 **{name: kafka.action(name, client) for name in ("anonymous", "stranger")}).start()
    sc.check("given a certificate that the broker accepts, and started again: what waited arrives, all of it once",
             poll(lambda: delivered_all(rs, ("anonymous", "stranger"))) and kafka.arrived() == every, kafka.arrived())
    rs.stop()


DOORS = {"verification": "enable.ssl.certificate.verification=false", "name": "ssl.endpoint.identification.algorithm=none"}
FILES = ("ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.crl.location", "ssl.keystore.location")


def options(sc):
    """What of TLS is switched off, or cannot work, is told at the start."""
    tls = lambda *more: publishes("127.0.0.1:1", "vpn", ["security.protocol=ssl", *more])
    rs = Rsyslog(sc, tls(), **{name: tls(it).replace(' queue.filename="vpn"', "") for name, it in DOORS.items()}).start()
    rs.send(*EVENTS)
    for name, option in DOORS.items():
        sc.check(f"{option}: one warning names it", poll(lambda: len(sc.told(f"with {option} ")) == 1), sc.told(option))
    poll(lambda: sc.told('action "alerts"'))
    sc.same("nothing is warned of where nothing is switched off", [], [it for it in sc.told("confParam") if '"alerts"' in it])
    rs.stop()
    for option in FILES:
        Rsyslog(sc, tls(f"{option}={sc.path('missing')}"))
        said = verify(sc)
        sc.check(f"{option}, missing: -N1 refuses it", said.returncode != 0 and option in said.stderr and
                 "No such file" in said.stderr, said)
