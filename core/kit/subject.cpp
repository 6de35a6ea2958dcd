#include "kit/subject.hpp"

#include "base/digest.hpp"

namespace gatehouse::kit {

TokenRequest Subject::requestFor(std::string_view token, std::string_view peer) const {
    TokenRequest request{.token = token,
                         .scheme = traits_.scheme,
                         .method = "POST",
                         .url = url_,
                         .peer = peer,
                         .tokenSha256 = sha256(token)};
    for (const auto& [name, value] : *headers_) request.headers.push_back({name, value});
    return request;
}

Verdict Subject::judge(std::string_view token, std::string_view peer) {
    return made_->validator().validate(requestFor(token, peer));
}

} // namespace gatehouse::kit
