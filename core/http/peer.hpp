// Who a request comes from, where proxies stand in front.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/network_address.hpp"
#include "http/head.hpp"

namespace gatehouse::http {

// The client's address: the peer's, or, when the peer is one of `trusted`, the last address of X-Forwarded-For that
// is not trusted itself.
std::string clientAddress(const RequestHead& head, std::string_view peer, const std::vector<AddressRange>& trusted);

} // namespace gatehouse::http
