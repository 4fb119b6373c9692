#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who may include whom, what the core may call, how long things may be.
# usage: check.sh SOURCE BUILD
set -u
src=${1:?usage: check.sh SOURCE BUILD} build=${2:?usage: check.sh SOURCE BUILD}
build=$(cd "$build" && pwd) && cd "$src" || exit 2

FUNCTION_MAX=60 SOURCE_MAX=450 HEADER_MAX=220
passed=0 failed=0 skipped=0

# result NAME WRONG: what is wrong, a line each; nothing when all is well.
result() {
	if [ -z "$2" ]; then
		echo "ok    $1"
		passed=$((passed + 1))
	else
		echo "FAIL  $1: $(echo "$2" | awk 'NR <= 8 { printf "%s%s", s, $0; s = "; " }
		    END { if (NR > 8) printf "; and %d more", NR - 8 }')"
		failed=$((failed + 1))
	fi
}

skip() {
	echo "skip  $1: $2"
	skipped=$((skipped + 1))
}

# includes FOLDER: "file:line <name>" or "file:line "name"" of each.
includes() {
	grep -nE '^[[:space:]]*#[[:space:]]*include' /dev/null "$1"/*.[ch] |
	    sed -E 's/^([^:]*:[0-9]+):[[:space:]]*#[[:space:]]*include[[:space:]]*/\1 /'
}

# only NAME FOLDER ALLOWED: each include of the folder fits the expression, or
# is a header of the folder itself.
only() {
	found=$(includes "$2")
	if [ -z "$found" ]; then
		result "$1" "no include found in $2"
		return
	fi
	result "$1" "$(echo "$found" | while read -r place name; do
		own=$(echo "$name" | sed -nE 's/^"([^/]*)"$/\1/p')
		if [ -n "$own" ] && [ -f "$2/$own" ]; then
			continue
		fi
		echo "$name" | grep -qE "^($3)\$" || echo "$place $name"
	done)"
}

c_headers='<(stdbool|stddef|stdint|limits|string)\.h>'
posix='<(sys/)?[a-z0-9_]+\.h>'
# Of rsyslog's runtime and grammar: names that no system header has.
rsyslog='(rsyslog|conf|config|syslogd-types|template|module-template|errmsg|statsobj|'\
'msg|datetime|glbl|obj|obj-types|cfsysline|parser|parserif|rainerscript|rsconf|'\
'srUtils|srutils|dirty|unicode-helper|ratelimit|action|ruleset|queue|wti|batch|'\
'stringbuf|debug|modules|omfwd)\.h'

only "include/vpn includes only itself and the C library" include/vpn \
    "\"vpn/[a-z_]+\.h\"|$c_headers|<stdatomic\.h>"
only "core includes only vpn, core and what is pure" plugin/core \
    "\"(vpn|core)/[a-z_]+\.h\"|$c_headers|<stdlib\.h>|<nettle/sha2\.h>|<arpa/inet\.h>"
only "load includes neither sink, cli nor rsyslog" plugin/load \
    "\"(vpn|core|load)/[a-z_]+\.h\"|$posix|<libfastjson/[a-z_]+\.h>"
only "sink includes only vpn/{chunk,hex,instant,page,render,sink,text}, itself and its libraries" plugin/sink \
    "\"vpn/(chunk|hex|instant|page|render|sink|text)\.h\"|\"core/json\.h\"|\"sink/[a-z_]+\.h\"|$posix|"\
"<librdkafka/rdkafka\.h>|<curl/curl\.h>|<libfastjson/json\.h>|<nettle/hmac\.h>"
only "store knows pages and SQLite, no engine" plugin/store \
    "\"vpn/(page|text)\.h\"|\"store/[a-z_]+\.h\"|$posix"
only "watch knows engine, store and sinks, no rsyslog and no receiver" plugin/watch \
    "\"vpn/[a-z_]+\.h\"|\"core/table\.h\"|\"(store|watch)/[a-z_]+\.h\"|$posix"
only "cli includes neither rsyslog nor rdkafka" plugin/cli \
    "\"(vpn|core|load|cli)/[a-z_]+\.h\"|\"store/store\.h\"|$posix|<libfastjson/[a-z_]+\.h>"

result "only plugin/rsyslog includes rsyslog's headers" "$(
	for folder in include/vpn plugin/core plugin/load plugin/sink plugin/store \
	    plugin/watch plugin/cli; do
		includes "$folder" | grep -E "[<\"]$rsyslog[>\"]" |
		    while read -r place name; do
			[ -f "$folder/$(echo "$name" | tr -d '<>"')" ] || echo "$place $name"
		done
	done)"
result "plugin/rsyslog does not know Kafka" "$(includes plugin/rsyslog | grep rdkafka)"

core=$build/libvpn-core.a
pure='vpn_[a-z0-9_]+|nettle_sha256_(init|update|digest)|inet_pton|inet_ntop|malloc|calloc|free|qsort|'\
'realloc|mem(chr|cmp|cpy|mem|move|rchr|set)|bcmp|str(chr|len|cmp|ncmp)|'\
'__(memcpy|memmove|memset)_chk|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_'
if [ ! -f "$core" ]; then
	result "the core is built" "no $core"
elif nm -u "$core" 2>/dev/null | grep -qE '__(asan|ubsan|tsan|msan)_'; then
	skip "the core calls only what is pure" "it is built with a sanitizer"
	skip "the core has no variable that changes" "it is built with a sanitizer"
else
	result "the core calls only what is pure" "$(nm -u "$core" | awk -v pure="^($pure)\$" '
	    /:$/ { object = $0 } $1 == "U" && $2 !~ pure { print object " " $2 }')"
	result "the core has no variable that changes" "$(nm -f sysv "$core" | awk -F'|' '
	    $7 ~ /^ *(\.t?data|\.t?bss|\*COM\*)/ && $7 !~ /\.rel\.ro/ {
		gsub(/ /, "", $1); print $1 " in " $7 }')"
fi

sources=$(find include plugin tests -name '*.[ch]' | sort)
result "functions of at most $FUNCTION_MAX lines" "$(echo "$sources" | xargs awk '
	FNR == 1 { start = 0 }
	/^[a-z_].*\(/ { name = $0; sub(/\(.*/, "", name) }
	/^\{[ \t]*$/ { start = FNR }
	/^\}[ \t]*$/ && start {
		if (FNR - start + 1 > max)
			print FILENAME ":" start " " name " has " FNR - start + 1
		start = 0
	}' max=$FUNCTION_MAX)"
# A table of data may be as long as it has to be.
long='
	/^static const .*= \{$/ { table = 1 }
	!table { n[FILENAME]++ }
	/^\};$/ { table = 0 }
	END { for (f in n) if (n[f] > max) print f " has " n[f] }'
result "sources of at most $SOURCE_MAX lines" \
    "$(echo "$sources" | grep '^plugin/.*\.c$' | xargs awk "$long" max=$SOURCE_MAX)"
result "headers of at most $HEADER_MAX lines" \
    "$(echo "$sources" | grep '\.h$' | xargs awk "$long" max=$HEADER_MAX)"

for name in omipsec mmipsec; do
	module=$(find "$build" -name $name.so -type f | head -n 1)
	if [ -z "$module" ]; then
		skip "$name exports modInit alone" "no $name.so in $build"
		continue
	fi
	exported=$(nm -D --defined-only "$module" | awk '{ print $NF }' |
	    grep -vE '^(__odr_)?_*(asan|ubsan)')
	[ "$exported" = modInit ] && exported=
	result "$name exports modInit alone" "$exported"
	[ "$name" = omipsec ] || result "$name links no destination's library" \
	    "$(nm -D -u "$module" | grep -oE '(rd_kafka|curl_|sqlite3_)[a-z_]*' | head -n 3)"
done

# The names are put together here, so that this file does not hold them.
outside="(\.\./|/wo""rk/)\.?(sha""red|libra""ry)"
result "no file refers to what is outside of the project" "$(find . \( -name .git -o \
    -name 'build' -o -name 'build-*' -o -name __pycache__ \) -prune -o -type f -print |
    xargs grep -IlE "$outside" /dev/null)"

if command -v clang-format >/dev/null; then
	# The words are separate files.
	# shellcheck disable=SC2086
	result "the C is as .clang-format has it" \
	    "$(clang-format --dry-run $sources 2>&1 | grep -o '^[^:]*:[0-9]*' | sort -u)"
else
	skip "the C is as .clang-format has it" "no clang-format here"
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
