#!/bin/sh
# run.sh [NAME...]: the end-to-end tests, all of them or those whose file is named (mixed, or 01-mixed).
#
# Each file NN-name.sh here is one scenario. They run one after the other, through private rsyslogds and one private
# Apache Kafka, which some of them stop. Environment:
#
#   BUILD        build folder that holds plugin/rsyslog/omipsec.so (default: build/release)
#   OMIPSEC_SO   the module itself, instead
#   RULES        rules folder (default: the one of this checkout)
#   E2E_DIR      where to work (default: a folder below /tmp, removed when everything passed)
set -eu

E2E=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$E2E/../.." && pwd)
BUILD=${BUILD:-$ROOT/build/release}
OMIPSEC_SO=${OMIPSEC_SO:-$BUILD/plugin/rsyslog/omipsec.so}
RULES=${RULES:-$ROOT/rules}
KAFKA_HERE=$E2E
export E2E OMIPSEC_SO RULES KAFKA_HERE
. "$E2E/kafka.sh"

die() {
	echo "e2e: $1" >&2
	exit 2
}

# What the machine lacks is no fault of the project's; tests/run.sh does not let it pass in CI.
cannot_run() {
	echo "SKIPPED: the end-to-end tests did not run: $1"
	echo '0 passed, 0 failed, 1 skipped'
	exit 0
}

need() {
	PATH=$PATH:/usr/sbin command -v "$1" >/dev/null ||
		cannot_run "$1 is missing: apt-get install --no-install-recommends $2"
}

# The machine's rsyslogd is only run, never its instance or its configuration.
check_machine() {
	need rsyslogd rsyslog
	need python3 python3
	need kcat kcat
	need openssl openssl
	need java default-jre-headless
	need mvn maven
	need valgrind valgrind
	[ -f "$OMIPSEC_SO" ] || die "there is no module $OMIPSEC_SO: build it, or set BUILD"
	[ -d "$RULES" ] || die "there is no rules folder $RULES"
	OMIPSEC_SO=$(realpath "$OMIPSEC_SO")
	RULES=$(realpath "$RULES")
}

# The files of the named scenarios, or of all.
scenario_files() {
	[ $# -gt 0 ] || set -- ''
	for wanted in "$@"; do
		found=''
		for file in "$E2E"/[0-9][0-9]-*.sh; do
			name=$(basename "$file" .sh)
			case $wanted in
			'' | "$name" | "${name#[0-9][0-9]-}") found=1 && echo "$file" ;;
			esac
		done
		[ -n "$found" ] || die "there is no scenario $wanted"
	done
}

# Ends, by its id, whatever a scenario left running.
end_left() {
	for file in "$E2E_DIR"/*/rsyslogd.pid; do
		[ -s "$file" ] || continue
		kill -KILL "$(cat "$file")" 2>/dev/null || true
	done
}

end_all() {
	end_left
	kafka_stop || true
}

# A scenario that stops early has failed, whatever it had checked until then. The broker may have been left stopped.
run_scenario() {
	SCENARIO=$(basename "$1" .sh)
	SCENARIO=${SCENARIO#[0-9][0-9]-}
	WORK=$E2E_DIR/$SCENARIO
	export SCENARIO WORK KAFKA_DIR KAFKA_BROKER
	mkdir -p "$WORK"
	kafka_alive || kafka_again
	begun=$(date +%s)
	status=0
	sh "$1" >"$WORK/checks" 2>"$WORK/errors" || status=$?
	[ "$status" -eq 0 ] ||
		echo "FAIL $SCENARIO: ended early with $status: $(tail -n 3 "$WORK/errors" | tr '\n' '|')" >>"$WORK/checks"
	cat "$WORK/checks"
	echo "     $SCENARIO: took $(($(date +%s) - begun)) s"
	end_left
}

count() {
	cat "$E2E_DIR"/*/checks | grep -c "^$1" || true
}

summary() {
	failed=$(count FAIL)
	if [ "$failed" -eq 0 ]; then
		rm -rf "$E2E_DIR/kafka"
		sum="$(count ok) passed, 0 failed, 0 skipped"
		[ -n "$KEPT" ] || rm -rf "$E2E_DIR"
		echo "$sum"
		return 0
	fi
	echo "what they left is in $E2E_DIR"
	echo "$(count ok) passed, $failed failed, 0 skipped"
	return 1
}

check_machine
files=$(scenario_files "$@")
kafka_get || cannot_run 'Maven could not fetch Apache Kafka; its last words are above'
KEPT=${E2E_DIR:-}
E2E_DIR=${E2E_DIR:-$(mktemp -d /tmp/omipsec-e2e.XXXXXX)}
mkdir -p "$E2E_DIR"
# rsyslogd may drop its privileges; it must be able to enter.
chmod 755 "$E2E_DIR"
rm -f "$E2E_DIR"/*/checks
KAFKA_DIR=$E2E_DIR/kafka
trap end_all EXIT
trap 'exit 1' HUP INT TERM
rm -rf "$KAFKA_DIR"
kafka_start "$KAFKA_DIR"
for file in $files; do
	run_scenario "$file"
done
end_all
trap - EXIT
summary
