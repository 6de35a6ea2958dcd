#include "mcp/session/pending_asks.hpp"

#include <set>

#include <catch2/catch.hpp>
#include <gatehouse/json.hpp>

using namespace gatehouse;
using namespace gatehouse::mcp;

namespace {

struct Desk {
    std::string expect(const std::string& session) {
        return asks.expect(session, [this](std::string_view result, std::string_view error) {
            got.push_back(std::string(result) + "|" + std::string(error));
        });
    }
    PendingAsks asks;
    std::vector<std::string> got;
};

} // namespace

TEST_CASE("an answer reaches the one who asked, once") {
    Desk desk;
    const std::string first = desk.expect("s"), second = desk.expect("s");
    CHECK(Json::parse(first).is_string());
    CHECK(first != second);
    desk.asks.answer("s", second, R"({"a":1})", "");
    CHECK(desk.got == std::vector<std::string>{R"({"a":1}|)"});
    desk.asks.answer("s", second, R"({"a":2})", "");
    CHECK(desk.got.size() == 1);
    desk.asks.answer("s", first, "", R"({"code":-1})");
    CHECK(desk.got.back() == R"(|{"code":-1})");
    CHECK(desk.asks.size() == 0);
}

TEST_CASE("an answer of another session, or to nothing that was asked, is ignored") {
    Desk desk;
    const std::string id = desk.expect("s");
    desk.asks.answer("t", id, "{}", "");
    desk.asks.answer("", id, "{}", "");
    desk.asks.answer("s", "ask-1", "{}", ""); // without quotes: another id
    desk.asks.answer("s", "1", "{}", "");
    CHECK(desk.got.empty());
    CHECK(desk.asks.size() == 1);
}

TEST_CASE("what was forgotten is not answered any more") {
    Desk desk;
    const std::string id = desk.expect("s");
    desk.asks.forget("t", id);
    CHECK(desk.asks.size() == 1);
    desk.asks.forget("s", id);
    desk.asks.forget("s", id);
    CHECK(desk.asks.size() == 0);
    desk.asks.answer("s", id, "{}", "");
    CHECK(desk.got.empty());
}

TEST_CASE("whoever is answered may ask again, or forget") {
    PendingAsks asks;
    std::string second;
    const std::string first = asks.expect("s", [&](std::string_view, std::string_view) {
        second = asks.expect("s", [](std::string_view, std::string_view) {});
        asks.forget("s", second);
    });
    asks.answer("s", first, "{}", "");
    CHECK_FALSE(second.empty());
    CHECK(asks.size() == 0);
}

TEST_CASE("beyond the limit nobody is asked, until there is room again") {
    Desk desk;
    std::set<std::string> ids;
    for (std::size_t i = 0; i < PendingAsks::maxAsks; ++i) ids.insert(desk.expect("s"));
    CHECK(ids.size() == PendingAsks::maxAsks);
    CHECK(desk.expect("t").empty());
    desk.asks.forget("s", *ids.begin());
    CHECK_FALSE(desk.expect("t").empty());
}
