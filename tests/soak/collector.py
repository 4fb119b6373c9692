# SPDX-License-Identifier: Apache-2.0
"""What is soaked: rsyslogd in the form that survives a SIGKILL, its Kafka, its Alertmanager and their pager."""
import os
import shutil
from types import SimpleNamespace

from brokers import IMPATIENT, proxied
from pagers import heard
from parts import FAST, Alertmanager, Daemon, Receiver, sample
from proxy import Proxy
from tally import Tally

TOPIC, PARTITIONS = "vpn-events", 3
# Records are read soon after they came, so that the broker's disk may forget them soon.
KEPT = "retention.bytes=500000000", "segment.bytes=50000000"
RESEND = 5  # seconds
# An Alertmanager that is killed goes back to what it noted last, 15 minutes ago by default: it tells again what it has
# told since, and takes a new outage for one that it has told of and whose end it has forgotten.
NOTED = "--data.maintenance-interval=1s"

# The tagger's ruleset has no queue: imfile counts a line as read when both Disk queues have it.
TAGGED = """
module(load="{folder}/mmipsec.so")
ruleset(name="in" queue.type="Direct") {{
  action(type="mmipsec" rules="{rules}" language="both")
  if $!vpn!event!id != "" then {{
    call vpn
    call alerts
  }}
}}
ruleset(name="alerts"
        queue.type="Disk" queue.filename="omipsec-alerts" queue.size="200000"
        queue.maxDiskSpace="2g" queue.checkpointInterval="1"
        queue.dequeueBatchSize="128" queue.workerThreads="1"
        queue.workerThreadMinimumMessages="10000"
        queue.timeoutShutdown="10000" queue.timeoutActionCompletion="7000"
        queue.saveOnShutdown="on") {{
  action(type="omipsec" name="alerts" rules="{rules}" input="event" output="alertmanager" url=["http://{receiver}"]
         language="both" stateDir="{state}" shutdownTimeout="5000" resendInterval="{resend}" {fast}
         action.resumeRetryCount="-1" action.resumeInterval="3")
}}
"""


class Collector:
    def __init__(self, sc):
        self.sc = sc
        sc.rules = shutil.copytree(sc.rules, sc.path("rules"))  # one of them will have a mistake
        self.logs = os.path.join(os.path.dirname(sc.work), "gateways")  # imfile watches what is above, not busy itself
        self.kafka = SimpleNamespace(sc=sc, flows=lambda: None)  # as the faults of brokers.py know it
        address = proxied(self.kafka)
        self.broker = self.kafka.broker
        sc.parts.append(self.broker)
        self.broker.topic(TOPIC, PARTITIONS, *KEPT)
        self.tally = Tally(self.broker, TOPIC, PARTITIONS)
        self.pager = Receiver(sc, [200])
        am = Alertmanager(sc, self.pager, NOTED).start()
        self.alerting = SimpleNamespace(sc=sc, am=am, proxy=Proxy(sc))  # as those of pagers.py know it
        self.alerting.proxy.server = am.port
        self.daemon = Daemon(sc, self.conf(address), stats=f'module(load="impstats" interval="5" format="json" '
                                                           f'log.syslog="off" log.file="{sc.path("stats")}")')
        self.life = self.kills = 0
        self.retold = set()  # outages that a killed Alertmanager may tell again
        self.started()

    def conf(self, address):
        durable = sample(self.sc, "omipsec-kafka-durable.conf", address, ("/var/log/gateways/*.log", self.logs + "/*.log"),
                         ('tag="gateway" ruleset="vpn"', 'tag="gateway" ruleset="in"'),
                         ('language="both"', f'input="event" tunnelState="on" language="both" {FAST} {IMPATIENT}'))
        return durable + TAGGED.format(folder=os.path.dirname(self.sc.module), rules=self.sc.rules, resend=RESEND, fast=FAST,
                                       receiver=self.alerting.proxy.address, state=self.sc.path("state"))

    def started(self):
        self.daemon.start()
        self.life += 1

    def killed(self):
        self.daemon.kill()
        self.kills += 1

    def pages(self):
        return heard(self.pager)
