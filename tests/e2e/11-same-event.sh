#!/bin/sh
# The sample lines come to rsyslogd over TCP, one by one, and as one answer of Huawei Cloud's API.
# vpnlog reads the same lines from a file.
# A line must have one event.id and one tunnel in both, whichever way it came: control bytes are escaped alike.
# The answer's lines must speak for the connection that the answer names, not for the node in the line.
# None of the ordinary lines among them is an event.
set -eu
. "$E2E/lib.sh"

VPNLOG=$(dirname "$OMIPSEC_SO")/../../vpnlog
SAMPLE=$E2E/../../packaging/samples/huawei.log

# The sample, and a line with a tab, a bell and half a UTF-8 character in it.
make_lines() {
	cat "$SAMPLE"
	printf '<188>Nov 23 2026 03:31:09+08:00 HQ-USG6000 IPSEC/4/IPSECNEGOFAIL:OID 1\tIPSec tunnel negotiation fails. '
	printf '(Ifindex=6, SeqNum=10, Reason=rekey fail, PeerAddress=203.0.113.8, PolicyName=p\a\344\270)\n'
}

# A line that begins with a digit would be taken for an octet count.
over_tcp() {
	sed 's/^[0-9]/<188>&/' "$1"
}

ids() {
	python3 -c 'import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    event = json.loads(line)
    print(event["event"]["id"], event["omipsec"]["tunnel"]["id"])' "$1" | sort
}

answer() {
	python3 -c 'import json, sys
lines = open(sys.argv[1], encoding="latin-1").read().splitlines()
print(json.dumps({"logs": [{"time": 1735024112, "raw_message": line} for line in lines],
                  "request_id": "r", "vpn_connection_id": "conn-7"}))' "$SAMPLE"
}

MAX_MESSAGE=64k
make_lines >"$WORK/lines"
{
	conf_base
	conf_tcp in
	echo 'ruleset(name="in") {'
	conf_file "$WORK/events.jsonl"
	echo '}'
} >"$WORK/conf"
rsyslog_start "$WORK/conf"
over_tcp "$WORK/lines" >"$WORK/sent"
send_lines "$PORT" "$WORK/sent"
"$VPNLOG" explain --rules "$RULES" --json "$WORK/lines" >"$WORK/vpnlog.jsonl"
has_events() {
	[ "$(wc -l <"$WORK/events.jsonl")" -ge "$1" ]
}
poll 20 has_events 6 || true
check "vpnlog finds the events" 6 "$(wc -l <"$WORK/vpnlog.jsonl")"
check "the module gives each the same id and tunnel" "$(ids "$WORK/vpnlog.jsonl")" "$(ids "$WORK/events.jsonl")"
answer >"$WORK/answer"
send_lines "$PORT" "$WORK/answer"
poll 20 has_events 11 || true
tail -n 5 "$WORK/events.jsonl" >"$WORK/answered.jsonl"
check "an API answer speaks for its connection" 5 "$(ids "$WORK/answered.jsonl" | grep -c ' conn-7/')"
"$VPNLOG" explain --rules "$RULES" --json "$WORK/answer" >"$WORK/vpnlog.jsonl"
check "vpnlog reads the answer alike" "$(ids "$WORK/vpnlog.jsonl")" "$(ids "$WORK/answered.jsonl")"
check_clean_end
