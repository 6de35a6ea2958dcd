#!/bin/sh
# Runs every fuzz target, as many at once as there are processors. Usage: run.sh BUILD-FOLDER SECONDS-EACH [TARGET]
# New inputs are kept in BUILD-FOLDER/corpus; a finding is left there and ends the run. A minute or more with fewer than
# 100,000 executions (of a machine: 3,000) is a failure too: so little says nothing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${1:?usage: run.sh BUILD-FOLDER SECONDS-EACH}
seconds=${2:?usage: run.sh BUILD-FOLDER SECONDS-EACH}
run() { # TARGET
    name=$1
    kind=${name#fuzz_}
    case $kind in *_machine) enough=3000 ;; *) enough=100000 ;; esac # a machine lives a whole life each time
    [ "$seconds" -ge 60 ] || enough=1
    mkdir -p "$build/corpus/$kind"
    "$build/bin/$name" -max_total_time="$seconds" -max_len=8192 -timeout=10 -print_final_stats=1 \
        -artifact_prefix="$build/corpus/$name-" "$build/corpus/$kind" "$here/seeds/$kind" > "$build/$name.log" 2>&1 ||
        { echo "$name: failed"; tail -40 "$build/$name.log"; exit 255; } # 255: xargs starts no more
    awk -v name="$name" -v enough="$enough" '
        /number_of_executed_units/ { runs = $2 }
        / cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") edges = $(i + 1) }
        END { print name ": " runs + 0 " executions, " edges + 0 " edges, nothing found"
              if (runs >= enough && edges) exit 0
              print name ": too few, wanted " enough " executions and an edge"; exit 1 }
    ' "$build/$name.log" || exit 255
}

if [ $# -gt 2 ]; then run "$3"; exit 0; fi
for source in "$here"/fuzz_*.cpp; do basename "$source" .cpp; done | xargs -P "$(nproc)" -n 1 "$0" "$build" "$seconds"
