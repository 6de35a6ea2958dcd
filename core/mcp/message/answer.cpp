#include "mcp/message/answer.hpp"

#include <gatehouse/append_pieces.hpp>

#include "mcp/server_info.hpp"

namespace gatehouse::mcp {

namespace {

// Room for what is not the result itself.
constexpr std::size_t envelope = 256;

void appendModern(std::string& out, const PlainResult& result) {
    using namespace std::string_view_literals;
    const auto begin = result.json.find('{') + 1;
    const bool isEmpty = result.json.find_first_not_of(" \t\r\n", begin) == result.json.rfind('}');
    appendPieces(out, "{", result.hasResultType ? ""sv : R"("resultType":"complete",)"sv,
                 result.hasMeta ? ""sv : R"("_meta":{"io.modelcontextprotocol/serverInfo":)"sv,
                 result.hasMeta ? ""sv : serverInfoJson(), result.hasMeta ? ""sv : "},"sv,
                 result.isCached ? R"("ttlMs":0,"cacheScope":"private",)"sv : ""sv);
    if (isEmpty && out.back() == ',') out.pop_back();
    out += result.json.substr(begin);
}

} // namespace

std::string modernResult(const PlainResult& result) {
    std::string out;
    out.reserve(result.json.size() + envelope);
    appendModern(out, result);
    return out;
}

void sendModernResult(ResponseWriter& writer, const AnswerForm& form, const PlainResult& result) {
    std::string body;
    body.reserve(result.json.size() + form.idText.size() + envelope);
    appendPieces(body, R"({"jsonrpc":"2.0","id":)", form.idText, R"(,"result":)");
    appendModern(body, result);
    body += '}';
    writer.answer(200, body, form.headers);
}

void sendResult(ResponseWriter& writer, const AnswerForm& form, std::string_view resultJson) {
    std::string body;
    appendResult(body, form.idText, resultJson);
    writer.answer(200, body, form.headers);
}

void sendError(ResponseWriter& writer, const AnswerForm& form, const RpcError& error) {
    std::string body;
    appendError(body, form.idText, error);
    writer.answer(error.httpStatus, body, form.headers + error.headers);
}

} // namespace gatehouse::mcp
