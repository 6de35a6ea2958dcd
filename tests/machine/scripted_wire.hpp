// ScriptedWire: the peer's side of one connection, without a socket: what it has sent, how much it takes, whether it
// has gone. ScriptedTransport is the server's side of it.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include <sys/eventfd.h>
#include <unistd.h>

#include "http/transport.hpp"
#include "machine/choices.hpp"

namespace gatehouse::test {

struct ScriptedWire {
    std::string toServer; // sent; from readUpTo on not read yet
    std::size_t readUpTo = 0;
    std::size_t junk = 0;     // bytes of no meaning that follow it
    std::string fromServer;   // whatever the server has written
    std::size_t capacity = 0; // bytes that the peer takes now
    bool fin = false;         // the peer sends nothing more
    bool reset = false;       // the connection is broken
    bool byRecords = false;   // as TLS: reads give less than there is
    int handshakeLeft = 0;    // reads until bytes of a request flow
    bool serverDone = false;  // the server has closed its direction
    bool isOpen = true;       // the transport exists
};

class ScriptedTransport final : public http::Transport {
public:
    ScriptedTransport(std::shared_ptr<ScriptedWire> wire, Choices& choices)
        : wire_(std::move(wire)), choices_(choices), descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
    ~ScriptedTransport() override {
        wire_->isOpen = false;
        ::close(descriptor_);
    }

    http::IoResult read(char* into, std::size_t size) override {
        using State = http::IoResult::State;
        if (wire_->reset) return {State::closed, 0, true};
        if (wire_->handshakeLeft > 0 && --wire_->handshakeLeft > 0) return {State::again, 0, true};
        const std::size_t sent = wire_->toServer.size() - wire_->readUpTo;
        const std::size_t have = sent + wire_->junk;
        if (have == 0) return {wire_->fin ? State::closed : State::again, 0, true};
        const std::size_t most = std::min(size, have);
        const std::size_t count = wire_->byRecords ? 1 + choices_.below(static_cast<std::uint32_t>(most)) : most;
        const std::size_t real = std::min(count, sent);
        std::memcpy(into, wire_->toServer.data() + wire_->readUpTo, real);
        std::memset(into + real, 'j', count - real);
        wire_->readUpTo += real;
        wire_->junk -= count - real;
        return {State::done, count, !wire_->byRecords && count < size};
    }
    http::IoResult write(std::string_view bytes) override {
        using State = http::IoResult::State;
        if (wire_->reset) return {State::closed, 0, false};
        const std::size_t count = std::min(bytes.size(), wire_->capacity);
        if (count == 0) return {State::again, 0, false};
        wire_->fromServer.append(bytes.substr(0, count));
        wire_->capacity -= count;
        return {State::done, count, false};
    }
    bool established() const override { return wire_->handshakeLeft == 0; }
    bool secure() const override { return wire_->byRecords; }
    void finishWriting() override { wire_->serverDone = true; }
    int descriptor() const override { return descriptor_; }

private:
    const std::shared_ptr<ScriptedWire> wire_;
    Choices& choices_;
    const int descriptor_; // never ready: readiness is told by the script
};

} // namespace gatehouse::test
