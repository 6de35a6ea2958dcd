// Request heads: whatever arrives is refused or read, and what is read reads the same again.
#include <cstdlib>

#include "http/message_parser.hpp"
#include "planted_bug.hpp"

using namespace gatehouse::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t end = bytes.find("\r\n\r\n");
    if (endOfHead(bytes, 0) != (end == std::string_view::npos ? end : end + 4)) std::abort();
    if (checkHeadBytes(bytes, 0) || end == std::string_view::npos) return 0;
    const Limits limits;
    RequestHead first, second;
    if (readHead(bytes.substr(0, end + 4), limits, first)) return 0;
    if (first.chunked && first.contentLength > 0) std::abort();
    if (first.http11 && first.fields.count("Host") != 1) std::abort();
    if (readHead(bytes.substr(0, end + 4), limits, second) || second.target != first.target) std::abort();
    plantedBug(first.query);
    return 0;
}
