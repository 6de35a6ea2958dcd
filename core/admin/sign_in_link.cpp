#include "admin/sign_in_link.hpp"

#include "tokens/checked_token.hpp"
#include "tokens/token_text.hpp"

namespace gatehouse::admin {

std::string signInLink(TokenStore& store, const SignInWish& wish, WallTime now) {
    const std::string text = newCheckedToken(wish.prefix);
    TokenEntry entry;
    entry.record = {
        .id = newTokenId(), .note = "Sign-in link", .database = "", .createdAt = now, .expiresAt = now + signInTime};
    entry.digest = sha256(text);
    entry.owner = wish.owner;
    entry.purpose = TokenPurpose::signIn;
    store.add(entry);
    return wish.baseUrl + "/#sign-in=" + text;
}

} // namespace gatehouse::admin
