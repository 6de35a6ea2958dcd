#include "http/peer.hpp"

#include <algorithm>

namespace gatehouse::http {

namespace {

bool isTrusted(std::string_view address, const std::vector<AddressRange>& trusted) {
    return std::any_of(trusted.begin(), trusted.end(), [&](const auto& range) { return range.contains(address); });
}

} // namespace

std::string clientAddress(const RequestHead& head, std::string_view peer, const std::vector<AddressRange>& trusted) {
    std::string address(peer);
    if (trusted.empty() || !isTrusted(address, trusted)) return address;
    for (auto field = head.fields.list().rbegin(); field != head.fields.list().rend(); ++field) {
        if (!equalsIgnoringCase(field->name, "X-Forwarded-For")) continue;
        std::string_view list = field->value;
        while (!list.empty()) {
            const std::size_t comma = list.rfind(',');
            const auto hop = canonicalAddress(list.substr(comma == std::string_view::npos ? 0 : comma + 1));
            if (!hop) return address; // unreadable: the last hop that could be read
            address = *hop;
            if (!isTrusted(address, trusted)) return address;
            list = list.substr(0, comma == std::string_view::npos ? 0 : comma);
        }
    }
    return address;
}

} // namespace gatehouse::http
