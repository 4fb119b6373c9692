#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# try.sh: see it work, without a broker and without touching the machine's own
# rsyslogd. Builds omipsec, starts a private rsyslogd with it on loopback, sends
# it the lines of packaging/samples over UDP and TCP, and shows what comes out.
set -eu

ROOT=$(cd "$(dirname "$0")/.." && pwd)
. "$ROOT/packaging/setup.sh"

RELEASE=$ROOT/build/release
SAMPLE=$ROOT/packaging/samples/huawei.log
WORK=$ROOT/build/try
EVENTS=$WORK/events.jsonl
EXPECTED=5 # of the lines in the sample, those that are VPN events

free_port() {
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

write_config() {
	cat >"$WORK/rsyslog.conf" <<-CONF
		global(workDirectory="$WORK" abortOnUncleanConfig="on")
		module(load="imudp")
		module(load="imtcp")
		module(load="$RELEASE/plugin/rsyslog/omipsec.so")
		input(type="imudp" address="127.0.0.1" port="$UDP")
		input(type="imtcp" address="127.0.0.1" port="$TCP")
		action(type="omipsec" name="vpn" output="file" file="$EVENTS"
		       rules="$ROOT/rules" language="both")
	CONF
}

stop() {
	[ ! -s "$WORK/pid" ] || kill "$(cat "$WORK/pid")" 2>/dev/null || true
}

# Odd lines over UDP, even ones over TCP.
send() {
	python3 - "$UDP" "$TCP" "$SAMPLE" <<-'PYTHON'
		import socket, sys, time
		udp, tcp, sample = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
		lines = open(sample, "rb").read().splitlines()
		for attempt in range(50):
		    try:
		        stream = socket.create_connection(("127.0.0.1", tcp))
		        break
		    except ConnectionRefusedError:
		        time.sleep(0.1)
		packets = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		for line in lines[::2]:
		    packets.sendto(line, ("127.0.0.1", udp))
		stream.sendall(b"".join(line + b"\n" for line in lines[1::2]))
		stream.close()
	PYTHON
}

wait_for_events() {
	tries=0
	while [ "$(wc -l 2>/dev/null <"$EVENTS" || echo 0)" -lt "$EXPECTED" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ] || {
			echo "only $(wc -l <"$EVENTS") of $EXPECTED events came; see $WORK" >&2
			cat "$WORK/log" >&2
			exit 1
		}
		sleep 0.1
	done
}

show() {
	python3 -c 'import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    print(json.loads(line)["event"]["original"])' "$EVENTS" |
		"$RELEASE/vpnlog" explain --rules "$ROOT/rules" --card
}

# The words of the list are separate packages.
# shellcheck disable=SC2086
need_packages $BUILD_PACKAGES python3
mkdir -p "$ROOT/build"
build release
rm -rf "$WORK"
mkdir -p "$WORK"
UDP=$(free_port) TCP=$(free_port)
write_config
say "starting a private rsyslogd on 127.0.0.1, UDP $UDP and TCP $TCP"
trap stop EXIT
PATH=$PATH:/usr/sbin rsyslogd -n -f "$WORK/rsyslog.conf" -i "$WORK/pid" >"$WORK/log" 2>&1 &
send
wait_for_events
say "$(wc -l <"$SAMPLE") lines went in, $EXPECTED of them are VPN events; they came out as"
show
say "the events, one JSON document a line: $EVENTS"
say 'the same in production, with Kafka (packaging/rsyslog.d/omipsec-kafka.conf)'
grep -v '^#' "$ROOT/packaging/rsyslog.d/omipsec-kafka.conf"
