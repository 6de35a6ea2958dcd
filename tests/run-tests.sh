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
failed=0
ctest --test-dir "$build" -LE "$left_out" --output-on-failure --no-tests=error || failed=$?
if [ -s "$GATEHOUSE_SKIPPED" ]; then
    printf '\nSkipped:\n'
    sort -u "$GATEHOUSE_SKIPPED" | sed 's/^/  /'
fi
exit "$failed"
