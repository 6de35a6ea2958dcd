#!/bin/sh
# Runs every test of a build that is not "deep". Usage: run-tests.sh PRESET
set -eu
cd "$(dirname "$0")/.."
exec ctest --test-dir "build/${1:?usage: run-tests.sh PRESET}" -LE deep --output-on-failure --no-tests=error
