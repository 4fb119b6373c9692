# shellcheck shell=sh
# A clean Debian in WORK/system, which needs root. To be sourced with WORK set, and SUITE, such as bookworm.
#
# debootstrap makes it once; WORK/base.tar has it for the next time. Nothing is mounted in it and no service starts in
# it, so that it can be removed at any moment.

SYSTEM=$WORK/system
BASE=$WORK/base.tar

# can_make: or the words that say why not.
can_make() {
	[ "$(id -u)" -eq 0 ] || { echo 'a clean Debian needs root' && return 1; }
	command -v debootstrap >/dev/null || { echo 'debootstrap is missing: apt-get install debootstrap' && return 1; }
}

# base_get [PACKAGE...]: fails, with debootstrap's or apt's last words, where there is no network.
base_get() {
	[ ! -f "$BASE" ] || return 0
	rm -rf "$SYSTEM"
	debootstrap --variant=minbase "$SUITE" "$SYSTEM" >"$WORK/debootstrap.log" 2>&1 || {
		tail -n 5 "$WORK/debootstrap.log"
		return 1
	}
	printf '#!/bin/sh\nexit 101\n' >"$SYSTEM/usr/sbin/policy-rc.d"
	chmod 755 "$SYSTEM/usr/sbin/policy-rc.d"
	[ $# -eq 0 ] || { apt_update && apt install "$@"; } || {
		tail -n 5 "$WORK/apt.log"
		return 1
	}
	rm -rf "$SYSTEM"/var/cache/apt/* "$SYSTEM"/var/lib/apt/lists/*
	tar -c -C "$SYSTEM" . >"$BASE.part"
	mv "$BASE.part" "$BASE"
}

system_make() {
	rm -rf "$SYSTEM"
	mkdir "$SYSTEM"
	tar -x -C "$SYSTEM" <"$BASE"
	mkdir "$SYSTEM/debs"
}

inside() {
	chroot "$SYSTEM" env -u TMPDIR LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# What it says is in WORK/apt.log.
apt() {
	inside apt-get -y --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >>"$WORK/apt.log" 2>&1
}

apt_update() {
	cp /etc/resolv.conf "$SYSTEM/etc/resolv.conf"
	apt -o APT::Update::Error-Mode=any update
}

# apt_files FILE...: installs .deb files from outside.
apt_files() {
	cp "$@" "$SYSTEM/debs"
	for file; do
		shift
		set -- "$@" "/debs/$(basename "$file")"
	done
	apt install "$@"
}

is_installed() {
	inside dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

# Every file but those that apt, dpkg and the linker keep for themselves.
files() {
	(cd "$SYSTEM" && find . \( -path ./var/lib/dpkg -o -path ./var/lib/apt -o -path ./var/cache -o -path ./var/log/apt \
		-o -path ./debs \) -prune -o ! -path ./var/log/dpkg.log ! -path ./etc/ld.so.cache -print | sort)
}
