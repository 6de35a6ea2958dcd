#!/bin/sh
# Runs every test of a build that is not "deep", and names at the end what was skipped and why. Usage: run-tests.sh PRESET
# Those that compile the core once more under sanitizers ("sanitized") are run where CI=true, and by run-deep.sh.
set -eu
cd "$(dirname "$0")/.."
build=build/${1:?usage: run-tests.sh PRESET}
GATEHOUSE_SKIPPED=$PWD/$build/skipped-tests.txt
export GATEHOUSE_SKIPPED
: > "$GATEHOUSE_SKIPPED"
left_out='deep|sanitized'
[ "${CI:-}" != true ] || left_out=deep
log=$build/last-test-run.txt
rm -f "$log.failed"
failed=0
{ ctest --test-dir "$build" -LE "$left_out" --output-on-failure --no-tests=error || echo $? > "$log.failed"; } | tee "$log"
if [ -f "$log.failed" ]; then failed=$(cat "$log.failed"); rm "$log.failed"; fi
if [ -s "$GATEHOUSE_SKIPPED" ]; then
    printf '\nSkipped:\n'
    sort -u "$GATEHOUSE_SKIPPED" | sed 's/^/  /'
    printf '\n'
    grep 'tests passed' "$log" || true # the closing line once more, at the end
fi
exit "$failed"
