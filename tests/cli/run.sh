#!/bin/sh
# What vpnlog does, seen from outside. BUILD: where vpnlog is; RULES: its rules.
# A check is a function t_*; the comment above each says what must hold.
here=$(cd "$(dirname "$0")" && pwd)
BUILD=${BUILD:-$here/../../build-rel}
RULES=${RULES:-$here/../../rules}
export BUILD RULES
vpnlog=$BUILD/vpnlog
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
unset NO_COLOR COLUMNS LC_ALL LC_MESSAGES LANGUAGE
LANG=C.UTF-8 TERM=xterm TZ=UTC
export LANG TERM TZ

passed=0 failed=0 skipped=0

v() {
	command=$1
	shift
	"$vpnlog" "$command" --rules "$RULES" "$@"
}

# A line of the cloud for a reason; more text may follow the reason.
cloud() {
	printf '%s host-1 ipsec_ike[1]: [198.51.100.20] IPSec tunnel negotiation fails. (IfIndex=[207], PolicyName=[], SeqNum=[0], PeerAddress=[203.0.113.7], PeerPort=[500], Reason=[%s])' \
	    "${2:-2026-11-01T03:00:00.104729+00:00}" "$1"
}

# Evaluate a Python expression over the events on standard input, as "e".
events() {
	python3 -c '
import json, sys
e = [json.loads(l) for l in sys.stdin.buffer.read().decode("utf-8").splitlines()]
ok = eval("(" + sys.argv[1].replace("\n", " ") + ")")
if not ok: print("not so:", sys.argv[1], [x["omipsec"]["input"] for x in e][:9])
sys.exit(not ok)' "$1"
}

# The rules, writable, in $work/NAME.
copy_rules() {
	cp -R "$RULES" "$work/$1" && chmod -R u+w "$work/$1"
}

# A command on a terminal of 80 columns; what it writes goes to standard output.
terminal() {
	python3 - "$@" <<'EOF'
import os, pty, sys, fcntl, struct, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
out = b""
while True:
    try: data = os.read(fd, 65536)
    except OSError: break
    if not data: break
    out += data
sys.stdout.buffer.write(out.replace(b"\r\n", b"\n"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
EOF
}

# Longest line of standard input in columns.
longest() {
	python3 -c '
import re, sys, unicodedata
text = re.sub(r"\x1b\[[0-9;]*[mK]", "", sys.stdin.buffer.read().decode("utf-8"))
w = lambda s: sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in s)
print(max(w(l) for l in text.splitlines()))'
}

# --help names every command, exit 0; each command has its own.
t_help() {
	"$vpnlog" --help > "$work/help" || return 1
	for c in explain lookup codes check; do
		grep -q "^  $c " "$work/help" || return 1
		"$vpnlog" $c --help | grep -q "^Usage: vpnlog $c " || return 1
	done
	"$vpnlog" --version | grep -Eq '^vpnlog [0-9]+\.[0-9]+\.[0-9]+$'
}

# Wrong usage: exit 2, a sentence on standard error, nothing on standard output.
t_usage() {
	for a in "" "nonsense" "explain --nonsense" "explain --language fr" "explain --rules" \
	    "explain --format xml" "explain --timezone 8" "explain --timezone +8:00x" "explain --color blue" \
	    "codes --class bad" "codes more" "lookup" "check a b" "check --json"; do
		# shellcheck disable=SC2086
		"$vpnlog" $a > "$work/out" 2> "$work/err" < /dev/null
		[ $? -eq 2 ] && [ ! -s "$work/out" ] && [ -s "$work/err" ] || {
			echo "vpnlog $a"
			return 1
		}
	done
	"$vpnlog" explain --nonsense 2>&1 | grep -q "vpnlog: explain: .*'--nonsense'"
}

# Events come in the order of the lines, with their numbers; others give none.
t_order() {
	{
		echo "Nov  1 00:00:01 web sshd[1]: Accepted password"
		cloud "dpd timeout"; echo
		echo
		cloud "version mismatch"; echo
	} > "$work/in"
	v explain --json "$work/in" | events \
	    '[(x["omipsec"]["input"]["line"], x["event"]["code"]) for x in e] == [(2, "dpd_timeout"), (4, "version_mismatch")]' &&
	    v explain < "$work/in" | events 'len(e) == 2' &&
	    v explain - < "$work/in" | events 'len(e) == 2' &&
	    v explain "$work/in" "$work/in" | events '[x["omipsec"]["input"]["line"] for x in e] == [2, 4, 2, 4]'
}

# Lines without an event, and no line at all, are fine.
t_no_event() {
	echo "Nov  1 00:00:01 web sshd[1]: x" | v explain --json > "$work/out" &&
	    v explain < /dev/null >> "$work/out" && [ ! -s "$work/out" ]
}

# A file that is not there is named; the others are still read; exit 1.
t_no_file() {
	cloud "dpd timeout" > "$work/in"
	v explain --json "$work/none" "$work/in" > "$work/out" 2> "$work/err"
	[ $? -eq 1 ] && grep -q "^vpnlog: explain: $work/none: cannot be opened: " "$work/err" &&
	    events 'len(e) == 1' < "$work/out" || return 1
	v explain "$work" 2>&1 > /dev/null | grep -q "$work: cannot be read: "
}

# Rules that are not there: exit 1, and the folder is named.
t_no_rules() {
	for c in explain codes check "lookup x"; do
		# shellcheck disable=SC2086
		"$vpnlog" $c --rules "$work/none" > "$work/out" 2>&1 < /dev/null
		[ $? -eq 1 ] && grep -q "$work/none/guide.yaml: cannot be read" "$work/out" || return 1
	done
}

# The languages asked for are there, no other is.
t_language() {
	cloud "dpd timeout" > "$work/in"
	v explain --json "$work/in" | events 'set(e[0]["omipsec"]["why"]) == {"en", "zh"}' &&
	    v explain --json --language zh "$work/in" | events 'set(e[0]["omipsec"]["why"]) == {"zh"}' &&
	    v explain --card "$work/in" | grep -q "^  fix " &&
	    LANG=zh_CN.UTF-8 v explain --card "$work/in" | grep -q "^  处理 " &&
	    LC_ALL=C LANG=zh_CN.UTF-8 v explain --card "$work/in" | grep -q "^  fix "
}

# In OCSF the same event has the same id; it is JSON also on a terminal.
t_format() {
	cloud "dpd timeout" > "$work/in"
	v explain --format ecs "$work/in" > "$work/ecs" &&
	    v explain --format ocsf "$work/in" > "$work/ocsf" &&
	    cat "$work/ecs" "$work/ocsf" | events 'e[0]["event"]["id"] == e[1]["metadata"]["uid"]' &&
	    terminal "$vpnlog" explain --rules "$RULES" --format ocsf "$work/in" | grep -q '"class_uid":4014'
}

# CRLF, NUL, TAB and ESC are written as rsyslog does; the last line may end the file.
t_bytes() {
	{
		cloud "dpd timeout"; printf '\r\n'
		cloud "dpd timeout" | sed 's/PolicyName=\[/&@%^~/' | tr '@%^~' '\000\033\011\177'; echo
		cloud "version mismatch"
	} > "$work/in"
	v explain --json "$work/in" | events '
len(e) == 3 and [x["event"]["code"] for x in e] == ["dpd_timeout", "dpd_timeout", "version_mismatch"]
and e[0]["event"]["original"].endswith("#015")
and "PolicyName=[#000#033#011\x7f]" in e[1]["event"]["original"]'
}

# The line end does not change which event it is.
t_same_id() {
	cloud "dpd timeout" > "$work/a"
	{ cat "$work/a"; printf '\r\n'; } > "$work/b"
	{ cat "$work/a"; printf '\000\n'; } > "$work/c"
	v explain --json "$work/a" "$work/b" "$work/c" | events 'len(e) == 3 and len({x["event"]["id"] for x in e}) == 1'
}

# No byte of a line commands the terminal: ESC, C1, DEL, broken UTF-8, hidden marks.
t_neutral() {
	{
		cloud "$(printf 'dpd \033[2J\033]0;x\007 \302\233 \377\376 \177 \342\200\256 \360\237\230\200')"; echo
		printf '%s host\033[1mname\233 ipsec_ike[1]: IPSec tunnel negotiation fails. (PeerAddress=[\033c], Reason=[\303(])\n' 2026-11-01T03:00:00+00:00
	} > "$work/in"
	v explain --card --language both "$work/in" > "$work/out" || return 1
	v lookup "$(printf 'dpd \033[2J timeoot')" >> "$work/out" 2>&1
	python3 - "$work/out" <<'EOF'
import sys, unicodedata
text = open(sys.argv[1], "rb").read().decode("utf-8")
bad = [hex(ord(c)) for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs")]
if bad or "\\x9b" not in text or "\\u202e" not in text: sys.exit("%s" % bad)
EOF
}

# Nor does a byte of a file's name, of an argument or of a file that is refused, from
# any command; JSON spells out what could.
t_neutral_everywhere() {
	bad=$(printf 'n\033]52;c;eA==\007 \033[2J \233 \302\2332J \342\200\256\342\201\246 \342\200\250 \177\r\010')
	cloud "dpd $bad" > "$work/$bad"
	copy_rules "rules$bad" && printf '"\302\233\342\200\256x": 1\n' > "$work/rules$bad/codes-x.yaml"
	{
		for format in "--card" "--json" "--json --format ocsf"; do
			# shellcheck disable=SC2086
			v explain $format "$work/$bad"
		done
		v replay "$work/$bad"
		v replay --json "$work/$bad"
		v report -o "$work/$bad.html" "$work/$bad" && cat "$work/$bad.html"
		v report -o "$work/none$bad/x" "$work/$bad"
		v check --overrides "$work/$bad"
		v check "$work/rules$bad"
		v runbook --html "$work/none$bad/x"
		v lookup "$bad"
		v tunnels --state "$work/$bad"
		"$vpnlog" forget --state "$work/$bad" "$bad"
		"$vpnlog" "$bad"
		for option in language timezone color class format runbook connection; do
			v explain "--$option=$bad" "$work/$bad"
			v codes "--$option=$bad"
		done
		v explain "--$bad" "$bad"
	} > "$work/out" 2>&1
	python3 - "$work/out" <<'EOF'
import sys, unicodedata
text = open(sys.argv[1], "rb").read().decode("utf-8")
bad = {hex(ord(c)) for c in text if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
if bad or text.count("\\u202e") < 15: sys.exit("%s, spelled out %d times" % (bad, text.count("\\u202e")))
EOF
}

# Numbers that no device has are no port, no time and no reason to stop: valid JSON.
t_numbers() {
	python3 > "$work/in" - <<'EOF'
numbers = ["-1", "65536", "99999", "4294967296", "18446744073709551616", "-9223372036854775809", "9" * 400, "1e400", "NaN"]
times = ["Nov 23 9999999 03:12:40", "Nov 99 2026 99:99:99", "Nov 23 2026 03:12:40+99:99", "Dec 31 9999 23:59:60+08:00",
         "Jan  1 0001 00:00:00", "2026-11-23T03:12:40.99999999999999999999Z", "99999999999999999999", "Feb 30 2106 03:12:40"]
at = "Nov 23 2026 03:12:40+08:00"
for time, pri, n in [(at, "188", n) for n in numbers] + [(at, n, "1") for n in numbers] + [(t, "188", "1") for t in times]:
    print(f"<{pri}>{time} HQ %%01IPSEC/4/IPSECTUNNELSTOP(l)[{n}]:X (Ifindex={n}, SeqNum={n},TunnelIndex={n}, DstIP=203.0.113.9, "
          f"RemotePort={n}, InboundSPI={n}, LifeTime={n}, OfflineReason=dpd timeout, ReasonCode={n})")
EOF
	for format in ecs ocsf; do
		v explain --format $format "$work/in" > "$work/out" || return 1
		python3 - "$work/out" <<'EOF'
import json, sys
def walk(value, key=""):
    for k, v in value.items() if isinstance(value, dict) else [("", v) for v in value] if isinstance(value, list) else []:
        if k == "port" and not 0 <= v <= 65535: sys.exit(f"port {v}")
        if k == "@timestamp" and not len(v) == 24: sys.exit(f"time {v}")
        walk(v, k)
events = [json.loads(line, parse_constant=sys.exit) for line in open(sys.argv[1])]
for event in events: walk(event)
if len(events) < 20: sys.exit(f"{len(events)} events")
EOF
		[ $? -eq 0 ] || return 1
	done
	v replay --json "$work/in" > /dev/null && v replay "$work/in" | tail -n 1 | grep -q " alerts opened"
}

# Colour on a terminal only, and not with NO_COLOR, TERM=dumb or --color=never.
t_colour() {
	cloud "dpd timeout" > "$work/in"
	esc=$(printf '\033')
	set -- "$vpnlog" explain --rules "$RULES" --card "$work/in"
	terminal "$@" | grep -q "$esc" &&
	    ! NO_COLOR=1 terminal "$@" | grep -q "$esc" &&
	    ! TERM=dumb terminal "$@" | grep -q "$esc" &&
	    ! terminal "$@" --color=never | grep -q "$esc" &&
	    NO_COLOR='' terminal "$@" | grep -q "$esc" &&
	    "$@" --color=always | grep -q "$esc" &&
	    ! "$@" | grep -q "$esc"
}

# On a terminal a card of at most 80 columns and a summary; with --json, JSON.
t_terminal() {
	{ cloud "dpd timeout"; echo; echo other; } > "$work/in"
	terminal "$vpnlog" explain --rules "$RULES" --language both "$work/in" > "$work/out" || return 1
	grep -q "2 lines, 1 event (1 disconnect)" "$work/out" &&
	    [ "$(longest < "$work/out")" -le 80 ] &&
	    terminal "$vpnlog" explain --rules "$RULES" --json "$work/in" | grep -q '^{"@timestamp"'
}

# The card says which tunnel, why, and what to do, and where the guide has it.
t_card() {
	cloud "responder dh mismatch" > "$work/in"
	v explain --card --language en "$work/in" > "$work/out" || return 1
	for word in 203.0.113.7 "^  tunnel " "^  device " "^  when    2026-11-01 03:00:00 +00:00" \
	    "^  said    responder dh mismatch" "^  why " "^  causes " "^  fix     1\. " \
	    "guide 2.2" "console: " "^  line    .*:1: 2026-11-01T03"; do
		grep -q -- "$word" "$work/out" || { echo "no $word"; return 1; }
	done
}

# Chinese wraps within the width, at no closing mark, and its columns are straight.
t_chinese() {
	v codes --json | python3 -c '
import json, sys
for l in sys.stdin: print(json.loads(l)["name"])' > "$work/names"
	while IFS= read -r name; do
		cloud "$name"; echo
	done < "$work/names" > "$work/in"
	v explain --card --language zh "$work/in" > "$work/out"
	[ "$(longest < "$work/out")" -le 80 ] || return 1
	python3 - "$work/out" <<'EOF' || return 1
import sys, unicodedata
w = lambda s: sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in s)
n = 0
for line in open(sys.argv[1], encoding="utf-8"):
    line = line.rstrip("\n")
    if line != line.rstrip(): sys.exit("blank at the end: " + line)
    text = line.lstrip()
    if text and text[0] in "，。；：、！？）": sys.exit("begins with a mark: " + line)
    if line.startswith("  ") and not line.startswith("   "):
        n += 1
        rest = line.split(None, 1)[1]
        if w(line[:line.index(rest, 3)]) != 10: sys.exit("not straight: " + line)
if n < 500: sys.exit("only %d labels" % n)
EOF
	v codes --language zh > "$work/out" || return 1
	python3 - "$work/out" <<'EOF'
import re, sys, unicodedata
w = lambda s: sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in s)
starts = set()
for line in open(sys.argv[1], encoding="utf-8"):
    cells = [m.start() for m in re.finditer(r"(?<!\S)\S", line)][:7]
    starts.add(tuple(w(line[:c]) for c in cells))
if len(starts) != 1: sys.exit("columns: %s" % starts)
EOF
}

# Long and random lines neither stop it nor hide the line after them.
t_long() {
	{
		head -c 65536 /dev/urandom | tr '\n' x; echo
		head -c 3000000 /dev/zero; echo
		cloud "$(head -c 65536 /dev/zero | tr '\0' A)"; echo
		cloud "dpd timeout"
	} > "$work/in"
	v explain --json "$work/in" > "$work/out" 2> "$work/err" &&
	    events '[x["omipsec"]["input"]["line"] for x in e] == [3, 4] and e[0]["event"]["code"] == "unknown_reason" and e[0]["omipsec"]["original_bytes"] > 65536' < "$work/out" &&
	    grep -q ':2: the line is longer than' "$work/err"
}

answer() {
	python3 - "$1" "$(cloud "dpd timeout")" "$(cloud "version mismatch")" <<'EOF'
import json, sys
logs = [{"time": 1735024112, "raw_message": m} for m in sys.argv[2:]]
logs.insert(1, {"time": 1735024112, "raw_message": "nothing of ours"})
answer = {"total_count": 3, "logs": logs, "request_id": "x{[\"\\"}
print(json.dumps(answer, indent=4 if sys.argv[1] == "pretty" else None))
EOF
}

# Huawei Cloud's answer, on one line or pretty-printed; the connection names the device.
t_answer() {
	want='[x["omipsec"]["input"]["line"] for x in e] == [1, 3] and e[1]["event"]["code"] == "version_mismatch"'
	for form in line pretty; do
		answer $form > "$work/in"
		v explain --json "$work/in" | events "$want" || return 1
		{ echo; printf '  '; cat "$work/in"; } | v explain --json | events "$want" || return 1
	done
	v explain --json --connection vpn-7 "$work/in" | events \
	    'all(x["omipsec"]["tunnel"]["id"].startswith("vpn-7/") for x in e)' || return 1
	# Two answers in one file, and lines after them: all are read.
	{ answer pretty; answer line; cloud "peer request"; } > "$work/in"
	v explain --json "$work/in" | events 'len(e) == 5 and e[4]["event"]["code"] == "peer_request"'
}

# What only looks like an answer is lines.
t_no_answer() {
	{
		echo '{"logs": ['
		cloud "dpd timeout"; echo
		echo '{"a": 1}'
		cloud "version mismatch"; echo
	} > "$work/in"
	v explain --json "$work/in" | events '[x["omipsec"]["input"]["line"] for x in e] == [2, 4]' || return 1
	{ printf '{"a":\n{"b": 1}}\n{}\n{"c":\n'; cloud "dpd timeout"; } > "$work/in"
	v explain --json "$work/in" | events '[x["omipsec"]["input"]["line"] for x in e] == [5]'
}

# A time without an offset is this machine's, or --timezone's.
t_timezone() {
	echo "<188>2026-07-05 20:52:56 AC1 IPSEC/4/IPSECNEGOFAIL:OID 1 IPSec tunnel negotiation fails. (Ifindex=6, SeqNum=1, Reason=dpd timeout, ReasonCode=9, PeerAddress=203.0.113.4)" > "$work/in"
	TZ=Asia/Shanghai v explain --json "$work/in" | events 'e[0]["event"]["timezone"] == "+08:00"' &&
	    v explain --json --timezone -03:30 "$work/in" | events 'e[0]["event"]["timezone"] == "-03:30"' &&
	    TZ=Europe/Berlin v explain --json "$work/in" | events 'e[0]["event"]["timezone"] == "+02:00"' &&
	    sed 's/-07-05/-01-05/' "$work/in" | TZ=Europe/Berlin v explain --json | events 'e[0]["event"]["timezone"] == "+01:00"'
}

# Events leave as they are found, while the input is still open.
t_follow() {
	mkfifo "$work/pipe" || return 1
	v explain --json > "$work/out" < "$work/pipe" &
	pid=$!
	exec 8> "$work/pipe"
	{ cloud "dpd timeout"; echo; cloud "dpd"; } >&8
	n=0
	while [ ! -s "$work/out" ] && [ $n -lt 50 ]; do
		n=$((n + 1))
		sleep 0.1
	done
	events 'len(e) == 1' < "$work/out"
	result=$?
	exec 8>&-
	wait $pid
	return $result
}

# A reader that leaves ends it, quietly; a full disk is said. Exit 1.
t_closed() {
	cloud "dpd timeout" > "$work/in"
	{ v explain --json 2> "$work/err"; echo $? > "$work/code"; } <<EOF | head -n 1 > "$work/out"
$(n=0; while [ $n -lt 500 ]; do cat "$work/in"; echo; n=$((n + 1)); done)
EOF
	[ "$(cat "$work/code")" = 1 ] && [ ! -s "$work/err" ] && events 'len(e) == 1' < "$work/out" || return 1
	for c in "explain --json $work/in" "codes" "check" "lookup dpd_timeout"; do
		# shellcheck disable=SC2086
		v $c > /dev/full 2> "$work/err"
		[ $? -eq 1 ] && grep -q "standard output cannot be written: No space" "$work/err" || return 1
	done
	# An endless input ends with its reader.
	( while cat "$work/in" && echo; do :; done 2> /dev/null ) |
	    timeout 20 "$vpnlog" explain --rules "$RULES" --json 2> /dev/null | head -n 1 | events 'len(e) == 1'
}

first_of() {
	v lookup --json "$@" | head -n 1 | python3 -c '
import json, sys
c = json.loads(sys.stdin.readline())
print(c["code"] + ("/" + c["variant"] if "variant" in c else ""))'
}

# lookup finds a code by slug, number, wording, variant, message and section.
t_lookup() {
	while IFS='|' read -r words want; do
		got=$(first_of "$words")
		[ "$got" = "$want" ] || { echo "$words: $got"; return 1; }
	done <<'EOF'
dpd_timeout|dpd_timeout
DPD-Timeout|dpd_timeout
  dpd   TIMEOUT |dpd_timeout
12|peer_address_mismatch
ReasonCode=12|peer_address_mismatch
auth_failed/connect|auth_failed/connect
AUTH_FAILED|auth_failed
1.2|ping_between_cloud_and_site_fails
3.2.2|client_packet_loss
3.1.9|auth_failed/connect
TLS Error: TLS handshake failed|tls_handshake_failed
Options error: Unrecognized option or missing or extra parameter(s) in c.ovpn:6: disable-dco (2.5.11)|unrecognized_option/disable_dco
Mar  3 10:01:02 pc7 openvpn[2001]: Cannot load CA certificate file [[INLINE]](no entries were read)|cannot_load_ca_certificate
not connected|vpn_not_connected
EOF
	v lookup dpd timeout | grep -q "^  fix     1\. " &&
	    v lookup auth_failed | grep -q "^  auth_failed/connect " &&
	    v lookup dh mismatch | grep -q "^  initiator_dh_mismatch " &&
	    v lookup --language zh 丢包 | grep -q "^  traffic_packet_loss " &&
	    v lookup --json "$(cloud "peer request")" | grep -q '"code":"peer_request"'
}

# What nothing fits: exit 1, with the nearest names.
t_lookup_none() {
	v lookup dpd timout > "$work/out" 2> "$work/err"
	[ $? -eq 1 ] && [ ! -s "$work/out" ] && grep -q "^  dpd_timeout " "$work/err" || return 1
	v lookup "" > /dev/null 2>&1
	[ $? -eq 1 ] || return 1
	v lookup "$(head -c 9000 /dev/zero | tr '\0' q)" > /dev/null 2>&1
	[ $? -eq 1 ]
}

# codes lists every code of the rules, each findable by its own words.
t_codes() {
	n=$(cat "$RULES"/guide.yaml "$RULES"/codes-*.yaml 2> /dev/null | grep -c '^ *- slug:')
	[ "$(v codes | wc -l)" -eq $((n + 1)) ] &&
	    [ "$(v codes --json | wc -l)" -eq "$n" ] &&
	    [ "$(v codes --class symptom --json | grep -c '"class":"symptom"')" -eq 7 ] || return 1
	v codes --json > "$work/codes"
	python3 - "$work/codes" <<'EOF'
import json, os, subprocess, sys
for line in open(sys.argv[1], encoding="utf-8"):
    code = json.loads(line)
    for words in [code["code"], code["name"]]:
        if "variant" in code: words = code["code"] + "/" + code["variant"]
        out = subprocess.run([os.environ["BUILD"] + "/vpnlog", "lookup", "--json", "--rules",
            os.environ["RULES"], words], capture_output=True, text=True).stdout.splitlines()
        if json.loads(out[0]) != code: sys.exit("%s finds %s" % (words, out[0][:60]))
EOF
}

# The rules that ship have no problem.
t_check() {
	v check > "$work/out" || { cat "$work/out"; return 1; }
	tail -n 1 "$work/out" | grep -Eq "[0-9]+ codes, .* [1-9][0-9]* examples: no problem$" &&
	    "$vpnlog" check "$RULES" | cmp -s - "$work/out"
}

# Broken rules: exit 1, and every problem names file and line.
broken() { # NAME FILE SED-SCRIPT SENTENCE
	set -- "broken-$1" "$2" "$3" "$4"
	copy_rules "$1" && sed -i "$3" "$work/$1/$2" || return 1
	"$vpnlog" check "$work/$1" > "$work/out"
	[ $? -eq 1 ] && grep -Eq "^$work/$1/$2:[1-9][0-9]*(:[0-9]+)?: .*$4" "$work/out" &&
	    tail -n 1 "$work/out" | grep -Eq ": [1-9][0-9]* problems?$" || {
		echo "$1"
		cat "$work/out"
		return 1
	}
}

t_check_broken() {
	slug=$(grep -n 'slug: dpd_timeout$' "$RULES/guide.yaml" | cut -d: -f1)
	en='en: "Peer stopped answering (DPD)"'
	broken yaml guide.yaml '40s/^/\t: [/' "" &&
	    broken peer vendors/huawei.yaml 's/^\( *\)peer: 203.0.113.200/\1peer: 203.0.113.201/' "says peer '203.0.113.201', its event has '203.0.113.200'" &&
	    broken code vendors/huawei.yaml '0,/code: version_mismatch/s//code: dpd_timeout/' "says code 'dpd_timeout', its event has 'version_mismatch'" &&
	    broken line vendors/openvpn.yaml 's/line: "TLS Error\|line: "Apr 21[^"]*"/line: "hello"/' "is not recognised" &&
	    broken claim vendors/openvpn.yaml 's/line: "Connection failed to establish within given time"/line: "EVENT: AUTH_FAILED"/' "is claimed by 'auth_failed_connect_event' of openvpn" &&
	    broken short guide.yaml "$slug,\$s/$en/en: \"$(printf 'x%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61)\"/" "'dpd_timeout': the English short text has 61 characters" &&
	    broken same guide.yaml "s/short: {en: \"Pre-shared key[^\"]*\"/short: {$en/" "has the same English short text as" &&
	    broken check guide.yaml 's/check: G1.3.multi-exit/check: G1.3.ping-public/' "no code uses the check 'G1.3.multi-exit'" &&
	    broken twice guide.yaml 's/slug: dpd_timeout$/slug: peer_request/' "is there twice"
}

# The sample of the overrides has no problem; a mistake is placed; an entry that
# never matches is said.
t_check_overrides() {
	sample=$here/../../packaging/samples/overrides.yaml
	v check --overrides "$sample" > "$work/out" || { cat "$work/out"; return 1; }
	[ "$(wc -l < "$work/out")" -eq 1 ] &&
	    grep -Eq 'overrides.yaml: [1-9][0-9]* entries \(tunnels .*\): no problem$' "$work/out" &&
	    "$vpnlog" check "$RULES" --overrides "$sample" | cmp -s - "$work/out" || return 1
	while IFS='|' read -r text says; do
		printf '%s\n' "$text" > "$work/o.yaml"
		v check --overrides "$work/o.yaml" > "$work/out"
		[ $? -eq 1 ] && grep -q "^$work/o.yaml:1:$says" "$work/out" &&
		    tail -n 1 "$work/out" | grep -q ': 1 problem$' || { cat "$work/out"; return 1; }
	done <<'EOF'
tunnels: [{match: {device: HQ}, hold: soon}]|39: expected a number from 0 to 86400
tunnels: [{match: {code: nope}}]|26: no code is called 'nope'
"\x1b[2J": x|1: unknown key '\\x1b\[2J'
tunnels: [{match: {code: vpn_not_connected}}]| 'vpn_not_connected' is a symptom
tunnels: [{match: {device: HQ, tunnel: LAB/6/1/203.0.113.7}}]| the device is not the tunnel's
EOF
	while IFS='|' read -r text n; do
		printf '%s\n' "$text" > "$work/o.yaml"
		v check --overrides "$work/o.yaml" > "$work/out" && grep -q ": $n (.*): no problem$" "$work/out" ||
		    { cat "$work/out"; return 1; }
	done <<'EOF'
{}|0 entries
silence: [{device: HQ, after: 900}]|1 entry
{tunnels: [{match: {device: "H*", tunnel: fw1/6}}], clusters: [{name: HQ, members: [FW1]}]}|2 entries
EOF
	v check --overrides "$work/none" | grep -q "^$work/none: cannot be read: No such file" &&
	    v check --overrides "" 2>&1 | grep -q "check: --overrides: "
}

run() {
	if [ "$1" != t_help ] && ! command -v python3 > /dev/null; then
		echo "skip $1: python3 is not there"
		skipped=$((skipped + 1))
		return
	fi
	if $1 > "$work/log" 2>&1; then
		echo "ok   $1"
		passed=$((passed + 1))
	else
		echo "FAIL $1"
		sed 's/^/     /' "$work/log"
		failed=$((failed + 1))
	fi
}

[ -x "$vpnlog" ] || { echo "$vpnlog is not there: set BUILD"; exit 1; }
# shellcheck disable=SC2048
for check in ${*:-$(sed -n 's/^\(t_[a-z_]*\)() {$/\1/p' "$0")}; do
	run "$check"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
