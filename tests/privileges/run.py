#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py MODULE RULES SCHEMA VPNLOG [SCENARIO...]: rsyslogd without rights, on a system that is read-only."""
import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path[1:1] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", it) for it in ("alerts", "e2e")]

from parts import ALERTMANAGER, RSYSLOGD
import stage
import dropin
import folders
import keyfiles
import work

# The longest first.
SCENARIOS = [folders.foreign, folders.many_open, dropin.drop_in, work.unprivileged, work.read_only_system, work.dropped,
             folders.read_only_state, folders.of_root, keyfiles.cores,
             folders.open_to_all, keyfiles.key_files]


def missing():
    for name, there in (("rsyslogd", RSYSLOGD), ("prometheus-alertmanager", ALERTMANAGER)):
        if not there:
            return f"{name} is missing"
    try:
        tried = subprocess.run(["unshare", "--mount", "strace", "-D", "-o", "/dev/null", "setpriv", "--bounding-set=-all",
                                "mount", "--version"], capture_output=True, text=True)
    except OSError as wrong:
        return str(wrong)
    return tried.stderr.strip() if tried.returncode else ""


if __name__ == "__main__":
    sys.exit(stage.main(__doc__, SCENARIOS, missing=missing()))
