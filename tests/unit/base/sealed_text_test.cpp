#include "base/sealed_text.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <thread>
#include <type_traits>

#include <gatehouse/base64.hpp>
#include "support/turnable_clock.hpp"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

const std::string secret = "0123456789abcdef0123456789abcdef";
const std::string newSecret = "another secret of at least 32 bytes";

struct Desk { // a clock and a sealer
    test::TurnableClock clock;
    Sealer sealer{{secret}, "state", clock};

    std::string sealed(std::string_view plain = "round 2", std::string_view bound = "alice") const {
        return sealer.seal(plain, bound, clock.wall() + 1min);
    }
};

std::string told(const std::variant<std::string, Sealer::Refusal>& opened) {
    if (const auto* plain = std::get_if<std::string>(&opened)) return "opened: " + *plain;
    switch (std::get<Sealer::Refusal>(opened)) {
        case Sealer::Refusal::malformed: return "malformed";
        case Sealer::Refusal::forged: return "forged";
        case Sealer::Refusal::expired: return "expired";
    }
    return "?";
}

} // namespace

static_assert(!std::is_copy_constructible_v<Sealer>, "keys are not copied");

TEST_CASE("what was sealed opens for the same purpose and the same bound text") {
    const Desk desk;
    for (const std::string& plain : {std::string(), std::string("x"), std::string("a\0b", 3), std::string(10'000, 'z')})
        for (const std::string& bound : {std::string(), std::string("alice"), std::string("\0", 1)})
            CHECK(told(desk.sealer.open(desk.sealed(plain, bound), bound)) == "opened: " + plain);
    CHECK(told(desk.sealer.open(desk.sealed({}, {}), {})) == "opened: ");
}

TEST_CASE("the form is the documented one: a text made by another implementation opens") {
    // Python's cryptography: HKDF(SHA256, 32, None, b"gatehouse sealed text v1 state"), AESGCM, nonce 00 01 .. 0b.
    const Desk desk;
    const char* text = "v1.AAECAwQFBgcICQoLb4oNWumQIdPM1_7Lm5kh8uObQ2n6MSrGX7fjFJTIJw";
    CHECK(told(desk.sealer.open(text, "alice")) == "opened: round 2");
}

TEST_CASE("a sealed text shows nothing and is never the same twice") {
    const Desk desk;
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) seen.insert(desk.sealed());
    CHECK(seen.size() == 1000);
    const auto bytes = fromBase64Url(desk.sealed("plain words").substr(3));
    REQUIRE(bytes.has_value());
    CHECK(bytes->find("plain") == std::string::npos);
    CHECK(bytes->size() == 12 + 8 + 11 + 16);
}

TEST_CASE("every changed bit is refused") {
    const Desk desk;
    const std::string text = desk.sealed();
    SECTION("of the text as it travels") {
        for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
            std::string changed = text;
            changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
            INFO("bit " << bit);
            CHECK(std::holds_alternative<Sealer::Refusal>(desk.sealer.open(changed, "alice")));
        }
    }
    SECTION("of nonce, ciphertext and tag: as forged") {
        const std::string bytes = *fromBase64Url(text.substr(3));
        for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
            std::string changed = bytes;
            changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
            INFO("bit " << bit);
            CHECK(told(desk.sealer.open("v1." + base64Url(changed), "alice")) == "forged");
        }
    }
    SECTION("of what it is bound to: as forged") {
        for (std::size_t bit = 0; bit < 8 * 5; ++bit) {
            std::string bound = "alice";
            bound[bit / 8] = static_cast<char>(bound[bit / 8] ^ 1 << bit % 8);
            CHECK(told(desk.sealer.open(text, bound)) == "forged");
        }
    }
}

TEST_CASE("a text that is cut, lengthened or spelled otherwise is refused") {
    const Desk desk;
    const std::string text = desk.sealed("two", "alice");  // 39 bytes: no bits left over, no padding
    const std::string odd = desk.sealed("three", "alice"); // 41 bytes: bits left over
    for (std::size_t length = 0; length < text.size(); ++length)
        CHECK(told(desk.sealer.open(text.substr(0, length), "alice")).substr(0, 6) != "opened");
    struct Row {
        const char* what;
        std::string text;
        const char* answer;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"nothing", "", "malformed"},
             {"the mark alone", "v1.", "malformed"},
             {"one byte less than the least", "v1." + base64Url(std::string(35, 'x')), "malformed"},
             {"the least, of nobody's making", "v1." + base64Url(std::string(36, 'x')), "forged"},
             {"another mark", "v2." + text.substr(3), "malformed"},
             {"the mark in capitals", "V1." + text.substr(3), "malformed"},
             {"without mark", text.substr(3), "malformed"},
             {"a byte more", "v1." + base64Url(*fromBase64Url(text.substr(3)) + "x"), "forged"},
             {"twice", text + text, "malformed"},
             {"padding", odd + "=", "malformed"},
             {"bits left over", odd.substr(0, odd.size() - 1) + static_cast<char>(odd.back() + 1), "malformed"},
             {"the standard alphabet", "v1." + base64(*fromBase64Url(text.substr(3))) + "+/==", "malformed"},
             {"a blank at the end", text + " ", "malformed"},
             {"a NUL at the end", text + std::string(1, '\0'), "malformed"}}) {
        DYNAMIC_SECTION(row.what) { CHECK(told(desk.sealer.open(row.text, "alice")) == row.answer); }
    }
}

TEST_CASE("time ends a sealed text at the millisecond; never does not come") {
    Desk desk;
    const std::string text = desk.sealer.seal("x", "", desk.clock.wall() + 1s);
    const std::string lasting = desk.sealer.seal("x", "", never);
    desk.clock.turn(999ms);
    CHECK(told(desk.sealer.open(text, "")) == "opened: x");
    desk.clock.turn(1ms);
    CHECK(told(desk.sealer.open(text, "")) == "expired");
    desk.clock.turn(24h * 365 * 100);
    CHECK(told(desk.sealer.open(lasting, "")) == "opened: x");
    CHECK(told(desk.sealer.open(text, "bob")) == "forged"); // not told that it once was good
    CHECK(told(desk.sealer.open(desk.sealer.seal("x", "", WallTime(-1ms)), "")) == "expired");
}

TEST_CASE("purposes and secrets are kept apart; several secrets serve a rotation") {
    const Desk desk;
    const std::string text = desk.sealed();
    const auto openedBy = [&](const std::vector<std::string>& secrets, const char* purpose) {
        return told(Sealer(secrets, purpose, desk.clock).open(text, "alice"));
    };
    CHECK(openedBy({secret}, "state") == "opened: round 2"); // another instance
    CHECK(openedBy({newSecret, secret}, "state") == "opened: round 2");
    CHECK(openedBy({newSecret}, "state") == "forged");
    CHECK(openedBy({secret}, "cursor") == "forged");
    CHECK(openedBy({}, "state") == "forged");

    const Sealer rotated({newSecret, secret}, "state", desk.clock);
    CHECK(told(desk.sealer.open(rotated.seal("x", "", never), "")) == "forged"); // the first seals
}

TEST_CASE("without secrets each sealer has a key of its own") {
    const test::TurnableClock clock;
    const Sealer one({}, "state", clock), two({}, "state", clock);
    const std::string text = one.seal("x", "", never);
    CHECK(told(one.open(text, "")) == "opened: x");
    CHECK(told(two.open(text, "")) == "forged");
}

TEST_CASE("bad secrets are refused by number, and not shown") {
    const test::TurnableClock clock;
    CHECK_THROWS_WITH(Sealer({secret, "hush-hush"}, "state", clock),
                      "sealing secrets: number 2 has 9 bytes, expected at least 32");
    CHECK_THROWS_WITH(Sealer({""}, "state", clock), "sealing secrets: number 1 has 0 bytes, expected at least 32");
    CHECK_THROWS_WITH(Sealer(std::vector<std::string>(9, secret), "state", clock),
                      "sealing secrets: 9 given, at most 8 are allowed");
    CHECK_THROWS_AS(Sealer({secret.substr(1)}, "state", clock), std::invalid_argument);
    CHECK_NOTHROW(Sealer(std::vector<std::string>(8, secret), "state", clock));
}

TEST_CASE("the longest text fits, a longer one throws; what comes in too long is refused") {
    const Desk desk;
    const std::string longest = desk.sealed(std::string(Sealer::maxPlain, 'x'), std::string(Sealer::maxBound, 'b'));
    CHECK(longest.size() <= Sealer::maxSealed);
    CHECK(told(desk.sealer.open(longest, std::string(Sealer::maxBound, 'b'))).size() == 8 + Sealer::maxPlain);
    CHECK_THROWS_AS(desk.sealed(std::string(Sealer::maxPlain + 1, 'x')), std::length_error);
    CHECK_THROWS_AS(desk.sealed("x", std::string(Sealer::maxBound + 1, 'b')), std::length_error);
    CHECK(told(desk.sealer.open("v1." + std::string(Sealer::maxSealed, 'A'), "")) == "malformed");
    CHECK(told(desk.sealer.open(desk.sealed(), std::string(Sealer::maxBound + 1, 'b'))) == "forged");
}

TEST_CASE("threads seal and open at once") {
    const Desk desk;
    std::vector<int> wrong(4, 0);
    std::vector<std::thread> threads;
    for (int& count : wrong)
        threads.emplace_back([&desk, &count] {
            for (int i = 0; i < 500; ++i) count += told(desk.sealer.open(desk.sealed("x"), "alice")) != "opened: x";
        });
    for (auto& thread : threads) thread.join();
    CHECK(wrong == std::vector<int>(4, 0));
}
