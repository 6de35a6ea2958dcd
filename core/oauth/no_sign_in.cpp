#include "oauth/no_sign_in.hpp"

#include <gatehouse/json_text.hpp>

namespace gatehouse::oauth {

NoSignIn::NoSignIn(std::string_view credential) : body_(R"({"error":"no_sign_in","error_description":)") {
    std::string words = "This server has no sign-in";
    if (credential.empty()) words += ", and needs none.";
    else
        words.append(". Set the header ")
            .append(credential)
            .append("; if it is set, the token is not valid or too narrow");
    appendJsonString(body_, words);
    body_ += '}';
}

http::HeadAnswer NoSignIn::onHead(http::Exchange& exchange) {
    exchange.reply({404, "application/json", body_, "Access-Control-Allow-Origin: *\r\n", false});
    return http::HeadAnswer::refused;
}

std::vector<std::string> NoSignIn::paths(const std::string& prefix) {
    std::vector<std::string> out{"/register"};
    for (const std::string document :
         {"oauth-protected-resource", "oauth-authorization-server", "openid-configuration"}) {
        const std::string place = "/.well-known/" + document;
        for (const char* of : {"", "/mcp", "/mcp/", "/mcp/sse", "/sse"}) out.push_back(place + of);
        out.push_back("/mcp" + place);
        if (!prefix.empty()) out.insert(out.end(), {place + prefix, place + prefix + "/mcp", prefix + "/mcp" + place});
    }
    return out;
}

} // namespace gatehouse::oauth
