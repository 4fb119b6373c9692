# SPDX-License-Identifier: Apache-2.0
"""Kafka over TLS: whom omipsec takes for the broker, and whom the broker takes for omipsec."""
from authority import BAD, authorities
from broker import Broker, listens, ports
from keys import verify
from publisher import EVENTS, Publisher, publishes
from parts import poll

# What the operator is told of a broker.
SAID = {"expired": "has expired: renew it there", "other_host": "is of another host: have broker= and advertised.listeners",
        "unknown_ca": "is of an authority that is not trusted: set ssl.ca.location",
        "anonymous": "set ssl.certificate.location and ssl.key.location",
        "stranger": "set ssl.certificate.location and ssl.key.location to a certificate that the broker accepts"}
HOSTS = {"by_address": "127.0.0.1", "by_name": "localhost", "client": "127.0.0.1"}  # of good certificates
ASKED = ("client", "anonymous", "stranger")  # for a certificate of theirs


def shows(sc, listener, certificate):
    """Kafka's properties of what a listener shows, from its next start on."""
    pem, key = certificate
    path = sc.write(f"{listener}.store", sc.read(key) + sc.read(pem))
    return [f"listener.name.{listener}.ssl.keystore.type=PEM", f"listener.name.{listener}.ssl.keystore.location={path}"]


def asks(listener, authority):
    return [f"listener.name.{listener}.ssl.{line}" for line in (
        "client.auth=required", "truststore.type=PEM", f"truststore.location={authority.pem}")]


class Secured:
    """A real Kafka with a listener and a topic for each certificate; not started yet."""

    def __init__(self, sc, authority, certificates):
        own, control, *rest = ports(2 + len(certificates))
        self.sc, self.authority, self.broker, self.address = sc, authority, Broker(), {}
        listeners, properties = [], [line for name in ASKED for line in asks(name, authority)]
        for (name, certificate), port in zip(certificates.items(), rest):
            self.address[name] = f"{HOSTS.get(name, '127.0.0.1')}:{port}"
            listeners.append((name.upper(), "SSL", port, self.address[name]))
            properties += shows(sc, name, certificate)
        self.properties = [*properties, *listens(own, control, *listeners)]

    def start(self):
        self.sc.parts.append(self.broker)
        self.broker.start(self.sc.work, *self.properties)
        for name in self.address:
            self.broker.topic(name, 1)

    def action(self, name, shown=()):
        """shown: the client's certificate and key."""
        confs = [f"ssl.{kind}.location={path}" for kind, path in zip(("certificate", "key"), shown)]
        return publishes(self.address[name], name, "security.protocol=ssl", f"ssl.ca.location={self.authority.pem}", *confs)

    def arrived(self):
        return {name: self.broker.count(name) for name in self.address}


def certificates(sc):
    """Good, expired, of another host, of an unknown authority; and the same question the other way."""
    ours, theirs, bad = authorities(sc)
    good, client, stranger = ours.issue("good"), ours.issue("client", "DNS:client"), theirs.issue("stranger", "DNS:client")
    kafka = Secured(sc, ours, {**dict.fromkeys((*HOSTS, "anonymous", "stranger"), good), **bad})
    shown = {"client": client, "stranger": stranger}
    rs = Publisher(sc, {name: kafka.action(name, shown.get(name, ())) for name in kafka.address})
    rs.send(*EVENTS)
    sc.check("all say so that no broker is there", poll(lambda: all(map(rs.told, kafka.address))), sc.told())
    kafka.start()
    for name in SAID:
        rs.is_kept_out(name, kafka.address[name], SAID[name], before=1)
    rs.delivers(HOSTS)
    sc.same("every event arrives where the certificate is good, and none elsewhere",
            {name: len(EVENTS) * (name in HOSTS) for name in kafka.address}, kafka.arrived())
    kafka.broker.ask("kafka_stop")
    for name in BAD:
        shows(sc, name, good)
    kafka.broker.again()
    sc.check("renewed at the broker: what waited arrives, without a restart of rsyslogd", rs.delivers(BAD), kafka.arrived())
    rs.stop()
    mended = ("anonymous", "stranger")
    rs = Publisher(sc, {name: kafka.action(name, client) for name in mended})
    sc.check("given a certificate that the broker accepts, and started again: what waited arrives", rs.delivers(mended),
             sc.told())
    sc.same("all of it once", dict.fromkeys(kafka.address, len(EVENTS)), kafka.arrived())
    rs.stop()


OFF = {"no_verification": "enable.ssl.certificate.verification=false", "no_name": "ssl.endpoint.identification.algorithm=none"}
FILES = ("ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.crl.location", "ssl.keystore.location")


def options(sc):
    """What of TLS is switched off, or cannot work, is told at the start."""
    tls = lambda name, *more: publishes("127.0.0.1:1", name, "security.protocol=ssl", *more)
    rs = Publisher(sc, {"all_on": tls("all_on"), **{name: tls(name, option) for name, option in OFF.items()},
                        "no_pem": tls("no_pem", f"ssl.ca.location={sc.write('no.pem', 'no certificate')}")})
    rs.send(*EVENTS)
    warned = lambda name: [it for it in rs.told(name) if "is taken for the broker; remove it" in it]
    for name, option in OFF.items():
        sc.check(f"{option}: one warning names it", poll(lambda: warned(name)) and len(warned(name)) == 1 and
                 option in warned(name)[0], rs.told(name))
    sc.check("where nothing is switched off, there is none", poll(lambda: rs.told("all_on")) and not warned("all_on"),
             rs.told("all_on"))
    sc.check("ssl.ca.location, a file without a certificate: told once", poll(lambda: rs.told("no_pem")) and len(
        rs.told("no_pem")) == 1 and "ssl.ca.location failed" in rs.told("no_pem")[0], rs.told("no_pem"))
    rs.stop()
    for option in FILES:
        sc.write("rsyslog.conf", f'module(load="{sc.module}")\naction(type="omipsec" rules="{sc.rules}" ' +
                 tls("vpn", f"{option}={sc.path('missing')}") + ")\n")
        said = verify(sc)
        sc.check(f"{option}, a file that is not there: -N1 refuses it", said.returncode != 0 and option in said.stderr and
                 "No such file" in said.stderr, said)
