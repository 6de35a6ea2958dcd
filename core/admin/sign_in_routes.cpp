#include "admin/sign_in_routes.hpp"

#include "admin/page_routes.hpp"
#include "auth/credential.hpp"

namespace gatehouse::admin {

namespace {

constexpr std::string_view neverKept = "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n";
// A page that only leads on.
constexpr std::string_view pageHeaders =
    "Content-Security-Policy: default-src 'none'; base-uri 'none'; frame-ancestors 'none'\r\nX-Frame-Options: DENY\r\n";

std::string attemptName(bool isSecure) { return isSecure ? "__Host-gatehouse-sign-in" : "gatehouse_sign_in"; }

// It has to come back with the browser from the provider, which is another site: Lax (RFC 6265bis section 5.6.7).
std::string attemptField(const std::string& text, bool isSecure) {
    return "Set-Cookie: " + attemptName(isSecure) + "=" + text + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" +
           (text.empty() ? "0" : std::to_string(std::chrono::seconds(OidcSignIn::lasts).count())) +
           (isSecure ? "; Secure" : "") + "\r\n";
}

// The browser came from another site, and would not show the session's cookie (Strict) where that one sends it on. So
// a page of our own does.
WorkerAnswer leadingTo(const std::string& place, const std::string& headers) {
    return {.status = 200,
            .contentType = "text/html; charset=utf-8",
            .body =
                "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Gatehouse</title>"
                "<meta http-equiv=\"refresh\" content=\"0; url=" +
                place + "\"></head><body><p><a href=\"" + place + "\">Go on</a></p></body></html>\n",
            .headers = headers + std::string(neverKept) + std::string(pageHeaders)};
}

std::string pageWith(const SignInRouteDeps& deps, const std::string& code) {
    return deps.prefix + "/" + (code.empty() ? "" : "#sign-in-failed=" + code);
}

WorkerAnswer failed(const SignInRouteDeps& deps, const SignInError& fault) {
    deps.workers.log.warning(std::string("sign-in to the page: ") + fault.what());
    WorkerAnswer out = leadingTo(pageWith(deps, fault.code), attemptField("", deps.isSecure));
    out.reason = "sign_in";
    return out;
}

} // namespace

class SignInRoutes::Begin final : public WorkerHandler {
public:
    explicit Begin(const SignInRouteDeps& deps) : WorkerHandler(deps.gate, deps.workers, deps.options), deps_(deps) {}

protected:
    WorkerAnswer answer(const WorkerRequest& /*request*/) override {
        try {
            const OidcSignIn::Begun begun = deps_.signIn.begin();
            return {.status = 303,
                    .contentType = "",
                    .body = "",
                    .headers = "Location: " + begun.url + "\r\n" + attemptField(begun.cookie, deps_.isSecure) +
                               std::string(neverKept)};
        } catch (const SignInError& fault) {
            return failed(deps_, fault);
        }
    }

private:
    const SignInRouteDeps deps_;
};

class SignInRoutes::Callback final : public WorkerHandler {
public:
    explicit Callback(const SignInRouteDeps& deps)
        : WorkerHandler(deps.gate, deps.workers, deps.options), deps_(deps) {}

protected:
    std::vector<std::string_view> wantedFields() const override { return {"Cookie"}; }
    WorkerAnswer answer(const WorkerRequest& request) override {
        try {
            const SignedIn who = deps_.signIn.finish(request.query, attemptIn(request));
            const std::string text = deps_.sessions.open(who.owner, who.name);
            return leadingTo(pageWith(deps_, ""), sessionCookieField(cookieName(deps_.isSecure), text, deps_.isSecure) +
                                                      attemptField("", deps_.isSecure));
        } catch (const SignInError& fault) {
            return failed(deps_, fault);
        }
    }

private:
    std::string attemptIn(const WorkerRequest& request) const {
        const std::string cookies = request.field("Cookie");
        const std::vector<HeaderField> fields{{"Cookie", cookies}};
        const auto found = readCookie(fields, attemptName(deps_.isSecure));
        const auto* cookie = std::get_if<Credential>(&found);
        return cookie ? std::string(cookie->token) : "";
    }
    const SignInRouteDeps deps_;
};

SignInRoutes::SignInRoutes(const SignInRouteDeps& deps)
    : begin_(std::make_unique<Begin>(deps)), callback_(std::make_unique<Callback>(deps)) {}

SignInRoutes::~SignInRoutes() = default;

void SignInRoutes::addTo(http::Router& router, const std::string& prefix) {
    router.add({"GET"}, prefix + "/admin/sign-in", *begin_);
    router.add({"GET"}, prefix + "/admin/callback", *callback_);
}

} // namespace gatehouse::admin
