#include "mcp/session/session.hpp"

#include <catch2/catch.hpp>

#include "support/stream_site.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;

namespace {

// A session whose every step is taken on the loop.
struct Fixture {
    explicit Fixture(const std::string& version = "2025-11-25") { session.version = version; }
    ~Fixture() {
        site.thread.on([this] { session.closeStreams(); });
    }
    std::shared_ptr<ResumableStream> fresh() {
        return site.thread.on([this] { return session.newStream(site.deps()); });
    }
    StreamSite site;
    Session session;
};

} // namespace

TEST_CASE("a client polls from 2025-11-25 on") {
    for (const auto& [version, polls] : std::initializer_list<std::pair<const char*, bool>>{
             {"2024-11-05", false}, {"2025-03-26", false}, {"2025-06-18", false}, {"2025-11-25", true}}) {
        Session session;
        session.version = version;
        CHECK(session.polls() == polls);
    }
}

TEST_CASE("each stream has a number of its own, the GET stream 0") {
    Fixture f;
    const auto a = f.fresh(), b = f.fresh();
    CHECK(a->number() == 1);
    CHECK(b->number() == 2);
    CHECK(f.session.stream(1) == a);
    CHECK(f.session.stream(2) == b);
    CHECK(f.session.stream(3) == nullptr);
    CHECK(f.session.stream(0) == nullptr);
    const auto general = f.site.thread.on([&] { return f.session.general(f.site.deps()); });
    CHECK(general->number() == 0);
    CHECK(f.session.stream(0) == general);
    CHECK(f.site.thread.on([&] { return f.session.general(f.site.deps()); }) == general);
}

TEST_CASE("a stream that ended without an event is not kept, one with events is") {
    Fixture f;
    const auto plain = f.site.exchange(), streamed = f.site.exchange();
    f.site.thread.on([&] {
        const auto first = f.session.newStream(f.site.deps()), second = f.session.newStream(f.site.deps());
        first->answerTo(*plain, {false, true}, f.site.alice);
        second->answerTo(*streamed, {false, true}, f.site.alice);
        first->answer(200, "{}", "");
        second->message("{}");
        second->answer(200, "{}", "");
        f.session.newStream(f.site.deps());
    });
    CHECK(f.session.stream(1) == nullptr);
    CHECK(f.session.stream(2) != nullptr);
    CHECK(f.session.stream(3) != nullptr);
}

TEST_CASE("beyond the limit the finished streams go, those under way never do") {
    Fixture f;
    f.site.thread.on([&] {
        for (std::size_t i = 0; i < Session::maxStreams; ++i) {
            const auto stream = f.session.newStream(f.site.deps());
            stream->message("{}");
            if (i % 2 == 0) stream->answer(200, "{}", "");
        }
        f.session.newStream(f.site.deps());
    });
    CHECK(f.session.streams.size() == Session::maxStreams);
    CHECK(f.session.stream(1) == nullptr); // finished, and the oldest
    CHECK(f.session.stream(2) != nullptr);
    CHECK(f.session.stream(3) != nullptr); // finished, and there is room for it
    f.site.thread.on([&] {
        for (std::size_t i = 0; i < Session::maxStreams; ++i) f.session.newStream(f.site.deps());
    });
    for (std::size_t i = 1; i < Session::maxStreams; ++i)
        CHECK((f.session.stream(i) == nullptr) == (i % 2 == 1)); // only what was finished
}

TEST_CASE("closing the streams ends each that is open") {
    Fixture f;
    const auto get = f.site.exchange(), post = f.site.exchange(), waiting = f.site.exchange();
    f.site.thread.on([&] {
        f.session.general(f.site.deps())->attach(*get, f.site.alice, 0);
        const auto open = f.session.newStream(f.site.deps()), still = f.session.newStream(f.site.deps());
        open->answerTo(*post, {false, true}, f.site.alice);
        open->message("{}");
        still->answerTo(*waiting, {false, true}, f.site.alice);
        f.session.closeStreams();
    });
    CHECK(get->finished);
    CHECK(post->finished);
    CHECK(waiting->status == 404);
    CHECK(f.session.streams.empty());
    CHECK(f.site.open() == 0);
}
