#!/bin/sh
# Builds the machines with ASan and UBSan, and with the bytes of finished requests poisoned, and runs one from seeds.
# Usage: sanitized.sh MACHINE STEPS      Without clang-14: 77 (skipped), with CI=true a failure.
set -eu
machine=${1:?usage: sanitized.sh MACHINE STEPS}
steps=${2:?usage: sanitized.sh MACHINE STEPS}
cd "$(dirname "$0")/../.."
if ! echo 'int main() {}' | clang++-14 -fsanitize=address -x c++ - -o /dev/null 2>/dev/null; then
    echo "No clang-14 with sanitizers here (Debian: clang-14 libclang-rt-14-dev): nothing was run"
    [ "${CI:-}" != true ] || exit 1
    exit 77
fi
cmake --preset fuzz >/dev/null
cmake --build build/fuzz --target machine_run
# Short traces and little freed memory kept: the machines allocate all the time.
export ASAN_OPTIONS="malloc_context_size=8:quarantine_size_mb=32:${ASAN_OPTIONS:-}"
began=$(date +%s)
build/fuzz/tests/machine_run "$machine" "$steps"
echo "in $(($(date +%s) - began)) s"
