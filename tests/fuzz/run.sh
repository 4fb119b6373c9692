#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh BUILD SECONDS [FUZZER...]: each fuzzer, or those named, for its part of the seconds. A build of the preset
# `fuzz` is needed. What one finds stays in BUILD/fuzz/found; what has been learned stays in BUILD/fuzz/corpus and is
# gone on from.
set -eu

FUZZ=$(cd "$(dirname "$0")" && pwd)
BUILD=$(realpath "$1")
SECONDS_ALL=$2
shift 2
[ $# -gt 0 ] || set -- line event rules overrides state
DIR=$BUILD/fuzz
passed=0 failed=0

mkdir -p "$DIR/found"
python3 "$FUZZ/seeds.py" "$BUILD" "$DIR/seeds"
export GUIDE="$DIR/seeds/guide.yaml"
ROOM=$(mktemp -d /dev/shm/omipsec-fuzz.XXXXXX)
export ROOM
trap 'rm -rf "$ROOM"' EXIT
for fuzzer in "$@"; do
	mkdir -p "$DIR/corpus/$fuzzer"
	log=$DIR/$fuzzer.log
	status=0
	"$BUILD/tests/fuzz_$fuzzer" -max_total_time=$((SECONDS_ALL / $#)) -max_len=70000 -timeout=20 -rss_limit_mb=4096 \
		-print_final_stats=1 -dict="$DIR/seeds/words.dict" -artifact_prefix="$DIR/found/$fuzzer-" \
		"$DIR/corpus/$fuzzer" "$DIR/seeds/$fuzzer" >"$log" 2>&1 || status=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	if [ "$status" -eq 0 ]; then
		passed=$((passed + 1))
		echo "ok   fuzz_$fuzzer: ${runs:-0} executions, $(find "$DIR/corpus/$fuzzer" -type f | wc -l) inputs kept"
	else
		failed=$((failed + 1))
		echo "FAIL fuzz_$fuzzer: $(grep -m1 -E 'ERROR:|does not hold|runtime error' "$log" || tail -n 1 "$log")"
		echo "     $(grep -o 'Test unit written to .*' "$log" || true)"
	fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
