// How answers go out: whole or as a stream, to readers that are slow, gone, or being shown the door.
#include "http/connection.hpp"

#include <catch2/catch.hpp>

#include "support/scripted_site.hpp"

using namespace gatehouse;
using namespace gatehouse::http;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

void openStream(Exchange& exchange) {
    exchange.startStream("text/event-stream", "X: y\r\n");
    exchange.send("one");
}

std::size_t count(const std::string& text, const std::string& what) {
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
    return found;
}

} // namespace

TEST_CASE("a stream goes out in chunks, piece by piece, and the connection is kept after it") {
    ScriptedSite site;
    std::shared_ptr<const Ticket> ticket;
    site.handler.request = [&](Exchange& exchange) {
        if (site.handler.requests > 1) return exchange.reply({200, "", "next", "", false});
        openStream(exchange);
        ticket = exchange.ticket();
    };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(getRequest()));
    const std::string begin = peer.readUntil("3\r\none\r\n");
    CHECK(begin.find("Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n") != std::string::npos);
    CHECK(site.owner.streams == 1);
    ticket->run([](Exchange& exchange) {
        exchange.send("two");
        exchange.send("");
        exchange.finish();
        exchange.send("after the end");
    });
    CHECK(peer.readUntil("0\r\n\r\n") == "3\r\ntwo\r\n0\r\n\r\n");
    REQUIRE(peer.send(getRequest()));
    CHECK(bodyOf(peer.readUntil("next")) == "next");
    CHECK(site.owner.streams == 0);
    ticket.reset();
}

TEST_CASE("a stream to HTTP/1.0 is ended by closing") {
    ScriptedSite site;
    site.handler.request = [](Exchange& exchange) {
        openStream(exchange);
        exchange.finish();
    };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    const std::string got = peer.readToEnd();
    CHECK(got.find("chunked") == std::string::npos);
    CHECK(got.find("Connection: close\r\n") != std::string::npos);
    CHECK(bodyOf(got) == "one");
}

TEST_CASE("only the first answer of a request counts") {
    ScriptedSite site;
    site.handler.request = [](Exchange& exchange) {
        exchange.reply({200, "", "first", "", false});
        exchange.reply({500, "", "second", "", false});
        exchange.startStream("a/b", "");
        exchange.send("third");
        exchange.finish();
    };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(getRequest() + getRequest()));
    std::string got = peer.readUntil("first");
    if (count(got, "first") < 2) got += peer.readUntil("first"); // they may come together
    CHECK(count(got, "HTTP/1.1 ") == 2);
    CHECK(got.find("second") == std::string::npos);
    CHECK(got.find("third") == std::string::npos);
}

TEST_CASE("a reply that asks for it, and a request that asks for it, end the connection") {
    struct Row {
        const char* what;
        const char* text;
        bool close;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"the reply", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
                                    {"the request", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
                                    {"HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", false}}) {
        DYNAMIC_SECTION(row.what) {
            ScriptedSite site;
            site.handler.request = [&](Exchange& exchange) { exchange.reply({200, "", "bye", "", row.close}); };
            PeerEnd& peer = site.open();
            REQUIRE(peer.send(row.text));
            const std::string got = peer.readToEnd();
            CHECK(got.find("Connection: close\r\n") != std::string::npos);
            CHECK(bodyOf(got) == "bye");
        }
    }
}

TEST_CASE("after the last answer the rest of the input is ignored for a while, then the connection is closed") {
    ScriptedSite site;
    site.handler.request = [](Exchange& exchange) { exchange.reply({200, "", "bye", "", true}); };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(getRequest()));
    CHECK(bodyOf(peer.readToEnd()) == "bye");
    REQUIRE(peer.send(getRequest()));
    site.thread.settle();
    CHECK(site.handler.requests == 1);
    CHECK(site.owner.closedCount == 0);
    site.thread.turn(6s);
    CHECK(site.isClosed());
}

TEST_CASE("a large answer reaches a slow reader whole") {
    ScriptedSite site;
    const std::string body(5 << 20, 'x');
    site.handler.request = [&](Exchange& exchange) { exchange.reply({200, "", body, "", true}); };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(getRequest()));
    while (site.handler.requests == 0) site.thread.settle();
    site.thread.turn(30s);
    CHECK(bodyOf(peer.readToEnd()).size() == body.size());
}

TEST_CASE("a reader that takes nothing is closed after the write time") {
    ScriptedSite site;
    const std::string body(5 << 20, 'x');
    site.handler.request = [&](Exchange& exchange) { exchange.reply({200, "", body, "", false}); };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(getRequest()));
    site.thread.settle();
    site.thread.turn(59s);
    CHECK(site.owner.closedCount == 0);
    site.thread.turn(2s);
    CHECK(site.isClosed());
}

TEST_CASE("requests are not taken while much of the answers before is unsent") {
    ScriptedSite site;
    const std::string body(300 << 10, 'x');
    site.handler.request = [&](Exchange& exchange) { exchange.reply({200, "", body, "", false}); };
    PeerEnd& peer = site.open();
    std::string many;
    for (int i = 0; i < 50; ++i) many += getRequest();
    REQUIRE(peer.send(many));
    site.thread.settle();
    CHECK(site.handler.requests < 10);
    CHECK(peer.readBytes(50 * body.size()).size() >= 50 * body.size());
    CHECK(site.handler.requests == 50);
}

TEST_CASE("a stream whose reader falls behind the output limit is dropped, and told so") {
    ScriptedSite site;
    site.owner.limits_.outputBytes = 100 << 10;
    std::atomic<int> gone{0};
    site.handler.request = [&](Exchange& exchange) {
        exchange.whenGone([&] { ++gone; });
        openStream(exchange);
    };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(getRequest()));
    peer.readUntil("one");
    const std::string piece(64 << 10, 'x');
    for (int i = 0; i < 100 && site.owner.closedCount == 0; ++i) site.thread.on([&] { site.connection->send(piece); });
    CHECK(site.isClosed());
    CHECK(gone == 1);
    CHECK(site.owner.streams == 0);
}

TEST_CASE("one message larger than the output limit reaches a reader that reads") {
    ScriptedSite site;
    site.owner.limits_.outputBytes = 100 << 10;
    const std::string piece(3 << 20, 'x');
    site.handler.request = [&](Exchange& exchange) {
        openStream(exchange);
        exchange.send(piece);
    };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(getRequest()));
    CHECK(peer.readBytes(piece.size()).size() >= piece.size());
    CHECK_FALSE(site.isClosed());
}

TEST_CASE("one who waits is told once when the peer goes") {
    for (const bool stream : {false, true}) {
        DYNAMIC_SECTION((stream ? "in a stream" : "before the answer")) {
            ScriptedSite site;
            std::atomic<int> gone{0};
            site.handler.request = [&](Exchange& exchange) {
                exchange.whenGone([&] {
                    ++gone;
                    site.connection->abort();
                });
                if (stream) openStream(exchange);
            };
            PeerEnd& peer = site.open();
            REQUIRE(peer.send(getRequest()));
            site.thread.settle();
            peer.close();
            CHECK(site.isClosed());
            CHECK(gone == 1);
        }
    }
}

TEST_CASE("nobody is told when the answer was out before the peer went") {
    ScriptedSite site;
    std::atomic<int> gone{0};
    site.handler.request = [&](Exchange& exchange) {
        exchange.whenGone([&] { ++gone; });
        exchange.reply({200, "", "done", "", false});
    };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(getRequest()));
    peer.readUntil("done");
    peer.close();
    CHECK(site.isClosed());
    CHECK(gone == 0);
}

// A validator on a worker: the peer may have gone by the time the handler gets its request.
TEST_CASE("one who asks to be told only after the peer has gone is told all the same") {
    for (const bool stream : {false, true}) {
        DYNAMIC_SECTION((stream ? "in a stream" : "before the answer")) {
            ScriptedSite site;
            std::atomic<int> gone{0};
            site.handler.head = [](Exchange&) { return HeadAnswer::wait; };
            site.handler.request = [&](Exchange& exchange) {
                if (stream) openStream(exchange);
                exchange.whenGone([&] { ++gone; });
            };
            PeerEnd& peer = site.open();
            REQUIRE(peer.send(getRequest()));
            site.thread.settle();
            peer.close();
            site.thread.settle();
            site.thread.on([&] { site.connection->proceed(); });
            site.thread.settle();
            CHECK(gone == 1);
        }
    }
}

TEST_CASE("a ticket reaches its exchange from another thread, and no other") {
    ScriptedSite site;
    std::shared_ptr<const Ticket> old;
    site.handler.request = [&](Exchange& exchange) {
        if (!old) old = exchange.ticket();
        exchange.reply({200, "", "done", "", false});
    };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(getRequest()));
    peer.readUntil("done");
    std::atomic<int> ran{0};
    old->run([&](Exchange&) { ++ran; });
    site.thread.settle();
    CHECK(ran == 0);
    old.reset();
}

TEST_CASE("a ticket keeps the views of its request, also when the peer has gone") {
    ScriptedSite site;
    std::shared_ptr<const Ticket> ticket;
    std::string_view method;
    site.handler.head = [&](Exchange& exchange) {
        ticket = exchange.ticket();
        method = exchange.head().method;
        exchange.whenGone([&exchange] { exchange.abort(); });
        return HeadAnswer::wait;
    };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(postRequest(std::string(10'000, 'x'))));
    site.thread.settle();
    peer.close();
    CHECK(site.isClosed());
    CHECK(site.thread.on([&] { return std::string(method); }) == "POST");
    std::atomic<int> ran{0};
    ticket->run([&](Exchange&) { ++ran; });
    site.thread.settle();
    CHECK(ran == 0);
    ticket.reset();
}

TEST_CASE("what a handler attached is dropped with the exchange") {
    ScriptedSite site;
    std::weak_ptr<int> attached;
    site.handler.request = [&](Exchange& exchange) {
        const auto mine = std::make_shared<int>(1);
        attached = mine;
        exchange.attachment = mine;
        exchange.reply({200, "", "done", "", false});
    };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(getRequest()));
    peer.readUntil("done");
    site.thread.settle();
    CHECK(attached.expired());
}

TEST_CASE("64 bytes behind a body can be read") {
    for (const std::size_t size : {1u, 15u, 64u, 1000u, 70'000u}) {
        for (const bool chunked : {false, true}) {
            DYNAMIC_SECTION(size << (chunked ? " in chunks" : " at once")) {
                ScriptedSite site;
                std::atomic<int> sum{0};
                site.handler.request = [&](Exchange& exchange) {
                    const volatile char* behind = exchange.body().data() + exchange.body().size();
                    for (int i = 0; i < 64; ++i) sum += behind[i] != 0 ? 1 : 0; // a sanitizer would tell
                    exchange.reply({200, "", std::to_string(exchange.body().size()) + ".", "", false});
                };
                PeerEnd& peer = site.open();
                const std::string body(size, 'x');
                char hex[20];
                std::snprintf(hex, sizeof(hex), "%zx", size);
                const std::string chunks = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
                                           std::string(hex) + "\r\n" + body + "\r\n0\r\n\r\n";
                REQUIRE(peer.send(chunked ? chunks : postRequest(body)));
                CHECK(bodyOf(peer.readUntil(std::to_string(size) + ".")) == std::to_string(size) + ".");
                CHECK(sum <= 64);
            }
        }
    }
}

TEST_CASE("when the server drains, an idle connection closes at once, every other after its answer") {
    SECTION("idle") {
        ScriptedSite site;
        site.open();
        site.thread.on([&] { site.connection->stopServing(); });
        CHECK(site.isClosed());
    }
    SECTION("a call under way") {
        ScriptedSite site;
        site.handler.request = [](Exchange&) {};
        PeerEnd& peer = site.open();
        REQUIRE(peer.send(getRequest()));
        site.thread.settle();
        site.thread.on([&] {
            site.owner.isDraining = true;
            site.connection->stopServing();
        });
        CHECK(site.owner.closedCount == 0);
        site.thread.on([&] { site.connection->reply({200, "", "done", "", false}); });
        const std::string got = peer.readToEnd();
        CHECK(bodyOf(got) == "done");
        CHECK(got.find("Connection: close") != std::string::npos);
    }
    SECTION("a stream") {
        ScriptedSite site;
        site.handler.request = openStream;
        PeerEnd& peer = site.open();
        REQUIRE(peer.send(getRequest()));
        peer.readUntil("one\r\n");
        site.thread.on([&] {
            site.owner.isDraining = true;
            site.connection->stopServing();
        });
        CHECK(site.owner.closedCount == 0);
        site.thread.on([&] { site.connection->finish(); });
        CHECK(peer.readToEnd() == "0\r\n\r\n");
        CHECK(site.owner.streams == 0);
    }
}

TEST_CASE("the exchange tells who is there") {
    ScriptedSite site;
    std::string peerSeen;
    bool secure = true;
    site.handler.request = [&](Exchange& exchange) {
        peerSeen = exchange.peer();
        secure = exchange.secure();
        exchange.reply({200, "", "done", "", false});
    };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(getRequest()));
    const std::string got = peer.readUntil("done");
    CHECK(peerSeen == "192.0.2.1");
    CHECK_FALSE(secure);
    CHECK(got.find("Date: Tue, 19 Nov 2024 07:06:40 GMT\r\n") != std::string::npos);
}
