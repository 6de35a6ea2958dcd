// Tokens of strangers: nothing is good but what the one key signed, and that in one spelling only.
#include <cstdlib>
#include <string>

#include <gatehouse/base64.hpp>
#include <gatehouse/jose/jws.hpp>

#include "planted_bug.hpp"

using namespace gatehouse;
using namespace gatehouse::jose;

namespace {

KeySet oneSecret() {
    auto key = Key::fromSecret(std::string(32, 's'));
    return KeySet::of({std::get<Key>(std::move(key))});
}

void judge(std::string_view token, const KeySet& keys) {
    const auto parsed = parseJws(token);
    const auto* jws = std::get_if<UnverifiedJws>(&parsed);
    if (!jws) return;
    plantedBug(jws->payload);
    if (!verifyJws(*jws, keys, AlgorithmSet::symmetric())) std::abort(); // nobody can sign here
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const KeySet keys = oneSecret();
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    judge(input, keys);
    // Also as a header and a payload, so that what is in them is met without their encoding being guessed.
    const std::size_t cut = size == 0 ? 0 : data[0] % size;
    judge(base64Url(input.substr(0, cut)) + "." + base64Url(input.substr(cut)) + ".AAAA", keys);
    judge(base64Url(R"({"alg":"HS256"})") + "." + base64Url(input) + ".AAAA", keys);
    return 0;
}
