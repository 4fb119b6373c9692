#!/bin/sh
# What no device should send comes over TCP: 64 KiB of random bytes, NUL and control bytes, GBK, Latin-1 and broken UTF-8
# inside a Huawei body, quotes and brackets, lines cut anywhere, lines with changed bytes, a message after its frame.
# Every line that comes out must be valid JSON in valid UTF-8, with an event.id.
# The 400 good lines in between must all come out.
# rsyslogd must live, and under sanitizers they must say nothing.
set -eu
. "$E2E/lib.sh"

configure() {
	MAX_MESSAGE=128k conf_base
	conf_tcp in
	echo 'ruleset(name="in") {'
	conf_file "$WORK/events.jsonl" "$(queue_memory 1)"
	echo '}'
}

# The last good line is the last message of all.
last_is_out() {
	grep -qF -e "$last" "$WORK/events.jsonl" 2>/dev/null
}

lines --lines 400 --vpn 1 --expect "$WORK/expect" >"$WORK/good"
last=$(sed 's/.*"\([^"]*\)"\]}$/\1/' "$WORK/expect")
python3 "$E2E/hostile.py" "$WORK/good" >"$WORK/frames"
configure >"$WORK/conf"
rsyslog_start "$WORK/conf"
send_lines "$PORT" "$WORK/frames" --raw
poll 60 last_is_out && out=yes || out=no
check "rsyslogd lives and the last good line is out" yes "$out"
note "events: $(grep -c . "$WORK/events.jsonl")"
check_clean_end
tally_file "$WORK/events.jsonl" "$WORK/expect"
check "every line that came out is valid" 0 "$(tally invalid)"
check "the good lines are all out" 0 "$(tally missing)"
check_more "hostile lines gave events too" 400 "$(tally foreign)"
