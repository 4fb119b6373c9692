#!/bin/sh
# A file of 12,000 VPN lines is read by imfile into a ruleset with a Disk queue of its own, checkpointInterval 1.
# The action inside that ruleset is direct: it has no queue in which something could be lost.
# imfile's persistStateInterval would lose: it counts as read up to 1,024 lines that no queue has yet.
# rsyslogd gets SIGKILL in the middle and is started again.
# Every event must be in the topic.
# Some may be there twice, which is counted and printed: the same event.id tells them apart from new ones.
set -eu
. "$E2E/lib.sh"

configure() {
	conf_base
	cat <<-EOF
		module(load="imfile" mode="inotify")
		input(type="imfile" file="$WORK/in.log" tag="gateway" ruleset="in" persistStateInterval="100" maxSubmitAtOnce="1")
		ruleset(name="in" queue.type="Disk" queue.filename="in" queue.spoolDirectory="$WORK/spool" queue.maxDiskSpace="1g"
			queue.size="200000" queue.checkpointInterval="1" queue.dequeueBatchSize="128" queue.workerThreads="1"
			queue.timeoutShutdown="6000" queue.timeoutActionCompletion="6000") {
	EOF
	conf_kafka killed
	echo '}'
}

settled() {
	before=$(kafka_count killed)
	sleep 2
	[ "$before" = "$(kafka_count killed)" ]
}

lines --lines 12000 --vpn 1 --expect "$WORK/expect" >"$WORK/in.log"
kafka_topic killed 3
configure >"$WORK/conf"
rsyslog_start "$WORK/conf"
poll 60 topic_reaches killed 2000 || true
rsyslog_kill
at=$(kafka_count killed)
check_more "events before the kill" 2000 "$at"
check "it was killed in the middle" yes "$([ "$at" -lt 12000 ] && echo yes || echo no)"
rsyslog_start "$WORK/conf"
poll 60 topic_reaches killed 12000 || true
# With duplicates among them 12,000 records are not the end: that is when no more come.
poll 30 settled || true
check_clean_end
tally_topic killed "$WORK/expect"
check "no event is lost" 0 "$(tally missing)"
check "every event is there" 12000 "$(tally distinct)"
note "$(tally twice) of 12000 events are there twice"
check_well_formed
