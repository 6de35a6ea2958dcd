#include "admin/token_routes.hpp"

#include "admin/openapi.hpp"
#include "admin/request_checks.hpp"
#include "admin/token_endpoints.hpp"

#include <optional>
#include <set>

#include <gatehouse/ascii.hpp>
#include <gatehouse/json_text.hpp>

#include "http/response_text.hpp"
#include "tokens/atomic_file.hpp"

namespace gatehouse::admin {

namespace {

constexpr std::size_t maxBody = 64 << 10;

std::string problemText(int status, const std::string& code, const std::string& detail) {
    Json body{{"type", "about:blank"},
              {"title", http::reasonPhrase(status)},
              {"status", status},
              {"code", code},
              {"detail", detail}};
    return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

WorkerAnswer problemAnswer(int status, const std::string& code, const std::string& detail) {
    return {.status = status,
            .contentType = std::string(problemType),
            .body = problemText(status, code, detail),
            .reason = "token_api"};
}

// Duplicate members would make one request mean two things.
Json bodyOf(const std::string& text) {
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) return Json::object();
    std::vector<std::set<std::string>> members;
    bool hasDuplicate = false;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
        if (depth > 16) throw ApiError(400, "invalid_body", "the body is nested too deeply");
        if (event == Json::parse_event_t::object_start) members.emplace_back();
        if (event == Json::parse_event_t::object_end) members.pop_back();
        if (event == Json::parse_event_t::key) hasDuplicate |= !members.back().insert(parsed.get<std::string>()).second;
        return true;
    };
    Json body;
    try {
        body = Json::parse(text, watch);
    } catch (const Json::exception&) {
        throw ApiError(400, "invalid_body", "the body is no JSON");
    }
    if (hasDuplicate) throw ApiError(400, "invalid_body", "a member is given twice");
    if (!body.is_object()) throw ApiError(400, "invalid_body", "expected a JSON object");
    return body;
}

} // namespace

class TokenRoutes::Endpoint final : public WorkerHandler {
public:
    Endpoint(const EndpointSpec& spec, const TokenApi& api, Gate& gate, const WorkerHandlerDeps& deps,
             const GatedOptions& options)
        : WorkerHandler(gate, deps, options), spec_(spec), api_(api) {}

    std::string refusalBody(int status, std::string_view why) const override {
        return problemText(status, status == 401 ? "unauthorized" : "refused", std::string(why));
    }
    std::string commonHeaders(const http::RequestHead& head) const override {
        return WorkerHandler::commonHeaders(head) + "Cache-Control: no-store\r\n";
    }
    const EndpointSpec& spec() const { return spec_; }

protected:
    bool acceptsHead(http::Exchange& exchange) override {
        const Manager who = managerOf(stateIn(exchange).context.caller->identity);
        if (spec_.needs == Needs::manager && !who.manages) {
            refuse(exchange, 403, "this credential may not manage tokens", "no_manager");
            return false;
        }
        if (isUnsafe(exchange.head().method) && !repeatsCsrf(exchange.head(), who)) {
            refuse(exchange, 403, "X-CSRF-Token is missing or wrong", "csrf");
            return false;
        }
        const auto type = exchange.head().find(http::HeaderName::contentType);
        if (exchange.head().hasBody() && (!type || !isJson(*type))) {
            refuse(exchange, 415, "expected Content-Type: application/json", "media_type");
            return false;
        }
        exchange.limitBody(maxBody);
        return true;
    }
    std::vector<std::string_view> wantedFields() const override { return {"If-Match", "Idempotency-Key"}; }

    WorkerAnswer answer(const WorkerRequest& request) override {
        try {
            return tried(request);
        } catch (const ApiError& fault) {
            return problemAnswer(fault.status(), fault.code(), fault.what());
        } catch (const LockError&) {
            WorkerAnswer busy = problemAnswer(503, "store_busy", "the token store is busy; try again");
            busy.headers = "Retry-After: 1\r\n";
            return busy;
        } catch (const TokenStoreUnreachable&) {
            return problemAnswer(503, "store_unavailable", "the token store does not answer; try again");
        } catch (const TokenStoreFull&) {
            return problemAnswer(507, "store_full",
                                 "the token store holds as many tokens as it can; nothing has changed");
        } catch (const TokenStoreError&) {
            return problemAnswer(503, "store_unavailable", "the token store cannot do this now; its log says why");
        } catch (const std::system_error& fault) {
            const bool isFull = fault.code() == std::errc::no_space_on_device;
            return problemAnswer(
                isFull ? 507 : 503, isFull ? "store_full" : "store_unavailable",
                isFull ? "there is no space to store this; nothing has changed" : "the token store cannot be written");
        }
    }

private:
    static bool isJson(std::string_view type) {
        const std::string_view media = http::trimmed(type.substr(0, type.find(';')));
        return equalsIgnoringCase(media, "application/json");
    }
    WorkerAnswer tried(const WorkerRequest& request) const {
        const Manager who = managerOf(request.context->caller->identity);
        const ApiAnswer made = spec_.run({.api = api_,
                                          .who = who,
                                          .id = request.parameter("id"),
                                          .query = queryFrom(request.query, spec_.parameters),
                                          .body = *spec_.wish ? bodyOf(request.body) : Json::object(),
                                          .ifMatch = request.field("If-Match"),
                                          .key = request.field("Idempotency-Key")});
        WorkerAnswer out{.status = made.status, .body = {}};
        if (made.body.is_null()) out.contentType.clear();
        else out.body = made.body.dump(-1, ' ', false, Json::error_handler_t::replace);
        if (!made.etag.empty()) out.headers += "ETag: " + made.etag + "\r\n";
        if (made.status == 201)
            out.headers += "Location: " + std::string(tokensPath) + "/" + made.body["id"].get<std::string>() + "\r\n";
        return out;
    }

    const EndpointSpec& spec_;
    const TokenApi& api_;
};

TokenRoutes::TokenRoutes(const TokenApi& api, Gate& gate, const WorkerHandlerDeps& deps, const GatedOptions& options) {
    for (const EndpointSpec& spec : tokenEndpoints()) endpoints_.emplace_back(spec, api, gate, deps, options);
}

TokenRoutes::~TokenRoutes() = default;

void TokenRoutes::addTo(http::Router& router, const std::string& prefix) {
    for (Endpoint& endpoint : endpoints_)
        router.add({endpoint.spec().method}, prefix + std::string(tokensPath) + endpoint.spec().path, endpoint);
}

} // namespace gatehouse::admin
