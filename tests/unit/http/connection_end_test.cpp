// What happens around the end of a request or a connection: nothing is read or called that has gone.
#include "http/connection.hpp"

#include <catch2/catch.hpp>

#include "support/scripted_site.hpp"

using namespace gatehouse;
using namespace gatehouse::http;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

void refuseAll(ScriptedSite& site, bool close) {
    site.handler.head = [close](Exchange& exchange) {
        exchange.reply({401, "text/plain", "no", "", close});
        return HeadAnswer::refused;
    };
}

// After what the peer has sent, more than anybody may: as fast as the connection reads.
class Flood final : public Transport {
public:
    explicit Flood(std::unique_ptr<Transport> plain) : plain_(std::move(plain)) {}
    IoResult read(char* into, std::size_t size) override {
        const IoResult got = plain_->read(into, size);
        begun_ = begun_ || got.bytes > 0;
        if (got.bytes > 0 || !begun_) return {got.state, got.bytes, false};
        std::fill(into, into + size, 'x');
        return {IoResult::State::done, size, false};
    }
    IoResult write(std::string_view bytes) override { return plain_->write(bytes); }
    bool established() const override { return true; }
    bool secure() const override { return false; }
    void finishWriting() override { plain_->finishWriting(); }
    int descriptor() const override { return plain_->descriptor(); }

private:
    const std::unique_ptr<Transport> plain_;
    bool begun_ = false;
};

std::string hugePost() { return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n"; }

} // namespace

TEST_CASE("A1: a refused sender that goes on sending is cut off after a bound, and nothing else happens") {
    for (const bool close : {false, true}) {
        ScriptedSite site;
        refuseAll(site, close);
        PeerEnd& peer = site.open();
        REQUIRE(peer.send(hugePost()));
        std::size_t sent = 0;
        const std::string piece(64 << 10, 'x');
        while (sent < 4'000'000 && peer.send(piece)) sent += piece.size();
        CHECK(peer.readUntil("no").find("401") != std::string::npos);
        CHECK(site.isClosed());
        CHECK(sent < 4'000'000);
        CHECK(site.thread.faults().empty());
    }
}

// What came in one turn of the loop was counted, and the connection closed, before the answer was written.
TEST_CASE("a refused sender is answered, however fast it sends") {
    for (const bool close : {false, true}) {
        ScriptedSite site;
        refuseAll(site, close);
        PeerEnd& peer =
            site.open([](std::unique_ptr<Transport> plain) { return std::make_unique<Flood>(std::move(plain)); });
        REQUIRE(peer.send(hugePost()));
        CHECK_THAT(peer.readToEnd(), Catch::StartsWith("HTTP/1.1 401"));
        CHECK(site.isClosed());
    }
}

TEST_CASE("A1: so is one whose body goes beyond the budget") {
    ScriptedSite site;
    site.owner.limits_.bodies = {1000, 1000};
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(hugePost()));
    const std::string piece(64 << 10, 'x');
    REQUIRE(peer.send(piece));
    CHECK(peer.readUntil("bodies").find("503") != std::string::npos); // before the connection is cut off
    for (int i = 0; i < 64 && peer.send(piece); ++i) continue;
    CHECK(site.isClosed());
    CHECK(site.bodyBytes() == 0);
}

TEST_CASE("A2: what refuses a head does not look at the request before it") {
    for (const std::string& bad : {std::string("\x01\r\n\r\n"), "GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x')}) {
        ScriptedSite site;
        site.handler.request = [](Exchange& exchange) { exchange.reply({200, "text/plain", "first", "", false}); };
        PeerEnd& peer = site.open();
        REQUIRE(
            peer.send("HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n" + std::string(3'000'000, 'x')));
        CHECK(peer.readUntil("\r\n\r\n").find("200 OK") != std::string::npos);
        site.thread.settle();
        CHECK(site.thread.on([&] { return site.connection->head().method.empty(); }));
        CHECK(site.thread.on([&] { return site.connection->body().empty(); }));
        REQUIRE(peer.send(bad));
        CHECK(peer.readUntil("error").find("\"error\"") != std::string::npos); // a body: it answers no HEAD
        site.thread.turn(6s);
        CHECK(site.isClosed());
    }
}

TEST_CASE("A2: nor does what ends a head that does not come") {
    ScriptedSite site;
    PeerEnd& peer = site.open();
    REQUIRE(
        peer.send("HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x') + "GET"));
    peer.readUntil("\r\n\r\n");
    site.thread.settle();
    site.thread.turn(11s);
    const std::string late = peer.readUntil("}");
    CHECK(late.find("408") != std::string::npos);
    CHECK(late.find("\"error\"") != std::string::npos);
}

TEST_CASE("A3: the peer's end is told after the handler's call, not within it") {
    ScriptedSite site;
    bool inside = false, toldInside = false, told = false, attached = false;
    site.handler.request = [&](Exchange& exchange) {
        exchange.whenGone([&] {
            told = true;
            toldInside = inside;
        });
        inside = true;
        exchange.startStream("text/event-stream", "");
        exchange.abort();
        exchange.send("to nobody");
        attached = exchange.attachment != nullptr;
        inside = false;
    };
    site.handler.head = [](Exchange& exchange) {
        exchange.attachment = std::make_shared<int>(1);
        return HeadAnswer::go;
    };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(getRequest()));
    peer.readToEnd();
    CHECK(site.isClosed());
    CHECK(told);
    CHECK_FALSE(toldInside);
    CHECK(attached);
    CHECK(site.thread.on([&] { return site.connection->attachment == nullptr; }));
}

TEST_CASE("A3: the next request waits until the call that answers the one before has returned") {
    ScriptedSite site;
    std::shared_ptr<const Ticket> ticket;
    bool inside = false, cameInside = false;
    site.handler.request = [&](Exchange& exchange) {
        cameInside = cameInside || inside;
        if (site.handler.requests == 1) ticket = exchange.ticket();
        else exchange.reply({200, "text/plain", "second", "", false});
    };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(postRequest("1") + postRequest("2")));
    site.thread.settle();
    ticket->run([&](Exchange& exchange) {
        inside = true;
        exchange.reply({200, "text/plain", "first", "", false});
        inside = false;
    });
    CHECK(peer.readUntil("second").find("first") != std::string::npos);
    CHECK_FALSE(cameInside);
    ticket.reset();
}

TEST_CASE("of two who hold tickets of a request only the first answers") {
    ScriptedSite site;
    std::shared_ptr<const Ticket> ticket;
    site.handler.request = [&](Exchange& exchange) { ticket = exchange.ticket(); };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(postRequest("1")));
    site.thread.settle();
    int ran = 0;
    site.thread.on([&] { // both in one turn
        for (int i = 0; i < 2; ++i)
            ticket->run([&](Exchange& exchange) {
                ++ran;
                exchange.reply({200, "text/plain", "answer", "", false});
            });
    });
    CHECK(bodyOf(peer.readUntil("answer")) == "answer");
    site.thread.settle();
    CHECK(ran == 1);
    CHECK(peer.quiet());
    ticket.reset();
}

TEST_CASE("an answer within an event stream ends the connection: nobody could read it") {
    ScriptedSite site;
    site.handler.request = [](Exchange& exchange) {
        exchange.startStream("text/event-stream", "");
        exchange.reply({200, "text/plain", "within", "", false});
    };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(getRequest()));
    CHECK(peer.readToEnd().find("within") == std::string::npos);
    CHECK(site.isClosed());
    CHECK(site.owner.streams == 0);
}

TEST_CASE("an answer given while the body is still coming is the last one: the rest is no request") {
    ScriptedSite site;
    std::shared_ptr<const Ticket> ticket;
    site.handler.head = [&](Exchange& exchange) {
        ticket = exchange.ticket();
        return HeadAnswer::go;
    };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n"));
    site.thread.settle();
    ticket->run([](Exchange& exchange) { exchange.reply({403, "text/plain", "early", "", false}); });
    const std::string all = peer.readUntil("early");
    CHECK(all.find("Connection: close") != std::string::npos);
    REQUIRE(peer.send(getRequest()));
    site.thread.settle();
    CHECK(site.handler.requests == 0);
    ticket.reset();
}

TEST_CASE("nothing is added to a stream that was finished in the same turn") {
    ScriptedSite site;
    site.handler.request = [](Exchange& exchange) {
        exchange.startStream("text/event-stream", "");
        exchange.finish();
        exchange.send("late");
        exchange.finish();
    };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send(getRequest()));
    CHECK(bodyOf(peer.readUntil("0\r\n\r\n")) == "0\r\n\r\n");
    site.thread.settle();
    CHECK(peer.quiet());
}

TEST_CASE("D12, U02: what a handler says of its answers holds for those in its place, and for no other request's") {
    ScriptedSite site;
    site.owner.limits_.bodyBytes = 100;
    site.handler.common = "X-Common: yes\r\n";
    site.handler.words = "the handler's words";
    SECTION("a body too large is told in the handler's way") {
        PeerEnd& peer = site.open();
        REQUIRE(peer.send(postRequest(std::string(101, 'x'))));
        const std::string got = peer.readToEnd();
        CHECK(got.find("HTTP/1.1 413 ") == 0);
        CHECK(got.find("X-Common: yes\r\n") != std::string::npos);
        CHECK(bodyOf(got) == "the handler's words");
    }
    SECTION("a head that is none, after a request that was answered, is nobody's") {
        PeerEnd& peer = site.open();
        REQUIRE(peer.send(getRequest()));
        CHECK(peer.readUntil("\r\n\r\nGET ").find("X-Common: yes\r\n") != std::string::npos);
        REQUIRE(peer.send("\x01\r\n\r\n"));
        const std::string got = peer.readToEnd();
        CHECK(got.find("HTTP/1.1 400 ") == 0);
        CHECK(got.find("X-Common") == std::string::npos);
        CHECK(bodyOf(got).find("{\"error\":") == 0);
    }
}

TEST_CASE("G: the chunked body of a refused request is never read as a request") {
    ScriptedSite site;
    site.handler.head = [](Exchange& exchange) {
        exchange.reply({401, "text/plain", "no", "", false});
        return HeadAnswer::refused;
    };
    PeerEnd& peer = site.open();
    REQUIRE(peer.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + getRequest()));
    const std::string got = peer.readToEnd();
    CHECK(got.find("HTTP/1.1 401 ") == 0);
    CHECK(got.find("HTTP/1.1", 1) == std::string::npos);
    CHECK(site.handler.heads == 1);
}
