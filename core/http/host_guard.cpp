#include "http/host_guard.hpp"

#include <algorithm>

#include "http/peer.hpp"

namespace gatehouse::http {

namespace {

// The authority of "scheme://authority"; empty when it is anything else (a path, user information, "null").
std::string_view authorityOf(std::string_view origin) {
    const std::size_t mark = origin.find("://");
    if (mark == std::string_view::npos) return {};
    const std::string_view scheme = origin.substr(0, mark);
    if (!equalsIgnoringCase(scheme, "http") && !equalsIgnoringCase(scheme, "https")) return {};
    const std::string_view authority = origin.substr(mark + 3);
    return authority.find_first_of("/@?#") == std::string_view::npos ? authority : std::string_view();
}

} // namespace

std::string_view hostOf(std::string_view authority) {
    std::size_t end = authority.find(':');
    std::string_view host = authority.substr(0, end);
    if (!authority.empty() && authority.front() == '[') {
        end = authority.find(']');
        if (end == std::string_view::npos) return {};
        host = authority.substr(1, end - 1);
        if (++end == authority.size()) return host;
    }
    if (end == std::string_view::npos) return host;
    const std::string_view port = authority.substr(end);
    const bool isPort = port.front() == ':' && port.find_first_not_of("0123456789", 1) == std::string_view::npos;
    return isPort ? host : std::string_view();
}

bool isLoopbackName(std::string_view host) {
    if (host == "127.0.0.1" || equalsIgnoringCase(host, "localhost")) return true;
    return host.find('%') == std::string_view::npos && isLoopback(host);
}

HostGuard::HostGuard(std::vector<std::string> hosts, std::vector<std::string> origins)
    : hosts_(std::move(hosts)), origins_(std::move(origins)) {}

std::string HostGuard::refusal(const RequestHead& head) const {
    const auto authority = head.find(HeaderName::host);
    const std::string_view host = hostOf(authority.value_or(""));
    if (authority && !allowsHost(host)) return "this Host is not served here; see http.allowed_hosts";
    if (head.fields.isRepeated(HeaderName::origin)) return "more than one Origin";
    const auto origin = head.find(HeaderName::origin);
    if (origin && !allowsOrigin(*origin, host)) return "this Origin is not allowed; see http.allowed_origins";
    return {};
}

HostGuard HostGuard::allowingAddresses() const {
    HostGuard out = *this;
    out.addresses_ = true;
    return out;
}

bool HostGuard::allowsHost(std::string_view host) const {
    if (isLoopbackName(host) || (addresses_ && canonicalAddress(host).has_value())) return true;
    return std::any_of(hosts_.begin(), hosts_.end(),
                       [&](const auto& known) { return equalsIgnoringCase(known, host); });
}

bool HostGuard::allowsOrigin(std::string_view origin, std::string_view host) const {
    for (const std::string& known : origins_)
        if (equalsIgnoringCase(known, origin)) return true;
    const std::string_view from = hostOf(authorityOf(origin));
    if (from.empty()) return false;
    return equalsIgnoringCase(from, host) || (isLoopbackName(from) && isLoopbackName(host));
}

} // namespace gatehouse::http
