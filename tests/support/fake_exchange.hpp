// An exchange without a connection: a request given as text, and everything that was answered.
#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "http/exchange.hpp"
#include "http/message_parser.hpp"
#include "support/loop_thread.hpp"

namespace gatehouse::test {

class FakeExchange final : public http::Exchange {
public:
    // `head` without its empty line. On `loop` its tickets run.
    FakeExchange(EventLoop& loop, const std::string& head, const std::string& body = "")
        : loop_(loop), headText_(head + "\r\n\r\n"), bodyText_(body + std::string(64, '\0')), bodySize_(body.size()),
          head_(headOf(headText_)) {}
    ~FakeExchange() override { *alive_ = false; }

    const http::RequestHead& head() const override { return head_; }
    std::string_view body() const override { return std::string_view(bodyText_).substr(0, bodySize_); }
    std::string_view peer() const override { return "192.0.2.1"; }
    bool secure() const override { return false; }
    void reply(const http::Reply& reply) override {
        if (isOver()) return;
        status = reply.status;
        contentType = reply.contentType;
        headers = reply.headers;
        answer = reply.body;
        ++answers;
    }
    void startStream(std::string_view type, std::string_view lines) override {
        if (isOver() || streaming) return;
        status = 200;
        contentType = type;
        headers = lines;
        streaming = true;
    }
    void send(std::string_view piece) override {
        if (streaming && !isOver()) answer += piece;
    }
    void finish() override {
        if (!streaming || isOver()) return;
        finished = true;
        ++answers;
    }
    void abort() override { aborted = true; }
    void proceed() override { ++proceeded; }
    std::shared_ptr<const http::Ticket> ticket() override { return std::make_shared<FakeTicket>(loop_, *this, alive_); }
    void whenGone(std::function<void()> gone) override {
        gone_ = std::move(gone);
        if (isGone_) loop_.post([this, alive = alive_] { return *alive ? goAway() : void(); });
    }
    void goAway() { // as when the peer hangs up
        isGone_ = true;
        if (const auto gone = std::exchange(gone_, nullptr)) gone();
    }
    bool isWatched() const { return gone_ != nullptr; }
    bool isOver() const { return aborted || answers > 0; }

    int status = 0;
    std::string contentType, headers, answer; // a stream's pieces are joined
    bool streaming = false, finished = false, aborted = false;
    int answers = 0, proceeded = 0;

private:
    static http::RequestHead headOf(const std::string& text) {
        http::RequestHead out;
        if (const auto refusal = http::readHead(text, http::Limits{}, out)) throw std::runtime_error(refusal.reason);
        return out;
    }
    class FakeTicket final : public http::Ticket {
    public:
        FakeTicket(EventLoop& loop, FakeExchange& exchange, std::shared_ptr<bool> alive)
            : loop_(loop), exchange_(exchange), alive_(std::move(alive)) {}
        void run(std::function<void(http::Exchange&)> work) const override {
            loop_.post([&exchange = exchange_, alive = alive_, work = std::move(work)] {
                if (*alive && !exchange.isOver()) work(exchange);
            });
        }

    private:
        EventLoop& loop_;
        FakeExchange& exchange_;
        const std::shared_ptr<bool> alive_;
    };

    EventLoop& loop_;
    const std::string headText_, bodyText_;
    const std::size_t bodySize_;
    http::RequestHead head_;
    std::function<void()> gone_;
    bool isGone_ = false;
    const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace gatehouse::test
