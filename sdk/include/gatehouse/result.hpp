// Result: what a call answers, as the MCP object it becomes. The members here are those of a tool's result (MCP
// "server/tools"); PromptResult, ResourceResult and Completion become one as well.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <gatehouse/json_text.hpp>

namespace gatehouse {

class Result {
public:
    Result() = default;
    static Result text(std::string_view text) { return Result().addText(text); }
    // The call was understood but the tool failed: a result the model can read, not a protocol error.
    static Result failure(std::string_view text) {
        Result result = Result::text(text);
        result.isError_ = true;
        return result;
    }
    // A finished result object as JSON text, passed on as it stands.
    static Result raw(std::string json) {
        Result result;
        result.raw_ = std::move(json);
        return result;
    }

    Result& addText(std::string_view text) & {
        begin("text", "text", text);
        content_ += '}';
        return *this;
    }
    // `base64`: RFC 4648 section 4, with padding; `mimeType`: e.g. "image/png".
    Result& addImage(std::string_view base64, std::string_view mimeType) & {
        return addMedia("image", base64, mimeType);
    }
    Result& addAudio(std::string_view base64, std::string_view mimeType) & {
        return addMedia("audio", base64, mimeType);
    }
    // A text resource within the result.
    Result& addResource(std::string_view uri, std::string_view mimeType, std::string_view text) & {
        content_ += content_.empty() ? "" : ",";
        content_ += R"({"type":"resource","resource":{"uri":)";
        appendJsonString(content_, uri);
        content_ += R"(,"mimeType":)";
        appendJsonString(content_, mimeType);
        content_ += R"(,"text":)";
        appendJsonString(content_, text);
        content_ += "}}";
        return *this;
    }
    // A content block of any kind (resource_link, annotations, ...): one JSON object as text.
    Result& addBlock(std::string_view json) & {
        content_ += content_.empty() ? "" : ",";
        content_ += json;
        return *this;
    }
    // `json` is one JSON value as text, of the shape of the tool's outputSchema.
    Result& structured(std::string json) & {
        structured_ = std::move(json);
        return *this;
    }
    Result&& addText(std::string_view text) && { return std::move(addText(text)); }
    Result&& addImage(std::string_view base64, std::string_view mimeType) && {
        return std::move(addImage(base64, mimeType));
    }
    Result&& addAudio(std::string_view base64, std::string_view mimeType) && {
        return std::move(addAudio(base64, mimeType));
    }
    Result&& addResource(std::string_view uri, std::string_view mimeType, std::string_view text) && {
        return std::move(addResource(uri, mimeType, text));
    }
    Result&& addBlock(std::string_view json) && { return std::move(addBlock(json)); }
    Result&& structured(std::string json) && { return std::move(structured(std::move(json))); }

    // The MCP result object.
    std::string json() const& { return raw_.empty() ? written() : raw_; }
    std::string json() && { return raw_.empty() ? written() : std::move(raw_); }

private:
    void begin(std::string_view type, std::string_view member, std::string_view value) {
        content_.reserve(content_.size() + value.size() + 48);
        const std::string_view comma = content_.empty() ? "" : ",";
        appendPieces(content_, comma, R"({"type":")", type, "\",\"", member, "\":");
        appendJsonString(content_, value);
    }
    Result& addMedia(std::string_view type, std::string_view base64, std::string_view mimeType) {
        begin(type, "data", base64);
        content_ += R"(,"mimeType":)";
        appendJsonString(content_, mimeType);
        content_ += '}';
        return *this;
    }
    std::string written() const {
        std::string out;
        out.reserve(content_.size() + structured_.size() + 64);
        appendPieces(out, R"({"content":[)", content_, "]");
        if (!structured_.empty()) appendPieces(out, R"(,"structuredContent":)", structured_);
        appendPieces(out, std::string_view(isError_ ? R"(,"isError":true)" : ""), "}");
        return out;
    }

    std::string content_;
    std::string structured_;
    std::string raw_;
    bool isError_ = false;
};

} // namespace gatehouse
