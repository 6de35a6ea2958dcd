// For unit tests of validators and backends, without a server: a host that does as it is told, and calls as the server
// makes them. Needs OpenSSL's libcrypto (CMake: gatehouse::testing).
//
//     gatehouse::testing::FakeHost host;
//     Office office({}, host);
//     CHECK(callTool(office, "add", {{"a", 1}, {"b", 2}})["structuredContent"]["sum"] == 3);
//
// Threads: one, unless a function says otherwise.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <openssl/sha.h>

#include <gatehouse/backend.hpp>
#include <gatehouse/token_validator.hpp>

namespace gatehouse::testing {

inline Sha256 sha256(std::string_view text) {
    Sha256 digest{};
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    return digest;
}

// The settings as a plugin with this GATEHOUSE_SETTINGS gets them: with its defaults. They are not held against it.
inline Settings declaredSettings(std::string_view schemaText, Json given = Json::object()) {
    return Settings(withDefaults(std::move(given), Json::parse(schemaText)));
}

// Every part may be set and looked at between calls.
class FakeHost : public Host {
public:
    WallTime time{std::chrono::seconds(1'700'000'000)};
    std::function<FetchResult(const FetchRequest&)> answer = [](const FetchRequest&) {
        return FetchFault{"nothing to fetch"};
    };
    std::map<Sha256, TokenRecord> tokens; // by digest, see addToken
    bool storeIsDown = false;
    std::map<std::string, TokenValidator*, std::less<>> validators;
    std::string resource = "https://mcp.example/mcp";
    mutable std::vector<std::string> lines;   // of the log
    mutable std::vector<std::string> dropped; // isolation keys
    mutable std::vector<std::pair<Change, std::string>> notifications;
    mutable std::vector<FetchRequest> fetched;

    void addToken(std::string_view token, TokenRecord record) { tokens[sha256(token)] = std::move(record); }

    void log(LogLevel, std::string_view message) const override { lines.emplace_back(message); }
    WallTime now() const override { return time; }
    TokenLookup findToken(const Sha256& digest) const override {
        if (storeIsDown) return TokenStoreDown{};
        const auto found = tokens.find(digest);
        if (found == tokens.end()) return TokenUnknown{};
        return found->second;
    }
    void dropVerdicts(std::string_view isolationKey) const override { dropped.emplace_back(isolationKey); }
    void notify(Change change, std::string_view uri = {}) const override { notifications.emplace_back(change, uri); }
    FetchResult fetch(const FetchRequest& request) const override {
        fetched.push_back(request);
        return answer(request);
    }
    TokenValidator& validator(std::string_view name) const override {
        const auto found = validators.find(name);
        return found == validators.end() ? Host::validator(name) : *found->second;
    }
    std::string resourceUrl() const override { return resource; }
};

// What a call says, and what it is answered.
class FakeContext : public CallContext {
public:
    Json answers = Json::object(); // to questions, by key
    Json capabilities = {{"elicitation", Json::object()}, {"sampling", Json::object()}, {"roots", Json::object()}};
    bool isCancelled = false;
    std::vector<std::string> progressLines; // "1/2 message"
    std::vector<Json> messages;

    bool cancelled() const override { return isCancelled; }
    void progress(double done, std::optional<double> total = {}, std::string_view message = {}) override {
        progressLines.push_back(Json(done).dump() + (total ? "/" + Json(*total).dump() : "") + " " +
                                std::string(message));
    }
    void message(MessageLevel, const Json& data, std::string_view = {}) override { messages.push_back(data); }
    std::string_view answersJson() const override { return answersText_ = answers.dump(); }
    std::string_view clientCapabilitiesJson() const override { return capabilitiesText_ = capabilities.dump(); }

private:
    mutable std::string answersText_, capabilitiesText_;
};

inline Identity someone(std::string subject = "alice") {
    Identity identity;
    identity.issuer = "test";
    identity.isolationKey = "test:" + subject;
    identity.subject = std::move(subject);
    return identity;
}

// --- backends

// One call as the server makes it: a client from the identity, the call, the client's end. What asks the user throws
// InputRequired unless context.answers has the answer.
inline CallOutcome callBackend(Backend& backend, const CallRequest& request, CallContext& context,
                               const Identity& identity = someone()) {
    const std::unique_ptr<Client> client = backend.createClient(identity, Credentials{});
    if (!client) throw std::runtime_error("createClient gave no client");
    return client->call(request, context);
}

// The MCP result. Throws CallError, and InputRequired when something was asked that has no answer.
inline Json resultOf(CallOutcome outcome) {
    if (const auto* error = std::get_if<CallError>(&outcome)) throw *error;
    if (const auto* asked = std::get_if<InputRequired>(&outcome)) throw *asked;
    return Json::parse(std::get<Result>(std::move(outcome)).json());
}

inline Json callTool(Backend& backend, std::string_view name, const Json& arguments, CallContext& context,
                     const Identity& identity = someone()) {
    const std::string json = arguments.is_null() ? "{}" : arguments.dump();
    return resultOf(callBackend(backend, {"tools/call", name, json, "", ""}, context, identity));
}
inline Json callTool(Backend& backend, std::string_view name, const Json& arguments = Json::object(),
                     const Identity& identity = someone()) {
    FakeContext context;
    return callTool(backend, name, arguments, context, identity);
}
inline Json getPrompt(Backend& backend, std::string_view name, const Json& arguments = Json::object(),
                      const Identity& identity = someone()) {
    FakeContext context;
    const std::string json = arguments.dump();
    return resultOf(callBackend(backend, {"prompts/get", name, json, "", ""}, context, identity));
}
// A resource by its URI; one of a template by the template, its variables and the URI that they make.
inline Json readResource(Backend& backend, std::string_view uri, const Identity& identity = someone()) {
    FakeContext context;
    return resultOf(callBackend(backend, {"resources/read", uri, "{}", "", uri}, context, identity));
}
inline Json readTemplate(Backend& backend, std::string_view uriTemplate, const Json& variables, std::string_view uri,
                         const Identity& identity = someone()) {
    FakeContext context;
    const std::string json = variables.dump();
    return resultOf(callBackend(backend, {"resources/read", uriTemplate, json, "", uri}, context, identity));
}
// The text of the first content block of a tool's result.
inline std::string textOf(const Json& result) { return result.at("content").at(0).at("text"); }

// --- validators

// As the server asks about a token that came with "Authorization: Bearer".
inline Verdict judge(TokenValidator& validator, std::string_view token, std::string_view peer = "127.0.0.1") {
    const std::string value = "Bearer " + std::string(token);
    TokenRequest request;
    request.token = token;
    request.scheme = "Bearer";
    request.method = "POST";
    request.url = "https://mcp.example/mcp";
    request.peer = peer;
    request.tokenSha256 = sha256(token);
    request.headers.push_back({"Authorization", value});
    return validator.validate(request);
}
// Null when the verdict is another.
inline const Identity* identityIn(const Verdict& verdict) {
    const auto* accepted = std::get_if<Accepted>(&verdict);
    return accepted ? &accepted->identity : nullptr;
}
inline bool isRejected(const Verdict& verdict, Rejected::Reason reason) {
    const auto* rejected = std::get_if<Rejected>(&verdict);
    return rejected && rejected->reason == reason;
}
inline bool isUnavailable(const Verdict& verdict) { return std::holds_alternative<Unavailable>(verdict); }

} // namespace gatehouse::testing
