#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh VPNLOG RULES: plays every scenario and compares what would have been told.
#
#   NN-name.log      lines, as they were logged; the number is that of the rule (README.md)
#   NN-name.expect   the alerts, as `vpnlog replay` prints them; '#' begins a comment
#   NN-name.yaml     overrides       NN-name.args   more options
set -u
vpnlog=${1:?usage: run.sh VPNLOG RULES} rules=${2:?usage: run.sh VPNLOG RULES}
here=$(cd "$(dirname "$0")" && pwd)
got=$(mktemp) want=$(mktemp)
trap 'rm -f "$got" "$want"' EXIT
passed=0 failed=0

for log in "$here"/[0-9]*.log; do
	base=${log%.log}
	set -- replay --rules "$rules"
	[ ! -f "$base.yaml" ] || set -- "$@" --overrides "$base.yaml"
	# The words of the file are separate options.
	# shellcheck disable=SC2046
	[ ! -f "$base.args" ] || set -- "$@" $(cat "$base.args")
	"$vpnlog" "$@" "$log" >"$got.all" 2>&1 || echo "ended with $?" >>"$got.all"
	grep -E '^20[0-9-]*T[0-9:]*Z |^ended|ERROR|runtime error' "$got.all" >"$got"
	rm -f "$got.all"
	grep -v '^#' "$base.expect" >"$want"
	if cmp -s "$want" "$got"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $(basename "$base"):"
		diff "$want" "$got"
	fi
done
for rule in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22; do
	ls "$here/$rule"*.expect >/dev/null 2>&1 || {
		failed=$((failed + 1))
		echo "FAIL rule $rule has no scenario"
	}
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
