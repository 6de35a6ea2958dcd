// Sealed text: what strangers write is refused; what we sealed opens, and does not once anything of it is changed.
#include <cstdlib>
#include <utility>

#include <gatehouse/base64.hpp>
#include "base/sealed_text.hpp"
#include "planted_bug.hpp"

using namespace gatehouse;

namespace {

void checkCodec(std::string_view input) {
    if (fromBase64Url(base64Url(input)) != input || fromBase64(base64(input)) != input) std::abort();
    if (const auto bytes = fromBase64Url(input); bytes && base64Url(*bytes) != input) std::abort();
    if (const auto bytes = fromBase64(input); bytes && base64(*bytes) != input) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const SystemClock clock;
    static const Sealer sealer({std::string(32, 's'), std::string(32, 't')}, "state", clock);
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    checkCodec(input);
    for (const std::string& text : {std::string(input), "v1." + base64Url(input)}) {
        const auto refused = sealer.open(text, "alice");
        if (std::holds_alternative<std::string>(refused)) std::abort();
        if (std::get<Sealer::Refusal>(refused) == Sealer::Refusal::forged) plantedBug(std::string_view(text).substr(3));
    }
    if (size < 2 || size > Sealer::maxPlain) return 0;

    std::string sealed = sealer.seal(input, "alice", never);
    const auto opened = sealer.open(sealed, "alice");
    const auto* plain = std::get_if<std::string>(&opened);
    if (!plain || *plain != input) std::abort();
    char& changed = sealed[data[0] % sealed.size()];
    const char old = std::exchange(changed, static_cast<char>(data[1]));
    if (changed != old && std::holds_alternative<std::string>(sealer.open(sealed, "alice"))) std::abort();
    return 0;
}
