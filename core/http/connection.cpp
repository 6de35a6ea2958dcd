#include "http/connection.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::http {

namespace {

constexpr std::size_t padding = 64;            // readable bytes after a body, for parsers that read ahead
constexpr std::size_t keptCapacity = 4 << 10;  // what an idle connection may keep of its buffers
constexpr std::size_t outputPause = 256 << 10; // unsent bytes that stop the reading of further requests
constexpr std::size_t drainLimit = 64 << 10;   // body of a refused request that is thrown away to keep the connection
constexpr std::size_t lingerLimit = 1 << 20;   // input ignored after the last answer
constexpr int requestsPerTurn = 64;            // then others get their turn
#ifdef GATEHOUSE_POISON_VIEWS
constexpr char poison = '\xDD'; // over the bytes of a finished request
#endif

} // namespace

Connection::Connection(ConnectionOwner& owner, std::shared_ptr<const Router> routes,
                       std::unique_ptr<Transport> transport, std::string peer)
    : owner_(owner), loop_(owner.loop()), routes_(std::move(routes)), transport_(std::move(transport)),
      peer_(std::move(peer)) {}

Connection::~Connection() = default;

void Connection::open() {
    loop_.watch(transport_->descriptor(), *this, EventLoop::Watch::edges);
    idleSince_ = loop_.now();
    setDeadline(transport_->established() ? owner_.limits().headTime : owner_.limits().handshakeTime);
    if (!transport_->established()) return;
    handshakeReported_ = true;
    owner_.handshakeDone(*this);
}

void Connection::onReady(Readiness readiness) {
    if (phase_ == Phase::closed) return;
    const auto self = shared_from_this();
    hasHeard_ = hasHeard_ || readiness.readable;
    if (readiness.readable || !handshakeReported_) readable_ = true;
    if (readiness.writable && pendingOutput() > 0) flush();
    pump();
    if (readiness.hungUp) peerHasGone();
}

void Connection::onDeferred() {
    const bool gone = phase_ == Phase::closed || peerDone_;
    if (gone && !answered_) notifyGone();
    if (phase_ == Phase::closed) attachment.reset();
    else pump();
}

// Works on requests until there is nothing to read, something to wait for, or others should have their turn. Whoever
// calls it holds this connection.
void Connection::pump() {
    if (pumping_ || phase_ == Phase::closed) return;
    const CloseIfThrown guard{*this};
    pumping_ = true;
    int left = requestsPerTurn * 4;
    while (left > 0 && phase_ != Phase::closed && step()) --left;
    pumping_ = false;
    if (phase_ == Phase::closed) return;
    flush();
    if (left == 0) loop_.post([self = shared_from_this()] { self->pump(); });
}

// One step forward; false when this connection has to wait.
bool Connection::step() {
    if (answered_) {
        endRequest();
        return true;
    }
    // Lingering ends in a close: the answer goes out before anything is counted against the sender.
    const std::size_t mayWait = phase_ == Phase::lingering ? 0 : outputPause;
    if (pendingOutput() > mayWait) {
        flush();
        if (pendingOutput() > mayWait) return false;
    }
    switch (phase_) {
        case Phase::idle:
        case Phase::head: return receiveHead() || receive();
        case Phase::body: return receiveBody() || receive();
        case Phase::draining:
        case Phase::lingering: return discard() || receive();
        default: return false;
    }
}

bool Connection::receive() {
    if (!readable_ || phase_ == Phase::closed) return false;
    auto& scratch = loop_.scratch();
    const IoResult got = transport_->read(scratch.data(), scratch.size());
    if (!handshakeReported_ && transport_->established()) {
        handshakeReported_ = true;
        owner_.handshakeDone(*this);
        setDeadline(owner_.limits().headTime);
    }
    if (got.drained) readable_ = false;
    if (got.state == IoResult::State::closed) {
        peerHasGone();
        return false;
    }
    if (got.bytes == 0) return false;
    const char* before = in_.data();
    in_.reserve(in_.size() + got.bytes + padding);
    in_.append(scratch.data(), got.bytes);
    if (phase_ == Phase::body && before != in_.data()) head_.rebase(before, in_.data());
    return true;
}

// Before a request line, RFC 9112 2.2.
void Connection::skipEmptyLines() {
    while (scanned_ == 0 && in_.compare(at_, 2, "\r\n") == 0) at_ += 2;
    compactInput();
}

// Reads a head from the input; false when it has not arrived whole.
bool Connection::receiveHead() {
    skipEmptyLines();
    const std::string_view bytes = std::string_view(in_).substr(at_);
    if (bytes.empty()) return false;
    if (phase_ == Phase::idle) {
        phase_ = Phase::head;
        setDeadline(owner_.limits().headTime);
    }
    const std::size_t end = endOfHead(bytes, scanned_ > 3 ? scanned_ - 3 : 0);
    const bool whole = end != std::string_view::npos;
    const std::size_t size = whole ? end : bytes.size();
    if (size > owner_.limits().headBytes) return refuse({431, "request head too large"}), true;
    if (const Refusal refusal = checkHeadBytes(bytes.substr(0, size), scanned_)) return refuse(refusal), true;
    // A trailing CR is judged with the byte after it.
    scanned_ = bytes.back() == '\r' && !whole ? size - 1 : size;
    if (!whole) return false;
    beginRequest(size);
    return true;
}

void Connection::beginRequest(std::size_t headEnd) {
    headSize_ = headEnd;
    head_.clear();
    phase_ = Phase::deciding;
    chargedTo_ = peer_;
    handler_ = nullptr;
    commonHeaders_.clear();
    bodyLimit_ = owner_.limits().bodyBytes;
    noDeadline();
    if (const Refusal refusal = readHead(std::string_view(in_).substr(at_, headEnd), owner_.limits(), head_))
        return refuse(refusal);
    handler_ = routes_->find(head_);
    if (!handler_) return reply({404, "application/json", plainRefusal("not found"), "", false});
    commonHeaders_ = handler_->commonHeaders(head_);
    if (!head_.chunked && head_.contentLength > owner_.limits().bodyBytes)
        return refuse({413, "request body too large"});
    switch (handler_->onHead(*this)) {
        case HeadAnswer::go: return beginBody();
        case HeadAnswer::refused:
        case HeadAnswer::wait: return;
    }
}

void Connection::proceed() {
    if (phase_ != Phase::deciding || answered_) return;
    beginBody();
    loop_.defer(shared_from_this());
}

void Connection::beginBody() {
    if (phase_ != Phase::deciding || answered_) return;
    if (!head_.chunked && head_.contentLength > bodyLimit_) return refuse({413, "request body too large"});
    phase_ = Phase::body;
    body_ = {};
    if (!head_.hasBody()) return;
    setDeadline(owner_.limits().bodyTime);
    if (head_.chunked) chunks_ = std::make_unique<ChunkedBody>(owner_.limits());
    const bool nothingYet = in_.size() == at_ + headSize_;
    if (head_.expectsContinue && nothingYet) {
        out_ += "HTTP/1.1 100 Continue\r\n\r\n";
        flush();
    }
}

// Calls the handler once the body is whole; false when more of it has to come.
bool Connection::receiveBody() {
    if (!head_.hasBody()) return bodyComplete(), true;
    return head_.chunked ? receiveChunkedBody() : receiveLengthBody();
}

bool Connection::receiveLengthBody() {
    const std::size_t have = in_.size() - at_ - headSize_;
    const auto want = static_cast<std::size_t>(head_.contentLength);
    if (have < want) {
        if (!chargeBody(have)) return refuse({503, "too many request bodies at once"}), true;
        return false;
    }
    body_ = std::string_view(in_).substr(at_ + headSize_, want);
    bodyComplete();
    return true;
}

bool Connection::receiveChunkedBody() {
    const std::size_t from = at_ + headSize_;
    if (in_.size() == from) return false;
    const auto step = chunks_->parse(std::string_view(in_).substr(from), decoded_);
    in_.erase(from, step.consumed);
    if (step.refusal) return refuse(step.refusal), true;
    if (decoded_.size() > bodyLimit_) return refuse({413, "request body too large"}), true;
    if (!step.done) {
        if (!chargeBody(decoded_.size())) return refuse({503, "too many request bodies at once"}), true;
        return false;
    }
    decoded_.reserve(decoded_.size() + padding);
    body_ = decoded_;
    bodyComplete();
    return true;
}

void Connection::bodyComplete() {
    phase_ = Phase::answering;
    noDeadline();
    handler_->onRequest(*this);
    if (body_.size() > keptCapacity || bodyShare_) dropBody();
}

bool Connection::chargeBody(std::size_t bytes) {
    if (bodyShare_) return bytes <= bodyShare_.amount() || bodyShare_.resize(bytes);
    if (bytes == 0) return true;
    bodyShare_ = owner_.bodies().reserve(chargedTo_, bytes);
    return static_cast<bool>(bodyShare_);
}

// The handler has read it; the answer may take long, and a stream for ever.
void Connection::dropBody() {
    bodyShare_.release();
    if (phase_ == Phase::closed || answered_) return; // goes with the request
    if (head_.chunked) {
        std::string().swap(decoded_);
    } else {
        std::string kept;
        kept.reserve(in_.size() - body_.size() + padding);
        kept.assign(in_, 0, at_ + headSize_).append(in_, at_ + headSize_ + body_.size());
        head_.rebase(in_.data(), kept.data());
        in_.swap(kept);
    }
    body_ = {};
}

// Throws away what a refused request still sends.
bool Connection::discard() {
    const std::size_t have = in_.size() - at_;
    if (have == 0) return false;
    const std::size_t gone = std::min(have, discardLeft_);
    at_ += gone;
    discardLeft_ -= gone;
    compactInput();
    if (discardLeft_ > 0) return true;
    if (phase_ == Phase::lingering) return close(), false;
    phase_ = Phase::idle;
    setDeadline(owner_.limits().idleTime);
    return true;
}

// What is known to follow of the body of a request that is answered without it.
std::size_t Connection::unreadBody() const {
    if (phase_ != Phase::deciding || !head_.hasBody()) return 0;
    return head_.chunked ? drainLimit + 1 : static_cast<std::size_t>(head_.contentLength);
}

void Connection::endRequest() {
    const std::size_t unread = unreadBody();
    const bool last = unread > drainLimit || closeAfter_ || !head_.keepAlive || owner_.draining();
    answered_ = false;
    ++serial_;
    whenGone_ = nullptr;
    attachment.reset();
    chunks_.reset();
    bodyShare_.release();
    if (phase_ == Phase::streaming) owner_.streamsChanged(-1);
    forgetRequest();
    if (last) return linger();
    discardLeft_ = unread;
    idleSince_ = loop_.now();
    phase_ = unread > 0 ? Phase::draining : Phase::idle;
    setDeadline(unread > 0 ? owner_.limits().unauthenticatedBodyTime : owner_.limits().idleTime);
}

// No view of the request outlives it: neither ours, nor one that a handler kept by mistake.
void Connection::forgetRequest() {
    const std::size_t bodyInPlace = head_.chunked || phase_ == Phase::deciding ? 0 : body_.size();
    head_.clear();
    body_ = {};
    at_ += headSize_ + bodyInPlace;
    scanned_ = headSize_ = 0;
#ifdef GATEHOUSE_POISON_VIEWS
    std::string kept; // in another buffer, so that sanitizers see a read of the old one
    kept.reserve(in_.size() - at_ + padding);
    kept.append(in_, at_);
    for (std::string* old : {&in_, &decoded_}) std::fill(old->begin(), old->end(), poison);
    in_.swap(kept);
    at_ = 0;
    std::string().swap(decoded_);
#endif
    if (decoded_.capacity() > keptCapacity) std::string().swap(decoded_);
    decoded_.clear();
    compactInput();
}

void Connection::linger() {
    phase_ = Phase::lingering;
    discardLeft_ = lingerLimit;
    closeAfter_ = true;
    noDeadline(); // until the answer is out
    if (pendingOutput() == 0) afterFlush();
}

void Connection::refuse(const Refusal& refusal) {
    if (phase_ != Phase::body && phase_ != Phase::deciding) { // of a head that is none: no handler has it yet
        phase_ = Phase::deciding;
        handler_ = nullptr;
        commonHeaders_.clear();
    }
    const std::string body = refusalBody(refusal.status, refusal.reason);
    const std::string_view headers = refusal.status == 503 ? "Retry-After: 1\r\n" : "";
    reply({refusal.status, refusalType(), body, headers, true});
}

std::string Connection::refusalBody(int status, std::string_view why) const {
    return handler_ ? handler_->refusalBody(status, why) : plainRefusal(why);
}

std::string_view Connection::refusalType() const {
    return handler_ ? handler_->refusalType() : std::string_view("application/json");
}

void Connection::compactInput() {
    if (at_ == in_.size()) {
        if (in_.capacity() > keptCapacity) std::string().swap(in_);
        in_.clear();
        at_ = 0;
    } else if (at_ > (64u << 10)) {
        in_.erase(0, at_);
        at_ = 0;
    }
}

// The peer sends nothing more. A request that is being answered is told; what waits for input ends.
void Connection::peerHasGone() {
    if (phase_ == Phase::closed) return;
    peerDone_ = true;
    readable_ = false;
    if (phase_ == Phase::deciding || phase_ == Phase::answering || phase_ == Phase::streaming) return notifyGone();
    if (pendingOutput() == 0) close();
    else closeAfter_ = true;
}

void Connection::notifyGone() {
    if (const auto gone = std::exchange(whenGone_, nullptr)) gone();
}

} // namespace gatehouse::http
