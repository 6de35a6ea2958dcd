// The whole engine on a free port of 127.0.0.1, its loop on a thread of its own.
#include "http/http_server.hpp"

#include <stdexcept>

#include <Poco/Net/SocketAddress.h>
#include <catch2/catch.hpp>

#include "support/counting_telemetry.hpp"
#include "support/kept_log.hpp"
#include "support/own_certificate.hpp"
#include "support/scripted_site.hpp"

using namespace gatehouse;
using namespace gatehouse::http;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

PeerEnd dial(std::uint16_t port, const char* from = "127.0.0.1") {
    const Poco::Net::SocketAddress where("127.0.0.1", port), source(from, 0);
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(client, source.addr(), source.length()) != 0)
        throw std::system_error(errno, std::generic_category(), "bind");
    if (::connect(client, where.addr(), where.length()) != 0)
        throw std::system_error(errno, std::generic_category(), "connect");
    return PeerEnd(client);
}

class LiveServer {
public:
    explicit LiveServer(const Limits& limits = {}) {
        thread.on([&] {
            server = std::make_unique<HttpServer>(thread.loop, limits, telemetry, log.log);
            port = server->listen("127.0.0.1:0", {{"/", &handler}, {"/other", &other}}, nullptr);
        });
    }
    ~LiveServer() {
        thread.on([&] { server.reset(); });
        thread.stop();
    }
    std::uint16_t listenTls() {
        certificate.emplace(folder, "server");
        const TlsOptions tls{certificate->certificate, certificate->key, ""};
        return thread.on([&] { return server->listen("127.0.0.1:0", {{"/", &other}}, &tls); });
    }
    std::string ask(const std::string& request) {
        PeerEnd peer = dial(port);
        peer.send(request);
        return peer.readToEnd();
    }
    std::int64_t connections() {
        return thread.on([&] { return telemetry.gauges[Gauge::connections]; });
    }
    // Waits until as many connections are there.
    bool reaches(std::int64_t wanted) {
        const auto until = std::chrono::steady_clock::now() + longWait;
        while (connections() != wanted && std::chrono::steady_clock::now() < until) continue;
        return connections() == wanted;
    }

    const ScratchFolder folder;
    std::optional<OwnCertificate> certificate; // of listenTls
    CountingTelemetry telemetry;
    KeptLog log;
    ScriptedHandler handler, other;
    LoopThread thread;
    std::unique_ptr<HttpServer> server;
    std::uint16_t port = 0;
};

Limits handshakesAtMost(std::size_t inAll, std::size_t ofOneAddress) {
    Limits limits;
    limits.handshakes = inAll;
    limits.handshakesPerAddress = ofOneAddress;
    return limits;
}

const std::string closing = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

} // namespace

TEST_CASE("a request to a listener is answered by the handler of its path") {
    LiveServer live;
    CHECK(bodyOf(live.ask(closing)) == "GET ");
    CHECK(live.handler.requests == 1);
    live.ask("GET /other?q=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK(live.other.requests == 1);
    const std::string unknown = live.ask("GET /unknown HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK(unknown.find("HTTP/1.1 404") == 0);
}

TEST_CASE("the handler sees the peer's address") {
    LiveServer live;
    live.handler.request = [](Exchange& exchange) { exchange.reply({200, "", exchange.peer(), "", true}); };
    CHECK(bodyOf(live.ask(closing)) == "127.0.0.1");
}

TEST_CASE("an address that cannot be had is refused by name") {
    LiveServer live;
    const std::string taken = "127.0.0.1:" + std::to_string(live.port);
    for (const std::string& address : {taken, std::string("192.0.2.1:0"), std::string("nonsense")}) {
        DYNAMIC_SECTION(address) {
            std::string what;
            try {
                live.thread.on([&] { live.server->listen(address, {}, nullptr); });
            } catch (const std::runtime_error& fault) {
                what = fault.what();
            }
            CHECK(what.find(address) != std::string::npos);
        }
    }
}

TEST_CASE("E12a: who comes between bind and serve waits, and is answered then") {
    LiveServer live;
    const auto bound = live.thread.on([&] { return live.server->bind("127.0.0.1:0", nullptr); });
    PeerEnd early = dial(bound.port);
    early.send("GET /late HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK(live.connections() == 0);
    live.thread.on([&] { live.server->serve(bound, {{"/late", &live.other}}); });
    CHECK_THAT(early.readToEnd(), Catch::StartsWith("HTTP/1.1 "));
}

TEST_CASE("E07: an address of another program is told from one that this machine has not") {
    LiveServer live;
    const auto isTaken = [&](const std::string& address) {
        return live.thread.on([&] {
            try {
                live.server->bind(address, nullptr);
            } catch (const ListenError& fault) {
                return fault.inUse ? std::string("in use") : std::string("not there");
            }
            return std::string();
        });
    };
    CHECK(isTaken("127.0.0.1:" + std::to_string(live.port)) == "in use");
    CHECK(isTaken("192.0.2.1:1") == "not there");
}

TEST_CASE("each listener has routes of its own") {
    LiveServer live;
    const std::uint16_t second = live.thread.on([&] {
        return live.server->listen("127.0.0.1:0", {{"/metrics", &live.other}}, nullptr);
    });
    PeerEnd peer = dial(second);
    peer.send(closing);
    CHECK(peer.readToEnd().find("HTTP/1.1 404") == 0);
    CHECK(live.handler.requests == 0);
}

TEST_CASE("connections are counted, and gone when their peers are") {
    LiveServer live;
    {
        std::vector<PeerEnd> peers;
        for (int i = 0; i < 10; ++i) peers.push_back(dial(live.port));
        CHECK(live.reaches(10));
    }
    CHECK(live.reaches(0));
}

TEST_CASE("a connection beyond the limit waits in the listen queue until another one goes") {
    Limits limits;
    limits.connections = 2;
    LiveServer live(limits);
    PeerEnd first = dial(live.port), second = dial(live.port);
    REQUIRE(live.reaches(2));
    PeerEnd third = dial(live.port);
    REQUIRE(third.send(getRequest()));
    live.thread.settle();
    CHECK(live.connections() == 2);
    CHECK(third.quiet());
    first.close();
    CHECK(bodyOf(third.readUntil("GET ")) == "GET ");
}

TEST_CASE("a body beyond the budget of all is 503 and counted") {
    Limits limits;
    limits.bodies = {100, 100};
    LiveServer live(limits);
    PeerEnd peer = dial(live.port);
    REQUIRE(peer.send(postRequest(std::string(1000, 'x')).substr(0, 900)));
    CHECK(peer.readToEnd().find("HTTP/1.1 503") == 0);
    CHECK(live.thread.on([&] { return live.telemetry.refusals["bodies"]; }) == 1);
}

TEST_CASE("draining lets a call finish, takes no new connection, and then is done") {
    LiveServer live;
    std::shared_ptr<const Ticket> call;
    live.handler.request = [&](Exchange& exchange) { call = exchange.ticket(); };
    PeerEnd idle = dial(live.port), busy = dial(live.port);
    REQUIRE(busy.send(getRequest()));
    REQUIRE(live.reaches(2));
    while (live.handler.requests == 0) live.thread.settle();
    std::atomic<bool> done{false};
    live.thread.on([&] { live.server->drain([&] { done = true; }); });
    CHECK(idle.readToEnd().empty());
    CHECK_THROWS_AS(dial(live.port), std::system_error);
    CHECK_FALSE(done);
    call->run([](Exchange& exchange) { exchange.reply({200, "", "finished", "", false}); });
    CHECK(bodyOf(busy.readToEnd()) == "finished");
    busy.close();
    CHECK(live.reaches(0));
    live.thread.settle();
    CHECK(done);
    call.reset();
}

TEST_CASE("draining does not wait for ever: calls that do not end are closed") {
    LiveServer live;
    live.handler.request = [](Exchange&) {};
    PeerEnd busy = dial(live.port);
    REQUIRE(busy.send(getRequest()));
    while (live.handler.requests == 0) live.thread.settle();
    std::atomic<bool> done{false};
    live.thread.on([&] { live.server->drain([&] { done = true; }); });
    live.thread.turn(29s);
    CHECK_FALSE(done);
    live.thread.turn(2s);
    CHECK(done);
    CHECK(busy.readToEnd().empty());
    CHECK(live.log.text().find("not every call ended in time") != std::string::npos);
}

TEST_CASE("draining an empty server is done at once") {
    LiveServer live;
    std::atomic<bool> done{false};
    live.thread.on([&] { live.server->drain([&] { done = true; }); });
    CHECK(done);
}

TEST_CASE("at the limit of TLS handshakes the oldest that has sent nothing is dropped") {
    LiveServer live(handshakesAtMost(2, 2));
    const std::uint16_t port = live.listenTls();
    PeerEnd first = dial(port), second = dial(port);
    REQUIRE(live.reaches(2));
    PeerEnd third = dial(port);
    CHECK(first.readToEnd().empty());
    CHECK(live.reaches(2));
    CHECK(second.quiet());
    CHECK(third.quiet());
}

TEST_CASE("at the limit of TLS handshakes one that has spoken is not dropped: the new one is turned away") {
    LiveServer live(handshakesAtMost(2, 2));
    const std::uint16_t port = live.listenTls();
    PeerEnd first = dial(port), second = dial(port);
    for (PeerEnd* one : {&first, &second}) REQUIRE(one->send("\x16\x03\x01")); // the begin of a hello
    REQUIRE(live.reaches(2));
    live.thread.settle();
    CHECK(dial(port).readToEnd().empty());
    CHECK(live.reaches(2));
    CHECK(first.quiet());
    first.close();
    REQUIRE(live.reaches(1));
    PeerEnd fourth = dial(port);
    CHECK(live.reaches(2));
    CHECK(fourth.quiet());
}

TEST_CASE("one address has a share of the TLS handshakes, and another is not touched by it") {
    LiveServer live(handshakesAtMost(10, 2));
    const std::uint16_t port = live.listenTls();
    PeerEnd other = dial(port, "127.0.0.2"), first = dial(port), second = dial(port);
    REQUIRE(live.reaches(3));
    PeerEnd third = dial(port);
    CHECK(first.readToEnd().empty());
    CHECK(live.reaches(3));
    CHECK(other.quiet());
    CHECK(second.quiet());
    PeerEnd more = dial(port, "127.0.0.2");
    CHECK(live.reaches(4));
}

TEST_CASE("a TLS client is served, and the handler knows") {
    const ScratchFolder folder;
    LiveServer live;
    std::atomic<bool> secure{false};
    live.other.request = [&](Exchange& exchange) {
        secure = exchange.secure();
        exchange.reply({200, "", "over TLS", "", true});
    };
    const std::uint16_t port = live.listenTls();
    const std::string answer = folder.file("answer");
    const std::string command =
        "printf 'GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n' | timeout 20 openssl s_client -quiet -ign_eof "
        "-connect 127.0.0.1:" +
        std::to_string(port) + " > " + answer + " 2>/dev/null";
    [[maybe_unused]] const int ended = std::system(command.c_str());
    const std::string text = readText(answer);
    CHECK(bodyOf(text) == "over TLS");
    CHECK(secure);
}
