#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# rpm.sh: packaging/rpm.sh, and what becomes of its packages: rpm installs, upgrades and removes them in a clean
# Debian 12, and that Debian's rsyslogd loads the module. It works in build/package, after run.sh has left it.
set -eu

ROOT=$(cd "$(dirname "$0")/../.." && pwd)
WORK=$ROOT/build/package
RPMS=$WORK/rpms
SUITE=bookworm
. "$ROOT/tests/package/root.sh"
. "$ROOT/tests/package/checks.sh"

package() {
	echo "${2:-$RPMS}/$1"-[0-9]*.[xn]*.rpm
}

# What it knows is where root.sh looks for no file.
in_rpm() {
	rpm --root "$SYSTEM" --dbpath /var/cache/rpm "$@" >>"$WORK/apt.log" 2>&1
}

# stub NAME VERSION-RELEASE [LINES]: a package without files, in WORK/stubs; the lines are added to its spec.
stub() {
	mkdir -p "$WORK/stubs"
	printf '%s\n' "Name: $1" "Version: ${2%-*}" "Release: ${2#*-}" 'Summary: nothing' 'License: none' 'BuildArch: noarch' \
		"${3:-}" '%description' 'Nothing.' '%files' >"$WORK/stubs/$1.spec"
	rpmbuild -bb --define "_topdir $WORK/stubs/top" "$WORK/stubs/$1.spec" >>"$WORK/apt.log" 2>&1
	mv "$WORK"/stubs/top/RPMS/noarch/* "$WORK/stubs"
}

# The folders that rsyslog and filesystem bring where rpm is at home.
home_of_rpm() {
	mkdir -p "$SYSTEM/usr/lib64/rsyslog" "$SYSTEM/usr/share/licenses"
	in_rpm -i "$WORK"/stubs/libraries-1-1.*.rpm
}

# The libraries that the packages need, which are there, though rpm knows none of Debian's.
libraries() {
	rpm -qp --requires "$(package omipsec)" "$(package vpnlog)" | grep -Ev '^(rsyslog|omipsec|rpmlib|config)' | sort -u |
		sed 's/^/Provides: /'
}

# The same packages as a later release, which has changed a file that the user may have changed.
make_later() {
	rm -rf "$WORK/later"
	mkdir -p "$WORK/later/top"
	rpm --define "_topdir $WORK/later/top" -i "$RPMS"/*.src.rpm 2>>"$WORK/apt.log"
	spec=$WORK/later/top/SPECS/omipsec.spec
	sed -i "s/^Release: 1/Release: 2/; s/^sed 's|/sed -e 's|rotate 4|rotate 5|' -e 's|/" "$spec"
	rpmbuild -bb --nodeps --define "_topdir $WORK/later/top" --define "rsyslog_src $ROOT/build/rsyslog/rsyslog-$version" \
		"$spec" >>"$WORK/apt.log" 2>&1
	mv "$WORK"/later/top/RPMS/*/*.rpm "$WORK/later"
}

t_rpmlint_is_silent() {
	check 'rpmlint has nothing to say' '' "$(rpmlint -r "$ROOT/packaging/rpm/omipsec.rpmlintrc" \
		"$ROOT/packaging/rpm/omipsec.spec" "$RPMS"/*.rpm 2>&1 | grep -E ': [EW]: |[1-9][0-9]* (errors|warnings)' | head -n 5)"
}

t_vpnlog_needs_no_rsyslog() {
	apt install libsqlite3-0 libyaml-0-2 libnettle8 libfastjson4
	stub libraries 1-1 "$(libraries)"
	home_of_rpm
	files >"$WORK/before"
	check 'vpnlog does not install without the rules' no "$(answer in_rpm -i "$(package vpnlog)")"
	check 'with them it does' yes "$(answer in_rpm -i "$(package vpnlog)" "$(package omipsec-rules)")"
	check 'it looks up a wording' yes "$(inside vpnlog lookup dpd timeout | grep -q dpd_timeout && echo yes)"
	check 'bash and zsh have its completion' yes "$(answer ls "$SYSTEM/usr/share/bash-completion/completions/vpnlog" \
		"$SYSTEM/usr/share/zsh/site-functions/_vpnlog")"
	in_rpm -e vpnlog omipsec-rules
	check 'removed, nothing of it is left' '' "$(since_before)"
}

t_bound_to_one_rsyslog() {
	apt install rsyslog logrotate librdkafka1 libcurl4 libestr0
	version=$(inside rsyslogd -v | sed -n '1s/^rsyslogd *\([0-9.]*[0-9]\).*/\1/p')
	for other in 8.2206.0-1 "$version-1" "$version-9" "$version.1-1"; do
		stub rsyslog "$other"
	done
	files >"$WORK/before"
	in_rpm -i "$WORK/stubs/rsyslog-$version-1".*.rpm
	check 'omipsec installs' yes "$(answer in_rpm -i "$(package omipsec)" "$(package omipsec-rules)")"
	check "it stays with another release of $version" yes "$(answer in_rpm -U --test "$WORK/stubs/rsyslog-$version-9".*.rpm)"
	check 'it does not with a later one' no "$(answer in_rpm -U --test "$WORK/stubs/rsyslog-$version.1-1".*.rpm)"
	check 'it does not with an earlier one' no "$(answer in_rpm -U --oldpackage --test "$WORK"/stubs/rsyslog-8.2206.0-1.*.rpm)"
	check 'logrotate reads its file' yes "$(answer inside logrotate --debug /etc/logrotate.d/omipsec)"
}

# rpm's folder of modules is not Debian's.
t_a_line_becomes_its_event() {
	modules=/usr/lib64/rsyslog:$(dirname "$(inside dpkg -L rsyslog | grep '/imfile.so$')")
	for sample in "$SYSTEM$EXAMPLES"/*-file.conf "$SYSTEM$EXAMPLES"/*-kafka.conf; do
		cp "$sample" "$SYSTEM/etc/rsyslog.d/vpn.conf"
		check "$(basename "$sample") passes rsyslogd -N1" yes "$(answer inside rsyslogd -N1 -M "$modules")"
	done
	rm "$SYSTEM/etc/rsyslog.d/vpn.conf"
	line_becomes_event -M "$modules"
}

t_upgrade_keeps_what_is_not_ours() {
	make_later
	own_files_make
	own_files etc/logrotate.d/omipsec >"$WORK/own"
	check 'it can be upgraded' yes "$(answer in_rpm -U "$(package omipsec "$WORK/later")" "$(package omipsec-rules "$WORK/later")")"
	check 'to the later release' yes "$(answer in_rpm -q omipsec-0.1.0-2)"
	check 'what the administrator made or changed stays' '' "$(own_files etc/logrotate.d/omipsec 2>&1 | diff "$WORK/own" -)"
	check 'the new one is beside it' yes "$(answer grep -q 'rotate 5' "$SYSTEM/etc/logrotate.d/omipsec.rpmnew")"
	in_rpm -e omipsec omipsec-rules
	check 'removed, it stays too' '' "$(own_files etc/logrotate.d/omipsec.rpmsave 2>&1 | diff "$WORK/own" -)"
}

t_nothing_of_ours_is_left() {
	rm -r "$SYSTEM"/etc/omipsec "$SYSTEM"/etc/logrotate.d/omipsec.rpm* "$SYSTEM"/var/lib/omipsec "$SYSTEM"/var/log/omipsec \
		"$SYSTEM"/root/*
	check 'without that, nothing is left' '' "$(since_before)"
}

reason=$(can_make) || cannot_run "$reason"
mkdir -p "$WORK"
rm -rf "$RPMS" "$WORK/stubs" "$WORK/apt.log"
sh "$ROOT/packaging/rpm.sh" "$RPMS"
run_checks "$0"
