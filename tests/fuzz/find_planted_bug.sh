#!/bin/sh
# Each planted_x must pass its seeds and then find its planted bug. Usage: find_planted_bug.sh BUILD-FOLDER SECONDS-EACH
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${1:?usage: find_planted_bug.sh BUILD-FOLDER SECONDS-EACH}
seconds=${2:?usage: find_planted_bug.sh BUILD-FOLDER SECONDS-EACH}
missed=0
for source in "$here"/fuzz_*.cpp; do
    kind=$(basename "$source" .cpp)
    kind=${kind#fuzz_}
    name=planted_$kind
    log=$build/$name.log
    "$build/bin/$name" "$here/seeds/$kind"/* > "$log" 2>&1 ||
        { echo "$name: a seed alone meets the bug"; tail -40 "$log"; missed=1; continue; }
    rm -rf "$build/planted/$kind" # or yesterday's finding would be today's seed
    mkdir -p "$build/planted/$kind"
    began=$(date +%s)
    "$build/bin/$name" -max_total_time="$seconds" -max_len=8192 -timeout=10 -use_value_profile=1 -print_final_stats=1 -seed="${SEED:-1}" \
        -artifact_prefix="$build/planted/$name-" "$build/planted/$kind" "$here/seeds/$kind" > "$log" 2>&1 || true
    runs=$(awk '/number_of_executed_units/ { print $2 }' "$log")
    if grep -q 'The planted bug is met' "$log" && grep -q 'heap-buffer-overflow' "$log"; then
        echo "$name: found after $(($(date +%s) - began)) s and $runs executions"
    else
        echo "$name: not found in $seconds s and $runs executions"
        tail -20 "$log"
        missed=1
    fi
done
exit $missed
