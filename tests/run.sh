#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh [SUITE...]: every test, or the suites that are named:
#
#   unit     cmocka tests of core, loader and sinks; again under ASan and UBSan;
#            again built with clang; the layers
#   golden   every labelled line, the event's JSON Schema, and OCSF's own; a million
#            ordinary lines, forged ones; what the pages say; vpnlog's own tests
#   e2e      a real rsyslogd into a real Apache Kafka, with outages and kills; some of it
#            (all when it is named) again under ASan and UBSan; under valgrind
#   alerts   from a real rsyslogd to a real Alertmanager, and to receivers that fail
#   tls      a real Kafka and receivers that show good and bad certificates; SASL, by PLAIN
#            and SCRAM, with the Kafka of today and with an older one
#   scale    two collectors, one Kafka, two alerting nodes, one Alertmanager: with kills,
#            restarts and backlogs
#   faults   brokers, receivers, network, disk, state file and clock fail, rsyslogd is killed:
#            what is sent, delivered, lost and doubled meanwhile, in one table; all of
#            it when it is named, a few rows otherwise
#   privileges  rsyslogd as nobody, without a capability, on a read-only system, by the systemd
#            drop-in's rules; folders of others, files of keys
#   lab      two real strongSwan gateways, and an OpenVPN pair, in namespaces: every
#            fault, from both ends' logs to events and alerts
#   report   the pages of vpnlog report and vpnlog runbook in a real Chromium
#   dashboards  index template and dashboard in a real OpenSearch; the metrics of a
#            real rsyslogd, alert rules and Grafana's queries by promtool
#   package  the Debian packages in a clean Debian 12: installed, used, upgraded, purged;
#            and what rpm makes of the RPM packages there
#   rsyslogs Debian 13's rsyslog, through the scenarios of e2e; only when named
#   fuzz     bytes that nobody thought of, for a minute; fuzz SECONDS for longer
#   soak     an hour at half of what this machine can, with a fault every minute: nothing lost,
#            one incident an outage, flat memory; soak SECONDS for another time; only when named
#   races    what has threads, and rsyslogd itself, under ThreadSanitizer; only when named
#   analysis gcc -fanalyzer, clang-tidy, cppcheck; only when named
#   bench    what a line, an event and an alert cost, in one table; only when it is named
#
# On Debian 12 it installs what it needs. It ends with one line, `N passed,
# N failed, N skipped`, and 0 when nothing failed and something passed.
set -eu

ROOT=$(cd "$(dirname "$0")/.." && pwd)
. "$ROOT/packaging/setup.sh"

TEST_PACKAGES='libcmocka-dev clang clang-format clang-tidy cppcheck libclang-rt-14-dev python3 python3-jsonschema
	kcat maven default-jre-headless prometheus-alertmanager openssl
	prometheus prometheus-node-exporter
	charon-systemd strongswan-swanctl libcharon-extra-plugins
	libcharon-extauth-plugins libstrongswan-standard-plugins
	libstrongswan-extra-plugins openvpn iproute2 systemd
	build-essential debhelper lintian debootstrap rpm rpmlint zsh
	chromium chromium-driver fonts-noto-cjk python3-html5lib
	rsyslog-kafka valgrind faketime strace'
RELEASE=$ROOT/build/release
ASAN=$ROOT/build/asan
TSAN=$ROOT/build/tsan
LOGS=$ROOT/build/logs
SUITES='unit golden e2e alerts tls scale faults privileges lab report dashboards package fuzz'
NAMED='rsyslogs soak races analysis bench' # only when they are named
FUZZ_SECONDS=60
SOAK_SECONDS=3600
# Of faults and of e2e under sanitizers: all, unless nothing is named.
FAULTS='' SANITIZED=''
passed=0 failed=0 skipped=0

# The counts of a suite are in the last such line that it printed; a suite that
# prints none, or answers non-zero without a failure, has failed itself.
count() {
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$1" | tail -n 1)
	[ -n "$line" ] || line='0 passed, 1 failed, 0 skipped'
	# shellcheck disable=SC2086
	set -- $line "$2"
	passed=$((passed + $1)) failed=$((failed + $3)) skipped=$((skipped + $5))
	if [ "$7" -ne 0 ] && [ "$3" -eq 0 ]; then
		failed=$((failed + 1))
	fi
}

# run NAME COMMAND...: its output is shown and counted.
run() {
	name=$1
	shift
	say "$name"
	log=$LOGS/$(echo "$name" | tr ' /' '__').log
	{
		status=0
		"$@" || status=$?
		echo "$status" >"$LOGS/status"
	} 2>&1 | tee "$log"
	count "$log" "$(cat "$LOGS/status")"
}

# unit_tests PROGRAM...: cmocka programs, four at a time, and what they add up to.
unit_tests() {
	good=0 bad=0
	for program in "$@"; do
		[ ! -x "$program" ] || echo "$program"
	done | xargs -P 4 -I '{}' sh -c \
		"out=$LOGS/\$(basename {}).out; {} >\$out 2>&1; echo \$? >\$out.status"
	for program in "$@"; do
		[ -x "$program" ] || continue
		out=$LOGS/$(basename "$program").out
		n=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$out")
		m=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' "$out")
		if [ "$(cat "$out.status")" -ne 0 ]; then
			echo "FAIL $(basename "$program"):"
			grep -vE '^\[ +(RUN|OK) +\]' "$out" | tail -n 30
			[ "${m:-0}" -gt 0 ] || m=1
		fi
		good=$((good + ${n:-0})) bad=$((bad + ${m:-0}))
	done
	echo "$good passed, $bad failed, 0 skipped"
	[ "$bad" -eq 0 ] && [ "$good" -gt 0 ]
}

# A second compiler sees other mistakes; building and the same tests are enough.
clang_tests() {
	clang=$ROOT/build/clang
	cmake -S "$ROOT" -B "$clang" -G Ninja -DCMAKE_C_COMPILER=clang \
		-DCMAKE_BUILD_TYPE=RelWithDebInfo \
		-DRSYSLOG_SRC="$RSYSLOG_SRC" >"$LOGS/clang.log" 2>&1 &&
		cmake --build "$clang" >>"$LOGS/clang.log" 2>&1 || {
		tail -n 20 "$LOGS/clang.log"
		return 1
	}
	unit_tests "$clang"/tests/test_*
}

suite_unit() {
	build asan
	run 'unit' unit_tests "$RELEASE"/tests/test_*
	run 'unit under ASan and UBSan' unit_tests "$ASAN"/tests/test_*
	run 'unit built with clang' clang_tests
	run 'scenarios' sh "$ROOT/tests/scenarios/run.sh" "$RELEASE/vpnlog" "$ROOT/rules"
	run 'scenarios under ASan and UBSan' sh "$ROOT/tests/scenarios/run.sh" \
		"$ASAN/vpnlog" "$ROOT/rules"
	run 'ordinary lines under ASan and UBSan' python3 "$ROOT/tests/golden/ordinary.py" \
		"$RELEASE/tests/ordinary-lines" "$ASAN/vpnlog" "$ROOT/rules" "$ROOT" 100000
	run 'layers' sh "$ROOT/tests/layers/check.sh" "$ROOT" "$RELEASE"
}

# golden BUILD: every labelled line.
golden() {
	python3 "$ROOT/tests/golden/golden.py" "$1/vpnlog" "$ROOT/rules" "$ROOT"
}

suite_golden() {
	build asan
	run 'golden' golden "$RELEASE"
	run 'golden under ASan and UBSan' golden "$ASAN"
	run 'ocsf' python3 "$ROOT/tests/golden/ocsf.py" \
		"$RELEASE/vpnlog" "$RELEASE/tests/ocsf-findings" "$ROOT/rules" "$ROOT"
	run 'ordinary lines' python3 "$ROOT/tests/golden/ordinary.py" \
		"$RELEASE/tests/ordinary-lines" "$RELEASE/vpnlog" "$ROOT/rules" "$ROOT"
	run 'forged lines' python3 "$ROOT/tests/golden/forged.py" "$RELEASE/vpnlog" "$ROOT/rules" "$ROOT"
	run 'rules' rules_tests
	run 'pages' python3 "$ROOT/tests/golden/pages.py" "$RELEASE/vpnlog" "$ROOT/rules" "$ROOT"
	run 'install' install_tests "$RELEASE"
	run 'vpnlog' env BUILD="$RELEASE" RULES="$ROOT/rules" sh "$ROOT/tests/cli/run.sh"
	run 'completion' python3 "$ROOT/tests/cli/complete.py" "$RELEASE/vpnlog" "$ROOT/rules" \
		"$ROOT/packaging/completion"
}

# `vpnlog check` runs the example lines in the rule files.
rules_tests() {
	if "$RELEASE/vpnlog" check "$ROOT/rules"; then
		echo '1 passed, 0 failed, 0 skipped'
	else
		echo '0 passed, 1 failed, 0 skipped'
	fi
}

# What is installed finds what is installed with it. usage: install_tests BUILD
install_tests() {
	there=$LOGS/installed
	rm -rf "$there"
	DESTDIR=$there cmake --install "$1" >/dev/null
	rules=$("$there/usr/bin/vpnlog" check 2>&1 | sed -n '1s|/guide.yaml:.*||p')
	modules=$(PATH=$PATH:/usr/sbin dpkg -L rsyslog | sed -n 's|/lmnet\.so$||p' | head -n 1)
	good=0
	for file in "$rules/guide.yaml" "$rules/vendors/huawei.yaml" "$modules/omipsec.so"; do
		if [ -f "$there$file" ]; then
			good=$((good + 1))
		else
			echo "FAIL $file is not installed"
		fi
	done
	echo "$good passed, $((3 - good)) failed, 0 skipped"
}

# Under the sanitizers again what parses, and what has threads, or all of it.
# SANITIZED is words, or nothing.
# shellcheck disable=SC2086
suite_e2e() {
	build asan
	run 'e2e' env BUILD="$RELEASE" RULES="$ROOT/rules" sh "$ROOT/tests/e2e/run.sh"
	run 'e2e under ASan and UBSan' env BUILD="$ASAN" RULES="$ROOT/rules" \
		sh "$ROOT/tests/e2e/run.sh" $SANITIZED
}

# What has threads: the unit tests that do, and rsyslogd with four workers.
suite_races() {
	build tsan
	export TSAN_OPTIONS="suppressions=$ROOT/tests/e2e/tsan.supp"
	run 'unit under TSan' unit_tests "$TSAN/tests/test_join" "$TSAN/tests/test_file" \
		"$TSAN/tests/test_kafka" "$TSAN/tests/test_leftover"
	run 'golden under TSan' golden "$TSAN"
	run 'e2e under TSan' env BUILD="$TSAN" RULES="$ROOT/rules" \
		sh "$ROOT/tests/e2e/run.sh"
}

suite_analysis() {
	run 'analysis' python3 "$ROOT/tests/analysis/run.py" "$ROOT" "$RELEASE"
}

# tested SUITE [WORD...]: tests/SUITE/run.py, which is told what is under test.
tested() {
	name=$1
	shift
	run "$name" python3 "$ROOT/tests/$name/run.py" "$RELEASE/plugin/rsyslog/omipsec.so" "$ROOT/rules" \
		"$ROOT/packaging/schema/omipsec-event.schema.json" "$RELEASE/vpnlog" "$@"
}

suite_alerts() {
	tested alerts
}

suite_tls() {
	tested tls
}

suite_scale() {
	tested scale
}

# FAULTS is a word, or nothing.
# shellcheck disable=SC2086
suite_faults() {
	export FAULTS_TABLE="$LOGS/faults.md"
	tested faults $FAULTS
}

suite_privileges() {
	tested privileges
}

suite_soak() {
	export SOAK_SECONDS SOAK_TABLE="$LOGS/soak.md"
	tested soak
}

suite_lab() {
	tested lab
}

# Debian's own Python, which has Debian's html5lib.
suite_report() {
	run 'report' env LANG=C.UTF-8 /usr/bin/python3 "$ROOT/tests/report/run.py" \
		"$RELEASE/plugin/rsyslog/omipsec.so" "$ROOT/rules" \
		"$ROOT/packaging/schema/omipsec-event.schema.json" "$RELEASE/vpnlog" "$LOGS"
}

suite_dashboards() {
	tested dashboards
}

suite_package() {
	run 'package' sh "$ROOT/tests/package/run.sh"
	run 'package rpm' sh "$ROOT/tests/package/rpm.sh"
}

suite_rsyslogs() {
	run 'rsyslogs' sh "$ROOT/tests/rsyslogs/run.sh"
}

suite_fuzz() {
	build fuzz
	run 'fuzz' sh "$ROOT/tests/fuzz/run.sh" "$ROOT/build/fuzz" "$FUZZ_SECONDS"
}

# It ends with its table, which is no count; what does not work is one failure.
suite_bench() {
	say 'bench'
	python3 "$ROOT/tests/bench/run.py" "$ROOT" "$RELEASE" || failed=$((failed + 1))
}

# The words of the lists are separate suites.
# shellcheck disable=SC2086
[ $# -gt 0 ] || { set -- $SUITES && FAULTS=quick SANITIZED='mixed hostile tags events races'; }
suites=''
for word in "$@"; do
	case " $SUITES $NAMED " in
	*" $word "*) suites="$suites $word" && continue ;;
	esac
	case $suites-$word in
	*-*[!0-9]*) ;;
	*fuzz-*) FUZZ_SECONDS=$word && continue ;;
	*soak-*) SOAK_SECONDS=$word && continue ;;
	esac
	echo "run.sh: there is no suite '$word'; there are $SUITES $NAMED" >&2
	exit 2
done
mkdir -p "$LOGS"
# The words of the lists are separate packages.
# shellcheck disable=SC2086
need_packages $BUILD_PACKAGES
# shellcheck disable=SC2086
need_packages $TEST_PACKAGES ||
	say 'PACKAGES ARE MISSING: suites that need them say so, or fail'
build release
for suite in $suites; do
	"suite_$suite"
done
echo
echo "$passed passed, $failed failed, $skipped skipped"
if [ "$skipped" -gt 0 ] && [ "${CI:-}" = true ]; then
	echo 'run.sh: nothing may be skipped under CI=true' >&2
	exit 1
fi
[ "$failed" -eq 0 ] && { [ "$passed" -gt 0 ] || [ "$suites" = ' bench' ]; }
