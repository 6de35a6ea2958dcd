// Conversions between abi.h structs and SDK types: views, times and identities. Used by both sides of the border.
#pragma once

#include <chrono>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/abi.h>
#include <gatehouse/identity.hpp>
#include <gatehouse/json_text.hpp>

namespace gatehouse::border {

inline gatehouse_str str(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view view(gatehouse_str text) {
    return text.data ? std::string_view(text.data, text.size) : std::string_view();
}
inline std::string copy(gatehouse_str text) { return std::string(view(text)); }

// RFC 3629.
inline bool isUtf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = detail::utf8Length(text, i);
        if (length == 0) return false;
        i += length;
    }
    return true;
}

inline std::int64_t millis(WallTime time) {
    return time == never ? GATEHOUSE_NEVER : static_cast<std::int64_t>(time.time_since_epoch().count());
}
inline WallTime time(std::int64_t millis) {
    return millis == GATEHOUSE_NEVER ? never : WallTime(std::chrono::milliseconds(millis));
}

// True when the struct that the other side gave reaches as far as `field`.
#define GATEHOUSE_HAS_FIELD(structPtr, field) \
    ((structPtr)->size >=                     \
     offsetof(std::remove_cv_t<std::remove_pointer_t<decltype(structPtr)>>, field) + sizeof((structPtr)->field))

// An Identity seen through abi.h. Borrows from the Identity: it must outlive the view.
class IdentityView {
public:
    explicit IdentityView(const Identity& identity) {
        scopes_.reserve(identity.scopes.size());
        for (const std::string& scope : identity.scopes) scopes_.push_back(str(scope));
        c_.size = sizeof(c_);
        c_.issuer = str(identity.issuer);
        c_.subject = str(identity.subject);
        c_.client_id = str(identity.clientId);
        c_.token_id = str(identity.tokenId);
        c_.isolation_key = str(identity.isolationKey);
        c_.claims_json = str(identity.claimsJson);
        c_.scopes = scopes_.data();
        c_.scope_count = scopes_.size();
        c_.expires_at_ms = millis(identity.expiresAt);
    }
    IdentityView(const IdentityView&) = delete;
    IdentityView& operator=(const IdentityView&) = delete;
    const gatehouse_identity* get() const { return &c_; }

private:
    std::vector<gatehouse_str> scopes_;
    gatehouse_identity c_{};
};

inline Identity identity(const gatehouse_identity& c) {
    Identity out;
    out.issuer = copy(c.issuer);
    out.subject = copy(c.subject);
    out.clientId = copy(c.client_id);
    out.tokenId = copy(c.token_id);
    out.isolationKey = copy(c.isolation_key);
    out.claimsJson = copy(c.claims_json);
    out.scopes.reserve(c.scope_count);
    for (std::size_t i = 0; i < c.scope_count; ++i) out.scopes.push_back(copy(c.scopes[i]));
    out.expiresAt = time(c.expires_at_ms);
    return out;
}

} // namespace gatehouse::border
