#!/bin/sh
# huawei-cloud-log.py asks a stand-in of Huawei Cloud's service for a connection's log, and the sample configuration makes
# events of what it writes, whose device is the connection.
# A token that others may read is not used, one that is refused and one that was renewed are told and read. The token goes to
# no server that cannot prove who it is, to no other place, and stands in no message. What the service answers again is not
# written again; what came late or in the same second is. After an error the follower comes back by itself.
set -eu
. "$E2E/lib.sh"

FOLLOW="$E2E/../../packaging/samples/huawei-cloud-log.py"
SAMPLE="$E2E/../../packaging/rsyslog.d/omipsec-huawei-cloud.conf"
CONNECTION=d3a7f2e0-5d5d-4a8e-8b1a-0123456789ab
TOKEN=MIIFnAYJKoZIhvcNAQcCoIIFjTCCBYkCAQEx
OUT=$WORK/log/huawei-cloud.jsonl

# log SECOND REASON: one of the service's logs.
log() {
	printf '{"time":%d,"raw_message":"2026-11-23T08:59:%02d.730275+00:00 host-10-0-0-1 ipsec_ike[30085]: [198.51.100.20] ' \
		"$((1795424340 + $1))" "$1"
	printf 'IPSec tunnel negotiation fails. (IfIndex=[207], PolicyName=[], SeqNum=[0], PeerAddress=[203.0.113.7], '
	printf 'PeerPort=[500], Reason=[%s])"}' "$2"
}

# answers LINE...: what the service says from now on.
answers() {
	printf '%s\n' "$@" >"$WORK/answers"
	end_service
	: >"$WORK/requests"
	rm -f "$WORK/service.port"
	python3 "$E2E/cloud.py" "$WORK/service.pem" "$WORK/service.key" "$TOKEN" "$WORK/answers" "$WORK/service.port" \
		"$WORK/requests" >>"$WORK/service.log" 2>&1 &
	SERVICE=$!
	poll 20 test -s "$WORK/service.port"
}

end_service() {
	[ -z "${SERVICE:-}" ] || kill "$SERVICE"
	SERVICE=
}

follow() {
	python3 "$FOLLOW" --endpoint "https://127.0.0.1:$(cat "$WORK/service.port")" --project 0a1b --token "$WORK/token" \
		--state "$WORK/places.json" --output "$OUT" "$@" "$CONNECTION" 2>>"$WORK/said"
}

# once NAME EXPECTED: one round, and its answer.
once() {
	status=0
	follow --once || status=$?
	check "$1" "$2" "$status"
}

written() {
	[ ! -f "$OUT" ] || python3 -c 'import json, sys
for line in open(sys.argv[1], encoding="ascii"):
    record = json.loads(line)
    assert len(line) < 8192 and record["vpn_connection_id"] == sys.argv[2]
    for log in record["logs"]: print(log["raw_message"].split("Reason=[")[1].split("]")[0])' "$OUT" "$CONNECTION" | sort | tr '\n' ','
}

requests() {
	cut -d ' ' -f 1 "$WORK/requests" | tr '\n' ' '
}

has_written() {
	[ "$(written)" = "$1" ]
}

trap end_service EXIT
mkdir -p "$WORK/log"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=service -addext 'subjectAltName=IP:127.0.0.1' \
	-keyout "$WORK/service.key" -out "$WORK/service.pem" 2>/dev/null
FIRST=$(log 1 'version mismatch') SECOND=$(log 2 'dpd timeout') SAME=$(log 2 'peer request') LATE=$(log 0 'authentication fail')
echo "$TOKEN" >"$WORK/token"
chmod 600 "$WORK/token"

answers "200 {\"logs\":[$FIRST]}"
once 'a server that cannot prove who it is' 1
check 'has not seen the token' '' "$(requests)"
export SSL_CERT_FILE="$WORK/service.pem"
chmod 604 "$WORK/token"
once 'a token that everybody may read' 1
check_says 'it is told what to do' 'token can be read by everybody; chmod' "$WORK/said"
echo old >"$WORK/token"
chmod 600 "$WORK/token"
once 'a token that has expired' 1
check_says 'it is told what to do' 'refused .401.; write a new one into' "$WORK/said"
echo "$TOKEN" >"$WORK/token"
once 'a token that was renewed' 0
check 'the log is written' 'version mismatch,' "$(written)"
check_says 'of the connection, in the project' "^200 /v5/0a1b/vpn-connection/$CONNECTION/log\$" "$WORK/requests"

answers "200 {\"logs\":[$SECOND,$FIRST]}" "200 {\"logs\":[]}" "200 {\"logs\":[$LATE,$SAME,$SECOND,$FIRST]}"
once 'it goes on' 0
check 'with what is new' 'dpd timeout,version mismatch,' "$(written)"
once 'an empty answer' 0
once 'all again, and two more' 0
check 'only these are new' 'authentication fail,dpd timeout,peer request,version mismatch,' "$(written)"

answers '302' '404' '200 {"logs":7}' "200 {\"logs\":[{\"time\":1}]}"
once 'another address' 1
check 'is not asked' '302 ' "$(requests)"
once 'a connection that is not there' 1
once 'what is no log' 1
once 'what is no log either' 1
check 'nothing was written' 'authentication fail,dpd timeout,peer request,version mismatch,' "$(written)"

many=$(for second in $(seq 10 59); do log "$second" "reason $second"; echo; done | paste -s -d ,)
answers '429' '503' "200 {\"logs\":[$many]}"
follow --interval 1 &
FOLLOWER=$!
# run.sh ends it if this fails.
echo "$FOLLOWER" >"$WORK/rsyslogd.pid"
poll 60 has_written "$(for second in $(seq 10 59); do printf 'reason %s,' "$second"; done |
	sed 's/^/authentication fail,dpd timeout,peer request,/')version mismatch," || true
kill "$FOLLOWER"
check 'after 429 and 503 all is written, in lines that rsyslog takes' 54 "$(written | tr -cd , | wc -c)"
check 'each was asked for once' '429 503 200' "$(requests | cut -d ' ' -f 1-3)"
check 'nobody has told the token' '' "$(grep -l "$TOKEN" "$WORK/said" "$WORK/places.json" "$OUT")"

{
	conf_base | grep -v "$OMIPSEC_SO"
	sample_here "$SAMPLE" | sed '/abortOnUncleanConfig/d'
} >"$WORK/conf"
rsyslog_start "$WORK/conf"
poll 20 test -s "$WORK/log/events.jsonl" || true
poll 20 eval '[ "$(wc -l <"$WORK/log/events.jsonl")" -ge 54 ]' || true
check 'every log is an event' 54 "$(wc -l <"$WORK/log/events.jsonl")"
check 'the connection is the device' "$CONNECTION" "$(python3 -c 'import json, sys
print(*{json.loads(line)["observer"]["hostname"] for line in open(sys.argv[1], encoding="utf-8")})' "$WORK/log/events.jsonl")"
check_clean_end
