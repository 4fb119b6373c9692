#!/bin/sh
# 50,000 lines, one in a hundred a VPN line, come over one TCP connection into an action with a memory queue.
# Every VPN line must be in the topic as one event, with the tunnel's id as its key and all its headers.
# None may be there twice, and none of the other 49,500 lines, some of which contain a VPN line's very words.
# A failure whose reason no rule knows is an event too.
# The counters must say the same.
set -eu
. "$E2E/lib.sh"

configure() {
	conf_base
	conf_tcp in
	echo 'ruleset(name="in") {'
	conf_kafka mixed "$(queue_memory 1)"
	echo '}'
}

check_counters() {
	poll 10 stat_reaches omipsec lines 50000 || true
	check "counter lines" 50000 "$(stat_of omipsec lines)"
	for class in negotiation disconnect established unknown; do
		eval "$class=$(sed -n "s/.*\"$class\": \([0-9]*\).*/\1/p" "$WORK/expect")"
	done
	# A failure for an unknown reason is of its class as well.
	# shellcheck disable=SC2154
	check "counter events.negotiation" $((negotiation + unknown)) "$(stat_of omipsec events.negotiation)"
	# shellcheck disable=SC2154
	check "counter events.disconnect" "$disconnect" "$(stat_of omipsec events.disconnect)"
	# shellcheck disable=SC2154
	check "counter events.established" "$established" "$(stat_of omipsec events.established)"
	check "counter events.client" 0 "$(stat_of omipsec events.client)"
	check "counter unknown" "$unknown" "$(stat_of omipsec unknown)"
	check "counter delivered" 500 "$(stat_of omipsec delivered)"
	check "counter refused" 0 "$(stat_of omipsec refused)"
}

lines --lines 50000 --vpn 0.01 --expect "$WORK/expect" >"$WORK/lines"
kafka_topic mixed 3
configure >"$WORK/conf"
rsyslog_start "$WORK/conf"
send_lines "$PORT" "$WORK/lines"
poll 60 topic_reaches mixed 500 || true
check_counters
check_clean_end
tally_topic mixed "$WORK/expect"
check "every VPN line is in the topic" 0 "$(tally missing)"
check "none is there twice" "500 500" "$(tally records) $(tally distinct)"
check_well_formed
