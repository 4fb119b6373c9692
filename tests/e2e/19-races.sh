#!/bin/sh
# Four workers in every queue, tunnels tracked, and every kind of output: the tags, a file, the topic, a receiver of
# alerts. HUPs come every 20 ms while lines flow. Then rsyslogd is stopped in the middle of them, with timeouts so short
# that it cancels its workers: it must end by itself, and start again with what is left, three times.
# What came out is well-formed, and nothing of it is there twice. Under a sanitizer, nothing is reported.
set -eu
. "$E2E/lib.sh"

queue_hasty() {
	echo 'queue.type="LinkedList" queue.size="200000" queue.workerThreads="4" queue.workerThreadMinimumMessages="50"'
	echo 'queue.dequeueBatchSize="64" queue.timeoutShutdown="1" queue.timeoutActionCompletion="1"'
}

configure() {
	conf_base
	echo "module(load=\"$MMIPSEC_SO\")"
	conf_tcp in
	echo "ruleset(name=\"in\" $(queue_hasty)) {"
	echo "action(type=\"mmipsec\" rules=\"$RULES\")"
	conf_kafka races "tunnelState=\"on\" $(queue_hasty)"
	conf_file "$WORK/events.jsonl" "tunnelState=\"on\" $(queue_hasty)" | sed 's/"vpn"/"file"/g'
	cat <<-EOF
			action(type="omipsec" name="alerts" output="alertmanager" url=["http://127.0.0.1:$(cat "$WORK/receiver")"]
				rules="$RULES" stateDir="$WORK/state" holdDown="0" resendInterval="1" $(queue_hasty))
		}
	EOF
}

# hups SECONDS
hups() {
	hups_end=$(($(now_ms) + $1 * 1000))
	while [ "$(now_ms)" -lt "$hups_end" ]; do
		rsyslog_hup
		sleep 0.02
	done
}

# The sender loses its connection, which is no fault of its own.
round() {
	rsyslog_start "$WORK/conf"
	lines --lines 100000 --vpn 0.1 --first $(($1 * 20000)) >"$WORK/lines"
	send_lines "$PORT" "$WORK/lines" --rate 20000 >/dev/null 2>&1 &
	sender=$!
	hups 2
	check "there is still something to do in round $1" yes "$(kill -0 $sender 2>/dev/null && echo yes || echo no)"
	check_clean_end
	wait "$sender" || true
}

# check_tally WHERE FILE: alerts aside, which hold no line.
check_tally() {
	check "every event of the $1 is valid" "$(grep -c '"kind\\*":\\*"alert' "$2")" "$(tally invalid)"
	check "and none of them is there twice" 0 "$(tally twice)"
}

python3 "$E2E/receiver.py" "$WORK/receiver" "$WORK/received" &
receiver=$!
trap 'kill $receiver' EXIT
poll 10 test -s "$WORK/receiver"
kafka_topic races 3
configure >"$WORK/conf"
for i in 1 2 3; do
	round "$i"
done
check_more "there are events in the file" 1000 "$(grep -c . "$WORK/events.jsonl")"
check_more "the receiver heard of alerts" 5 "$(wc -c <"$WORK/received")"
tally_file "$WORK/events.jsonl"
check_tally file "$WORK/events.jsonl"
tally_topic races
check_tally topic "$WORK/races.jsonl"
