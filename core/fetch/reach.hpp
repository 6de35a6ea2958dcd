// Which addresses may be reached for whom. What an operator names may be anywhere; what a stranger names (in a document
// of somebody else's) only on the public internet, so that nobody uses this server to look into its own network (SSRF).
// Threads: any.
#pragma once

struct sockaddr;

namespace gatehouse {

// False for loopback, private (RFC 1918, RFC 4193), shared (RFC 6598), link-local, multicast, reserved and unspecified
// addresses, and for IPv6 ones that carry such an IPv4 address (mapped, NAT64, 6to4) or any at all (Teredo).
bool isPublic(const sockaddr& address);

} // namespace gatehouse
