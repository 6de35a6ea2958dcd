#!/bin/sh
# Replays the seeds of every fuzz target, then small changes of them for some seconds, with the objects of the build at
# hand: no second compilation, no sanitizers (those: sanitized_fuzz.sh). As many at once as there are processors.
# Usage: smoke.sh FUZZ_REPLAY SECONDS-EACH
set -eu
replay=${1:?usage: smoke.sh FUZZ_REPLAY SECONDS-EACH}
seconds=${2:?usage: smoke.sh FUZZ_REPLAY SECONDS-EACH}
seeds=$(cd "$(dirname "$0")" && pwd)/seeds
targets=$("$replay" --list)
[ -n "$targets" ] || { echo "$replay has no targets" >&2; exit 1; }
echo "$targets" | xargs -P "$(nproc)" -I TARGET "$replay" TARGET "$seeds/TARGET" "$seconds"
