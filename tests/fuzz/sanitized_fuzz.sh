#!/bin/sh
# Builds the fuzz targets under ASan and UBSan (the core is compiled once more) and runs each for some seconds. Usage: sanitized_fuzz.sh SECONDS-EACH
# Without a clang-14 that has libFuzzer: 77 (skipped), with CI=true a failure.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
seconds=${1:?usage: sanitized_fuzz.sh SECONDS-EACH}
probe='extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }'
if ! echo "$probe" | clang++-14 -fsanitize=fuzzer,address -x c++ - -o /dev/null 2>/dev/null; then
    echo "No clang-14 with libFuzzer here (Debian: clang-14 libclang-rt-14-dev): nothing was fuzzed"
    [ "${CI:-}" != true ] || exit 1
    exit 77
fi
cd "$here/../.."
cmake --preset fuzz
cmake --build build/fuzz --target fuzz_targets
exec "$here/run.sh" build/fuzz "$seconds"
