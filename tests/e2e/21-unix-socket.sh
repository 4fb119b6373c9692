#!/bin/sh
# What comes over a Unix socket. rsyslog's imptcp takes the address of a struct there for the text of fromhost-ip
# (imptcp.c, getPeerNames): six bytes, others at each start. Here one of them is a control character, 0x1f, as the heap
# begins in the right place; fields that were told apart by it made a seventh of the lines nobody's.
set -eu
. "$E2E/lib.sh"

configure() {
	conf_base
	cat <<-EOF
		module(load="imptcp")
		template(name="from" type="string" string="%fromhost-ip%\n")
		input(type="imptcp" path="$WORK/socket" ruleset="in")
		ruleset(name="in") {
			action(type="omfile" file="$WORK/from" template="from")
	EOF
	conf_file "$WORK/events.jsonl"
	echo '}'
}

[ -n "$(sanitizer)" ] || {
	cc -shared -fPIC -o "$WORK/heap.so" "$E2E/heap.c"
	export LD_PRELOAD="$WORK/heap.so"
}
lines --lines 200 --vpn 1 >"$WORK/lines"
configure >"$WORK/conf"
rsyslog_start "$WORK/conf"
unset LD_PRELOAD
send_lines "$WORK/socket" "$WORK/lines"
poll 20 has_lines 200 "$WORK/from" || true
poll 5 has_lines 200 "$WORK/events.jsonl" || true
[ -n "$(sanitizer)" ] ||
	check "a control character is in fromhost-ip" 200 "$(LC_ALL=C grep -c "$(printf '\037')" "$WORK/from")"
check "each line is an event" 200 "$(wc -l <"$WORK/events.jsonl")"
check "their lines are whole" "$(sort "$WORK/lines" | md5sum)" "$(python3 -c 'import json, sys
for line in sys.stdin:
    print(json.loads(line)["event"]["original"])' <"$WORK/events.jsonl" | sort | md5sum)"
check "no address is made of it" 0 "$(grep -c '"observer":{[^}]*"ip"' "$WORK/events.jsonl")"
check_clean_end
