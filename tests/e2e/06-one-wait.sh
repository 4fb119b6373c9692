#!/bin/sh
# The broker is down when a batch of 1,024 VPN events is handed to the module.
# The module may wait for its acknowledgements once, in full; rsyslog then replays the batch as 1,024 single messages.
# Those must find the broker known to be down: one wait, not 1,025, however long the outage lasts.
# The broker comes back and all 1,024 events must be in the topic.
# None may be there twice.
set -eu
. "$E2E/lib.sh"

# The queue hands nothing over before the batch is full.
configure() {
	conf_base
	conf_tcp in
	echo 'ruleset(name="in") {'
	conf_kafka wait "$(queue_memory 1) queue.minDequeueBatchSize=\"1024\" queue.minDequeueBatchSize.timeout=\"30000\""
	echo '}'
}

lines --lines 1024 --vpn 1 --expect "$WORK/expect" >"$WORK/lines"
kafka_topic wait 3
configure >"$WORK/conf"
# The broker goes only when the action has found it, so that the batch is really tried.
rsyslog_start "$WORK/conf"
kafka_stop
send_lines "$PORT" "$WORK/lines"
# Six of rsyslog's probes after the first wait it must still be the one; a module that knows of the outage beforehand
# need not wait. (rsyslog's own suspended.duration stays 0 until the action resumes.)
poll 30 stat_reaches omipsec waits 1 || true
sleep 12
waits=$(stat_of omipsec waits)
note "full waits: $waits"
check "at most one full wait" yes "$([ "${waits:-1025}" -le 1 ] && echo yes || echo "no ($waits)")"
check "nothing was given up" "0 0" "$(stat_of omipsec delivered) $(stat_of omipsec refused)"
kafka_again
poll 60 topic_reaches wait 1024 || true
check_clean_end
tally_topic wait "$WORK/expect"
check "no event is lost" 0 "$(tally missing)"
check "none is there twice" "1024 1024" "$(tally records) $(tally distinct)"
check_well_formed
