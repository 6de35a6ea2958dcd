#include "mcp/transport/request_form.hpp"

#include "base/literal.hpp"

namespace gatehouse::mcp {

namespace {

std::optional<FormFault> methodFault(std::string_view method, EndpointKind kind) {
    const bool post = is(method, "POST");
    if (kind == EndpointKind::posts && !post) return FormFault{405, "use POST", "method", "Allow: POST\r\n"};
    if (kind == EndpointKind::oldStreams && method != "GET")
        return FormFault{405, "use GET", "method", "Allow: GET\r\n"};
    if (!post && method != "GET" && method != "DELETE")
        return FormFault{405, "use POST, GET or DELETE", "method", "Allow: POST, GET, DELETE\r\n"};
    return std::nullopt;
}

// Says which of the two headers is wrong.
std::optional<FormFault> mediaFault(const http::RequestHead& head) {
    if (bringsJson(head)) return std::nullopt;
    const auto coding = head.find(http::HeaderName::contentEncoding);
    if (coding && !equalsIgnoringCase(http::trimmed(*coding), "identity"))
        return FormFault{415, "Content-Encoding is not understood here: send the JSON as it is", "content_coding",
                         "Accept-Encoding: identity\r\n"};
    return FormFault{415, "Content-Type must be application/json", "media_type", "Accept-Post: application/json\r\n"};
}

} // namespace

std::optional<FormFault> formFault(const http::RequestHead& head, EndpointKind kind, const Accepts& taken) {
    if (auto fault = methodFault(head.method, kind)) return fault;
    const bool post = is(head.method, "POST");
    if (post)
        if (auto fault = mediaFault(head)) return fault;
    if (post && !taken.json && !taken.stream)
        return FormFault{406, "Accept must allow application/json or text/event-stream", "accept"};
    if (head.method == "GET" && !taken.stream)
        return FormFault{405, "GET opens an event stream: send Accept: text/event-stream", "accept",
                         "Allow: POST, GET, DELETE\r\n"};
    return std::nullopt;
}

} // namespace gatehouse::mcp
