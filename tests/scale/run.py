#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py MODULE RULES SCHEMA VPNLOG [SCENARIO...]: several collectors, one Kafka, several alerting nodes, one pager."""
import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path[1:1] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", it) for it in ("alerts", "e2e")]

from nodes import broker
from parts import ALERTMANAGER, RSYSLOGD
import broker as kafka
import incidents
import stage

# The longest first.
SCENARIOS = [incidents.killed, incidents.backlog, incidents.again, incidents.new_node, incidents.two_nodes, incidents.foreign]


def missing():
    for name, there in (("rsyslogd", RSYSLOGD), ("prometheus-alertmanager", ALERTMANAGER)):
        if not there:
            return f"{name} is missing"
    tried = subprocess.run([RSYSLOGD, "-N1", "-f", "/dev/stdin"], input='module(load="imkafka")\nuser.* ~\n', text=True,
                           capture_output=True)
    if "imkafka" in tried.stderr:
        return "rsyslog's imkafka is missing: apt-get install --no-install-recommends rsyslog-kafka"
    return kafka.missing()


if __name__ == "__main__":
    sys.exit(stage.main(__doc__, SCENARIOS, missing=missing(), shared=[broker]))
