// Which addresses a fetch may reach. A URL from the settings may be anywhere; an untrusted URL (from another party's
// document) only on the public internet, against server-side request forgery (SSRF).
// Threads: any.
#pragma once

struct sockaddr;

namespace gatehouse {

// False for loopback, private (RFC 1918, RFC 4193), shared (RFC 6598), link-local, multicast, reserved and unspecified
// addresses, and for IPv6 ones that carry such an IPv4 address (mapped, NAT64, 6to4) or any at all (Teredo).
bool isPublic(const sockaddr& address);

} // namespace gatehouse
