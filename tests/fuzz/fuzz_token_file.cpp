// Token files: read, or refused with a message.
#include "planted_bug.hpp"
#include "tokens/token_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const std::string text(reinterpret_cast<const char*>(data), size);
        for (const auto& entry : gatehouse::parseTokenFile(text, "fuzz", {}).tokens) plantedBug(entry.record.id);
    } catch (const gatehouse::TokenStoreError&) { // the everyday answer
    }
    return 0;
}
