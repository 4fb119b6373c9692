#!/bin/sh
# Every sample in packaging/rsyslog.d is read by rsyslogd as it stands, but for the paths of an installation.
# It must pass `rsyslogd -N1`, and the same with a mistake in it must not.
# An action of omipsec must set what rsyslog's defaults get wrong: a queue that is large enough and bounded on disk,
# batches, a retry without end, and time-outs above shutdownTimeout, so that a stop can wait for the broker.
# The sample that writes a file must write the event of one line.
set -eu
. "$E2E/lib.sh"

SAMPLES=$E2E/../../packaging/rsyslog.d
NEEDED='abortOnUncleanConfig="on" action.resumeRetryCount="-1" action.resumeInterval="[2-5]"
	queue.size="[2-9][0-9]\{5\}" queue.maxDiskSpace= queue.dequeueBatchSize="[0-9]\{3,4\}"
	queue.workerThreadMinimumMessages= queue.checkpointInterval="[1-9] queue.timeoutShutdown="[0-9]\{5\}"
	queue.timeoutActionCompletion="[0-9]\{4,5\}" queue.saveOnShutdown="on"'

for sample in "$SAMPLES"/*.conf; do
	name=$(basename "$sample")
	sample_here "$sample" >"$WORK/conf"
	status=0
	rsyslog_verify "$WORK/conf" >"$WORK/said" || status=$?
	check "$name passes -N1" 0 "$status"
	sample_here "$sample" | sed 's|resumeRetryCount|resumeRetryCont|' >"$WORK/conf"
	# rsyslogd answers 1 or 2, by where in the file it gives up.
	status=refused
	rsyslog_verify "$WORK/conf" >"$WORK/said" && status=taken
	check "$name with a mistake does not" refused "$status"
	check "$name: the mistake is named" yes "$(grep -q resumeRetryCont "$WORK/said" && echo yes || echo no)"
	grep -q 'type="omipsec"' "$sample" || continue
	for setting in $NEEDED; do
		check "$name sets $setting" yes "$(grep -q "$setting" "$sample" && echo yes || echo no)"
	done
done

{
	conf_base
	conf_tcp in
	echo 'ruleset(name="in") {'
	sample_here "$SAMPLES/omipsec-file.conf" | sed '/^global/d; /^module/d'
	echo '}'
} >"$WORK/conf"
rsyslog_start "$WORK/conf"
lines --lines 1 --vpn 1 --expect "$WORK/expect" >"$WORK/lines"
send_lines "$PORT" "$WORK/lines"
poll 20 test -s "$WORK/log/events.jsonl" || true
check "omipsec-file.conf writes the event" 1 "$(wc -l <"$WORK/log/events.jsonl")"
check_clean_end
