#include "mcp/method_table.hpp"

namespace gatehouse::mcp {

CallEnd failMethod(MethodCall& call, const RpcError& error, std::string_view reason) {
    sendError(call.writer, call.form, error);
    return {Outcome::error, reason, error.httpStatus};
}

CallEnd invalidParams(MethodCall& call, std::string text) {
    return failMethod(call, {200, code::invalidParams, std::move(text), ""}, "invalid_params");
}

CallEnd methodNotFound(MethodCall& call) {
    const RpcError error{call.isModern() ? 404 : 200, code::methodNotFound, "Method not found: " + call.message.method,
                         ""};
    return failMethod(call, error, "unknown_method");
}

CallEnd tooMuch(MethodCall& call, std::string what, std::string_view reason) {
    failMethod(call, {429, code::internalError, std::move(what), "", "Retry-After: 1\r\n"}, reason);
    return {Outcome::limited, reason, 429};
}

bool uriIsTooLong(MethodCall& call, std::string_view uri, CallEnd& end) {
    if (uri.size() <= maxUriBytes) return false;
    end = invalidParams(call, "Invalid params: uri is longer than " + std::to_string(maxUriBytes) + " bytes");
    return true;
}

CallEnd answerMethod(MethodCall& call, std::string_view resultJson) {
    if (call.isModern()) sendModernResult(call.writer, call.form, {resultJson});
    else sendResult(call.writer, call.form, resultJson);
    return {Outcome::ok, ""};
}

void MethodTable::add(std::string name, In eras, Method method) {
    if (eras != In::modern) legacy_[name] = method;
    if (eras != In::legacy) modern_[name] = std::move(method);
}

std::vector<std::string> MethodTable::names() const {
    std::vector<std::string> out;
    for (const auto& [name, method] : legacy_) out.push_back(name);
    for (const auto& [name, method] : modern_)
        if (legacy_.count(name) == 0) out.push_back(name);
    return out;
}

const MethodTable::Method* MethodTable::find(std::string_view name, Era era) const {
    const auto& methods = era == Era::modern ? modern_ : legacy_;
    const auto found = methods.find(name);
    return found == methods.end() ? nullptr : &found->second;
}

} // namespace gatehouse::mcp
