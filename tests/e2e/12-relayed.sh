#!/bin/sh
# A relay gets the sample lines and forwards each three times, in the formats that rsyslog's omfwd offers.
# The relay and the collector are two rulesets of one rsyslogd, with a TCP connection of loopback between them.
# Its parser takes some of Huawei's headers apart: hosts and times move, a tag is cut at 32 bytes or loses its name.
# Every VPN event must be recognised in every format, with the code that it has without a relay.
# None of the ordinary lines may become one.
set -eu
. "$E2E/lib.sh"

VPNLOG=$(dirname "$OMIPSEC_SO")/../../vpnlog
SAMPLE=$E2E/../../packaging/samples/huawei.log
FORMATS='RSYSLOG_TraditionalForwardFormat RSYSLOG_ForwardFormat RSYSLOG_SyslogProtocol23Format'
COLLECTOR=$(python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')

configure() {
	conf_base
	conf_tcp relay
	echo "input(type=\"imtcp\" address=\"127.0.0.1\" port=\"$COLLECTOR\" ruleset=\"in\")"
	echo 'ruleset(name="in") {'
	conf_file "$WORK/events.jsonl"
	echo '}'
	echo 'ruleset(name="relay") {'
	for format in $FORMATS; do
		echo "action(type=\"omfwd\" target=\"127.0.0.1\" port=\"$COLLECTOR\" protocol=\"tcp\" template=\"$format\""
		echo 'action.resumeRetryCount="-1" action.resumeInterval="1")'
	done
	echo '}'
}

codes() {
	python3 -c 'import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    event = json.loads(line)
    print(event["omipsec"]["class"], event["event"].get("code", "-"), event["omipsec"]["tunnel"]["peer"]["ip"])' "$1" | sort
}

# A line that begins with a digit would be taken for an octet count.
sed 's/^[0-9]/<188>&/' "$SAMPLE" >"$WORK/lines"
"$VPNLOG" explain --rules "$RULES" --json "$WORK/lines" >"$WORK/direct.jsonl"
cat "$WORK/direct.jsonl" "$WORK/direct.jsonl" "$WORK/direct.jsonl" >"$WORK/wanted.jsonl"
configure >"$WORK/conf"
rsyslog_start "$WORK/conf"
send_lines "$PORT" "$WORK/lines"
has_events() {
	[ "$(wc -l <"$WORK/events.jsonl")" -ge "$1" ]
}
poll 20 has_events 15 || true
check "every event is recognised in every format" "$(codes "$WORK/wanted.jsonl")" "$(codes "$WORK/events.jsonl")"
check_clean_end
