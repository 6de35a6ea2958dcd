// Lenient readers of what a plugin returns.
#pragma once

#include <string>

#include <gatehouse/border.hpp>
#include <gatehouse/json.hpp>

namespace gatehouse {

// A gatehouse_str_out whose ctx is a std::string.
inline void putText(void* ctx, gatehouse_str text) noexcept {
    try {
        auto& out = *static_cast<std::string*>(ctx);
        if (out.empty()) out.assign(border::view(text)); // the first counts
    } catch (const std::exception&) {                    // out of memory: the detail is lost, not the failure
    }
}

// Empty if `object` is not an object, or the member is missing or not a string.
inline std::string textIn(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

} // namespace gatehouse
