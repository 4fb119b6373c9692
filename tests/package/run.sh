#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh: packaging/deb.sh, and what becomes of its packages in a clean Debian 12: installed, used, upgraded, purged.
# It works in build/package. A check is a function t_*; they run in their order here, in one system.
set -eu

ROOT=$(cd "$(dirname "$0")/../.." && pwd)
WORK=$ROOT/build/package
DEBS=$WORK/debs
SUITE=bookworm
. "$ROOT/tests/package/root.sh"
. "$ROOT/tests/package/checks.sh"

deb() {
	echo "$DEBS/$1"_*.deb
}

# words TEXT: each once, in order.
words() {
	echo "$1" | tr -s ' ,' '\n' | sort -u | tr '\n' ' '
}

# manual PAGE KIND: what the page describes of that kind.
manual() {
	zcat "$SYSTEM/usr/share/man/man${1##*.}/$1.gz" | sed -n "s/^\.It $2//p"
}

t_lintian_is_silent() {
	check 'lintian has nothing to say' '' \
		"$(lintian --pedantic --display-info "$DEBS"/*.changes 2>"$WORK/lintian.log" | head -n 5)"
}

t_vpnlog_needs_no_rsyslog() {
	files >"$WORK/before"
	check 'vpnlog installs' yes "$(answer apt_files "$(deb vpnlog)" "$(deb omipsec-rules)")"
	for package in rsyslog librdkafka1 libcurl4; do
		check "without $package" no "$(answer is_installed $package)"
	done
	check 'it looks up a wording' yes "$(inside vpnlog lookup dpd timeout | grep -q dpd_timeout && echo yes)"
	check 'its rules are well' yes "$(answer inside vpnlog check)"
}

t_manual_of_vpnlog() {
	commands=$(inside vpnlog --help | sed -n 's/^  \([a-z]*\)  .*/\1/p')
	check 'vpnlog(1) has every command' "$(words "$commands")" "$(words "$(manual vpnlog.1 'Cm ')")"
	options=$(for command in $commands; do inside vpnlog "$command" --help; done | sed -n 's/^  --\([a-z]*\).*/\1/p')
	check 'vpnlog(1) has every option' "$(words "$options version")" "$(words "$(manual vpnlog.1 'Fl -' | sed 's/ .*//')")"
}

t_completion_of_vpnlog() {
	check 'bash and zsh have its completion' yes "$(answer ls "$SYSTEM/usr/share/bash-completion/completions/vpnlog" \
		"$SYSTEM/usr/share/zsh/vendor-completions/_vpnlog")"
}

t_vpnlog_leaves_nothing() {
	apt purge --auto-remove vpnlog omipsec-rules
	check 'purged, nothing of it is left' '' "$(since_before)"
}

t_omipsec_installs() {
	apt install rsyslog logrotate apparmor
	files >"$WORK/before"
	check 'omipsec installs' yes "$(answer apt_files "$(deb omipsec)" "$(deb omipsec-rules)")"
	check 'logrotate reads its file' yes "$(answer inside logrotate --debug /etc/logrotate.d/omipsec)"
}

t_manual_of_omipsec() {
	parameters=$(sed -n 's/^ *\[P_.*{"\(.*\)", eCmdHdlr.*/\1/p' "$ROOT/plugin/rsyslog/params.c")
	check 'omipsec(8) has every parameter' "$(words "$parameters")" "$(words "$(manual omipsec.8 'Cm ')")"
	tags=$(sed -n '/\[P_OUTPUT\] = {"/q; s/^ *\[P_.*{"\(.*\)", eCmdHdlr.*/\1/p' "$ROOT/plugin/rsyslog/params.c")
	check 'mmipsec(8) has every one of its own' "$(words "$tags")" "$(words "$(manual mmipsec.8 'Cm ')")"
}

# Debian has no profile of rsyslogd, so this one has what every profile has, and includes what packages add to it.
apparmor_reads_it() {
	cat >"$SYSTEM/root/rsyslogd.profile" <<-'PROFILE'
		abi <abi/3.0>,
		include <tunables/global>
		profile rsyslogd /usr/sbin/rsyslogd {
			include <abstractions/base>
			include <rsyslog.d>
		}
	PROFILE
	inside apparmor_parser --skip-kernel-load --skip-cache /root/rsyslogd.profile
}

t_apparmor() {
	rules=$SYSTEM/etc/apparmor.d/rsyslog.d/omipsec
	check 'AppArmor reads what is for a profile of rsyslogd' yes "$(answer apparmor_reads_it)"
	named=$(grep -o '^/[a-z/]*/omipsec' "$rules")
	used=$(cat "$SYSTEM$EXAMPLES"/*.conf | grep -o '/[a-z/]*/omipsec' && echo /usr/share/omipsec)
	check 'it has every folder of the samples' "$(words "$used")" "$(words "$named")"
	echo '/etc/omipsec/** unclear,' >>"$rules"
	check 'with a mistake it does not' no "$(answer apparmor_reads_it)"
	sed -i '$d' "$rules"
	rm "$SYSTEM/root/rsyslogd.profile"
}

t_drop_in() {
	check 'the drop-in for systemd is an example' yes "$(answer ls "$SYSTEM$EXAMPLES/systemd/rsyslog.service.d/omipsec.conf")"
	check 'and is not in use' '' "$(find "$SYSTEM/etc/systemd" "$SYSTEM/lib/systemd/" -path '*rsyslog.service.d*')"
}

# Would omipsec stay if rsyslog became this version? The package has nothing but its name.
stays_with() {
	mkdir -p "$WORK/rsyslog/DEBIAN"
	printf '%s\n' 'Package: rsyslog' "Version: $1" 'Architecture: all' 'Maintainer: nobody <nobody@localhost>' \
		'Description: nothing' >"$WORK/rsyslog/DEBIAN/control"
	dpkg-deb --build "$WORK/rsyslog" "$SYSTEM/debs/rsyslog.deb" >/dev/null
	inside apt-get -s -y --allow-downgrades install /debs/rsyslog.deb >"$WORK/simulated" &&
		grep -q '^Inst rsyslog ' "$WORK/simulated" && ! grep -q '^Remv omipsec ' "$WORK/simulated"
}

t_bound_to_one_rsyslog() {
	version=$(inside rsyslogd -v | sed -n '1s/^rsyslogd *\([0-9.]*[0-9]\).*/\1/p')
	check "it stays with another revision of $version" yes "$(answer stays_with "$version-9+deb12u9")"
	check 'it does not with a later one' no "$(answer stays_with "$version.1-1")"
	check 'it does not with an earlier one' no "$(answer stays_with 8.2206.0-1)"
}

# As an administrator would use it, beside Debian's own configuration.
t_samples() {
	echo 0123456789abcdef0123456789abcdef >"$SYSTEM/etc/omipsec/pagerduty.key"
	chmod 600 "$SYSTEM/etc/omipsec/pagerduty.key"
	apt install rsyslog-kafka
	for sample in "$SYSTEM$EXAMPLES"/*.conf; do
		cp "$sample" "$SYSTEM/etc/rsyslog.d/vpn.conf"
		check "$(basename "$sample") passes rsyslogd -N1" yes "$(answer inside rsyslogd -N1)"
	done
	sed -i 's/language="both"/language="none"/' "$SYSTEM/etc/rsyslog.d/vpn.conf"
	check 'with a mistake it does not' no "$(answer inside rsyslogd -N1)"
	rm "$SYSTEM/etc/rsyslog.d/vpn.conf" "$SYSTEM/etc/omipsec/pagerduty.key"
	apt purge rsyslog-kafka
}

t_a_line_becomes_its_event() {
	line_becomes_event
}

# The same packages as a later version.
make_later() {
	rm -rf "$WORK/later"
	mkdir "$WORK/later"
	for package in omipsec omipsec-rules; do
		dpkg-deb --raw-extract "$(deb $package)" "$WORK/later/$package"
		sed -i 's/^Version: .*/&+1/; s/omipsec-rules (= [^)]*/&+1/' "$WORK/later/$package/DEBIAN/control"
		dpkg-deb --build "$WORK/later/$package" "$WORK/later" >/dev/null
	done
}

t_upgrade_keeps_what_is_not_ours() {
	make_later
	own_files_make
	own_files etc/logrotate.d/omipsec >"$WORK/own"
	check 'it can be upgraded' yes "$(answer apt_files "$WORK"/later/*.deb)"
	check 'to the later version' yes "$(inside dpkg-query -W omipsec | grep -q '+1$' && echo yes)"
	check 'what the administrator made or changed stays' '' "$(own_files etc/logrotate.d/omipsec 2>&1 | diff "$WORK/own" -)"
	apt remove omipsec omipsec-rules
	check 'removed, it stays too' '' "$(own_files etc/logrotate.d/omipsec 2>&1 | diff "$WORK/own" -)"
}

t_purge_leaves_nothing() {
	rm -r "$SYSTEM"/etc/omipsec/overrides.yaml "$SYSTEM"/root/*
	apt purge --auto-remove omipsec omipsec-rules
	check 'purged, nothing of it is left' '' "$(since_before)"
	check 'not even to dpkg' no "$(answer inside dpkg-query -W omipsec)"
}

reason=$(can_make) || cannot_run "$reason"
mkdir -p "$WORK"
rm -rf "$DEBS" "$WORK/apt.log"
sh "$ROOT/packaging/deb.sh" "$DEBS"
run_checks "$0"
