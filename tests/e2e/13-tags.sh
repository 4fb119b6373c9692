#!/bin/sh
# mmipsec under four workers tags the VPN lines among 50,000 with their events, and leaves the others as they were.
# What omipsec makes of the tags is what it makes of the lines: the same events in a file, each of them in the topic,
# past a queue of its own. An API answer with two lines in it is one message with two events.
# The container can be another one. The counters say how many lines and events there were. A HUP reads the rules again.
set -eu
. "$E2E/lib.sh"

configure() {
	conf_base
	cat <<-EOF
		main_queue(queue.workerThreads="4" queue.workerThreadMinimumMessages="100" queue.dequeueBatchSize="128")
		module(load="$MMIPSEC_SO")
		template(name="tagged" type="string" string="%\$!vpn!event!id%\n")
		template(name="raw" type="string" string="%rawmsg%\n")
		template(name="own" type="string" string="%\$!here!event!id%\n")
	EOF
	conf_tcp in
	cat <<-EOF
		ruleset(name="in" queue.type="LinkedList" queue.size="200000" queue.workerThreads="4"
			queue.workerThreadMinimumMessages="100" queue.dequeueBatchSize="128") {
			action(type="mmipsec" name="tags" rules="$RULES_HERE" language="both")
			action(type="mmipsec" rules="$RULES" container="\$!here")
			action(type="omfile" file="$WORK/raw" template="raw")
			action(type="omipsec" name="lines" output="file" file="$WORK/lines.jsonl" rules="$RULES" language="both")
			if \$!vpn!event!id != "" then {
				action(type="omfile" file="$WORK/tagged" template="tagged")
				action(type="omipsec" name="events" input="event" output="file" file="$WORK/events.jsonl" rules="$RULES")
	EOF
	conf_kafka tags "input=\"event\" action.copyMsg=\"on\" $(queue_memory 1)" | sed 's/language="both"//'
	cat <<-EOF
			}
			if \$!here!event!id != "" then action(type="omfile" file="$WORK/own" template="own")
		}
	EOF
}

# tags_stat COUNTER
tags_stat() {
	grep '"name": *"tags".*"origin": *"mmipsec"' "$WORK/stats" | tail -n 1 | sed -n "s/.*\"$1\": *\([0-9]*\).*/\1/p"
}

tags_reach() {
	now=$(tags_stat "$1")
	[ "${now:-0}" -ge "$2" ]
}

answer() {
	line='2026-11-23T08:59:00.7+00:00 host-10-0-0-1 ipsec_ike[30085]: [198.51.100.20] IPSec tunnel negotiation fails.'
	line="$line (IfIndex=[207], PolicyName=[], SeqNum=[0], PeerAddress=[203.0.113.7], PeerPort=[500], Reason=["
	printf '{"logs":[{"time":1,"raw_message":"%s"},{"time":2,"raw_message":"%s"}]}\n' \
		"${line}version mismatch])" "${line}dpd timeout])"
}

cp -r "$RULES" "$WORK/rules"
RULES_HERE=$WORK/rules
lines --lines 50000 --vpn 0.01 --expect "$WORK/expect" >"$WORK/lines"
kafka_topic tags 3
configure >"$WORK/conf"
unset RULES_HERE
rsyslog_start "$WORK/conf"
send_lines "$PORT" "$WORK/lines"
poll 60 topic_reaches tags 500 || true
poll 10 tags_reach lines 50000 || true
poll 60 has_lines 50000 "$WORK/raw" || true
check "counter lines" 50000 "$(tags_stat lines)"
check "counters of events" 500 $(($(tags_stat events.negotiation) + $(tags_stat events.disconnect) +
	$(tags_stat events.established) + $(tags_stat events.client)))
check "as many lines are tagged" 500 "$(wc -l <"$WORK/tagged")"
check "in another container too" 500 "$(wc -l <"$WORK/own")"
check "every line came through as it was" "$(sort "$WORK/lines" | md5sum)" "$(sort "$WORK/raw" | md5sum)"
check "500 events of lines" 500 "$(wc -l <"$WORK/lines.jsonl")"
check "the events of tags are those of lines" "" "$(python3 "$E2E/same.py" "$WORK/lines.jsonl" "$WORK/events.jsonl")"

answer >"$WORK/answer"
send_lines "$PORT" "$WORK/answer"
poll 20 topic_reaches tags 502 || true
check "an API answer with two lines is two events" 502 "$(kafka_count tags)"
check "and one tagged message" 501 "$(wc -l <"$WORK/tagged")"

echo 'nonsense: [' >"$WORK/rules/vendors/zz.yaml"
rsyslog_hup
poll 20 holds_text 'mmipsec: action "tags": HUP' "$WORK/messages" || true
check_says "rules with a mistake are refused at a HUP" 'HUP: the rules in use are kept: .*zz\.yaml:[0-9]' "$WORK/messages"
lines --lines 10 --vpn 1 --first 70000 >"$WORK/more"
send_lines "$PORT" "$WORK/more"
poll 20 topic_reaches tags 512 || true
check "the old rules go on" 512 "$(kafka_count tags)"
check_clean_end
tally_topic tags "$WORK/expect"
check "every VPN line is in the topic" 0 "$(tally missing)"
check "none is there twice" "512 512" "$(tally records) $(tally distinct)"
check "every key is the tunnel's id" 0 "$(tally badkey)"
check "every record has its headers" 0 "$(tally badhead)"
