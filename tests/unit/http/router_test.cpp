// Which handler answers a path and a method, and what the router answers itself.
#include "http/router.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

#include "support/fake_exchange.hpp"

using namespace gatehouse;
using namespace gatehouse::http;
using namespace gatehouse::test;

namespace {

struct Named final : Handler {
    HeadAnswer onHead(Exchange&) override { return HeadAnswer::go; }
    void onRequest(Exchange&) override {}
    std::string refusalBody(int status, std::string_view why) const override {
        return "styled " + std::to_string(status) + " " + std::string(why);
    }
    std::string_view refusalType() const override { return "application/problem+json"; }
};

struct Found {
    Handler* handler;
    RequestHead head;
};

Found find(const Router& router, std::string_view path, std::string_view method = "GET") {
    Found found{};
    found.head.method = method;
    found.head.path = path;
    found.handler = router.find(found.head);
    return found;
}

} // namespace

TEST_CASE("a literal path is found, with one slash at its end or without, and nothing beside it") {
    Named one, root;
    const Router router{{"/one", &one}, {"/", &root}};
    for (const char* path : {"/one", "/one/"}) CHECK(find(router, path).handler == &one);
    CHECK(find(router, "/").handler == &root);
    for (const char* path : {"/one//", "/one/two", "/ONE", "/on%65", "one", "", "//", "/one?x"})
        CHECK(find(router, path).handler == nullptr);
}

TEST_CASE("parameters take a segment that is not empty, and the rest takes what is left") {
    Named token, files;
    Router router;
    router.add("/api/tokens/{id}", token);
    router.add("/files/{path...}", files);
    const auto one = find(router, "/api/tokens/a%20b/");
    CHECK(one.handler == &token);
    CHECK(pathParameter(one.head, "id") == "a b");
    CHECK(pathParameter(one.head, "other") == std::nullopt);
    const auto rest = find(router, "/files/a/b/c.txt");
    CHECK(rest.handler == &files);
    CHECK(pathParameter(rest.head, "path") == "a/b/c.txt");
    CHECK(pathParameter(find(router, "/api/tokens/%zz").head, "id") == std::nullopt);
    for (const char* path : {"/api/tokens", "/api/tokens/", "/api/tokens//", "/api/tokens/a/b", "/files", "/files/",
                             "/files//a", "/api//tokens/a"})
        CHECK(find(router, path).handler == nullptr);
}

TEST_CASE("the most literal pattern wins, whatever the order") {
    Named literal, parameter, rest;
    for (const bool reversed : {false, true}) {
        Router router;
        const auto first = [&] { router.add("/a/{x...}", rest); };
        const auto second = [&] { router.add("/a/{x}/c", parameter); };
        if (reversed) second(), first();
        else first(), second();
        router.add("/a/b/c", literal);
        CHECK(find(router, "/a/b/c").handler == &literal);
        CHECK(find(router, "/a/x/c").handler == &parameter);
        const auto other = find(router, "/a/x/d");
        CHECK(other.handler == &rest);
        CHECK(other.head.parameters.size() == 1); // nothing is left of the pattern that did not fit
    }
}

TEST_CASE("methods of one path go to their handlers, and HEAD to that of GET") {
    Named list, add, head;
    Router router;
    router.add({"GET"}, "/tokens", list);
    router.add({"POST", "PUT"}, "/tokens/", add); // the same resource
    router.add({"GET"}, "/own", list);
    router.add({"HEAD"}, "/own", head);
    CHECK(find(router, "/tokens", "GET").handler == &list);
    CHECK(find(router, "/tokens", "HEAD").handler == &list);
    CHECK(find(router, "/tokens", "PUT").handler == &add);
    CHECK(find(router, "/own", "HEAD").handler == &head);
}

TEST_CASE("a method that is not there is 405 with Allow, in the style of its route; OPTIONS is answered") {
    Named handler;
    Router router;
    router.add({"GET", "POST"}, "/tokens", handler);
    LoopThread thread;
    struct Row {
        const char* method;
        int status;
        const char* body;
    };
    for (const Row& row : std::initializer_list<Row>{{"DELETE", 405, "styled 405 use GET, HEAD, POST, OPTIONS"},
                                                     {"get", 405, "styled 405 use GET, HEAD, POST, OPTIONS"},
                                                     {"OPTIONS", 204, ""}}) {
        FakeExchange exchange(thread.loop, std::string(row.method) + " /tokens HTTP/1.1\r\nHost: localhost");
        Handler* const found = find(router, "/tokens", row.method).handler;
        REQUIRE(found != nullptr);
        CHECK(found != &handler);
        CHECK(found->onHead(exchange) == HeadAnswer::refused);
        CHECK(exchange.status == row.status);
        CHECK(exchange.answer == row.body);
        CHECK(exchange.headers == "Allow: GET, HEAD, POST, OPTIONS\r\n");
        CHECK(exchange.contentType == (row.status == 405 ? "application/problem+json" : ""));
    }
    thread.stop();
}

TEST_CASE("a handler that takes every method is asked before anybody is told which there are") {
    struct Asking final : Handler {
        HeadAnswer onHead(Exchange&) override { return HeadAnswer::go; }
        void onRequest(Exchange&) override {}
        bool acceptsEveryMethod() const override { return true; }
    };
    Asking handler;
    Router router;
    router.add({"GET"}, "/tokens", handler);
    const auto other = find(router, "/tokens", "PUT");
    CHECK(other.handler == &handler);
    CHECK(other.head.allow == "GET, HEAD, OPTIONS");
    CHECK(find(router, "/tokens", "GET").head.allow.empty());
}

TEST_CASE("a route that cannot be is refused when it is made") {
    Named handler;
    for (const char* pattern : {"", "tokens", "/{", "/a{id}", "/{}", "/{id}x", "/{rest...}/more", "/{a}{b}"}) {
        Router router;
        CHECK_THROWS_AS(router.add(pattern, handler), std::invalid_argument);
    }
    Router router;
    router.add({"GET"}, "/a", handler);
    CHECK_THROWS_AS(router.add({"GET"}, "/a/", handler), std::invalid_argument);
    CHECK_THROWS_AS(router.add("/a", handler), std::invalid_argument);
    router.add("/b", handler);
    CHECK_THROWS_AS(router.add({"GET"}, "/b", handler), std::invalid_argument);
    CHECK_THROWS_AS(router.add({}, "/c", handler), std::invalid_argument);
    router.add({"GET"}, "/stock/{item}", handler);
    CHECK_THROWS_AS(router.add({"DELETE"}, "/stock/{id}", handler), std::invalid_argument); // it would never be found
}

TEST_CASE("parameters move with the buffer that they point into") {
    Named handler;
    Router router;
    router.add("/tokens/{id}", handler);
    std::string buffer = "/tokens/abc";
    RequestHead head;
    head.method = "GET";
    head.path = buffer;
    REQUIRE(router.find(head) == &handler);
    const std::string moved = buffer;
    head.rebase(buffer.data(), moved.data());
    buffer.assign(buffer.size(), 'x');
    CHECK(pathParameter(head, "id") == "abc");
}
