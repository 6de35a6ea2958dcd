// Token files: read, or refused with a message.
#include "tokens/token_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        gatehouse::parseTokens(std::string(reinterpret_cast<const char*>(data), size), "fuzz");
    } catch (const gatehouse::TokenFileError&) { // the everyday answer
    }
    return 0;
}
