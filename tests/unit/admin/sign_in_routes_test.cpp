#include "admin/sign_in_routes.hpp"

#include <catch2/catch.hpp>

#include "support/admin_site.hpp"
#include "support/scripted_idp.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

struct Site : AdminSite {
    Site() { routes_.addTo(router, ""); }
    static std::string cookieIn(const std::string& headers, const std::string& name) {
        const std::size_t at = headers.find("Set-Cookie: " + name + "=");
        if (at == std::string::npos) return {};
        const std::size_t from = at + 13 + name.size();
        return headers.substr(from, headers.find(';', from) - from);
    }
    static std::string locationIn(const std::string& headers) {
        const std::size_t from = headers.find("Location: ") + 10;
        return headers.substr(from, headers.find("\r\n", from) - from);
    }
    ScriptedIdp idp{clock.wall()};
    admin::OidcSignIn signIn{{.issuer = idp.issuer,
                              .clientId = "gatehouse",
                              .clientSecret = "",
                              .allow = {},
                              .callbackUrl = "https://mcp.example/admin/callback"},
                             [this](const FetchRequest& request) { return idp.fetch(request); },
                             clock};
    Authenticator everybody{
        {},
        AuthenticatorDeps{.clock = clock,
                          .log = log.log,
                          .telemetry = telemetry,
                          .workers = workers,
                          .post = [this](std::function<void()> work) { thread.loop.post(std::move(work)); },
                          .identityGone = [](const std::string&) {}},
        nullptr};
    Gate open{everybody, authorizer, {}};
    admin::SignInRoutes routes_{{.signIn = signIn,
                                 .sessions = sessions,
                                 .gate = open,
                                 .workers = deps,
                                 .options = options,
                                 .prefix = "",
                                 .isSecure = false}};
};

} // namespace

TEST_CASE("there and back: the provider's answer opens a session, which sees what its owner made") {
    Site site;
    const FakeExchange& begun = site.send("", "GET /admin/sign-in");
    REQUIRE(begun.status == 303);
    CHECK(begun.headers.find("SameSite=Lax") != std::string::npos);
    CHECK(begun.headers.find("HttpOnly") != std::string::npos);
    const std::string attempt = Site::cookieIn(begun.headers, "gatehouse_sign_in");
    const std::string query = site.idp.comeBack(Site::locationIn(begun.headers));
    const FakeExchange& back =
        site.send("", "GET /admin/callback?" + query, "", "Cookie: gatehouse_sign_in=" + attempt + "\r\n");
    REQUIRE(back.status == 200);
    CHECK(back.answer.find("url=/\"") != std::string::npos);
    CHECK(back.headers.find("no-store") != std::string::npos);
    const std::string session = Site::cookieIn(back.headers, "gatehouse_session");
    REQUIRE_FALSE(session.empty());
    const auto known = site.sessions.find(sha256(session));
    REQUIRE(known);
    CHECK(known->owner == "https://idp.example#alice");
    CHECK(Site::cookieIn(back.headers, "gatehouse_sign_in").empty()); // it is used up
}

TEST_CASE("an answer that signs nobody in leads to the page, which says why; the log says more") {
    Site site;
    const FakeExchange& back = site.send("", "GET /admin/callback?code=x&state=y");
    CHECK(back.status == 200);
    CHECK(back.answer.find("#sign-in-failed=expired") != std::string::npos);
    CHECK(Site::cookieIn(back.headers, "gatehouse_session").empty());
    CHECK(site.idp.asked.empty());
    site.idp.isDown = true;
    CHECK(site.send("", "GET /admin/sign-in").answer.find("#sign-in-failed=provider_down") != std::string::npos);
    CHECK(site.log.text().find("no route") != std::string::npos);
}
