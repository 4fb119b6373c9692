#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py MODULE RULES SCHEMA VPNLOG [SCENARIO...]: TLS and SASL, with a real Kafka and with receivers of alerts."""
import os
import sys

sys.dont_write_bytecode = True
sys.path[1:1] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", it) for it in ("alerts", "e2e")]

from parts import RSYSLOGD
import broker
import brokers
import logins
import receivers
import stage

# The longest first.
SCENARIOS = [brokers.certificates, logins.logins_kafka_3, logins.logins_kafka_4, receivers.receivers, brokers.options]

if __name__ == "__main__":
    missing = broker.missing() or broker.missing(KAFKA_VERSION=logins.LENIENT) if RSYSLOGD else "rsyslogd is missing"
    sys.exit(stage.main(__doc__, SCENARIOS, missing=missing))
