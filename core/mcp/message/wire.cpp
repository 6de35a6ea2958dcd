#include "mcp/message/wire.hpp"

#include <gatehouse/json_text.hpp>

namespace gatehouse::mcp {

void appendResult(std::string& out, std::string_view idText, std::string_view resultJson) {
    appendPieces(out, R"({"jsonrpc":"2.0","id":)", idText, R"(,"result":)", resultJson, "}");
}

void appendError(std::string& out, std::string_view idText, const RpcError& error) {
    out += R"({"jsonrpc":"2.0",)";
    if (!idText.empty()) out.append(R"("id":)").append(idText).append(",");
    out.append(R"("error":{"code":)").append(std::to_string(error.code)).append(R"(,"message":)");
    appendJsonString(out, error.message);
    if (!error.dataJson.empty()) out.append(R"(,"data":)").append(error.dataJson);
    out += "}}";
}

void appendNotification(std::string& out, std::string_view method, std::string_view paramsJson) {
    out.append(R"({"jsonrpc":"2.0","method":")").append(method).append(R"(","params":)").append(paramsJson).append("}");
}

std::string notification(std::string_view method, std::string_view paramsJson) {
    std::string out;
    appendNotification(out, method, paramsJson);
    return out;
}

std::string serverRequest(std::string_view idText, std::string_view method, std::string_view paramsJson) {
    std::string out = R"({"jsonrpc":"2.0","id":)";
    out.append(idText).append(R"(,"method":")").append(method).append(R"(","params":)").append(paramsJson);
    out += '}';
    return out;
}

void appendEvent(std::string& out, std::string_view json, std::string_view id) {
    if (!id.empty()) out.append("id: ").append(id).append("\n");
    out += "event: message\ndata: ";
    // A result may have been written by hand over several lines: outside of strings, a line break is white space.
    for (const char c : json) out += c == '\n' || c == '\r' ? ' ' : c;
    out += "\n\n";
}

} // namespace gatehouse::mcp
