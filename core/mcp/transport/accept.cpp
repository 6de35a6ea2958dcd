#include "mcp/transport/accept.hpp"

#include <algorithm>

#include "base/literal.hpp"

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

void readList(std::string_view list, Accepts& taken) {
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

} // namespace

Accepts acceptsOf(const http::RequestHead& head) {
    Accepts taken;
    const auto first = head.find(http::HeaderName::accept);
    if (!first) return {.json = true};
    if (!head.fields.isRepeated(http::HeaderName::accept)) return readList(*first, taken), taken;
    for (const http::Field& field : head.fields)
        if (equalsIgnoringCase(field.name, "Accept")) readList(field.value, taken);
    return taken;
}

bool bringsJson(const http::RequestHead& head) {
    const auto encoding = head.find(http::HeaderName::contentEncoding);
    if (encoding && !equalsIgnoringCase(trimmed(*encoding), "identity")) return false;
    const auto type = head.fields.findOnly(http::HeaderName::contentType);
    if (type && is(*type, "application/json")) return true; // as most write it
    return type && equalsIgnoringCase(mediaType(*type), "application/json");
}

} // namespace gatehouse::mcp
