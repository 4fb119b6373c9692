#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# rpm.sh [OUTDIR]: the RPM packages of this checkout, into OUTDIR (build/rpm): omipsec, omipsec-rules and vpnlog, as
# deb.sh says.
#
# They are for the system that they are built on: its libraries, and its rsyslog. RSYSLOG_SRC is the configured source
# of that rsyslog; on Debian this brings it, and installs what it needs. There rpmbuild runs with --nodeps, because it
# knows no package of Debian's: what it makes shows that the spec is right, and belongs on no other system.
set -eu

ROOT=$(cd "$(dirname "$0")/.." && pwd)
. "$ROOT/packaging/setup.sh"

WORK=$ROOT/build/rpm-work
SPEC=$ROOT/packaging/rpm/omipsec.spec
NODEPS=

die() {
	echo "rpm.sh: $1" >&2
	exit 1
}

check_version() {
	released=$(sed -n 's/^## \([0-9.]*\)$/\1/p' "$ROOT/NEWS.md" | head -n 1)
	packaged=$(sed -n 's/^Version: *//p' "$SPEC")
	[ "$packaged" = "$released" ] || die "NEWS.md is of $released, packaging/rpm/omipsec.spec of $packaged: change it there"
}

pack_source() {
	rm -rf "$WORK"
	mkdir -p "$WORK/SOURCES"
	(cd "$ROOT" && tar -cz --exclude=./build --exclude='./build-*' --exclude=./.git --transform "s|^\.|omipsec-$packaged|" .) \
		>"$WORK/SOURCES/omipsec-$packaged.tar.gz"
}

build_packages() {
	rpmbuild -ba $NODEPS --define "_topdir $WORK" --define "rsyslog_src $RSYSLOG_SRC" "$SPEC" >"$OUT/build.log" 2>&1 || {
		tail -n 20 "$OUT/build.log"
		die "the build failed; all that it said is in $OUT/build.log"
	}
	mv "$WORK"/RPMS/*/*.rpm "$WORK"/SRPMS/*.rpm "$OUT"
}

if command -v apt-get >/dev/null; then
	NODEPS=--nodeps
	# The words of the list are separate packages.
	# shellcheck disable=SC2086
	need_packages $BUILD_PACKAGES rpm
fi
check_version
mkdir -p "${1:-$ROOT/build/rpm}"
OUT=$(cd "${1:-$ROOT/build/rpm}" && pwd)
RSYSLOG_SRC=${RSYSLOG_SRC:-$(sh "$ROOT/packaging/rsyslog-headers.sh" "$ROOT/build/rsyslog")}
say "building omipsec $packaged for $(basename "$RSYSLOG_SRC")"
pack_source
build_packages
ls "$OUT"/*.rpm
