#!/bin/sh
# Every sample in packaging/rsyslog.d that takes lines or events is started as it stands, but for the paths and the
# addresses of an installation, and for holds of a second. A tunnel comes up and goes down: what the sample promises is
# there. Samples of alerts run with dryRun, which writes what would be sent. omipsec-metrics.conf is for tests/dashboards.
set -eu
. "$E2E/lib.sh"

SAMPLES=$E2E/../../packaging/rsyslog.d
HOLDS='holdDown="1" holdUp="1" gatewayHold="1"'

# line WHEN START|STOP WORD MORE
line() {
	echo "<188>$(LC_ALL=C date -u -d "$1" '+%b %e %Y %H:%M:%S')+00:00 HQ %%01IPSEC/4/IPSECTUNNEL$2(l)[1]:OID 1.3.6.1.4.1.2011" \
		"The IPSec tunnel is $3. (Ifindex=9, SeqNum=1, DstIP=203.0.113.7, SrcIP=198.51.100.1$4)"
}

# at_work NAME: that sample, with an input that its ruleset or the default one reads.
at_work() {
	sample_here "$SAMPLES/omipsec-$1.conf" | sed -e "s|broker=\[[^]]*\]|broker=[\"$KAFKA_BROKER\"]|" -e "s|topic=\"vpn-events\"|topic=\"$1\"|" \
		-e "s|siem.example.net|127.0.0.1|" -e "s#output=\"\(alertmanager\|pagerduty\|webhook\)\"#& dryRun=\"on\" $HOLDS#" \
		-e "s|output=\"ruleset\"|& $HOLDS|"
	echo 'global(processInternalMessages="on")'
	echo 'module(load="imtcp")'
	echo "input(type=\"imtcp\" address=\"127.0.0.1\" port=\"0\" listenPortFileName=\"$WORK/port\")"
	echo "action(type=\"omfile\" file=\"$WORK/messages\")"
}

begin() {
	rm -rf "$WORK/log" "$WORK/state" "$WORK/spool" "$WORK/messages"
	at_work "$1" >"$WORK/conf"
	rsyslog_start "$WORK/conf"
}

up_and_down() {
	line '10 seconds ago' START established '' >"$WORK/lines"
	line now STOP deleted ', OfflineReason=dpd timeout' >>"$WORK/lines"
}

# writes NAME FILE: the two events. Nobody listens where omipsec-mmipsec.conf forwards to, and a stop would wait for it.
writes() {
	begin "$1"
	up_and_down
	send_lines "$PORT" "$WORK/lines"
	poll 20 has_lines 2 "$WORK/log/$2" || true
	check "omipsec-$1.conf writes both events" 2 "$(wc -l <"$WORK/log/$2")"
	rsyslog_kill
}

publishes() {
	kafka_topic "$1" 1
	begin "$1"
	up_and_down
	if [ "$1" = kafka-durable ]; then
		cp "$WORK/lines" "$WORK/log/gateway.log"
	else
		send_lines "$PORT" "$WORK/lines"
	fi
	poll 30 topic_reaches "$1" 2 || true
	check "omipsec-$1.conf publishes both events" 2 "$(kafka_count "$1")"
	rsyslog_stop 30 || true
}

# pages NAME FILE
pages() {
	begin "$1"
	up_and_down
	send_lines "$PORT" "$WORK/lines"
	poll 30 holds_text 'IPsecTunnelDown\|tunnel down' "$2" || true
	check_says "omipsec-$1.conf tells of the outage" 'IPsecTunnelDown|tunnel down' "$2"
	rsyslog_stop 30 || true
}

# What is published before the group has its partition is nobody's, and old news open nothing: they are said again as
# received now.
is_told() {
	sed "s/\"created\": *\"[^\"]*\"/\"created\":\"$(date -u +%Y-%m-%dT%H:%M:%S.000Z)\"/" "$WORK/events" |
		kcat -b "$KAFKA_BROKER" -t alerting-node -P
	sleep 1
	holds_text IPsecTunnelDown "$1"
}

alerting_node() {
	kcat -b "$KAFKA_BROKER" -C -e -q -t collector >"$WORK/events"
	kafka_topic alerting-node 1
	begin alerting-node
	poll 60 is_told "$WORK/state/alerts.dryrun.jsonl" || true
	check_says "omipsec-alerting-node.conf tells of the outage" IPsecTunnelDown "$WORK/state/alerts.dryrun.jsonl"
	rsyslog_stop 30 || true
}

huawei_cloud() {
	begin huawei-cloud
	up_and_down
	printf '{"logs":[{"time":1,"raw_message":"%s"}]}\n' "$(sed -n 2p "$WORK/lines")" >"$WORK/log/huawei-cloud.jsonl"
	poll 20 has_lines 1 "$WORK/log/events.jsonl" || true
	check "omipsec-huawei-cloud.conf writes the event" 1 "$(wc -l <"$WORK/log/events.jsonl")"
	rsyslog_stop 30 || true
}

writes file events.jsonl
writes mmipsec vpn.jsonl
publishes kafka
publishes kafka-durable
publishes collector
for name in alertmanager pagerduty webhook; do
	action=$(sed -n 's/.*type="omipsec" name="\([^"]*\)".*/\1/p' "$SAMPLES/omipsec-$name.conf")
	pages "$name" "$WORK/state/$action.dryrun.jsonl"
done
pages ruleset "$WORK/log/pages.log"
alerting_node
huawei_cloud
