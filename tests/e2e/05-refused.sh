#!/bin/sh
# A topic takes no record batch above a size that one event of 101 exceeds, and all 101 come in one batch.
# The broker refuses the whole request, as it always does, so the module must try its records one by one.
# The 100 others must be in the topic, each once.
# The large one must be in errorFile, as one line of JSON that holds the event.
# The counters must say 100 delivered and 1 refused, and the module must go on.
set -eu
. "$E2E/lib.sh"

# Uncompressed, so that sizes mean what they say. One batch, however long the lines take to come.
configure() {
	conf_base
	conf_tcp in
	echo 'ruleset(name="in") {'
	CONF_PARAM='"linger.ms=5", "compression.codec=none"' conf_kafka "$1" \
		"$(queue_memory 1) queue.minDequeueBatchSize=\"$2\" queue.minDequeueBatchSize.timeout=\"5000\""
	echo '}'
}

# The size of an ordinary event, which is the guide's words for the most part.
measure() {
	kafka_topic refused-measure 1
	configure refused-measure 1 >"$WORK/conf"
	rsyslog_start "$WORK/conf"
	lines --lines 1 --vpn 1 --first 999 --reason "responder dh mismatch" >"$WORK/one"
	send_lines "$PORT" "$WORK/one"
	poll 30 topic_reaches refused-measure 1 || true
	rsyslog_stop
	tally_topic refused-measure
	tally longest
}

# The 51st line gets 7,000 bytes more, in a field that its event keeps.
make_lines() {
	lines --lines 101 --vpn 1 --reason "responder dh mismatch" --expect "$WORK/expect" |
		awk 'BEGIN { for (i = 0; i < 7000; i++) long = long "x" }
			NR == 51 { sub(/VsysName=public/, "VsysName=" long) } { print }' >"$WORK/lines"
}

ordinary=$(measure | tail -n 1)
check_more "an ordinary event has a size" 1 "$ordinary"
MAX_MESSAGE=32k
make_lines
kafka_topic refused 1 "max.message.bytes=$((ordinary + 3500))"
configure refused 101 >"$WORK/conf"
rsyslog_start "$WORK/conf"
send_lines "$PORT" "$WORK/lines"
poll 60 topic_reaches refused 100 || true
poll 60 stat_reaches omipsec refused 1 || true
check "counter delivered" 100 "$(stat_of omipsec delivered)"
check "counter refused" 1 "$(stat_of omipsec refused)"
lines --lines 1 --vpn 1 --first 500 --reason "responder dh mismatch" >"$WORK/after"
send_lines "$PORT" "$WORK/after"
poll 60 topic_reaches refused 101 && on=yes || on=no
check "it goes on" yes "$on"
check_clean_end
tally_topic refused
check "the others are in the topic, each once" "101 101" "$(tally records) $(tally distinct)"
check "every event is valid" 0 "$(tally invalid)"
touch "$WORK/refused.json"
check "one line in errorFile" 1 "$(grep -c . "$WORK/refused.json" || true)"
check "it is JSON and holds the event" yes "$(python3 - "$WORK/refused.json" <<-'EOF'
	import json, sys
	print("yes" if "ConnID=16777267" in json.dumps(json.loads(open(sys.argv[1], encoding="utf-8").read())) else "no")
EOF
)"
