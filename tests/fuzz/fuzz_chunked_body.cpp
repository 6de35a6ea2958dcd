// Chunked bodies: the same bytes in one piece and one by one give the same body, within the limit.
#include <cstdlib>

#include "http/message_parser.hpp"
#include "planted_bug.hpp"

using namespace gatehouse::http;

namespace {

struct Accepts {
    std::string body;
    bool done = false;
    bool refused = false;
};

Accepts take(std::string_view bytes, std::size_t piece, const Limits& limits) {
    ChunkedBody chunks(limits);
    Accepts taken;
    std::string waiting;
    for (std::size_t at = 0; at < bytes.size() && !taken.done && !taken.refused; at += piece) {
        waiting += bytes.substr(at, piece);
        const auto step = chunks.parse(waiting, taken.body);
        waiting.erase(0, step.consumed);
        taken.done = step.done;
        taken.refused = static_cast<bool>(step.refusal);
    }
    return taken;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    Limits limits;
    limits.bodyBytes = 4096;
    const Accepts whole = take(bytes, bytes.size() + 1, limits);
    const Accepts single = take(bytes, 1, limits);
    if (whole.body.size() > limits.bodyBytes) std::abort();
    if (whole.done && (!single.done || single.body != whole.body)) std::abort();
    if (whole.done) plantedBug(whole.body);
    return 0;
}
