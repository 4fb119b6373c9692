#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# deb.sh [OUTDIR]: the Debian packages of this checkout, into OUTDIR (build/deb):
#
#   omipsec        the rsyslog modules, for the upstream version of rsyslog that is
#                  installed here and no other
#   vpnlog         the command, which needs no rsyslog
#   omipsec-rules  what both read
#
# On Debian 12 and 13 it installs what it needs, and can run again.
set -eu

ROOT=$(cd "$(dirname "$0")/.." && pwd)
. "$ROOT/packaging/setup.sh"

WORK=$ROOT/build/deb-work
DEBIAN=$ROOT/packaging/debian

die() {
	echo "deb.sh: $1" >&2
	exit 1
}

check_version() {
	released=$(sed -n 's/^## \([0-9.]*\)$/\1/p' "$ROOT/NEWS.md" | head -n 1)
	packaged=$(dpkg-parsechangelog -l "$DEBIAN/changelog" -S Version)
	[ "${packaged%-*}" = "$released" ] ||
		die "NEWS.md is of $released, packaging/debian/changelog of $packaged: add an entry there"
}

# Debian wants its folder on top, so it is built in a copy; there the version is this Debian's.
copy_tree() {
	rm -rf "$WORK"
	mkdir -p "$WORK/omipsec"
	(cd "$ROOT" && tar -c --exclude=./build --exclude='./build-*' --exclude=./.git .) |
		tar -x -C "$WORK/omipsec"
	mv "$WORK/omipsec/packaging/debian" "$WORK/omipsec/debian"
	sed -i "1s/~deb12) bookworm;/~deb$VERSION_ID) $VERSION_CODENAME;/" "$WORK/omipsec/debian/changelog"
}

build_packages() {
	(cd "$WORK/omipsec" && dpkg-buildpackage -b -us -uc) >"$OUT/build.log" 2>&1 || {
		tail -n 20 "$OUT/build.log"
		die "the build failed; all that it said is in $OUT/build.log"
	}
	mv "$WORK"/omipsec_*.changes "$WORK"/omipsec_*.buildinfo "$WORK"/*.deb "$OUT"
}

# The words of the list are separate packages.
# shellcheck disable=SC2086
need_packages $BUILD_PACKAGES build-essential debhelper
. /etc/os-release
check_version
mkdir -p "${1:-$ROOT/build/deb}"
OUT=$(cd "${1:-$ROOT/build/deb}" && pwd)
RSYSLOG_SRC=$(sh "$ROOT/packaging/rsyslog-headers.sh" "$ROOT/build/rsyslog")
export RSYSLOG_SRC
say "building omipsec $released for $(basename "$RSYSLOG_SRC")"
copy_tree
build_packages
ls "$OUT"/*.deb
say "the module: apt-get install ./omipsec_*.deb ./omipsec-rules_*.deb ./vpnlog_*.deb"
say "vpnlog alone: apt-get install ./vpnlog_*.deb ./omipsec-rules_*.deb"
