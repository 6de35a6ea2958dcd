#include "http/head.hpp"

namespace gatehouse::http {

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
    fields.rebase(from, to);
    for (Field& parameter : parameters) move(parameter.value);
}

} // namespace gatehouse::http
