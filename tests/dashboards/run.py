#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py MODULE RULES SCHEMA VPNLOG [SCENARIO...]: what packaging/ gives to dashboards, through the real programs."""
import os
import shutil
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "alerts"), os.path.join(HERE, "..", "..", "packaging", "metrics"),
                os.path.join(HERE, "..", "..", "packaging", "dashboards")]

import collector  # noqa: E402
import prometheus  # noqa: E402
import siem  # noqa: E402
from parts import RSYSLOGD, Scenario  # noqa: E402

PROGRAMS = ("prometheus", "promtool", "prometheus-node-exporter", "amtool")
SCENARIOS = [prometheus.made, prometheus.rules, prometheus.grafana, collector.lines, collector.counters, collector.deltas,
             siem.made, siem.samples, siem.opensearch]


def play(function, root, tested):
    sc = Scenario(function.__module__ + "." + function.__name__, root, *tested)
    begun = time.monotonic()
    try:
        function(sc)
    except Exception:
        sc.check("plays to its end", False, traceback.format_exc()[-800:])
    finally:
        sc.end()
    sc.note(f"took {time.monotonic() - begun:.0f} s")
    print("\n".join(sc.lines), flush=True)
    return sc.lines


def main():
    tested, wanted = [os.path.abspath(it) for it in sys.argv[1:5]], sys.argv[5:]
    if len(tested) < 4:
        sys.exit(__doc__)
    chosen = [it for it in SCENARIOS if not wanted or it.__module__ in wanted]
    missing = [it for it in PROGRAMS if not shutil.which(it)] + ([] if RSYSLOGD else ["rsyslogd"])
    if missing or not chosen:
        print(f"skip THE DASHBOARDS CANNOT BE TESTED: {' '.join(missing)} missing, or there is no {' '.join(wanted)}")
        print("0 passed, 0 failed, 1 skipped")
        return 1 if os.environ.get("CI") == "true" else 0
    root = tempfile.mkdtemp(prefix="omipsec-dashboards.")
    os.chmod(root, 0o755)
    lines = [line for it in chosen for line in play(it, root, tested)]
    passed, failed, skipped = (sum(line.startswith(word) for line in lines) for word in ("ok", "FAIL", "skip"))
    if failed:
        print(f"     what they left is in {root}")
    else:
        shutil.rmtree(root)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
