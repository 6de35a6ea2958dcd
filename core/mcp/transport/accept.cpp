#include "mcp/transport/accept.hpp"

#include <algorithm>

namespace gatehouse::mcp {

namespace {

using http::trimmed;

std::string_view mediaType(std::string_view value) { return trimmed(value.substr(0, value.find(';'))); }

// True when the item has the weight 0, RFC 9110 12.4.2.
bool isRefused(std::string_view item) {
    for (std::size_t mark = item.find(';'); mark != std::string_view::npos; mark = item.find(';')) {
        item.remove_prefix(mark + 1);
        const std::string_view parameter = trimmed(item.substr(0, item.find(';')));
        if (parameter.size() < 3 || (parameter[0] | 32) != 'q' || parameter[1] != '=') continue;
        return parameter.find_first_not_of("0.", 2) == std::string_view::npos;
    }
    return false;
}

} // namespace

Accepts acceptsOf(const http::RequestHead& head) {
    Accepts taken;
    bool any = false;
    for (const http::Field& field : head.fields) {
        if (!equalsIgnoringCase(field.name, "Accept")) continue;
        any = true;
        std::string_view list = field.value;
        while (!list.empty()) {
            const std::string_view item = list.substr(0, list.find(','));
            list.remove_prefix(std::min(item.size() + 1, list.size()));
            if (isRefused(item)) continue;
            const std::string_view type = mediaType(item);
            const auto is = [&](std::string_view name) { return equalsIgnoringCase(type, name); };
            if (is("*/*") || is("application/*") || is("application/json")) taken.json = true;
            if (is("text/*") || is("text/event-stream")) taken.stream = true;
        }
    }
    if (!any) taken.json = true;
    return taken;
}

bool bringsJson(const http::RequestHead& head) {
    const auto encoding = head.find("Content-Encoding");
    if (encoding && !equalsIgnoringCase(trimmed(*encoding), "identity")) return false;
    const auto type = head.find("Content-Type");
    return type && head.count("Content-Type") == 1 && equalsIgnoringCase(mediaType(*type), "application/json");
}

} // namespace gatehouse::mcp
