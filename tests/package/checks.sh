# shellcheck shell=sh
# What the packages of both kinds are held to, in the system of root.sh. To be sourced after it, with ROOT set.

EXAMPLES=/usr/share/doc/omipsec/examples
EVENTS=/var/log/omipsec/events.jsonl
DAEMON=
passed=0 failed=0

# What the machine lacks is no fault of the project's; tests/run.sh does not let it pass in CI.
cannot_run() {
	echo "SKIPPED, nothing of this was tried: $1"
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

# since_before: files that have come or gone, the first few.
since_before() {
	files | diff "$WORK/before" - | grep '^[<>]' | head -n 5 | tr '\n' ' '
}

# rsyslogd_start [OPTION...]
rsyslogd_start() {
	cat >"$SYSTEM/root/rsyslog.conf" <<-CONF
		global(workDirectory="/root")
		module(load="imfile")
		include(file="$EXAMPLES/omipsec-file.conf")
		input(type="imfile" file="/root/gateway.log" tag="gateway")
	CONF
	chroot "$SYSTEM" /usr/sbin/rsyslogd -n -f /root/rsyslog.conf -i /root/pid "$@" >"$WORK/rsyslogd.log" 2>&1 &
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

# line_becomes_event [OPTION...], of rsyslogd
line_becomes_event() {
	grep 'OfflineReason=dpd timeout' "$SYSTEM$EXAMPLES/huawei.log" >"$SYSTEM/root/gateway.log"
	rsyslogd_start "$@"
	tries=0
	until [ -s "$SYSTEM$EVENTS" ] || [ "$tries" -ge 200 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	rsyslogd_stop
	check 'rsyslogd ended well' 0 "$STATUS"
	check 'the line became its event' 'dpd_timeout HQ-USG6000/7/2/203.0.113.201' "$(code_and_tunnel 2>&1 | tail -n 5)"
}

# What an administrator makes or changes.
own_files_make() {
	sed -i 's/weekly/daily/' "$SYSTEM/etc/logrotate.d/omipsec"
	cp "$SYSTEM$EXAMPLES/overrides.yaml" "$SYSTEM/etc/omipsec"
	echo state >"$SYSTEM/var/lib/omipsec/vpn.state"
	inside chown daemon /var/lib/omipsec
}

# own_files LOGROTATE
own_files() {
	(cd "$SYSTEM" && ls -ld var/lib/omipsec && cat "$1" etc/omipsec/overrides.yaml var/lib/omipsec/vpn.state)
}

end() {
	[ $? -eq 0 ] || echo "what apt and rpm said is in $WORK/apt.log"
	[ -z "$DAEMON" ] || rsyslogd_stop
	rm -rf "$SYSTEM"
}

# run_checks FILE: its functions t_*, in their order, in a new system.
run_checks() {
	base_get || cannot_run 'debootstrap could not make a Debian 12; its last words are above'
	trap end EXIT
	trap 'exit 1' HUP INT TERM
	system_make
	apt_update || cannot_run 'apt has no network in the clean Debian'
	for name in $(sed -n 's/^\(t_[a-z_]*\)() {$/\1/p' "$1"); do
		"$name"
	done
	echo "$passed passed, $failed failed, 0 skipped"
	[ "$failed" -eq 0 ]
}
