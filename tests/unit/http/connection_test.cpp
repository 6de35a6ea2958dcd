// How requests come in: one after the other, cut anywhere, within their limits and times.
#include "http/connection.hpp"

#include <malloc.h>

#include <catch2/catch.hpp>

#include "support/scripted_site.hpp"

using namespace gatehouse;
using namespace gatehouse::http;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

std::string statusLine(const std::string& response) { return response.substr(0, response.find("\r\n")); }

std::string chunkedRequest(const std::string& chunks) {
    return "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
}

} // namespace

TEST_CASE("a request is answered, and the connection kept for the next") {
    ScriptedSite site;
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(postRequest("one")));
    CHECK(bodyOf(peer.readUntil("POST one")) == "POST one");
    REQUIRE(peer.send(getRequest()));
    CHECK(bodyOf(peer.readUntil("\r\n\r\nGET ")) == "GET ");
    CHECK(site.owner.closedCount == 0);
}

TEST_CASE("a request may come cut at any byte") {
    for (const std::string& text : {postRequest("hello"), chunkedRequest("2\r\nhe\r\n3\r\nllo\r\n0\r\nX: y\r\n\r\n")}) {
        ScriptedSite site;
        PeerEnd& peer = site.open();
        for (const char c : text) {
            REQUIRE(peer.send(std::string_view(&c, 1)));
            site.thread.on([] {});
        }
        CHECK(bodyOf(peer.readUntil("POST hello")) == "POST hello");
        CHECK(site.handler.requests == 1);
    }
}

TEST_CASE("requests that come at once are answered one after the other, in order") {
    ScriptedSite site;
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(postRequest("1") + chunkedRequest("1\r\n2\r\n0\r\n\r\n") + postRequest("3") + getRequest()));
    const std::string all = peer.readUntil("GET ");
    const std::size_t one = all.find("\r\n\r\nPOST 1HTTP"), two = all.find("\r\n\r\nPOST 2HTTP"),
                      three = all.find("\r\n\r\nPOST 3HTTP");
    REQUIRE(three != std::string::npos);
    CHECK(one < two);
    CHECK(two < three);
}

TEST_CASE("a thousand requests at once are all answered") {
    ScriptedSite site;
    PeerEnd& peer = site.open();
    std::string all;
    for (int i = 0; i < 1000; ++i) all += getRequest();
    all += postRequest("last");
    REQUIRE(peer.send(all));
    peer.readUntil("POST last");
    CHECK(site.handler.requests == 1001);
}

TEST_CASE("a second request waits until the first is answered") {
    ScriptedSite site;
    std::shared_ptr<const Ticket> first;
    site.handler.request = [&](Exchange& exchange) {
        if (!first) first = exchange.ticket();
        else exchange.reply({200, "", "second", "", false});
    };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(postRequest("1")));
    site.thread.settle();
    REQUIRE(peer.send(postRequest("2")));
    site.thread.settle();
    CHECK(site.handler.requests == 1);
    first->run([](Exchange& exchange) { exchange.reply({200, "", "first", "", false}); });
    const std::string all = peer.readUntil("second");
    CHECK(all.find("first") < all.find("second"));
    first.reset();
}

TEST_CASE("empty lines before a request are ignored") {
    for (const bool apart : {false, true}) {
        DYNAMIC_SECTION((apart ? "CR and LF apart" : "CR and LF together")) {
            ScriptedSite site;
            PeerEnd& peer = site.open();
            REQUIRE(peer.send(postRequest("1") + (apart ? "\r" : "\r\n")));
            peer.readUntil("POST 1");
            site.thread.settle();
            REQUIRE(peer.send((apart ? "\n\r\n" : "\r\n") + postRequest("2")));
            CHECK(peer.readUntil("POST 2").find("POST 2") != std::string::npos);
        }
    }
}

TEST_CASE("empty lines without end cost no memory") {
    ScriptedSite site;
    PeerEnd& peer = site.open();
    std::string empty;
    for (int i = 0; i < 32 << 10; ++i) empty += "\r\n";
    const auto inUse = [] { return mallinfo2().uordblks + mallinfo2().hblkhd; };
    const std::size_t before = inUse();
    for (int i = 0; i < 128; ++i)     // 8 MiB
        if (!peer.send(empty)) break; // closed: as good
    site.thread.settle();
    const std::size_t after = inUse();
    CHECK(after < before + (2u << 20));
}

TEST_CASE("a head that breaks the rules is refused, and the connection ends") {
    struct Row {
        const char* what;
        std::string text;
        const char* status;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"a bare LF", "GET / HTTP/1.1\nHost: a\n\n", "HTTP/1.1 400 Bad Request"},
             {"a control character, before the head is whole", "GET / HTTP/1.1\r\nA: \x01", "HTTP/1.1 400 Bad Request"},
             {"two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
              "HTTP/1.1 400 Bad Request"},
             {"an endless head", "GET / HTTP/1.1\r\nA: " + std::string(40'000, 'a'),
              "HTTP/1.1 431 Request Header Fields Too Large"},
             {"a body that is announced too large", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n",
              "HTTP/1.1 413 Content Too Large"},
             {"a chunk that is too large", chunkedRequest("fffffff\r\n"), "HTTP/1.1 413 Content Too Large"},
             {"a chunk size that is no number", chunkedRequest("xyz\r\n"), "HTTP/1.1 400 Bad Request"}}) {
        DYNAMIC_SECTION(row.what) {
            ScriptedSite site;
            PeerEnd& peer = site.open();
            REQUIRE(peer.send(row.text));
            const std::string got = peer.readToEnd();
            CHECK(statusLine(got) == row.status);
            CHECK(got.find("Connection: close\r\n") != std::string::npos);
            CHECK(site.handler.requests == 0);
        }
    }
}

TEST_CASE("a refused head hides the request that is smuggled behind it") {
    ScriptedSite site;
    PeerEnd& peer = site.open();
    REQUIRE(peer.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
                      getRequest()));
    const std::string got = peer.readToEnd();
    CHECK(statusLine(got) == "HTTP/1.1 400 Bad Request");
    CHECK(got.find("HTTP/1.1", 8) == std::string::npos);
    CHECK(site.handler.heads == 0);
}

TEST_CASE("a refusal after a HEAD request has a body of the length it tells") {
    ScriptedSite site;
    PeerEnd& peer = site.open();
    REQUIRE(peer.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"));
    peer.readUntil("\r\n\r\n");
    REQUIRE(peer.send("GET / HTTP/1.1\n"));
    const std::string got = peer.readToEnd();
    CHECK(statusLine(got) == "HTTP/1.1 400 Bad Request");
    CHECK(got.find("Content-Length: " + std::to_string(bodyOf(got).size()) + "\r\n") != std::string::npos);
}

TEST_CASE("a path that nobody serves is 404, without its body being taken") {
    ScriptedSite site;
    PeerEnd& peer = site.open();
    REQUIRE(peer.send("POST /other HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + postRequest("next")));
    const std::string got = peer.readUntil("POST next");
    CHECK(statusLine(got) == "HTTP/1.1 404 Not Found");
    CHECK(bodyOf(got).find("POST next") != std::string::npos);
    CHECK(site.handler.heads == 1);
}

TEST_CASE("the handler decides before a byte of the body has come") {
    ScriptedSite site;
    site.handler.head = [](Exchange& exchange) {
        exchange.reply({401, "", "no", "", false});
        return HeadAnswer::refused;
    };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"));
    CHECK(statusLine(peer.readUntil("no")) == "HTTP/1.1 401 Unauthorized");
    CHECK(site.handler.requests == 0);
}

TEST_CASE("a small body of a refused request is thrown away and the connection kept; a large one ends it") {
    struct Row {
        const char* what;
        std::size_t size;
        bool kept;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"1 KiB", 1 << 10, true}, {"64 KiB", 64 << 10, true}, {"1 MiB", 1 << 20, false}}) {
        DYNAMIC_SECTION(row.what) {
            ScriptedSite site;
            site.handler.head = [&](Exchange& exchange) {
                if (site.handler.heads > 1) return HeadAnswer::go;
                exchange.reply({401, "", "no", "", false});
                return HeadAnswer::refused;
            };
            PeerEnd& peer = site.open();
            peer.send(postRequest(std::string(row.size, 'x')) + getRequest());
            const std::string got = row.kept ? peer.readUntil("GET ") : peer.readToEnd();
            CHECK((got.find("HTTP/1.1 200 OK") != std::string::npos) == row.kept);
            CHECK(site.handler.heads == (row.kept ? 2 : 1));
        }
    }
}

TEST_CASE("100 Continue is sent once the handler wants the body, and only when it was asked for") {
    ScriptedSite site;
    site.handler.head = [](Exchange&) { return HeadAnswer::wait; };
    PeerEnd& peer = site.open();
    const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    REQUIRE(peer.send(head));
    site.thread.settle();
    CHECK(peer.quiet());
    site.thread.on([&] { site.connection->proceed(); });
    CHECK(peer.readUntil("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    REQUIRE(peer.send("hi"));
    CHECK(bodyOf(peer.readUntil("POST hi")) == "POST hi");
}

TEST_CASE("a refusal of one who waits for 100 Continue ends the connection: the body may come or not") {
    ScriptedSite site;
    site.handler.head = [](Exchange& exchange) {
        exchange.reply({401, "", "no", "", false});
        return HeadAnswer::refused;
    };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"));
    CHECK(peer.readToEnd().find("Connection: close") != std::string::npos);
}

TEST_CASE("bodies of all connections share a budget, and give it back") {
    ScriptedSite site;
    site.owner.limits_.bodies = {1000, 1000};
    PeerEnd& peer = site.open();
    const std::string body(900, 'x');
    const std::string whole = postRequest(body);
    REQUIRE(peer.send(whole.substr(0, whole.size() - 1)));
    site.thread.settle();
    CHECK(site.bodyBytes() >= 800);
    REQUIRE(peer.send("x"));
    peer.readUntil(body);
    CHECK(site.bodyBytes() == 0);
    const std::string larger = postRequest(std::string(1500, 'y'));
    REQUIRE(peer.send(larger.substr(0, larger.size() - 1)));
    CHECK(statusLine(peer.readToEnd()) == "HTTP/1.1 503 Service Unavailable");
    CHECK(site.bodyBytes() == 0);
}

TEST_CASE("a chunked body is charged while it arrives, and given back when the peer goes") {
    ScriptedSite site;
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(chunkedRequest("64\r\n" + std::string(100, 'x'))));
    site.thread.settle();
    CHECK(site.bodyBytes() == 100);
    peer.close();
    site.thread.settle();
    CHECK(site.bodyBytes() == 0);
    CHECK(site.isClosed());
}

TEST_CASE("a request that does not arrive in time is 408, one that never began is closed in silence") {
    struct Row {
        const char* what;
        std::string begun;
        std::chrono::milliseconds within, after;
        const char* answer; // empty: closed without one
    };
    const std::string body = postRequest("hello");
    for (const Row& row : std::initializer_list<Row>{
             {"no byte at all", "", 9s, 2s, ""},
             {"half a head", "GET / HT", 9s, 2s, "HTTP/1.1 408 Request Timeout"},
             {"half a body", body.substr(0, body.size() - 1), 29s, 2s, "HTTP/1.1 408 Request Timeout"},
             {"half a chunk", chunkedRequest("5\r\nhel"), 29s, 2s, "HTTP/1.1 408 Request Timeout"}}) {
        DYNAMIC_SECTION(row.what) {
            ScriptedSite site;
            PeerEnd& peer = site.open();
            if (!row.begun.empty()) REQUIRE(peer.send(row.begun));
            site.thread.settle();
            site.thread.turn(row.within);
            CHECK(peer.quiet());
            site.thread.turn(row.after);
            CHECK(statusLine(peer.readToEnd()) == row.answer);
        }
    }
}

TEST_CASE("a head has its time as a whole, however busily it trickles in") {
    ScriptedSite site;
    PeerEnd& peer = site.open();
    REQUIRE(peer.send("GET / HTTP/1.1\r\n"));
    site.thread.settle();
    for (int i = 0; i < 12; ++i) {
        peer.send("A: b\r\n");
        site.thread.turn(1s);
    }
    CHECK(statusLine(peer.readToEnd()) == "HTTP/1.1 408 Request Timeout");
}

TEST_CASE("a kept connection without a request is closed after the idle time") {
    ScriptedSite site;
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(getRequest()));
    peer.readUntil("GET ");
    site.thread.turn(59s);
    CHECK(site.owner.closedCount == 0);
    site.thread.turn(2s);
    CHECK(site.isClosed());
    CHECK(peer.readToEnd().empty());
}

TEST_CASE("a request that is being answered has no deadline of the connection") {
    ScriptedSite site;
    std::shared_ptr<const Ticket> ticket;
    site.handler.request = [&](Exchange& exchange) { ticket = exchange.ticket(); };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(getRequest()));
    site.thread.settle();
    site.thread.turn(1h);
    CHECK(site.owner.closedCount == 0);
    ticket->run([](Exchange& exchange) { exchange.reply({200, "", "late", "", false}); });
    CHECK(bodyOf(peer.readUntil("late")) == "late");
    ticket.reset();
}

TEST_CASE("a peer that goes in the middle of a request ends the connection") {
    for (const std::string& begun : {std::string(), std::string("GET / HT"), postRequest("hello").substr(0, 60)}) {
        DYNAMIC_SECTION("after \"" << begun.substr(0, 8) << '"') {
            ScriptedSite site;
            PeerEnd& peer = site.open();
            if (!begun.empty()) REQUIRE(peer.send(begun));
            site.thread.settle();
            peer.close();
            CHECK(site.isClosed());
        }
    }
}

TEST_CASE("a peer that sends a request and says that it sends no more still gets its answer") {
    ScriptedSite site;
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(postRequest("bye")));
    peer.shutdownWrite();
    CHECK(bodyOf(peer.readToEnd()) == "POST bye");
    CHECK(site.isClosed());
}
