#include <gatehouse/jose/remote_key_set.hpp>

#include <atomic>
#include <future>

#include <catch2/catch.hpp>

#include "support/token_mint.hpp"

using namespace gatehouse;
using namespace gatehouse::jose;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

KeySet setOf(const std::vector<std::string>& ids) {
    Json keys = Json::array();
    for (const std::string& id : ids) keys.push_back(keyFor("EdDSA").jwk({{"kid", id}}));
    return std::get<KeySet>(KeySet::fromJson(Json{{"keys", keys}}.dump(), KeySet::Origin::published));
}

// A provider whose answers and whose time are scripted. Nobody waits: what is asked for is loaded by step().
struct Scene {
    std::variant<KeySet, KeyFault> answer = setOf({"a"});
    int loads = 0;
    std::chrono::steady_clock::time_point now{1h};
    std::vector<std::string> told;
    std::vector<bool> warned;
    RemoteKeySet keys;

    explicit Scene(RemoteKeyTimes times = {})
        : keys([this] { return ++loads, answer; }, withoutWait(times), [this] { return now; },
               [this](bool isWarning, const std::string& words) {
                   told.push_back(words);
                   warned.push_back(isWarning);
               }) {}
    static RemoteKeyTimes withoutWait(RemoteKeyTimes times) {
        times.wait = 0ms;
        return times;
    }
    void fail(const char* words = "HTTP 500") { answer = KeyFault{words}; }
    void loaded() { // once, well
        REQUIRE(keys.step());
        told.clear();
        warned.clear();
    }
};

// "set" when there is one, else why not.
std::string wordsOf(const RemoteKeySet::Answer& answer) {
    const auto* down = std::get_if<Unavailable>(&answer);
    return down ? down->detail : "set";
}
std::chrono::seconds retryOf(const RemoteKeySet::Answer& answer) { return std::get<Unavailable>(answer).retryAfter; }
bool has(const RemoteKeySet::Answer& answer, const char* id) {
    return std::get<std::shared_ptr<const KeySet>>(answer)->has(id);
}

} // namespace

TEST_CASE("before the first load there is no set, and nobody waits for it") {
    Scene scene;
    CHECK(wordsOf(scene.keys.current()) == "the key set is not there: not loaded yet");
    CHECK(wordsOf(scene.keys.lookFor("a")) == "the key set is not there: not loaded yet");
    CHECK(scene.loads == 0);
    CHECK(scene.keys.step());
    CHECK(has(scene.keys.current(), "a"));
    CHECK(has(scene.keys.lookFor("a"), "a"));
    CHECK(scene.loads == 1);
    CHECK(scene.told == std::vector<std::string>{"keys loaded: \"a\""});
    CHECK(scene.warned == std::vector<bool>{false});
}

TEST_CASE("the set is loaded again every refresh, and not before") {
    Scene scene;
    scene.loaded();
    scene.answer = setOf({"b"});
    CHECK_FALSE(scene.keys.step());
    scene.now += 300s - 1ms;
    CHECK_FALSE(scene.keys.step());
    scene.now += 1ms;
    CHECK(scene.keys.step());
    CHECK(has(scene.keys.current(), "b"));
    CHECK_FALSE(has(scene.keys.current(), "a"));
    CHECK(scene.loads == 2);
    CHECK(scene.told == std::vector<std::string>{"keys loaded: \"b\""});
    scene.now += 300s;
    CHECK(scene.keys.step());
    CHECK(scene.told.size() == 1); // what stays the same is not told
}

TEST_CASE("J16 a failure keeps the old set until it is too old") {
    Scene scene;
    scene.loaded();
    scene.fail("HTTP 500");
    scene.now += 300s;
    CHECK(scene.keys.step());
    CHECK(has(scene.keys.current(), "a"));
    CHECK(has(scene.keys.lookFor("a"), "a"));
    CHECK(scene.told == std::vector<std::string>{"keys cannot be loaded: HTTP 500; the last ones stay in force"});
    CHECK(scene.warned == std::vector<bool>{true});
    scene.now += 24h - 300s;
    CHECK(has(scene.keys.current(), "a"));
    scene.now += 1ms;
    CHECK(wordsOf(scene.keys.current()) == "the key set is too old: HTTP 500");
    scene.answer = setOf({"a"});
    CHECK(scene.keys.step());
    CHECK(has(scene.keys.current(), "a"));
    CHECK(scene.told.back() == "keys loaded: \"a\""); // it is over
}

TEST_CASE("after failures the pauses grow up to a limit, and callers are told when to come back") {
    Scene scene;
    scene.fail();
    for (const auto pause : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
        CHECK(scene.keys.step());
        CHECK(retryOf(scene.keys.current()) == pause);
        scene.now += pause - 1ms;
        CHECK_FALSE(scene.keys.step());
        scene.now += 1ms;
    }
    scene.answer = setOf({"a"});
    CHECK(scene.keys.step());
    scene.fail();
    scene.now += 300s;
    CHECK(scene.keys.step());
    scene.now += 1s; // the pauses begin anew
    CHECK(scene.keys.step());
}

TEST_CASE("a load that throws has failed") {
    std::chrono::steady_clock::time_point now{1h};
    RemoteKeySet keys([]() -> std::variant<KeySet, KeyFault> { throw std::runtime_error("no resolver"); }, {},
                      [&] { return now; }, [](bool, const std::string&) {});
    CHECK(keys.step());
    CHECK(wordsOf(keys.current()) == "the key set is not there: no resolver");
}

TEST_CASE("an unknown kid asks for one more look, and finds the key that it brings") {
    Scene scene;
    scene.loaded();
    scene.answer = setOf({"a", "b"});
    CHECK(wordsOf(scene.keys.lookFor("b")) == "the key set takes long to load"); // nobody loads meanwhile
    CHECK(scene.keys.step());
    CHECK(has(scene.keys.lookFor("b"), "b"));
    CHECK(scene.loads == 2);
    CHECK_FALSE(scene.keys.step()); // nothing is asked for any more
}

TEST_CASE("J06 10,000 unknown kids cause two loads, and one more each cool-down") {
    Scene scene;
    scene.loaded();
    const auto storm = [&] {
        const int before = scene.loads;
        for (int i = 0; i < 10'000; ++i) {
            scene.keys.lookFor("unknown " + std::to_string(i));
            scene.keys.step();
        }
        return scene.loads - before;
    };
    CHECK(storm() == 2);
    CHECK(storm() == 0);
    CHECK(wordsOf(scene.keys.lookFor("one more")) == "a new key cannot be looked for yet"); // at once
    scene.now += 29s;
    CHECK(storm() == 0);
    scene.now += 1s;
    CHECK(storm() == 1);
    scene.now += 299s; // far longer than the burst lasts
    CHECK(storm() == 2);
    CHECK(has(scene.keys.lookFor("a"), "a"));
}

TEST_CASE("J06 unknown kids that ask before anything is loaded share one load") {
    Scene scene;
    scene.loaded();
    for (int i = 0; i < 1000; ++i) scene.keys.lookFor("unknown " + std::to_string(i));
    CHECK(scene.keys.step());
    CHECK_FALSE(scene.keys.step());
    CHECK(scene.loads == 2);
}

TEST_CASE("J06 a known kid, or none, asks for no look") {
    Scene scene;
    scene.loaded();
    for (const char* id : {"a", ""}) CHECK(wordsOf(scene.keys.lookFor(id)) == "set");
    CHECK_FALSE(scene.keys.step());
}

TEST_CASE("while the provider is down an unknown kid cannot be judged, and nobody waits for it") {
    Scene scene;
    scene.loaded();
    scene.fail("connection refused");
    scene.keys.lookFor("b"); // finds out
    CHECK(scene.keys.step());
    for (int i = 0; i < 1000; ++i) {
        const auto answer = scene.keys.lookFor("b");
        CHECK(wordsOf(answer) == "a new key cannot be looked for: connection refused");
        CHECK(retryOf(answer) == 1s);
        CHECK_FALSE(scene.keys.step());
    }
    CHECK(scene.loads == 2);
    CHECK(has(scene.keys.lookFor("a"), "a"));
    scene.answer = setOf({"a", "b"});
    scene.now += 1s;
    CHECK(scene.keys.step());
    CHECK(has(scene.keys.lookFor("b"), "b"));
}

TEST_CASE("keys that are left out of a set are told once") {
    Scene scene;
    const Json odd = {{"keys", {keyFor("EdDSA").jwk({{"kid", "a"}}), Json{{"kid", "x"}, {"kty", "new"}}}}};
    scene.answer = std::get<KeySet>(KeySet::fromJson(odd.dump(), KeySet::Origin::published));
    CHECK(scene.keys.step());
    scene.now += 300s;
    CHECK(scene.keys.step());
    CHECK(scene.told ==
          std::vector<std::string>{"keys loaded: \"a\"; left out key 2 (kid \"x\"): its kty is not known"});
}

TEST_CASE("a key that is newly left out is told with the set that it was left out of") {
    Scene scene;
    scene.loaded();
    const Json odd = {{"keys", {keyFor("EdDSA").jwk({{"kid", "a"}}), Json{{"kid", "x"}, {"kty", "new"}}}}};
    scene.answer = std::get<KeySet>(KeySet::fromJson(odd.dump(), KeySet::Origin::published));
    scene.now += 300s;
    CHECK(scene.keys.step());
    CHECK(scene.told ==
          std::vector<std::string>{"keys loaded: \"a\"; left out key 2 (kid \"x\"): its kty is not known"});
}

TEST_CASE("the set's own thread loads, finds a new key for all who wait, and ends") {
    std::promise<void> first;
    std::mutex mutex;
    std::vector<std::string> ids{"a"};
    int loads = 0;
    const auto load = [&]() -> std::variant<KeySet, KeyFault> {
        const std::lock_guard lock(mutex);
        ++loads;
        return setOf(ids);
    };
    const auto told = [&](bool, const std::string& words) {
        if (words == "keys loaded: \"a\"") first.set_value();
    };
    RemoteKeyTimes times;
    times.wait = 30s;
    RemoteKeySet keys(load, times, &std::chrono::steady_clock::now, told);
    keys.start();
    REQUIRE(first.get_future().wait_for(30s) == std::future_status::ready);
    CHECK(has(keys.current(), "a"));
    {
        const std::lock_guard lock(mutex);
        ids.emplace_back("b");
    }
    std::vector<std::future<RemoteKeySet::Answer>> waiting;
    for (int i = 0; i < 8; ++i) waiting.push_back(std::async(std::launch::async, [&] { return keys.lookFor("b"); }));
    for (auto& answer : waiting) CHECK(has(answer.get(), "b"));
    CHECK(loads == 2);
}

TEST_CASE("whoever asks why waits for the first load, whether it brings keys or not") {
    for (const bool isThere : {true, false}) {
        const auto load = [&]() -> std::variant<KeySet, KeyFault> {
            return isThere ? std::variant<KeySet, KeyFault>(setOf({"a"})) : KeyFault{"nobody answers"};
        };
        RemoteKeySet keys(load, {}, &std::chrono::steady_clock::now, [](bool, const std::string&) {});
        keys.awaitFirstLoad(1h); // nothing is on its way
        keys.start();
        keys.awaitFirstLoad(1h);
        CHECK(wordsOf(keys.current()) == (isThere ? "set" : "the key set is not there: nobody answers"));
    }
}

TEST_CASE("F20 only a few wait for a look that is under way; the next is told to come again") {
    std::promise<void> begun, mayEnd;
    std::atomic<int> loads{0};
    RemoteKeyTimes times;
    times.wait = 60s;
    times.mostWaiting = 2;
    RemoteKeySet keys(
        [&]() -> std::variant<KeySet, KeyFault> {
            if (++loads == 2) begun.set_value(), mayEnd.get_future().wait();
            return setOf({"a"});
        },
        times, &std::chrono::steady_clock::now, [](bool, const std::string&) {});
    keys.start();
    keys.awaitFirstLoad(10s);
    std::vector<std::future<RemoteKeySet::Answer>> crowd;
    for (int i = 0; i < 2; ++i) crowd.push_back(std::async(std::launch::async, [&] { return keys.lookFor("x"); }));
    begun.get_future().wait();
    // Of all five two wait; the other three are sent away at once.
    std::vector<std::future<RemoteKeySet::Answer>> more;
    for (int i = 0; i < 3; ++i) more.push_back(std::async(std::launch::async, [&] { return keys.lookFor("x"); }));
    int sentAway = 0;
    while (sentAway < 3) {
        for (auto* group : {&crowd, &more})
            for (auto& one : *group)
                if (one.valid() && one.wait_for(1ms) == std::future_status::ready) {
                    CHECK(wordsOf(one.get()) == "many wait for a new key already");
                    ++sentAway;
                }
    }
    mayEnd.set_value();
    int waited = 0;
    for (auto* group : {&crowd, &more})
        for (auto& one : *group)
            if (one.valid()) {
                CHECK(wordsOf(one.get()) == "set");
                ++waited;
            }
    CHECK(waited == 2);
}

TEST_CASE("F19 a key that is published while a load is under way is found, by one more look") {
    std::promise<void> begun, mayEnd;
    std::atomic<int> loads{0};
    RemoteKeyTimes times;
    times.wait = 60s;
    RemoteKeySet keys(
        [&]() -> std::variant<KeySet, KeyFault> {
            const int load = ++loads;
            if (load == 2) {
                begun.set_value();
                mayEnd.get_future().wait();
            }
            return load < 3 ? setOf({"a"}) : setOf({"a", "b"});
        },
        times, &std::chrono::steady_clock::now, [](bool, const std::string&) {});
    keys.start();
    keys.awaitFirstLoad(10s);
    auto first = std::async(std::launch::async, [&] { return keys.lookFor("b"); });
    begun.get_future().wait(); // the answer that this load will bring was made before "b" was published
    auto second = std::async(std::launch::async, [&] { return keys.lookFor("b"); });
    while (keys.waiting() < 2) std::this_thread::yield();
    mayEnd.set_value();
    CHECK(has(second.get(), "b"));
    CHECK_FALSE(has(first.get(), "c"));
    CHECK(loads == 3);
}

// Two made-up kids used up the looks, and a good token of a key published just then was refused for 29 s.
TEST_CASE("C: while no look is left an unknown kid is unavailable until the next one, not refused") {
    Scene scene;
    scene.loaded();
    for (const char* forged : {"forged 1", "forged 2"}) {
        scene.keys.lookFor(forged);
        scene.keys.step();
    }
    scene.answer = setOf({"a", "b"});
    const auto answer = scene.keys.lookFor("b");
    REQUIRE(std::holds_alternative<Unavailable>(answer));
    CHECK(std::get<Unavailable>(answer).retryAfter == 30s);
    CHECK(has(scene.keys.lookFor("a"), "a"));
    scene.now += 30s;
    scene.keys.lookFor("b");
    scene.keys.step();
    CHECK(has(scene.keys.lookFor("b"), "b"));
}
