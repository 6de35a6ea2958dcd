#include "mcp/message/answer.hpp"

#include "mcp/server_info.hpp"

namespace gatehouse::mcp {

std::string modernResult(std::string_view resultJson, bool hasMeta, bool hasResultType, bool cached) {
    std::string out = "{";
    out.reserve(resultJson.size() + 160);
    if (!hasResultType) out += R"("resultType":"complete",)";
    if (!hasMeta) out.append(R"("_meta":{"io.modelcontextprotocol/serverInfo":)").append(serverInfoJson()).append("},");
    if (cached) out += R"("ttlMs":0,"cacheScope":"private",)";
    const std::size_t first = resultJson.find('{') + 1;
    const bool isEmpty = resultJson.find_first_not_of(" \t\r\n", first) == resultJson.rfind('}');
    if (isEmpty && out.size() > 1) out.pop_back(); // the comma
    out.append(resultJson.substr(first));
    return out;
}

void sendResult(ResponseWriter& writer, const AnswerForm& form, std::string_view resultJson) {
    std::string body;
    body.reserve(resultJson.size() + form.idText.size() + 64);
    appendResult(body, form.idText, resultJson);
    writer.answer(200, body, form.headers);
}

void sendError(ResponseWriter& writer, const AnswerForm& form, const RpcError& error) {
    std::string body;
    appendError(body, form.idText, error);
    writer.answer(error.httpStatus, body, form.headers + error.headers);
}

} // namespace gatehouse::mcp
