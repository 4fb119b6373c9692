#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py MODULE RULES SCHEMA VPNLOG [SCENARIO...]: what packaging/ gives to dashboards, through the real programs."""
import os
import shutil
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "alerts"), os.path.join(HERE, "..", "..", "packaging", "metrics"),
                os.path.join(HERE, "..", "..", "packaging", "dashboards")]

import collector  # noqa: E402
import prometheus  # noqa: E402
import siem  # noqa: E402
from parts import RSYSLOGD  # noqa: E402
import stage  # noqa: E402

PROGRAMS = ("prometheus", "promtool", "prometheus-node-exporter", "amtool")
SCENARIOS = [prometheus.grafana_made, prometheus.rules, prometheus.grafana, collector.lines, collector.counters, collector.deltas,
             siem.templates_made, siem.samples, siem.opensearch]


def missing():
    lacking = [it for it in PROGRAMS if not shutil.which(it)] + ([] if RSYSLOGD else ["rsyslogd"])
    return f"{', '.join(lacking)} missing" if lacking else ""


if __name__ == "__main__":
    sys.exit(stage.main(__doc__, [], alone=SCENARIOS, missing=missing()))
