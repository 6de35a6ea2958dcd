#include "handler/error_body.hpp"

#include <gatehouse/json_text.hpp>

#include "http/response_text.hpp"

namespace gatehouse {

std::string problemBody(int status, std::string_view detail) {
    std::string out = R"({"type":"about:blank","title":)";
    appendJsonString(out, http::reasonPhrase(status));
    out.append(R"(,"status":)").append(std::to_string(status)).append(R"(,"detail":)");
    appendJsonString(out, detail);
    out += '}';
    return out;
}

std::string oauthErrorBody(std::string_view error, std::string_view description) {
    std::string out = R"({"error":)";
    appendJsonString(out, error);
    out += R"(,"error_description":)";
    appendJsonString(out, description);
    out += '}';
    return out;
}

} // namespace gatehouse
