#include "mcp/transport/resumable_stream.hpp"

#include <charconv>
#include <utility>

#include "mcp/message/wire.hpp"

namespace gatehouse::mcp {

namespace {

// One answer, up to three connections. `waiting_` is the POST that nothing was said to yet: the answer may still be
// plain JSON. With the first event it becomes the attached stream. A GET with Last-Event-ID attaches itself in place of
// whoever was attached, and first gets the kept events after that id. Events are numbered and kept from the first to
// the last, whether somebody is attached or not; finish() ends the connection, and what is kept stays for one that
// comes back.

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return out;
}

} // namespace

std::optional<EventId> EventId::parse(std::string_view text) {
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto stream = number(text.substr(0, dash));
    const auto sequence = number(text.substr(dash + 1));
    if (!stream || !sequence) return std::nullopt;
    return EventId{*stream, *sequence};
}

ResumableStream::~ResumableStream() { close(); }

void ResumableStream::close() {
    static const GateRefusal sessionEnded{.status = 404,
                                          .headers = "",
                                          .error = "session_ended",
                                          .description = "unknown or ended session",
                                          .outcome = Outcome::rejected,
                                          .reason = "session_ended"};
    const auto gone = std::exchange(gone_, nullptr);
    if (!finished_) end(&sessionEnded);
    place_.streams.end(std::exchange(attached_, 0));
    if (gone) gone();
}

void ResumableStream::answerTo(http::Exchange& exchange, AnswerKind kind, CallerPtr caller) {
    waiting_ = &exchange;
    kind_ = kind;
    caller_ = std::move(caller);
    exchange.whenGone([this] {
        if (http::Exchange* gone = std::exchange(waiting_, nullptr)) gone->abort();
        clientLeft_ = place_.clock.steady();
    });
}

void ResumableStream::open(http::Exchange& exchange, const CallerPtr& caller, bool lasting) {
    attached_ = place_.streams.newId();
    place_.streams.open(attached_, exchange, place_.live, caller, lasting,
                        [weak = weak_from_this()](EventStreams::Id id, EventStreams::Ended) {
                            const auto self = weak.lock();
                            if (!self || self->attached_ != id) return;
                            self->attached_ = 0;
                            self->clientLeft_ = self->place_.clock.steady();
                        });
}

// The POST becomes a stream, with an id to come back by where the client knows how. When a GET has taken the stream
// over already, the client is there: the POST ends with nothing in it.
void ResumableStream::begin() {
    http::Exchange* exchange = std::exchange(waiting_, nullptr);
    if (!exchange) return;
    if (attached_ != 0) {
        exchange->whenGone(nullptr);
        openEventStream(*exchange, "");
        return exchange->finish();
    }
    open(*exchange, caller_, false);
    if (primes_) place_.streams.send(attached_, "id: " + std::to_string(number_) + "-0\ndata: \n\n");
}

void ResumableStream::attach(http::Exchange& exchange, const CallerPtr& caller, std::uint64_t sequence) {
    place_.streams.end(std::exchange(attached_, 0));
    open(exchange, caller, true);
    for (const Event& event : events_)
        if (event.sequence > sequence) place_.streams.send(attached_, event.text);
    if (finished_) finish();
}

void ResumableStream::put(std::string_view json) {
    Event event{next_++, {}};
    appendEvent(event.text, json, std::to_string(number_) + "-" + std::to_string(event.sequence));
    place_.streams.send(attached_, event.text);
    keptBytes_ += event.text.size();
    events_.push_back(std::move(event));
    while (keptBytes_ > maxKeptBytes && events_.size() > 1) dropOldest();
    while (!share_.resize(keptBytes_) && !events_.empty()) dropOldest();
}

void ResumableStream::dropOldest() {
    keptBytes_ -= events_.front().text.size();
    events_.pop_front();
}

// The attached connection, if there is one, ends.
void ResumableStream::detach() {
    place_.streams.end(std::exchange(attached_, 0));
    clientLeft_ = place_.clock.steady();
}

void ResumableStream::finish() {
    finished_ = true;
    gone_ = nullptr;
    detach();
}

void ResumableStream::message(std::string_view json) {
    if (finished_ || !takesMessages()) return;
    begin();
    put(json);
}

void ResumableStream::answer(int httpStatus, std::string_view json, std::string_view headers) {
    if (finished_) return;
    const bool plain = waiting_ && (!kind_.asStream || httpStatus != 200);
    if (plain) {
        http::Exchange* exchange = std::exchange(waiting_, nullptr);
        finish(); // also a GET that took it over
        exchange->whenGone(nullptr);
        return exchange->reply({httpStatus, "application/json", json, headers, false});
    }
    begin();
    put(json);
    finish();
}

void ResumableStream::end(const GateRefusal* why) {
    if (finished_) return;
    http::Exchange* exchange = std::exchange(waiting_, nullptr);
    finish();
    if (!exchange) return;
    exchange->whenGone(nullptr);
    endExchange(*exchange, false, why);
}

void ResumableStream::release(std::chrono::milliseconds retry) {
    if (finished_ || !primes_ || !takesMessages()) return;
    begin();
    place_.streams.send(attached_, "retry: " + std::to_string(retry.count()) + "\n\n");
    detach();
}

void ResumableStream::announce() {
    if (!finished_ && primes_ && takesMessages()) begin();
}

} // namespace gatehouse::mcp
