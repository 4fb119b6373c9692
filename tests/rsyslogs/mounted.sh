#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# mounted.sh SCENARIO...: what run.sh does in a mount namespace of its own: the checkout is in the Debian 13 at the path
# that it has here, so that one configuration is right for both sides.
set -eu
. "$ROOT/tests/package/root.sh"
. "$ROOT/tests/package/checks.sh"

BUILT=$WORK/build
DEBS=$WORK/debs

mount_all() {
	mkdir -p "$SYSTEM$ROOT"
	mount --bind "$ROOT" "$SYSTEM$ROOT"
	mount --rbind /dev "$SYSTEM/dev"
	mount -t proc proc "$SYSTEM/proc"
}

# in_system NAME PROGRAM: BUILT/NAME, a program of this side that is the PROGRAM of that one. It keeps the process id.
in_system() {
	printf '#!/bin/sh\nexec chroot %s %s "$@"\n' "$SYSTEM" "$2" >"$BUILT/$1"
	chmod 755 "$BUILT/$1"
}

build_and_install() {
	apt_update
	apt install rsyslog-kafka
	inside sh "$ROOT/packaging/deb.sh" "$DEBS"
	apt_files "$DEBS"/omipsec_*.deb "$DEBS"/omipsec-rules_*.deb "$DEBS"/vpnlog_*.deb || {
		tail -n 5 "$WORK/apt.log"
		return 1
	}
	mkdir -p "$BUILT/plugin/rsyslog"
	cp "$SYSTEM"/usr/lib/*/rsyslog/[mo]mipsec.so "$BUILT/plugin/rsyslog"
	in_system rsyslogd /usr/sbin/rsyslogd
	in_system vpnlog /usr/bin/vpnlog
}

version() {
	"$1" -v | sed -n '1s/^rsyslogd *\([0-9.]*[0-9]\).*/\1/p'
}

# A module of another version would load and crash: this machine's rsyslogd is not that one.
refused_here() {
	! cmake -S "$ROOT" -B "$WORK/refused" -G Ninja -DRSYSLOG_SRC="$ROOT/build/rsyslog/rsyslog-$1" >"$WORK/refused.log" 2>&1 &&
		tr -s ' \n' ' ' <"$WORK/refused.log" | grep -q "is rsyslog '$1', the module is for rsyslogd" && echo yes
}

rm -rf "$BUILT" "$DEBS" "$WORK/refused" "$WORK/e2e"
mount_all
build_and_install
here=$(PATH=$PATH:/usr/sbin version rsyslogd) there=$(version "$BUILT/rsyslogd")
check "the package is Debian 13's" 13 "$(echo "$DEBS"/omipsec_* | sed -n 's/.*~deb\([0-9]*\)_.*\.deb.*/\1/p')"
[ "$here" = "$there" ] || check "what is built with $there is not for $here" yes "$(refused_here "$there")"
echo "     from here on it is rsyslogd $there"
status=0
RSYSLOGD=$BUILT/rsyslogd BUILD=$BUILT E2E_DIR=$WORK/e2e sh "$ROOT/tests/e2e/run.sh" "$@" >"$WORK/e2e.log" 2>&1 || status=$?
cat "$WORK/e2e.log"
# The counts of both are one line.
# shellcheck disable=SC2046
set -- $(tail -n 1 "$WORK/e2e.log")
echo "$((passed + $1)) passed, $((failed + $3)) failed, $5 skipped"
[ "$failed" -eq 0 ] && [ "$status" -eq 0 ]
