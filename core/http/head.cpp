#include "http/head.hpp"

namespace gatehouse::http {

std::size_t RequestHead::count(std::string_view name) const {
    std::size_t found = 0;
    for (const Field& field : fields) found += equalsIgnoringCase(field.name, name) ? 1u : 0u;
    return found;
}

std::optional<std::string_view> RequestHead::find(std::string_view name) const {
    for (const Field& field : fields)
        if (equalsIgnoringCase(field.name, name)) return field.value;
    return std::nullopt;
}

void RequestHead::clear() {
    method = target = path = query = allow = {};
    fields.clear();
    parameters.clear();
    http11 = keepAlive = true;
    chunked = expectsContinue = false;
    contentLength = 0;
}

void RequestHead::rebase(const char* from, const char* to) {
    const auto move = [&](std::string_view& view) {
        if (view.data()) view = {to + (view.data() - from), view.size()};
    };
    for (std::string_view* view : {&method, &target, &path, &query}) move(*view);
    for (Field& field : fields) {
        move(field.name);
        move(field.value);
    }
    for (Field& parameter : parameters) move(parameter.value);
}

} // namespace gatehouse::http
