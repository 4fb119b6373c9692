#!/bin/sh
# Every mistake in an action is made once: unknown parameters, wrong values, missing ones, rules that are absent or bad.
# `rsyslogd -N1` must answer with an error, name what is wrong, and name the line of the configuration.
# Where a rules file is wrong, the sentence must name that file and line.
# A real start with all these actions must run none of them, while the good action beside them works.
# The same action without a mistake must pass `rsyslogd -N1`, or the others would prove nothing.
set -eu
. "$E2E/lib.sh"

GOOD_FILE="output=\"file\" file=\"$WORK/events.jsonl\" rules=\"$RULES\""
GOOD_KAFKA="output=\"kafka\" broker=[\"127.0.0.1:1\"] topic=\"t\" rules=\"$RULES\""

# The mistakes: a name, the parameters, and what rsyslogd's words must match.
mistakes() {
	cat <<-EOF
		unknown parameter|$GOOD_FILE brokr="x"|brokr
		unknown action parameter|$GOOD_FILE action.resumeRetry="3"|action\.resumeretry
		parameter of another module|$GOOD_FILE dynaFile="x"|dynafile
		unknown output|output="kafkaa" rules="$RULES"|kafkaa
		missing output|rules="$RULES"|output
		missing topic|output="kafka" broker=["127.0.0.1:1"] rules="$RULES"|topic
		missing broker|output="kafka" topic="t" rules="$RULES"|broker
		missing file|output="file" rules="$RULES"|file
		wrong language|$GOOD_FILE language="fr"|language.*fr|fr.*language
		wrong input|$GOOD_FILE input="lines"|input.*lines
		container without events|$GOOD_FILE container="\$!vpn"|container
		wrong container|$GOOD_FILE input="event" container="\$/vpn"|container.*vpn
		container of a template's own|$GOOD_FILE input="event" container="\$!a%b"|container
		errorFile of lines in a file|$GOOD_FILE errorFile="$WORK/errors"|errorfile
		timezone of events|$GOOD_FILE input="event" timezone="Z"|timezone
		wrong repeats|$GOOD_FILE repeats="yes"|repeats.*yes
		mmipsec, unknown parameter|rules="$RULES" output="file"|mmipsec.*output
		mmipsec, wrong container|rules="$RULES" container="rawmsg"|container.*rawmsg
		mmipsec, wrong language|rules="$RULES" language="fr"|language.*fr
		mmipsec, missing rules folder|rules="$WORK/no-rules"|no-rules
		runbookUrl that is no address|$GOOD_FILE runbookUrl="wiki/vpn/"|runbookurl.*wiki
		runbookUrl that is no folder|$GOOD_FILE runbookUrl="https://wiki/vpn"|runbookurl.*wiki
		mmipsec, wrong runbookUrl|rules="$RULES" runbookUrl="file:///vpn/"|runbookurl.*file
		wrong format|$GOOD_FILE format="xml"|format.*xml|xml.*format
		wrong shutdownTimeout|$GOOD_FILE shutdownTimeout="soon"|shutdowntimeout|soon
		negative shutdownTimeout|$GOOD_FILE shutdownTimeout="-5"|shutdowntimeout
		unknown librdkafka property|$GOOD_KAFKA confParam=["no.such.thing=1"]|no\.such\.thing
		librdkafka property without value|$GOOD_KAFKA confParam=["linger.ms"]|linger\.ms
		wrong librdkafka value|$GOOD_KAFKA confParam=["linger.ms=soon"]|linger\.ms
		unknown topic property|$GOOD_KAFKA topicConfParam=["no.such.topic.thing=1"]|no\.such\.topic\.thing
		missing rules folder|output="file" file="$WORK/events.jsonl" rules="$WORK/no-rules"|no-rules
		rules folder is a file|output="file" file="$WORK/events.jsonl" rules="$WORK/conf"|$WORK/conf
		bad YAML|output="file" file="$WORK/events.jsonl" rules="$WORK/bad-yaml"|zz-broken\.yaml:[0-9]+
		duplicate code|output="file" file="$WORK/events.jsonl" rules="$WORK/duplicate"|(codes-twice|guide)\.yaml:[0-9]+.*$FIRST_CODE
		rules without guide.yaml|output="file" file="$WORK/events.jsonl" rules="$WORK/no-guide"|guide\.yaml
	EOF
}

# Rules with a mistake, made from the real ones.
make_rules() {
	for kind in bad-yaml duplicate no-guide; do
		cp -r "$RULES" "$WORK/$kind"
	done
	printf 'vendor: broken\nmessages:\n  - [unclosed\n' >"$WORK/bad-yaml/vendors/zz-broken.yaml"
	rm "$WORK/no-guide/guide.yaml"
	# The guide's first code once more.
	awk '/^codes:/ { on = 1; print; next } on && /^  - / && ++n == 2 { exit } on && /^  /' "$RULES/guide.yaml" \
		>"$WORK/duplicate/codes-twice.yaml"
	FIRST_CODE=$(sed -n 's/^  - slug: *//p; s/^    slug: *//p' "$WORK/duplicate/codes-twice.yaml" | head -n 1)
}

# The faulty action is on line 3, and beside it is one that works.
one_action() {
	case ${3:-} in
	mmipsec*) so=$MMIPSEC_SO type=mmipsec ;;
	*) so=$OMIPSEC_SO type=omipsec ;;
	esac
	echo "module(load=\"$so\")"
	echo "action(type=\"omfile\" file=\"$WORK/all\")"
	echo "action(type=\"$type\" name=\"$1\" $2)"
}

# verify NAME PARAMETERS REGEX
verify() {
	one_action bad "$2" "$1" >"$WORK/conf.verify"
	rsyslog_verify "$WORK/conf.verify" >"$WORK/verify.out" && answer=0 || answer=$?
	# More than 127 would be a crash.
	check "$1: -N1 refuses it" yes "$([ "$answer" -ne 0 ] && [ "$answer" -lt 128 ] && echo yes || echo "no ($answer)")"
	tr '[:upper:]' '[:lower:]' <"$WORK/verify.out" >"$WORK/verify.low"
	check_says "$1: it is named" "$3" "$WORK/verify.low"
	check_says "$1: so is the line" "line 3|conf.verify:3" "$WORK/verify.low"
}

verify_all() {
	n=0
	mistakes >"$WORK/mistakes"
	while IFS='|' read -r name parameters regex; do
		n=$((n + 1))
		verify "$name" "$parameters" "$(echo "$regex" | tr '[:upper:]' '[:lower:]')" </dev/null
		one_action "bad-$n" "$parameters" "$name" | tail -n 1 >>"$WORK/bad-actions"
	done <"$WORK/mistakes"
}

# The good action stands behind all the bad ones and says when the line has passed.
real_start() {
	{
		conf_base
		conf_tcp in
		echo "module(load=\"$MMIPSEC_SO\")"
		echo 'ruleset(name="in") {'
		cat "$WORK/bad-actions"
		echo "action(type=\"omipsec\" name=\"good\" output=\"file\" file=\"$WORK/good.jsonl\" rules=\"$RULES\")"
		echo '}'
	} >"$WORK/conf"
	rsyslog_start "$WORK/conf"
	lines --lines 20 --vpn 1 >"$WORK/lines"
	send_lines "$PORT" "$WORK/lines"
	poll 20 holds_text '"name": *"good"' "$WORK/stats" || true
	poll 20 has_lines 20 "$WORK/good.jsonl" || true
	check "the good action works" yes "$(has_lines 20 "$WORK/good.jsonl" && echo yes || echo no)"
	check "rsyslogd runs none of the bad actions" 0 "$(grep -c '"name": *"bad-' "$WORK/stats" || true)"
	check "none of them wrote an event" no "$([ -e "$WORK/events.jsonl" ] && echo yes || echo no)"
	check_clean_end
}

: >"$WORK/conf"
make_rules
one_action good "$GOOD_FILE" >"$WORK/conf.good"
rsyslog_verify "$WORK/conf.good" >"$WORK/good.out" && answer=0 || answer=$?
check "a good file action passes -N1" 0 "$answer"
one_action good "$GOOD_KAFKA" >"$WORK/conf.good"
rsyslog_verify "$WORK/conf.good" >"$WORK/good.out" && answer=0 || answer=$?
check "a good kafka action passes -N1" 0 "$answer"
check "-N1 creates nothing" no "$([ -e "$WORK/events.jsonl" ] && echo yes || echo no)"
verify_all
real_start
