#include "admin/token_routes.hpp"

#include <catch2/catch.hpp>

#include "support/admin_site.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

struct Site : AdminSite {
    Site() {
        for (const char* id : {"manager", "plain"}) add(id, id);
        store.change("manager", [](TokenEntry& entry) { entry.purpose = TokenPurpose::manage; });
    }
};

} // namespace

TEST_CASE("a token is made, shown, changed and removed, with and without a slash at the end") {
    Site site;
    for (const std::string slash : {"", "/"}) {
        auto& made = site.send("manager", "POST /api/v2/tokens" + slash, R"({"name":"n"})");
        CHECK(made.status == 201);
        CHECK(made.contentType == "application/json");
        CHECK(site.common.find("Cache-Control: no-store\r\n") != std::string::npos);
        const std::string path = "/api/v2/tokens/" + Json::parse(made.answer)["id"].get<std::string>();
        CHECK(made.headers.find("Location: " + path + "\r\n") != std::string::npos);
        CHECK(site.send("manager", "GET " + path + slash).status == 200);
        CHECK(site.send("manager", "PATCH " + path + slash, R"({"name":"x"})").status == 200);
        CHECK(site.send("manager", "POST " + path + "/rotate" + slash).status == 201);
        CHECK(site.send("manager", "GET " + path + "/usage" + slash).status == 200);
        auto& removed = site.send("manager", "DELETE " + path + slash);
        CHECK(removed.status == 204);
        CHECK(removed.answer.empty());
    }
}

TEST_CASE("who may not manage is 403, but may ask about itself; who is nobody is 401") {
    Site site;
    for (const char* line :
         {"GET /api/v2/tokens", "POST /api/v2/tokens", "DELETE /api/v2/tokens/plain", "GET /api/v2/tokens/scopes"}) {
        CHECK(site.send("plain", line).status == 403);
        auto& none = site.send("", line);
        CHECK(none.status == 401);
        CHECK(none.headers.find("WWW-Authenticate: Bearer") != std::string::npos);
        CHECK(site.send("nobody", line).status == 401);
    }
    CHECK(site.send("plain", "GET /api/v2/tokens/self").status == 200);
    CHECK(Json::parse(site.send("plain", "POST /api/v2/tokens/validate").answer)["valid"] == true);
    CHECK(site.send("nobody", "POST /api/v2/tokens/validate").status == 401);
}

TEST_CASE("what is wrong with a request is a problem with a code") {
    Site site;
    struct Row {
        const char *line, *body;
        int status;
        const char* code;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"POST /api/v2/tokens", "{", 400, "invalid_body"},
                                    {"POST /api/v2/tokens", "[]", 400, "invalid_body"},
                                    {"POST /api/v2/tokens", R"({"name":"a","name":"b"})", 400, "invalid_body"},
                                    {"POST /api/v2/tokens", R"({"name":"a","more":1})", 400, "invalid_member"},
                                    {"GET /api/v2/tokens?token=gth_x", "", 400, "invalid_parameter"},
                                    {"GET /api/v2/tokens?limit=0", "", 400, "invalid_parameter"},
                                    {"GET /api/v2/tokens/token-0", "", 404, "not_found"},
                                    {"POST /api/v2/tokens/bulk-revoke", "{}", 400, "nothing_selected"}}) {
        auto& exchange = site.send("manager", row.line, row.body);
        CHECK(exchange.status == row.status);
        CHECK(exchange.contentType == "application/problem+json");
        const Json problem = Json::parse(exchange.answer);
        CHECK(problem["code"] == row.code);
        CHECK(problem["status"] == row.status);
        CHECK(problem["title"] != "Status");
    }
    CHECK(site.send("manager", "POST /api/v2/tokens", "name=n", "Content-Type: text/plain\r\n").status == 415);
    CHECK(site.send("manager", "PUT /api/v2/tokens").status == 405);
}

TEST_CASE("a change may be bound to what was read") {
    Site site;
    const std::string path =
        "/api/v2/tokens/" +
        Json::parse(site.send("manager", "POST /api/v2/tokens", R"({"name":"n"})").answer)["id"].get<std::string>();
    CHECK(site.send("manager", "PATCH " + path, R"({"name":"x"})", "If-Match: \"other\"\r\n").status == 412);
    CHECK(site.send("manager", "PATCH " + path, R"({"name":"x"})", "If-Match: *\r\n").status == 200);
}
