#!/bin/sh
# The same 200 lines as OCSF: from the lines, and from the events that mmipsec made of them, into a file and a topic.
# Both are alike, but for the time as the device wrote it. In Kafka, key and headers are those of ECS.
# mmipsec with format="ocsf" puts OCSF under $!vpn; an action with input="event" refuses that, and says what it reads.
set -eu
. "$E2E/lib.sh"

ERRORS=$WORK/errors.jsonl

configure() {
	conf_base
	cat <<-EOF
		module(load="$MMIPSEC_SO")
		template(name="tagged" type="string" string="%\$!vpn!metadata!uid%\n")
	EOF
	conf_tcp in
	cat <<-EOF
		ruleset(name="in") {
			action(type="mmipsec" rules="$RULES" format="ocsf")
			action(type="mmipsec" rules="$RULES" container="\$!ecs")
			action(type="omipsec" name="lines" output="file" file="$WORK/lines.jsonl" rules="$RULES" format="ocsf")
			if \$!vpn!metadata!uid != "" then {
				action(type="omfile" file="$WORK/tagged" template="tagged")
				action(type="omipsec" name="events" input="event" container="\$!ecs" output="file"
					file="$WORK/events.jsonl" rules="$RULES" format="OCSF")
				action(type="omipsec" name="wrong" input="event" output="file" file="$WORK/wrong.jsonl"
					rules="$RULES" errorFile="$ERRORS")
			}
	EOF
	conf_kafka ocsf 'format="ocsf"'
	echo '}'
}

# compare: the events in both files, and the records of the topic, against each other.
compare() {
	kafka_read ocsf >"$WORK/topic"
	python3 - "$WORK/lines.jsonl" "$WORK/events.jsonl" "$WORK/topic" <<-'PYTHON'
		import json, sys

		lines, made, records = ([json.loads(line) for line in open(path, encoding="utf-8")] for path in sys.argv[1:])
		for event in lines:
		    event["metadata"].pop("original_time")
		if lines != made:
		    print("the events of tags are not those of lines")
		for event in lines:
		    if event["class_uid"] != 4014 or event["device"]["ip"] == "127.0.0.1":
		        print("no OCSF of a tunnel:", event)
		for it in records:
		    event, headers = json.loads(it["payload"]), dict(zip(it["headers"][::2], it["headers"][1::2]))
		    if (it["key"], headers["ce_id"]) != (event["metadata"]["correlation_uid"], event["metadata"]["uid"]):
		        print("key or ce_id is not the event's:", it)
		    if headers["omipsec-schema"] != str(event["unmapped"]["omipsec"]["schema"]):
		        print("omipsec-schema is not the event's:", headers)
		    if headers["ce_type"] != f"io.omipsec.{event['unmapped']['omipsec']['class']}.v1":
		        print("ce_type is not as in ECS:", headers)
	PYTHON
}

lines --lines 200 --vpn 1 >"$WORK/in"
kafka_topic ocsf 1
configure >"$WORK/conf"
rsyslog_start "$WORK/conf"
send_lines "$PORT" "$WORK/in"
poll 60 topic_reaches ocsf 200 || true
check "every line is in the topic" 200 "$(kafka_count ocsf)"
check_clean_end
check "every line is tagged with OCSF" 200 "$(grep -c . "$WORK/tagged")"
check "an event of each line, and of each tag" "200 200" "$(wc -l <"$WORK/lines.jsonl") $(wc -l <"$WORK/events.jsonl")"
check "they are the same" "" "$(compare | head -n 3)"
check "what is OCSF is no event for input=event" 200 "$(wc -l <"$ERRORS")"
check "and nothing comes of it" "" "$(cat "$WORK/wrong.jsonl" 2>/dev/null)"
check_says "and it says what it reads" 'it is OCSF, and input=..event.. reads ECS' "$ERRORS"
