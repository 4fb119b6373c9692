#!/bin/sh
# For a minute lines flow through four workers while rsyslogd gets a HUP every second, and with it new rules.
# Every VPN event must arrive and none be lost, and rsyslogd must live.
# In between a rules file with an error is put in place, and the next HUP must keep the old rules.
# That HUP logs one error, which names the file and the line.
# The HUPs after the file is mended must log nothing more.
set -eu
. "$E2E/lib.sh"

configure() {
	conf_base
	conf_tcp in
	echo 'ruleset(name="in") {'
	conf_kafka hup "$(queue_memory 4 50)"
	echo '}'
}

# One HUP a second is the scenario itself, as is its minute.
hups() {
	hups_left=$1
	while [ "$hups_left" -gt 0 ]; do
		rsyslog_hup
		sleep 1
		hups_left=$((hups_left - 1))
	done
}

errors_naming() {
	grep -c "$1" "$WORK/messages" || true
}

broken_rules() {
	printf 'vendor: broken\nmessages:\n  - [unclosed\n' >"$RULES_HERE/vendors/zz-broken.yaml"
	rsyslog_hup
	poll 10 holds_text 'zz-broken.yaml:[0-9]' "$WORK/messages" || true
	rm "$RULES_HERE/vendors/zz-broken.yaml"
	check "a bad file logs one error that names file and line" 1 "$(errors_naming 'zz-broken.yaml:[0-9]')"
}

RULES_HERE=$WORK/rules
cp -r "$RULES" "$RULES_HERE"
lines --lines 24000 --vpn 0.25 --expect "$WORK/expect" >"$WORK/lines"
kafka_topic hup 3
configure >"$WORK/conf"
rsyslog_start "$WORK/conf"
send_lines "$PORT" "$WORK/lines" --rate 400 &
sender=$!
hups 20
broken_rules
hups 40
wait "$sender" && sent=0 || sent=$?
check "the sender has sent all" 0 "$sent"
poll 60 topic_reaches hup 6000 || true
check "no further error" 1 "$(errors_naming 'zz-broken')"
check_clean_end
tally_topic hup "$WORK/expect"
check "no event is lost" 0 "$(tally missing)"
check "none is there twice" "6000 6000" "$(tally records) $(tally distinct)"
check_well_formed
