// JSON-RPC messages: read or refused; the raw parts that are passed on lie inside of the body.
#include <cstdlib>
#include <functional>

#include "mcp/message/params.hpp"
#include "planted_bug.hpp"

using namespace gatehouse::mcp;

namespace {

bool isInside(std::string_view part, std::string_view whole) {
    if (part.empty()) return true;
    const std::less_equal<const char*> notAfter;
    return notAfter(whole.data(), part.data()) && notAfter(part.data() + part.size(), whole.data() + whole.size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static MessageReader reader;
    std::string body(reinterpret_cast<const char*>(data), size);
    body.reserve(body.size() + 64);
    const auto read = reader.read(body);
    if (const auto* message = std::get_if<Message>(&read)) {
        for (const std::string_view part : {message->paramsText, message->argumentsText, message->metaText})
            if (!isInside(part, body)) std::abort();
        std::string arguments(message->argumentsText);
        if (!arguments.empty() && message->argumentsAreObject && !examineObject(arguments).isObject) std::abort();
        for (const char* name : {"uri", "cursor", "inputResponses"})
            if (textParam(*message, name) && !treeParam(*message, name).is_string()) std::abort();
        if (message->method == "tools/call") plantedBug(message->name);
    }
    return 0;
}
