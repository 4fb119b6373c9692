#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py MODULE RULES SCHEMA VPNLOG [SCENARIO...]: alerts from a real rsyslogd to real receivers."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../e2e"))

from parts import ALERTMANAGER, RSYSLOGD
import hostile
import keys
import latency
import pages
import policy
import receivers
import records
import stage
import store

# The longest first.
SCENARIOS = [hostile.flood, pages.hub_dies, receivers.replicas, records.records, store.full_disk, policy.overrides, pages.killed_in_hold,
             receivers.faults, pages.teardown, receivers.one_identity, receivers.healed_while_deaf, store.unusable, store.late,
             store.who_is_down, records.ruleset, receivers.nobody_waits, receivers.missed_resolve, receivers.forgetful,
             receivers.deaf_replica, records.rehearsal, records.findings, keys.echo, hostile.answers, hostile.texts]
MISSING = "" if RSYSLOGD and ALERTMANAGER else f"{'rsyslogd' if not RSYSLOGD else 'prometheus-alertmanager'} is missing"

if __name__ == "__main__":
    sys.exit(stage.main(__doc__, SCENARIOS, [latency.steady_load], MISSING))
