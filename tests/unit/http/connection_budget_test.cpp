// What a connection holds of the budgets, and when it gives back.
#include "http/connection.hpp"

#include <catch2/catch.hpp>

#include "support/scripted_site.hpp"

using namespace gatehouse;
using namespace gatehouse::http;
using namespace gatehouse::test;

// An open stream held the budget of its request for as long as it lived.
TEST_CASE("C: a stream gives back the body of its request, and its head stays") {
    ScriptedSite site;
    Exchange* kept = nullptr;
    site.handler.request = [&](Exchange& exchange) {
        exchange.startStream("text/event-stream", "");
        kept = &exchange;
    };
    PeerEnd& peer = site.open();
    const std::string body(200'000, 'x');
    REQUIRE(peer.send(postRequest(body)));
    peer.readUntil("\r\n\r\n");
    site.thread.settle();
    CHECK(site.bodyBytes() == 0);
    site.thread.on([&] {
        CHECK(kept->head().method == "POST");
        CHECK(kept->body().empty());
        kept->send("last");
        kept->finish();
    });
    peer.readUntil("last");
    REQUIRE(peer.send(getRequest()));
    peer.readUntil("HTTP/1.1 200");
}

TEST_CASE("C: answers that nobody reads have a budget: then 503") {
    ScriptedSite site;
    site.owner.limits_.outputs = {100'000, 100'000};
    site.handler.request = [](Exchange& exchange) {
        exchange.reply({200, "text/plain", std::string(200'000, 'x'), "", false});
    };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(getRequest()));
    const std::string answer = peer.readUntil("read");
    CHECK_THAT(answer, Catch::StartsWith("HTTP/1.1 503 "));
    CHECK(answer.find("Retry-After: 1\r\n") != std::string::npos);
    CHECK(site.thread.on([&] { return site.owner.outputs().used(); }) == 0);
}

TEST_CASE("C: a handler may take less of a body than the server would") {
    ScriptedSite site;
    site.handler.head = [](Exchange& exchange) {
        exchange.limitBody(1000);
        return HeadAnswer::go;
    };
    const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string piece(900, 'x'), chunk = "384\r\n" + piece + "\r\n";
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(head + chunk + "0\r\n\r\n"));
    CHECK_THAT(peer.readUntil(piece), Catch::StartsWith("HTTP/1.1 200 "));
    REQUIRE(peer.send(head + chunk + chunk));
    CHECK_THAT(peer.readUntil("large"), Catch::StartsWith("HTTP/1.1 413 "));
}

TEST_CASE("C: a handler takes less of a body whose length is told as well, and says so before it comes") {
    ScriptedSite site;
    site.handler.head = [](Exchange& exchange) {
        exchange.limitBody(1000);
        return HeadAnswer::go;
    };
    const std::string told = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ", body(1000, 'x');
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(told + "1000\r\n\r\n" + body));
    CHECK_THAT(peer.readUntil(body), Catch::StartsWith("HTTP/1.1 200 "));
    REQUIRE(peer.send(told + "1001\r\n\r\n"));
    CHECK_THAT(peer.readUntil("large"), Catch::StartsWith("HTTP/1.1 413 "));
}
