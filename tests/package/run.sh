#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh: packaging/deb.sh, and what becomes of its packages in a clean Debian 12: installed, used, upgraded, purged.
# It works in build/package. A check is a function t_*; they run in their order here, in one system.
set -eu

ROOT=$(cd "$(dirname "$0")/../.." && pwd)
WORK=$ROOT/build/package
DEBS=$WORK/debs
EXAMPLES=/usr/share/doc/omipsec/examples
EVENTS=/var/log/omipsec/events.jsonl
SUITE=bookworm
. "$ROOT/tests/package/root.sh"

DAEMON=
passed=0 failed=0

# What the machine lacks is no fault of the project's; tests/run.sh does not let it pass in CI.
cannot_run() {
	echo "SKIPPED: the packages were not tried: $1"
	echo '0 passed, 0 failed, 1 skipped'
	exit 0
}

# check NAME EXPECTED ACTUAL
check() {
	if [ "$2" = "$3" ]; then
		echo "ok   $1"
		passed=$((passed + 1))
	else
		echo "FAIL $1: expected '$2', got '$3'"
		failed=$((failed + 1))
	fi
}

# answer COMMAND...: yes or no.
answer() {
	if "$@" >/dev/null 2>&1; then echo yes; else echo no; fi
}

deb() {
	echo "$DEBS/$1"_*.deb
}

# since_before: files that have come or gone, the first few.
since_before() {
	files | diff "$WORK/before" - | grep '^[<>]' | head -n 5 | tr '\n' ' '
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

t_vpnlog_leaves_nothing() {
	apt purge --auto-remove vpnlog omipsec-rules
	check 'purged, nothing of it is left' '' "$(since_before)"
}

t_omipsec_installs() {
	apt install rsyslog logrotate
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
	for sample in "$SYSTEM$EXAMPLES"/*.conf; do
		cp "$sample" "$SYSTEM/etc/rsyslog.d/vpn.conf"
		check "$(basename "$sample") passes rsyslogd -N1" yes "$(answer inside rsyslogd -N1)"
	done
	sed -i 's/language="both"/language="none"/' "$SYSTEM/etc/rsyslog.d/vpn.conf"
	check 'with a mistake it does not' no "$(answer inside rsyslogd -N1)"
	rm "$SYSTEM/etc/rsyslog.d/vpn.conf" "$SYSTEM/etc/omipsec/pagerduty.key"
}

rsyslogd_start() {
	cat >"$SYSTEM/root/rsyslog.conf" <<-CONF
		global(workDirectory="/root")
		module(load="imfile")
		include(file="$EXAMPLES/omipsec-file.conf")
		input(type="imfile" file="/root/gateway.log" tag="gateway")
	CONF
	chroot "$SYSTEM" /usr/sbin/rsyslogd -n -f /root/rsyslog.conf -i /root/pid >"$WORK/rsyslogd.log" 2>&1 &
	DAEMON=$!
}

# It may have ended by itself; STATUS is what it answered.
rsyslogd_stop() {
	kill "$DAEMON" 2>/dev/null || true
	STATUS=0
	wait "$DAEMON" || STATUS=$?
	DAEMON=
}

# Each event, held against the schema that is installed.
code_and_tunnel() {
	python3 - "$SYSTEM$EVENTS" "$SYSTEM/usr/share/omipsec/schema/omipsec-event.schema.json" <<-'PYTHON'
		import json, sys, jsonschema
		schema = json.load(open(sys.argv[2], encoding="utf-8"))
		for line in open(sys.argv[1], encoding="utf-8"):
		    event = json.loads(line)
		    jsonschema.validate(event, schema)
		    print(event["event"]["code"], event["omipsec"]["tunnel"]["id"])
	PYTHON
}

t_a_line_becomes_its_event() {
	grep 'OfflineReason=dpd timeout' "$SYSTEM$EXAMPLES/huawei.log" >"$SYSTEM/root/gateway.log"
	rsyslogd_start
	tries=0
	until [ -s "$SYSTEM$EVENTS" ] || [ "$tries" -ge 200 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	rsyslogd_stop
	check 'rsyslogd ended well' 0 "$STATUS"
	check 'the line became its event' 'dpd_timeout HQ-USG6000/7/2/203.0.113.201' "$(code_and_tunnel 2>&1 | tail -n 5)"
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

# What an administrator has made or changed.
own_files() {
	(cd "$SYSTEM" && ls -ld var/lib/omipsec && cat etc/logrotate.d/omipsec etc/omipsec/overrides.yaml \
		var/lib/omipsec/vpn.state)
}

t_upgrade_keeps_what_is_not_ours() {
	make_later
	sed -i 's/weekly/daily/' "$SYSTEM/etc/logrotate.d/omipsec"
	cp "$SYSTEM$EXAMPLES/overrides.yaml" "$SYSTEM/etc/omipsec"
	echo state >"$SYSTEM/var/lib/omipsec/vpn.state"
	inside chown daemon /var/lib/omipsec
	own_files >"$WORK/own"
	check 'it can be upgraded' yes "$(answer apt_files "$WORK"/later/*.deb)"
	check 'to the later version' yes "$(inside dpkg-query -W omipsec | grep -q '+1$' && echo yes)"
	check 'what the administrator made or changed stays' '' "$(own_files 2>&1 | diff "$WORK/own" -)"
	apt remove omipsec omipsec-rules
	check 'removed, it stays too' '' "$(own_files 2>&1 | diff "$WORK/own" -)"
}

t_purge_leaves_nothing() {
	rm -r "$SYSTEM"/etc/omipsec/overrides.yaml "$SYSTEM"/root/*
	apt purge --auto-remove omipsec omipsec-rules
	check 'purged, nothing of it is left' '' "$(since_before)"
	check 'not even to dpkg' no "$(answer inside dpkg-query -W omipsec)"
}

end() {
	[ $? -eq 0 ] || echo "what apt said is in $WORK/apt.log"
	[ -z "$DAEMON" ] || rsyslogd_stop
	rm -rf "$SYSTEM"
}

reason=$(can_make) || cannot_run "$reason"
mkdir -p "$WORK"
rm -rf "$DEBS" "$WORK/apt.log"
sh "$ROOT/packaging/deb.sh" "$DEBS"
base_get || cannot_run 'debootstrap could not make a Debian 12; its last words are above'
trap end EXIT
trap 'exit 1' HUP INT TERM
system_make
apt_update || cannot_run 'apt has no network in the clean Debian'
for name in $(sed -n 's/^\(t_[a-z_]*\)() {$/\1/p' "$0"); do
	"$name"
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
