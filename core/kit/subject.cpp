#include "kit/subject.hpp"

#include "base/digest.hpp"

namespace gatehouse::kit {

TokenRequest Subject::requestFor(std::string_view token, std::string_view peer) const {
    TokenRequest request{token, traits_.scheme, "POST", url_, peer, {}, sha256(token), {}};
    for (const auto& [name, value] : *headers_) request.headers.push_back({name, value});
    return request;
}

Verdict Subject::judge(std::string_view token, std::string_view peer) {
    return made_->validator().validate(requestFor(token, peer));
}

} // namespace gatehouse::kit
