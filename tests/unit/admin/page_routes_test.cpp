#include "admin/page_routes.hpp"

#include <catch2/catch.hpp>

#include "admin/sign_in_link.hpp"
#include "support/admin_site.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

struct Site : AdminSite {
    std::string link(const std::string& owner = "") {
        const std::string url =
            admin::signInLink(store, {.baseUrl = "http://h", .prefix = "gth_", .owner = owner}, now());
        return url.substr(url.find('=') + 1);
    }
    // The line of a head with the session's cookie.
    std::string signIn(const std::string& owner = "") {
        auto& answer = send(link(owner), "POST /admin/session");
        REQUIRE(answer.status == 204);
        return cookieIn(answer);
    }
    static std::string cookieIn(const FakeExchange& answer) {
        const std::size_t at = answer.headers.find("Set-Cookie: ") + 12;
        return "Cookie: other=1; " + answer.headers.substr(at, answer.headers.find(';', at) - at) + "\r\n";
    }
    std::string proof(const std::string& cookie) {
        const std::string page = send("", "GET /", "", cookie).answer, mark = "name=\"csrf-token\" content=\"";
        const std::size_t at = page.find(mark) + mark.size();
        return "X-CSRF-Token: " + page.substr(at, page.find('"', at) - at) + "\r\n";
    }
};

} // namespace

TEST_CASE("the page is the same for everybody, but for a session's proof; nothing inline, nothing of others") {
    Site site;
    auto& stranger = site.send("", "GET /");
    CHECK(stranger.status == 200);
    CHECK(stranger.contentType == "text/html; charset=utf-8");
    CHECK(stranger.answer.find("name=\"csrf-token\" content=\"\"") != std::string::npos);
    for (const char* line : {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'",
                             "Cache-Control: no-store", "Referrer-Policy: no-referrer"})
        CHECK(stranger.headers.find(line) != std::string::npos);
    CHECK(stranger.headers.find("unsafe") == std::string::npos);
    CHECK(site.proof(site.signIn()).size() > 40);
    CHECK(site.proof("Cookie: gatehouse_session=nobody\r\n") == "X-CSRF-Token: \r\n");
}

TEST_CASE("the page's files are there, and no others") {
    Site site;
    CHECK(site.send("", "GET /admin/assets/app.js").contentType == "text/javascript; charset=utf-8");
    CHECK(site.send("", "GET /admin/assets/style.css").contentType == "text/css; charset=utf-8");
    CHECK(Json::parse(site.send("", "GET /admin/assets/clients.json").answer).size() > 10);
    for (const char* none : {"index.html", "none.js", "..%2Fapp.js", "%00"})
        CHECK(site.send("", std::string("GET /admin/assets/") + none).status == 404);
}

TEST_CASE("another host is answered by nobody") {
    Site site;
    for (const char* path : {"/", "/admin/assets/app.js"})
        CHECK(site.send("", std::string("GET ") + path, "", "Host: evil.example\r\n").status == 403);
}

TEST_CASE("a link signs in once, within its time; the session sees what the link was for") {
    Site site;
    const std::string once = site.link("alice");
    auto& first = site.send(once, "POST /admin/session");
    CHECK(first.status == 204);
    CHECK(first.headers.find("HttpOnly; SameSite=Strict") != std::string::npos);
    CHECK(site.send(once, "POST /admin/session").status == 401);
    const std::string cookie = Site::cookieIn(first);
    auto& made = site.send("", "POST /api/v2/tokens", R"({"name":"n"})", cookie + site.proof(cookie));
    CHECK(made.status == 201);
    CHECK(Json::parse(made.answer)["owner"] == "alice");
    const std::string late = site.link();
    site.clock.turn(admin::signInTime);
    CHECK(site.send(late, "POST /admin/session").status == 401);
}

TEST_CASE("a link is good for nothing else, and no other credential signs in") {
    Site site;
    CHECK(site.send(site.link(), "GET /api/v2/tokens").status == 403);
    site.add("plain", "plain");
    site.add("manager", "manager");
    site.store.change("manager", [](TokenEntry& entry) { entry.purpose = TokenPurpose::manage; });
    for (const char* token : {"plain", "manager"}) CHECK(site.send(token, "POST /admin/session").status == 403);
    CHECK(site.send("", "POST /admin/session").status == 401);
}

TEST_CASE("T26: what changes something needs the page's proof; reading does not") {
    Site site;
    const std::string cookie = site.signIn(), other = site.signIn();
    CHECK(site.send("", "GET /api/v2/tokens", "", cookie).status == 200);
    for (const std::string& proof : {std::string(), std::string("X-CSRF-Token: x\r\n"), site.proof(other)}) {
        CHECK(site.send("", "POST /api/v2/tokens", R"({"name":"n"})", cookie + proof).status == 403);
        CHECK(site.send("", "DELETE /admin/session", "", cookie + proof).status == 403);
    }
    CHECK(site.store.list().empty());
}

TEST_CASE("T26: signing out ends the session on the server, and every sign-in has an id of its own") {
    Site site;
    const std::string cookie = site.signIn(), other = site.signIn();
    CHECK(cookie != other);
    auto& out = site.send("", "DELETE /admin/session", "", cookie + site.proof(cookie));
    CHECK(out.status == 204);
    CHECK(out.headers.find("Max-Age=0") != std::string::npos);
    CHECK(site.send("", "GET /api/v2/tokens", "", cookie).status == 401);
    CHECK(site.send("", "GET /api/v2/tokens", "", other).status == 200);
}

TEST_CASE("over https the cookie is bound to it and to this host") {
    CHECK(admin::cookieName(true).rfind("__Host-", 0) == 0);
    CHECK(admin::sessionCookieField(admin::cookieName(true), "x", true)
              .find("; Path=/; HttpOnly; SameSite=Strict; Secure") != std::string::npos);
}
