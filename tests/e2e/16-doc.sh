#!/bin/sh
# Every configuration that a page shows (a block marked "rsyslog", and the README's that begin with "global") is taken out of
# the page and must pass `rsyslogd -N1`; what it does not load itself is loaded before it. With another type of action it must
# not pass, so that each was read.
set -eu
. "$E2E/lib.sh"

DOC=$E2E/../../packaging/doc

# blocks PAGE: each into WORK/blocks/PAGE-N.conf.
blocks() {
	awk -v to="$WORK/blocks/$(basename "$1" .md)" '
		/^```/ { inside = !inside; file = ""; shown = inside && $0 == "```rsyslog"; first = inside && $0 == "```"; next }
		first && /^global\(/ { shown = 1 }
		{ first = 0 }
		shown && !file { file = sprintf("%s-%02d.conf", to, ++n) }
		shown { print > file }' "$1"
}

# whole FILE: with the modules that it does not load.
whole() {
	for module in omipsec mmipsec; do
		! grep -q "type=\"$module\"" "$1" || grep -q "load=\"$module\"" "$1" || echo "module(load=\"$module\")"
	done
	cat "$1"
}

mkdir -p "$WORK/blocks"
for page in "$DOC"/*.md "$E2E/../../README.md"; do
	blocks "$page"
done
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=client -keyout "$WORK/client.key" -out "$WORK/client.pem" \
	2>/dev/null
count=0
for block in "$WORK/blocks"/*.conf; do
	name=$(basename "$block" .conf)
	whole "$block" >"$WORK/whole"
	sample_here "$WORK/whole" >"$WORK/conf"
	cp "$WORK/client.key" "$WORK/client.pem" "$WORK/etc"
	status=0
	rsyslog_verify "$WORK/conf" >"$WORK/said" || status=$?
	check "$name passes -N1" "0 " "$status $(sed -n 's/.*error/error/p' "$WORK/said" | head -n 1)"
	sed 's/type="\([om]m\)ipsec"/type="\1nothing"/' "$WORK/conf" >"$WORK/changed"
	status=refused
	rsyslog_verify "$WORK/changed" >/dev/null && status=taken
	check "$name with a mistake does not" refused "$status"
	count=$((count + 1))
done
check_more 'the pages show configurations' "$(grep -c '^```rsyslog' "$DOC"/*.md | awk -F: '{ n += $2 } END { print n + 1 }')" "$count"
