// Resource, ResourceTemplate and ResourceResult: what a backend lets clients read (MCP "server/resources").
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <gatehouse/json.hpp>
#include <gatehouse/result.hpp>

namespace gatehouse {

struct Resource {
    std::string uri; // RFC 3986
    std::string name;
    std::string title{};
    std::string description{};
    std::string mimeType{};
    Json more{};             // null: none; further members of the MCP Resource object, such as size, annotations, _meta
    bool runsInline = false; // see Tool::runsInline

    // The MCP Resource object.
    Json definition() const {
        Json out = more.is_object() ? more : Json::object();
        out.update({{"uri", uri}, {"name", name}});
        if (!title.empty()) out["title"] = title;
        if (!description.empty()) out["description"] = description;
        if (!mimeType.empty()) out["mimeType"] = mimeType;
        return out;
    }
};

// A family of resources. A read names the template in CallRequest::name, the concrete URI in CallRequest::uri, and has
// the template's variables, percent-decoded, as its arguments.
struct ResourceTemplate {
    std::string uriTemplate; // RFC 6570
    std::string name;
    std::string title{};
    std::string description{};
    std::string mimeType{};
    Json more{};
    bool runsInline = false;
    bool completes = false; // answers completion/complete for its variables

    // The MCP ResourceTemplate object.
    Json definition() const {
        Json out = more.is_object() ? more : Json::object();
        out.update({{"uriTemplate", uriTemplate}, {"name", name}});
        if (!title.empty()) out["title"] = title;
        if (!description.empty()) out["description"] = description;
        if (!mimeType.empty()) out["mimeType"] = mimeType;
        return out;
    }
};

// What resources/read answers. CallError::resourceNotFound() says that there is no such resource.
class ResourceResult {
public:
    static ResourceResult text(std::string_view uri, std::string_view mimeType, std::string_view text) {
        return ResourceResult().add(uri, mimeType, "text", text);
    }
    // `base64`: RFC 4648 section 4, with padding.
    static ResourceResult blob(std::string_view uri, std::string_view mimeType, std::string_view base64) {
        return ResourceResult().add(uri, mimeType, "blob", base64);
    }
    ResourceResult&& add(std::string_view uri, std::string_view mimeType, std::string_view member,
                         std::string_view value) && {
        contents_ += contents_.empty() ? R"({"uri":)" : R"(,{"uri":)";
        appendJsonString(contents_, uri);
        if (!mimeType.empty()) {
            contents_ += R"(,"mimeType":)";
            appendJsonString(contents_, mimeType);
        }
        contents_.append(",\"").append(member).append("\":");
        appendJsonString(contents_, value);
        contents_ += '}';
        return std::move(*this);
    }
    operator Result() const { return Result::raw(R"({"contents":[)" + contents_ + "]}"); }

private:
    std::string contents_;
};

} // namespace gatehouse
