// Header values that may be in base64: a value without the marks is itself, and each text has one spelling with them.
#include <cstdlib>

#include <gatehouse/base64.hpp>
#include "mcp/message/era.hpp"
#include "planted_bug.hpp"

using namespace gatehouse;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string input(reinterpret_cast<const char*>(data), size);
    const auto text = mcp::decodedHeader(input);
    if (text && *text != input && "=?base64?" + base64(*text) + "?=" != input) std::abort();
    if (!text && input.compare(0, 9, "=?base64?") != 0) std::abort();
    if (mcp::decodedHeader("=?base64?" + base64(input) + "?=") != input) std::abort();
    if (const auto marked = mcp::decodedHeader("=?base64?" + input + "?="); marked && base64(*marked) != input)
        std::abort();
    if (text && *text != input) plantedBug(*text);
    return 0;
}
