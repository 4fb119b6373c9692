#!/bin/sh
# rsyslogd under valgrind's memcheck: a start, 100,000 lines through the tags, a file with tunnels, the topic and a
# receiver of alerts that nobody answers for; a HUP; a stop.
# There must be no error and no block that was lost, and no descriptor may be left but rsyslogd's own two.
set -eu
. "$E2E/lib.sh"

configure() {
	conf_base
	echo "module(load=\"$MMIPSEC_SO\")"
	conf_tcp in
	echo "ruleset(name=\"in\" $(queue_memory 2 500)) {"
	echo "action(type=\"mmipsec\" rules=\"$RULES\")"
	conf_kafka leaks
	conf_file "$WORK/events.jsonl" 'tunnelState="on"' | sed 's/"vpn"/"file"/g'
	cat <<-EOF
			action(type="omipsec" name="alerts" output="alertmanager" url=["http://127.0.0.1:1"] rules="$RULES"
				stateDir="$WORK/state" holdDown="0")
		}
	EOF
}

# Each descriptor that was open at the end is a paragraph, with where it was opened. rsyslogd itself leaves its source
# of random numbers and imtcp's epoll; valgrind has its log.
descriptors() {
	sed 's/^==[0-9]*== *//' "$WORK/memcheck" |
		awk -v RS= '/Open (file|AF_)/ && !/inherited|seedRandomNumber|nsdpoll_ptcpConstruct/'
}

[ -z "$(sanitizer)" ] || { note "not with a sanitizer, which valgrind cannot run" && exit; }
cat >"$WORK/rsyslogd" <<-EOF
	#!/bin/sh
	exec valgrind --quiet --leak-check=full --track-fds=yes --keep-debuginfo=yes --num-callers=30 --error-exitcode=99 \\
		--suppressions="$E2E/memcheck.supp" --log-file="$WORK/memcheck" "$RSYSLOGD" "\$@"
EOF
chmod +x "$WORK/rsyslogd"
RSYSLOGD=$WORK/rsyslogd
lines --lines 100000 --vpn 0.01 --expect "$WORK/expect" >"$WORK/lines"
kafka_topic leaks 3
configure >"$WORK/conf"
rsyslog_start "$WORK/conf"
send_lines "$PORT" "$WORK/lines"
poll 240 topic_reaches leaks 1000 || true
rsyslog_hup
lines --lines 100 --vpn 1 --first 50000 >"$WORK/more"
send_lines "$PORT" "$WORK/more"
poll 60 topic_reaches leaks 1100 || true
rsyslog_stop 120 || true
check "every VPN line is in the topic" 1100 "$(kafka_count leaks)"
check "memcheck finds nothing" 0 "$RSYSLOG_STATUS"
check "no descriptor is left" "" "$(descriptors)"
check "memcheck has looked at descriptors" yes "$(grep -q seedRandomNumber "$WORK/memcheck" && echo yes || echo no)"
