#include "http/transport.hpp"

#include <algorithm>
#include <array>

#include <catch2/catch.hpp>

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>

#include "support/socket_pair.hpp"

using namespace gatehouse::http;
using namespace gatehouse::test;
using State = IoResult::State;

namespace {

// As the server has it: an accepted TCP connection on the loopback address.
SocketPair tcpPair() {
    Poco::Net::ServerSocket server;
    server.bind(Poco::Net::SocketAddress("127.0.0.1:0"), true, false);
    server.listen(1);
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const Poco::Net::SocketAddress where = server.address();
    if (::connect(client, where.addr(), where.length()) != 0)
        throw std::system_error(errno, std::generic_category(), "connect");
    Poco::Net::SocketAddress from;
    SocketPair pair;
    pair.socket = server.acceptConnection(from);
    pair.socket.setBlocking(false);
    pair.peer = PeerEnd(client);
    return pair;
}

void waitUntilReadable(const Transport& transport) {
    pollfd one{transport.descriptor(), POLLIN, 0};
    ::poll(&one, 1, 20'000);
}

// Writes until the other side takes nothing more; how much it took.
std::size_t fill(Transport& transport) {
    const std::string much(1 << 20, 'x');
    std::size_t total = 0;
    for (int i = 0; i < 100; ++i) {
        const IoResult sent = transport.write(much);
        if (sent.state != State::done) return total;
        total += sent.bytes;
    }
    return total;
}

} // namespace

TEST_CASE("a plain transport moves bytes both ways") {
    SocketPair pair = tcpPair();
    const auto transport = plainTransport(pair.socket);
    CHECK(transport->established());
    CHECK_FALSE(transport->secure());
    REQUIRE(pair.peer.send("hello"));
    waitUntilReadable(*transport);
    std::array<char, 100> buffer{};
    const IoResult got = transport->read(buffer.data(), buffer.size());
    CHECK(got.state == State::done);
    CHECK(std::string(buffer.data(), got.bytes) == "hello");
    CHECK(got.drained);
    CHECK(transport->write("world").bytes == 5);
    CHECK(pair.peer.readBytes(5) == "world");
}

TEST_CASE("a read that fills its buffer says that there may be more") {
    SocketPair pair;
    const auto transport = plainTransport(pair.socket);
    REQUIRE(pair.peer.send("hello"));
    std::array<char, 3> buffer{};
    const IoResult got = transport->read(buffer.data(), buffer.size());
    CHECK(got.bytes == 3);
    CHECK_FALSE(got.drained);
}

TEST_CASE("a read of nothing comes back at once") {
    SocketPair pair = tcpPair();
    const auto transport = plainTransport(pair.socket);
    std::array<char, 10> buffer{};
    const IoResult got = transport->read(buffer.data(), buffer.size());
    CHECK(got.state == State::again);
    CHECK(got.drained);
}

TEST_CASE("a write that the peer has no room for comes back at once, to be tried again") {
    for (const bool tcp : {false, true}) {
        DYNAMIC_SECTION((tcp ? "TCP" : "a socket pair")) {
            SocketPair pair = tcp ? tcpPair() : SocketPair();
            const auto transport = plainTransport(pair.socket);
            const std::size_t taken = fill(*transport);
            CHECK(taken > 0);
            CHECK(transport->write("more").state == State::again);
            CHECK(pair.peer.readBytes(taken).size() == taken);
            pollfd one{transport->descriptor(), POLLOUT, 0};
            REQUIRE(::poll(&one, 1, 20'000) == 1);
            CHECK(transport->write("more").state == State::done);
        }
    }
}

TEST_CASE("a peer that has gone is told as such, not thrown") {
    for (const bool tcp : {false, true}) {
        DYNAMIC_SECTION((tcp ? "TCP" : "a socket pair")) {
            SocketPair pair = tcp ? tcpPair() : SocketPair();
            const auto transport = plainTransport(pair.socket);
            pair.peer.close();
            waitUntilReadable(*transport);
            std::array<char, 10> buffer{};
            CHECK(transport->read(buffer.data(), buffer.size()).state == State::closed);
            IoResult sent = transport->write("a");
            for (int i = 0; i < 1000 && sent.state == State::done; ++i) sent = transport->write("a");
            CHECK(sent.state == State::closed);
        }
    }
}

TEST_CASE("a reset connection reads as closed") {
    SocketPair pair = tcpPair();
    const auto transport = plainTransport(pair.socket);
    const linger hard{1, 0};
    ::setsockopt(pair.peer.descriptor(), SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    pair.peer.close();
    waitUntilReadable(*transport);
    std::array<char, 10> buffer{};
    CHECK(transport->read(buffer.data(), buffer.size()).state == State::closed);
}

TEST_CASE("after finishWriting the peer sees the end, and can still send") {
    SocketPair pair = tcpPair();
    const auto transport = plainTransport(pair.socket);
    transport->write("last");
    transport->finishWriting();
    CHECK(pair.peer.readToEnd() == "last");
    REQUIRE(pair.peer.send("still here"));
    waitUntilReadable(*transport);
    std::array<char, 100> buffer{};
    CHECK(transport->read(buffer.data(), buffer.size()).bytes == 10);
}

TEST_CASE("a transport closes its socket when it goes") {
    SocketPair pair;
    auto transport = plainTransport(pair.socket);
    pair.socket = Poco::Net::StreamSocket();
    transport.reset();
    CHECK(pair.peer.readToEnd().empty());
    CHECK_FALSE(pair.peer.send("x"));
}
