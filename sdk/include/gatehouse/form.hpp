// Requests that send a form, as the endpoints of OAuth take them.
// Source: WHATWG URL, application/x-www-form-urlencoded; RFC 6749 appendix B.
// Threads: any.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gatehouse/ascii.hpp>
#include <gatehouse/host.hpp>

namespace gatehouse {

using Form = std::vector<std::pair<std::string, std::string>>;

// Letters, digits and - . _ ~ as they are, every other byte as %XX.
inline std::string formEscaped(std::string_view text) {
    constexpr std::string_view plain = "-._~";
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (isAlphanumeric(c) || plain.find(c) != std::string_view::npos) out += c;
        else out.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
    return out;
}
// "name=value&name=value"
inline std::string formEncoded(const Form& form) {
    std::string out;
    for (const auto& [name, value] : form)
        out.append(out.empty() ? "" : "&").append(formEscaped(name)).append("=").append(formEscaped(value));
    return out;
}

// A POST of the form, to be answered in JSON.
inline FetchRequest formRequest(std::string url, const Form& form) {
    FetchRequest request;
    request.url = std::move(url);
    request.method = "POST";
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
    request.body = formEncoded(form);
    return request;
}

} // namespace gatehouse
