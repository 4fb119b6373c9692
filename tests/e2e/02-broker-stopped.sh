#!/bin/sh
# 20,000 VPN lines flow into an action with a disk-assisted queue, and in the middle the broker is stopped for 20 s.
# The lines go on coming meanwhile, so the queue must go to disk.
# Within 60 s of the broker's return every event must be in the topic.
# None may be there twice: the broker was stopped, it did not die between a write and its answer.
# Nothing may end in the error file, for an outage is no refusal.
set -eu
. "$E2E/lib.sh"

configure() {
	conf_base
	conf_tcp in
	echo 'ruleset(name="in") {'
	conf_kafka stopped "$(queue_assisted)"
	echo '}'
}

on_disk() {
	ls "$WORK"/spool/vpn.0* >/dev/null 2>&1
}

outage() {
	kafka_stop
	back=$(($(now_ms) + 20000))
	poll 20 on_disk && disk=yes || disk=no
	check "the queue goes to disk during the outage" yes "$disk"
	sent=$(kafka_alive && echo running || echo stopped)
	check "the broker is down" stopped "$sent"
	# The length of the outage is the scenario itself.
	while [ "$(now_ms)" -lt "$back" ]; do sleep 0.1; done
	kafka_again
}

lines --lines 20000 --vpn 1 --expect "$WORK/expect" >"$WORK/lines"
kafka_topic stopped 3
configure >"$WORK/conf"
rsyslog_start "$WORK/conf"
send_lines "$PORT" "$WORK/lines" --rate 2000 &
sender=$!
poll 60 topic_reaches stopped 5000 || true
outage
poll 60 topic_reaches stopped 20000 && intime=yes || intime=no
check "all are delivered within 60 s of the broker's return" yes "$intime"
wait "$sender"
check_clean_end
tally_topic stopped "$WORK/expect"
check "no event is lost" 0 "$(tally missing)"
check "none is there twice" "20000 20000" "$(tally records) $(tally distinct)"
check_well_formed
check "nothing was refused" "" "$(cat "$WORK/refused.json" 2>/dev/null)"
