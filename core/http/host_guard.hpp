// HostGuard: refuses requests that a foreign web page could have sent (DNS rebinding, MCP "transports" security
// warning; CVE-2025-66416 and its kin).
//
// Host: loopback names always; else one of the allowed hosts. Origin: absent, the same host, or an allowed origin;
// "null" is refused. Ports are not compared, except in allowed origins, which are matched whole.
//
// Threads: any; immutable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/head.hpp"

namespace gatehouse::http {

class HostGuard {
public:
    // `hosts`: names or addresses without port. `origins`: whole origins such as https://app.example.
    HostGuard(std::vector<std::string> hosts, std::vector<std::string> origins);
    // Also allows every Host that is an IP address, as scrapers send: DNS rebinding needs a name.
    HostGuard allowingAddresses() const;

    // Empty when the request may pass; else why not, naming the setting that would allow it.
    std::string refusal(const RequestHead& head) const;

private:
    bool allowsHost(std::string_view host) const;
    bool allowsOrigin(std::string_view origin, std::string_view host) const;
    std::vector<std::string> hosts_;
    std::vector<std::string> origins_;
    bool addresses_ = false;
};

// The host of "host[:port]", without brackets; empty when it is not written like that.
std::string_view hostOf(std::string_view authority);
bool isLoopbackName(std::string_view host);

} // namespace gatehouse::http
