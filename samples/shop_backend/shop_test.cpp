// The shop without a server.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#include <gatehouse/testing.hpp>

#include "shop_backend.cpp"

using namespace gatehouse::testing;

TEST_CASE("each caller has a basket") {
    FakeHost host;
    ShopBackend shop({}, host);
    callTool(shop, "put", {{"name", "leek"}, {"count", 2}});
    CHECK(callTool(shop, "put", {{"name", "leek"}, {"count", 1}})["structuredContent"]["count"] == 3);
    CHECK(callTool(shop, "bill")["structuredContent"]["pieces"] == 3);
    CHECK(callTool(shop, "bill", {}, someone("bob"))["structuredContent"]["pieces"] == 0);
    CHECK(callTool(shop, "put", {{"name", "leek"}, {"count", 0}})["isError"] == true);
}

TEST_CASE("an order is placed when the user says so") {
    FakeHost host;
    ShopBackend shop({}, host);
    callTool(shop, "put", {{"name", "leek"}, {"count", 2}});
    CHECK_THROWS_AS(callTool(shop, "order"), InputRequired);
    FakeContext user;
    user.answers = {{"sure", {{"action", "decline"}}}};
    CHECK(textOf(callTool(shop, "order", {}, user)) == "kept");
    user.answers = {{"sure", {{"action", "accept"}, {"content", Json::object()}}}};
    CHECK(textOf(callTool(shop, "order", {}, user)) == "ordered");
    CHECK(callTool(shop, "bill")["structuredContent"]["pieces"] == 0);
}

TEST_CASE("the basket is a resource, and what to cook with it a prompt") {
    FakeHost host;
    ShopBackend shop({}, host);
    CHECK(readResource(shop, "shop://basket")["contents"][0]["text"] == R"({"articles":{},"pieces":0})");
    CHECK(getPrompt(shop, "recipe")["messages"].size() == 1);
}
