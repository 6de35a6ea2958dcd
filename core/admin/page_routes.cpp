#include "admin/page_routes.hpp"

#include <array>

#include "admin/client_texts.hpp"
#include "admin/openapi.hpp"
#include "admin/page_assets.hpp"
#include "admin/request_checks.hpp"
#include "admin/store_validator.hpp"
#include "auth/credential.hpp"

namespace gatehouse::admin {

namespace {

// No script, style or frame of anybody else; nothing inline (W3C CSP Level 3).
constexpr std::string_view pageHeaders =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src "
    "'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\nX-Frame-Options: DENY\r\nCross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";

std::string_view typeOf(std::string_view name) {
    const std::string_view ending = name.substr(std::min(name.rfind('.'), name.size()));
    if (ending == ".js") return "text/javascript; charset=utf-8";
    return ending == ".css" ? "text/css; charset=utf-8" : "text/plain; charset=utf-8";
}

// What each MCP client wants in its settings, as `client-config` prints it.
std::string clientsJson(const std::string& url) {
    const ServerPlace place{"gatehouse", url};
    Json out = Json::array();
    if (faultOf(place)) return out.dump();
    for (const ClientText& client : clientTexts())
        out.push_back({{"name", client.name}, {"title", client.title}, {"text", instructions(client, place)}});
    return out.dump();
}

std::string replaced(std::string text, const std::string& mark, const std::string& value) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size()))
        text.replace(at, mark.size(), value);
    return text;
}

} // namespace

std::string cookieName(bool isSecure) { return isSecure ? "__Host-gatehouse" : "gatehouse_session"; }

// Handlers that answer at the head; who asks is looked at by nobody but the guard of hosts.
class PageRoutes::Assets : public http::Handler {
public:
    explicit Assets(const PageDeps& deps) : deps_(deps) {}
    http::HeadAnswer onHead(http::Exchange& exchange) override {
        const std::string why = deps_.options.guard.refusal(exchange.head());
        if (why.empty()) answer(exchange);
        else exchange.reply({403, "text/plain; charset=utf-8", why, "Cache-Control: no-store\r\n", false});
        return http::HeadAnswer::refused;
    }
    void onRequest(http::Exchange& /*exchange*/) override {}

protected:
    virtual void answer(http::Exchange& exchange) {
        const std::string name = http::pathParameter(exchange.head(), "name").value_or("");
        if (exchange.head().path.ends_with("/openapi.json"))
            return exchange.reply({200, "application/json", openApi_, "Cache-Control: no-cache\r\n", false});
        if (name == "clients.json")
            return exchange.reply({200, "application/json", clients_, "Cache-Control: no-store\r\n", false});
        const PageAsset asset = pageAsset(name);
        const bool isFile = asset.body.data() && asset.name != "index.html";
        const std::string headers = std::string(pageHeaders) + "Cache-Control: no-cache\r\n";
        if (isFile) exchange.reply({200, typeOf(asset.name), asset.body, headers, false});
        else exchange.reply({404, "text/plain; charset=utf-8", "there is no such file", headers, false});
    }
    const PageDeps deps_;
    const std::string clients_ = clientsJson(deps_.mcpUrl);
    const std::string openApi_ = openApiText(deps_.mcpUrl.substr(0, deps_.mcpUrl.rfind('/')), deps_.scopes);
};

// The page is the same for everybody but for the text that its requests have to repeat.
class PageRoutes::Page final : public PageRoutes::Assets {
public:
    using Assets::Assets;

private:
    void answer(http::Exchange& exchange) override {
        const auto cookie = readCookie(exchange.head().fields.list(), cookieName(deps_.isSecure));
        const auto* credential = std::get_if<Credential>(&cookie);
        const auto session = credential ? deps_.sessions.find(sha256(credential->token)) : std::nullopt;
        std::string text(pageAsset("index.html").body);
        text = replaced(std::move(text), "{{csrf}}", session ? session->csrf : "");
        text = replaced(std::move(text), "{{base}}", deps_.prefix);
        text = replaced(std::move(text), "{{sign-in}}", deps_.signInAt);
        exchange.reply(
            {200, "text/html; charset=utf-8", text, std::string(pageHeaders) + "Cache-Control: no-store\r\n", false});
    }
};

class PageRoutes::Session final : public WorkerHandler {
public:
    explicit Session(const PageDeps& deps) : WorkerHandler(deps.gate, deps.workers, deps.options), deps_(deps) {}

protected:
    bool acceptsHead(http::Exchange& exchange) override {
        const Manager who = managerOf(stateIn(exchange).context.caller->identity);
        const bool signsIn = exchange.head().method == "POST";
        if (signsIn ? !who.signsIn : who.csrf.empty()) {
            refuse(exchange, 403, signsIn ? "this credential is no one-time link" : "there is no session",
                   "no_session");
            return false;
        }
        if (signsIn || repeatsCsrf(exchange.head(), who)) return true;
        refuse(exchange, 403, "X-CSRF-Token is missing or wrong", "csrf");
        return false;
    }
    bool endsWithToken() const override { return false; }
    WorkerAnswer answer(const WorkerRequest& request) override {
        const Manager who = managerOf(request.context->caller->identity);
        return request.method == "POST" ? signIn(who) : signOut(who);
    }

private:
    // Who takes the link away is the one that it let in: it is taken away once.
    WorkerAnswer signIn(const Manager& who) const {
        if (deps_.store.revoke({who.id}, "used to sign in").empty())
            return problem(401, "this link has been used", "link_used");
        return withCookie(deps_.sessions.open(who.owner, who.owner.empty() ? "host" : who.owner));
    }
    WorkerAnswer signOut(const Manager& who) const {
        deps_.sessions.end(who.id);
        return withCookie("");
    }
    WorkerAnswer withCookie(const std::string& text) const {
        return {.status = 204,
                .contentType = "",
                .body = "",
                .headers = sessionCookieField(cookieName(deps_.isSecure), text, deps_.isSecure) +
                           "Cache-Control: no-store\r\n"};
    }
    const PageDeps deps_;
};

PageRoutes::PageRoutes(const PageDeps& deps)
    : page_(std::make_unique<Page>(deps)), assets_(std::make_unique<Assets>(deps)),
      session_(std::make_unique<Session>(deps)) {}

PageRoutes::~PageRoutes() = default;

void PageRoutes::addTo(http::Router& router, const std::string& prefix) {
    router.add({"GET"}, prefix + "/", *page_);
    router.add({"GET"}, prefix + "/admin/assets/{name}", *assets_);
    router.add({"GET"}, prefix + "/api/v2/openapi.json", *assets_);
    router.add({"POST", "DELETE"}, prefix + "/admin/session", *session_);
}

} // namespace gatehouse::admin
