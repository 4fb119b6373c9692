#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh [SCENARIO...]: Debian 13's rsyslog, beside Debian 12's, which every other test has. In a Debian 13 that it
# makes in build/rsyslogs, packaging/deb.sh builds the packages and apt installs them; then the end-to-end tests run
# here, with that Debian's rsyslogd and vpnlog in the place of this machine's.
#
# It runs every scenario of tests/e2e but four, unless they are named: hup takes a minute by itself, broker-stopped
# tries the broker's client rather than rsyslog, hostile is for the sanitizers and leaks for valgrind, which are this
# machine's.
set -eu

ROOT=$(cd "$(dirname "$0")/../.." && pwd)
WORK=$ROOT/build/rsyslogs
SUITE=trixie
LEFT_OUT='hup broker-stopped hostile leaks'
. "$ROOT/packaging/setup.sh"
. "$ROOT/tests/package/root.sh"
. "$ROOT/tests/package/checks.sh"

scenarios() {
	for file in "$ROOT"/tests/e2e/[0-9][0-9]-*.sh; do
		name=$(basename "$file" .sh)
		case " $LEFT_OUT " in
		*" ${name#*-} "*) ;;
		*) echo "$name" ;;
		esac
	done
}

reason=$(can_make) || cannot_run "$reason"
mkdir -p "$WORK"
rm -f "$WORK/apt.log"
# The words of the list are separate packages, or scenarios.
# shellcheck disable=SC2086
base_get $BUILD_PACKAGES build-essential debhelper || cannot_run 'there is no Debian 13; the last words are above'
trap 'rm -rf "$SYSTEM"' EXIT
trap 'exit 1' HUP INT TERM
system_make
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(scenarios)
export ROOT WORK SUITE
# What is mounted there is seen by no other process, and gone before the system is removed.
unshare --mount sh "$ROOT/tests/rsyslogs/mounted.sh" "$@"
