#!/bin/sh
# omipsec with input="event" gets 400 events of another rsyslogd's file, and between them what is none: broken, deep and
# foreign JSON, plain text, a newer schema, an outage's record, bytes that are no text.
# The events come out as they came in; the outage's record is skipped; everything else is in errorFile, counted, and
# told once. While errorFile cannot be written nothing is lost and nothing goes on; then everything does.
# With tunnelState="on" the events have the tunnel's state besides.
set -eu
. "$E2E/lib.sh"

ERRORS=$WORK/errors.jsonl

# First the events, from lines.
make_events() {
	{
		conf_base
		conf_tcp in
		echo 'ruleset(name="in") {'
		conf_file "$WORK/made.jsonl" "$(queue_memory 1)"
		echo '}'
	} >"$WORK/conf"
	lines --lines 400 --vpn 1 >"$WORK/lines"
	rsyslog_start "$WORK/conf"
	send_lines "$PORT" "$WORK/lines"
	poll 30 has_lines 400 "$WORK/made.jsonl" || true
	check_clean_end
}

configure() {
	MAX_MESSAGE=256k conf_base
	conf_tcp in
	cat <<-EOF
		ruleset(name="in") {
			action(type="omipsec" name="state" input="event" container="rawmsg" tunnelState="on" output="file"
				file="$WORK/state.jsonl" rules="$RULES" stateDir="$WORK/state")
	EOF
	conf_file "$WORK/out.jsonl" "input=\"event\" container=\"rawmsg\" errorFile=\"$ERRORS\" $(queue_memory 1)" |
		sed 's/language="both"//'
	echo '}'
}

make_events
python3 "$E2E/strange.py" "$WORK/made.jsonl" >"$WORK/mixed"
strange=$(python3 "$E2E/strange.py" --count)
configure >"$WORK/conf"
mkdir "$ERRORS"
check_says "errorFile that is a folder is refused" 'errorFile' "$(rsyslog_verify "$WORK/conf" >"$WORK/said" || true; echo "$WORK/said")"
rmdir "$ERRORS"
rsyslog_start "$WORK/conf"
mkdir "$ERRORS"
send_lines "$PORT" "$WORK/mixed" --octet
poll 20 holds_text 'nor put aside in errorFile' "$WORK/messages" || true
check_says "that errorFile cannot be written is told" 'nor put aside in errorFile=.*messages wait' "$WORK/messages"
rmdir "$ERRORS"
poll 40 stat_reaches omipsec lines $((400 + strange)) || true
check "every message was taken" $((400 + strange)) "$(stat_of omipsec lines)"
check "what is no event is counted" $((strange - 1)) "$(stat_of omipsec malformed)"
check "the others are delivered" 400 "$(stat_of omipsec delivered)"
check "and are as they were" "" "$(python3 "$E2E/same.py" "$WORK/made.jsonl" "$WORK/out.jsonl")"
check_more "what is no event is in errorFile" $((strange - 1)) "$(wc -l <"$ERRORS")"
check "errorFile is JSON Lines, each with a reason" ok "$(python3 -c 'import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    it = json.loads(line)
    assert it["reason"] and it["time"] and "value" in it, line
print("ok")' "$ERRORS" 2>&1 | tail -n 1)"
poll 20 has_lines 400 "$WORK/state.jsonl" || true
check_more "the tunnel's state is in the events" 100 "$(grep -c '"previous_state"' "$WORK/state.jsonl")"
check_clean_end
