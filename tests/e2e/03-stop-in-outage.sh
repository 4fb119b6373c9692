#!/bin/sh
# The broker is down and 5,000 events wait in an action's disk-assisted queue when rsyslogd gets SIGTERM.
# It must end within shutdownTimeout and 2 s more, which is 7 s.
# The broker comes back, rsyslogd is started again, and no line is sent to it any more.
# All 5,000 must be in the topic then, those of the batch that was in the module's hands at the stop too.
# None may be there twice.
set -eu
. "$E2E/lib.sh"

configure() {
	conf_base
	conf_tcp in
	echo 'ruleset(name="in") {'
	conf_kafka outage "$(queue_assisted)"
	echo '}'
}

lines --lines 5000 --vpn 1 --expect "$WORK/expect" >"$WORK/lines"
kafka_topic outage 3
kafka_stop
configure >"$WORK/conf"
rsyslog_start "$WORK/conf"
send_lines "$PORT" "$WORK/lines"
poll 30 stat_reaches core.queue enqueued 5000 || true
check "they wait in the queue" 5000 "$(stat_of core.queue enqueued)"
# By then the module has had a batch in its hands, has waited for the broker in vain and has handed it back.
poll 30 stat_reaches omipsec waits 1 || true
rsyslog_stop 7 && intime=yes || intime=no
check "the stop takes at most shutdownTimeout and 2 s" yes "$intime"
check "rsyslogd ended well" 0 "$RSYSLOG_STATUS"
note "kept by the module: $(find "$WORK/state" -type f -exec wc -c {} + | tail -n 1)"
kafka_again
rsyslog_start "$WORK/conf"
poll 60 topic_reaches outage 5000 || true
check_clean_end
tally_topic outage "$WORK/expect"
check "no event is lost" 0 "$(tally missing)"
check "none is there twice" "5000 5000" "$(tally records) $(tally distinct)"
check_well_formed
