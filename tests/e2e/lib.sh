# shellcheck shell=sh
# What every scenario uses. To be sourced by a scenario that run.sh started, which has set
#
#   E2E          this folder                    WORK        the scenario's own, empty folder
#   OMIPSEC_SO   the module                     RULES       the rules folder
#   MMIPSEC_SO   the one that tags, beside it
#   SCENARIO     the scenario's name            KAFKA_DIR   the folder of the running broker, with KAFKA_BROKER
#
# rsyslogd here is always a private one: its own configuration, pid file, spool and ports, never the system's.

KAFKA_HERE=$E2E
# shellcheck source=kafka.sh
. "$E2E/kafka.sh"

RSYSLOGD=${RSYSLOGD:-$(PATH=$PATH:/usr/sbin:/sbin command -v rsyslogd)}
RSYSLOG_PID=''
MMIPSEC_SO=$(dirname "$OMIPSEC_SO")/mmipsec.so

# --- checks -----------------------------------------------------------------------------------------------------

# check NAME EXPECTED ACTUAL
check() {
	if [ "$2" = "$3" ]; then
		echo "ok   $SCENARIO: $1"
	else
		echo "FAIL $SCENARIO: $1: expected '$2', got '$3'"
	fi
}

# check_more NAME MINIMUM ACTUAL
check_more() {
	if [ "${3:-0}" -ge "$2" ]; then
		echo "ok   $SCENARIO: $1 ($3)"
	else
		echo "FAIL $SCENARIO: $1: expected at least $2, got '$3'"
	fi
}

# check_says NAME REGEX FILE: a line of FILE matches.
check_says() {
	if grep -Eq -e "$2" "$3"; then
		echo "ok   $SCENARIO: $1"
	else
		echo "FAIL $SCENARIO: $1: no line of $3 matches '$2'; it ends: $(tail -n 3 "$3" | cut -c 1-300 | tr '\n' '|')"
	fi
}

note() {
	echo "     $SCENARIO: $*"
}

# --- waiting ----------------------------------------------------------------------------------------------------

now_ms() {
	date +%s%3N
}

# poll SECONDS COMMAND...: until the command succeeds; fails when the time is over.
poll() {
	poll_end=$(($(now_ms) + $1 * 1000))
	shift
	until "$@"; do
		[ "$(now_ms)" -lt "$poll_end" ] || return 1
		sleep 0.1
	done
}

# A zombie has ended, whatever kill -0 says of it.
alive() {
	grep -q '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status" 2>/dev/null
}

ended() {
	! alive "$1"
}

holds_text() {
	grep -q -e "$1" "$2" 2>/dev/null
}

# has_lines NUMBER FILE: so many are there.
has_lines() {
	[ -f "$2" ] && [ "$(wc -l <"$2")" -ge "$1" ]
}

# --- configuration ----------------------------------------------------------------------------------------------

# The start of every configuration. The default ruleset gets rsyslogd's own words only: each input names its ruleset.
conf_base() {
	mkdir -p "$WORK/spool" "$WORK/state"
	cat <<-EOF
		global(workDirectory="$WORK/spool" processInternalMessages="on" maxMessageSize="${MAX_MESSAGE:-8k}")
		module(load="$OMIPSEC_SO")
		module(load="imtcp")
		module(load="impstats" interval="1" format="json" log.syslog="off" log.file="$WORK/stats")
		action(type="omfile" file="$WORK/messages")
	EOF
}

# A port of the kernel's choice, which rsyslogd writes to WORK/port.
conf_tcp() {
	echo "input(type=\"imtcp\" address=\"127.0.0.1\" port=\"0\" listenPortFileName=\"$WORK/port\" ruleset=\"$1\")"
}

# conf_kafka TOPIC [MORE]: the action under test. Every scenario's action is made here or in conf_file.
conf_kafka() {
	cat <<-EOF
		action(type="omipsec" name="vpn" output="kafka" broker=["$KAFKA_BROKER"] topic="$1" rules="${RULES_HERE:-$RULES}"
			language="both" errorFile="$WORK/refused.json" statsName="vpn" stateDir="$WORK/state" shutdownTimeout="5000"
			confParam=[${CONF_PARAM:-"\"linger.ms=5\""}] action.resumeRetryCount="-1" action.resumeInterval="2"
			${2:-})
	EOF
}

# conf_file FILE [MORE]
conf_file() {
	cat <<-EOF
		action(type="omipsec" name="vpn" output="file" file="$1" rules="${RULES_HERE:-$RULES}" language="both" statsName="vpn"
			stateDir="$WORK/state" shutdownTimeout="5000" action.resumeRetryCount="-1" action.resumeInterval="2"
			${2:-})
	EOF
}

# What a queue of the action has in common. Both timeouts are above shutdownTimeout, so that the module decides.
queue_common() {
	echo 'queue.size="200000" queue.dequeueBatchSize="1024"'
	echo 'queue.timeoutShutdown="6000" queue.timeoutActionCompletion="6000" queue.timeoutEnqueue="60000"'
}

# queue_memory [WORKERS [MESSAGES]]: a further worker comes for every so many messages.
queue_memory() {
	echo "queue.type=\"LinkedList\" queue.workerThreads=\"${1:-1}\" queue.workerThreadMinimumMessages=\"${2:-20000}\""
	queue_common
}

# It goes to disk at the high watermark, which is far below its default (nine tenths of the size).
queue_assisted() {
	echo "queue.type=\"LinkedList\" queue.filename=\"vpn\" queue.spoolDirectory=\"$WORK/spool\" queue.maxDiskSpace=\"1g\""
	echo 'queue.highWatermark="2000" queue.lowWatermark="500" queue.saveOnShutdown="on" queue.checkpointInterval="100"'
	echo 'queue.workerThreads="1" queue.workerThreadMinimumMessages="20000"'
	queue_common
}

# sample_here FILE: a configuration for an installation, with this test's modules, folders and keys.
sample_here() {
	mkdir -p "$WORK/state" "$WORK/log" "$WORK/spool" "$WORK/etc"
	for key in pagerduty.key hook.key; do
		(umask 077 && echo 0123456789abcdef0123456789abcdef >"$WORK/etc/$key")
	done
	cp "$E2E/../../packaging/samples/overrides.yaml" "$WORK/etc"
	echo "global(workDirectory=\"$WORK/spool\")"
	sed -e "s|load=\"omipsec\"|load=\"$OMIPSEC_SO\"|" -e "s|load=\"mmipsec\"|load=\"$MMIPSEC_SO\"|" \
		-e "s|/usr/share/omipsec/rules|$RULES|; / rules=/!s|type=\"[om]mipsec\"|& rules=\"$RULES\"|" \
		-e "s|/var/lib/omipsec|$WORK/state|g" -e "s|/var/log/omipsec|$WORK/log|g" \
		-e "s|/var/log/gateways|$WORK/log|" -e "s|/etc/omipsec|$WORK/etc|g" "$1"
}

# --- rsyslogd ---------------------------------------------------------------------------------------------------

# A module built with a sanitizer needs its runtime loaded first.
sanitizer() {
	for name in asan tsan; do
		! grep -q "__${name}_init" "$OMIPSEC_SO" || echo "$name"
	done
}

# rsyslogd's own leaks at exit are not our subject; those of threads are.
rsyslog_run() {
	runtime=$(sanitizer)
	[ -n "$runtime" ] || exec "$RSYSLOGD" "$@"
	preload=$(cc -print-file-name="lib$runtime.so")
	[ "$runtime" = asan ] || preload=$preload:$(dirname "$OMIPSEC_SO")/../../tests/libc11.so
	options=log_path=$WORK/sanitizer:suppressions=$E2E/$runtime.supp
	LD_PRELOAD=$preload ASAN_OPTIONS="detect_leaks=0:$options" TSAN_OPTIONS="$options" \
		UBSAN_OPTIONS="print_stacktrace=1:log_path=$WORK/sanitizer" exec "$RSYSLOGD" "$@"
}

# -N1: prints what rsyslogd says of a configuration and answers as it does.
rsyslog_verify() {
	(rsyslog_run -N1 -f "$1" -i "$WORK/verify.pid") 2>&1
}

rsyslog_up() {
	holds_text "x-pid=\"$RSYSLOG_PID\".*start" "$WORK/messages" || return 1
	! grep -q listenPortFileName "$1" || [ -s "$WORK/port" ]
}

rsyslog_up_or_ended() {
	rsyslog_up "$1" || ended "$RSYSLOG_PID"
}

# rsyslog_start CONF: comes back when it listens.
rsyslog_start() {
	rm -f "$WORK/port"
	rsyslog_run -n -f "$1" -i "$WORK/rsyslogd.lock" >>"$WORK/rsyslogd.log" 2>&1 </dev/null &
	RSYSLOG_PID=$!
	# run.sh ends what a scenario that failed has left behind.
	echo "$RSYSLOG_PID" >"$WORK/rsyslogd.pid"
	poll 30 rsyslog_up_or_ended "$1" || true
	rsyslog_up "$1" || {
		echo "FAIL $SCENARIO: rsyslogd did not start: $(tail -n 5 "$WORK/rsyslogd.log" | tr '\n' '|')"
		exit 1
	}
	[ ! -s "$WORK/port" ] || PORT=$(cat "$WORK/port")
}

rsyslog_status() {
	wait "$RSYSLOG_PID" && RSYSLOG_STATUS=0 || RSYSLOG_STATUS=$?
	rm -f "$WORK/rsyslogd.pid"
}

# rsyslog_stop [SECONDS]: SIGTERM; fails if it has not ended by then. STOP_MS is how long it took, RSYSLOG_STATUS its
# answer.
rsyslog_stop() {
	stop_begun=$(now_ms)
	kill -TERM "$RSYSLOG_PID"
	poll "${1:-30}" ended "$RSYSLOG_PID" || {
		note "rsyslogd did not end within ${1:-30} s of SIGTERM"
		rsyslog_kill
		return 1
	}
	STOP_MS=$(($(now_ms) - stop_begun))
	rsyslog_status
	note "rsyslogd stopped $STOP_MS ms after SIGTERM"
}

rsyslog_kill() {
	kill -KILL "$RSYSLOG_PID"
	rsyslog_status
}

rsyslog_hup() {
	kill -HUP "$RSYSLOG_PID"
}

# A last look at a scenario's rsyslogd: it ended by itself, and no sanitizer spoke.
check_clean_end() {
	rsyslog_stop 30 || true
	check "rsyslogd ended well" 0 "$RSYSLOG_STATUS"
	[ -z "$(sanitizer)" ] || check "no sanitizer report" "" "$(cat "$WORK"/sanitizer.* 2>/dev/null | head -n 20)"
}

send_lines() {
	python3 "$E2E/send.py" "$@"
}

lines() {
	python3 "$E2E/lines.py" "$@"
}

# --- what came out ----------------------------------------------------------------------------------------------

# stat_of ORIGIN COUNTER: the newest value that impstats wrote for the object "vpn" (the action, its queue, or ours).
stat_of() {
	grep -E "\"name\": ?\"vpn( queue)?\".*\"origin\": ?\"$1\"" "$WORK/stats" 2>/dev/null | tail -n 1 |
		sed -n "s/.*\"$2\": *\([0-9]*\).*/\1/p"
}

stat_reaches() {
	stat_now=$(stat_of "$1" "$2")
	[ "${stat_now:-0}" -ge "$3" ]
}

topic_reaches() {
	[ "$(kafka_count "$1")" -ge "$2" ]
}

# tally_topic TOPIC [EXPECT] and tally_file FILE [EXPECT] read everything once; `tally NAME` is then one of the numbers.
tally_topic() {
	kafka_read "$1" >"$WORK/$1.jsonl"
	tally_kind=kafka tally_file_=$WORK/$1.jsonl
	tally_run "${2:-}"
}

tally_file() {
	tally_kind=file tally_file_=$1
	tally_run "${2:-}"
}

tally_run() {
	python3 "$E2E/events.py" "$tally_kind" "$tally_file_" ${1:+"$1"} >"$WORK/tally"
	python3 "$E2E/events.py" "$tally_kind" "$tally_file_" ${1:+"$1"} --first 5 >"$WORK/tally.faults"
}

tally() {
	sed -n "s/^$1=//p" "$WORK/tally"
}

# The claims that hold in every scenario whose topic was just tallied.
check_well_formed() {
	check "every event is valid" 0 "$(tally invalid)"
	check "no event of another line" 0 "$(tally foreign)"
	check "every key is the tunnel's id" 0 "$(tally badkey)"
	check "every record has its headers" 0 "$(tally badhead)"
	sed -n "s/^./     $SCENARIO: &/p" "$WORK/tally.faults" | cut -c 1-400
}
