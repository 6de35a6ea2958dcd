#!/bin/sh
# What takes long: unit and end-to-end tests and the hostile crowd under sanitizers, the deep tests on the release build,
# every fuzz target for a minute, and whether each finds a bug planted for it.
# Usage: run-deep.sh [asan|tsan|deep|fuzz ...]; without words, all of them.
set -eu
cd "$(dirname "$0")/.."
here=$PWD/tests/sanitizers
export ASAN_OPTIONS="halt_on_error=1:abort_on_error=0:exitcode=99:detect_leaks=1:strict_string_checks=1"
export UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1"
export TSAN_OPTIONS="halt_on_error=1:exitcode=99:second_deadlock_stack=1:suppressions=$here/tsan.supp"
export LSAN_OPTIONS="suppressions=$here/lsan.supp:print_suppressions=0"

sanitized() {
    cmake --preset "$1"
    cmake --build "build/$1"
    GATEHOUSE_SANITIZER=$1 ctest --test-dir "build/$1" -L 'unit|e2e' -LE deep --output-on-failure --no-tests=error
    GATEHOUSE_SANITIZER=$1 ctest --test-dir "build/$1" -R '^e2e[.]hostile_crowd_deep_test$' --verbose --no-tests=error
}

for part in ${*:-asan tsan deep fuzz}; do
    case $part in
        asan|tsan) sanitized "$part" ;;
        deep) cmake --preset release && cmake --build build/release
              ctest --test-dir build/release -L 'deep|sanitized' --output-on-failure --no-tests=error ;;
        fuzz) cmake --preset fuzz && cmake --build build/fuzz --target fuzz_targets planted_targets
              tests/fuzz/run.sh build/fuzz 60
              tests/fuzz/find_planted_bug.sh build/fuzz 60 ;;
        *) echo "unknown part: $part" >&2; exit 2 ;;
    esac
done
