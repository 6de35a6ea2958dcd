#include "oauth/no_sign_in.hpp"

#include "handler/error_body.hpp"

namespace gatehouse::oauth {

NoSignIn::NoSignIn(std::string_view credential) {
    std::string words = "This server has no sign-in";
    if (credential.empty()) words += ", and needs none.";
    else
        words.append(". Set the header ")
            .append(credential)
            .append("; if it is set, the token is not valid or too narrow");
    body_ = oauthErrorBody("no_sign_in", words);
}

http::HeadAnswer NoSignIn::onHead(http::Exchange& exchange) {
    exchange.reply({404, "application/json", body_, "Access-Control-Allow-Origin: *\r\n", false});
    return http::HeadAnswer::refused;
}

std::set<std::string> NoSignIn::paths(const std::string& prefix) {
    std::set<std::string> out{"/register"};
    for (const std::string document :
         {"oauth-protected-resource", "oauth-authorization-server", "openid-configuration"}) {
        const std::string place = "/.well-known/" + document;
        for (const char* of : {"", "/mcp", "/mcp/sse", "/sse"}) out.insert(place + of);
        out.insert("/mcp" + place);
        if (!prefix.empty()) out.insert({place + prefix, place + prefix + "/mcp", prefix + "/mcp" + place});
    }
    return out;
}

} // namespace gatehouse::oauth
