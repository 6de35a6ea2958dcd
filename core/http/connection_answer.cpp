// The answering half of Connection: Exchange, output, deadlines, tickets.
#include <algorithm>
#include <utility>

#include "base/literal.hpp"
#include "http/connection.hpp"

namespace gatehouse::http {

namespace {

constexpr std::string_view tooManyAnswers = "too many answers wait to be read";

} // namespace

class ConnectionTicket final : public Ticket {
public:
    ConnectionTicket(std::shared_ptr<Connection> connection, std::uint64_t serial)
        : connection_(std::move(connection)), serial_(serial) {}
    void run(std::function<void(Exchange&)> work) const override {
        connection_->loop_.post([connection = connection_, serial = serial_, work = std::move(work)] {
            const bool isOver = connection->serial_ != serial || connection->answered_ ||
                                connection->phase_ == Connection::Phase::closed;
            if (isOver) return;
            const Connection::CloseIfThrown guard{*connection};
            work(*connection);
        });
    }

private:
    const std::shared_ptr<Connection> connection_;
    const std::uint64_t serial_;
};

std::shared_ptr<const Ticket> Connection::ticket() {
    return std::make_shared<ConnectionTicket>(shared_from_this(), serial_);
}

AnswerFrame Connection::frame() const {
    AnswerFrame frame;
    frame.date = loop_.dateLine();
    frame.common = commonHeaders_;
    frame.keepAlive = head_.keepAlive && !closeAfter_ && !owner_.draining();
    frame.bodyWanted = !is(head_.method, "HEAD");
    frame.chunked = head_.http11;
    return frame;
}

void Connection::reply(const Reply& reply) {
    if (phase_ == Phase::closed || answered_) return;
    if (phase_ == Phase::streaming) return close(); // a second answer within the first: neither would be read right
    const bool bodyMayNotCome = phase_ == Phase::deciding && head_.hasBody() && head_.expectsContinue;
    if (reply.close || bodyMayNotCome || phase_ == Phase::body) closeAfter_ = true;
    if (chargeOutput(reply.body.size())) {
        appendReply(out_, reply, frame());
    } else {
        const std::string body = refusalBody(503, tooManyAnswers);
        appendReply(out_, {503, refusalType(), body, "Retry-After: 1\r\n", false}, frame());
    }
    answered();
}

// Small answers are free: they cost about what their connection does.
bool Connection::chargeOutput(std::size_t more) {
    constexpr std::size_t freeBytes = 4 << 10;
    const std::size_t bytes = pendingOutput() + more;
    if (outputShare_) return outputShare_.resize(bytes);
    if (bytes <= freeBytes) return true;
    outputShare_ = owner_.outputs().reserve(chargedTo_, bytes);
    return static_cast<bool>(outputShare_);
}

void Connection::startStream(std::string_view contentType, std::string_view headers) {
    if (phase_ != Phase::answering || answered_) return;
    if (!head_.http11) closeAfter_ = true;
    chunkedStream_ = head_.http11;
    appendStreamHead(out_, contentType, headers, frame());
    phase_ = Phase::streaming;
    owner_.streamsChanged(+1);
    if (!pumping_) flush();
}

void Connection::send(std::string_view piece) {
    if (phase_ != Phase::streaming || answered_ || piece.empty()) return;
    const bool isStuck = pendingOutput() > owner_.limits().outputBytes; // one piece alone may be larger
    if (isStuck || !chargeOutput(piece.size())) return close();
    if (chunkedStream_) appendChunk(out_, piece);
    else out_ += piece;
    if (!pumping_) flush();
}

void Connection::finish() {
    if (phase_ != Phase::streaming || answered_) return;
    if (chunkedStream_) out_ += "0\r\n\r\n";
    answered();
}

// The answer is written: the next request may come, but not within the call of the handler that gave it.
void Connection::answered() {
    answered_ = true;
    if (pumping_) return;
    loop_.defer(shared_from_this());
    flush();
}

void Connection::flush() {
    while (pendingOutput() > 0) {
        const IoResult sent = transport_->write(std::string_view(out_).substr(outAt_));
        if (sent.state == IoResult::State::closed) return close();
        if (sent.state == IoResult::State::again) {
            if (writeDeadline_ == SteadyTime::max()) awaitReader();
            compactOutput();
            return schedule();
        }
        outAt_ += sent.bytes;
        writeDeadline_ = SteadyTime::max();
    }
    afterFlush();
}

void Connection::awaitReader() {
    writeDeadline_ = loop_.now() + owner_.limits().writeTime;
    untaken_ = transport_->untaken();
}

// The system reports room only when there is much of it: a slow but steady reader is known by what has left the buffer.
bool Connection::readerIsStuck() {
    constexpr std::size_t leastTaken = 1024; // bytes in a write time; a reader of less is as good as gone
    if (writeDeadline_ > loop_.now()) return false;
    const std::size_t before = untaken_;
    awaitReader();
    return untaken_ + leastTaken > before;
}

// A slow reader of a large answer holds what it has not read, and not much more.
void Connection::compactOutput() {
    constexpr std::size_t leastGain = 64 << 10;
    if (outAt_ > leastGain && outAt_ > pendingOutput()) {
        std::string(out_, outAt_).swap(out_);
        outAt_ = 0;
    }
    outputShare_.resize(pendingOutput());
}

void Connection::afterFlush() {
    if (out_.capacity() > (8u << 10)) std::string().swap(out_);
    out_.clear();
    outAt_ = 0;
    outputShare_.release();
    const bool waitsForRequest = phase_ == Phase::idle || phase_ == Phase::head;
    if (peerDone_ && (phase_ == Phase::lingering || (waitsForRequest && !readable_ && in_.empty()))) return close();
    if (phase_ != Phase::lingering || deadline_ != SteadyTime::max()) return;
    transport_->finishWriting();
    setDeadline(owner_.limits().unauthenticatedBodyTime);
}

void Connection::whenGone(std::function<void()> gone) {
    whenGone_ = std::move(gone);
    if (whenGone_ && (peerDone_ || phase_ == Phase::closed)) loop_.defer(shared_from_this());
}

void Connection::stopServing() {
    const bool nothingUnderWay = phase_ == Phase::idle && pendingOutput() == 0;
    if (nothingUnderWay) close();
}

void Connection::onFault() noexcept {
    try {
        close();
    } catch (const std::exception&) { // closed as far as it goes; its socket ends with it
    }
}

void Connection::close() {
    if (phase_ == Phase::closed) return;
    const auto self = shared_from_this();
    const bool streamed = phase_ == Phase::streaming;
    phase_ = Phase::closed;
    loop_.defer(self); // its handler hears of it there
    loop_.wheel().cancel(*this);
    loop_.forget(transport_->descriptor());
    transport_.reset(); // nothing is written or read any more
    std::string().swap(out_);
    outAt_ = 0;
    bodyShare_.release();
    outputShare_.release();
    if (streamed) owner_.streamsChanged(-1);
    if (!std::exchange(handshakeReported_, true)) owner_.handshakeDone(*this);
    owner_.closed(*this);
}

// --- deadlines

void Connection::setDeadline(Milliseconds fromNow) {
    deadline_ = loop_.now() + fromNow;
    schedule();
}

void Connection::noDeadline() { deadline_ = SteadyTime::max(); }

void Connection::schedule() {
    const SteadyTime next = std::min(deadline_, writeDeadline_);
    if (next != SteadyTime::max()) loop_.wheel().schedule(*this, next);
}

void Connection::onTimer(SteadyTime now) {
    if (phase_ == Phase::closed) return;
    if (now < deadline_ && now < writeDeadline_) return schedule();
    const auto self = shared_from_this();
    expire();
}

void Connection::expire() {
    if (readerIsStuck()) return close();
    if (deadline_ > loop_.now()) return schedule();
    const bool requestIsLate = (phase_ == Phase::head || phase_ == Phase::body) && handshakeReported_;
    if (!requestIsLate) return close();
    noDeadline();
    refuse({408, "the request did not arrive in time"});
}

} // namespace gatehouse::http
