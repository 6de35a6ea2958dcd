#include "tokens/file_token_store.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <optional>
#include <thread>

#include "support/counting_telemetry.hpp"
#include "support/pipe_pair.hpp"
#include "support/sample_tokens.hpp"
#include "support/scratch_folder.hpp"
#include "support/turnable_clock.hpp"

using namespace gatehouse;
using test::goneItem;
using test::listItem;
using test::sampleEntry;
using test::ScratchFolder;

namespace {

const std::string expired = "  expires_at: \"2024-01-01T00:00:00Z\"\n"; // before the clock of the tests

std::size_t occurrences(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

// A store with all that it needs.
struct Shop {
    explicit Shop(const std::string& text) { write(text); }
    void write(const std::string& text) const { folder.write("t.yaml", text); }
    void load() {
        store.whenChanged([this](const std::vector<std::string>& ids) {
            gone = ids;
            std::sort(gone->begin(), gone->end());
        });
        store.load();
    }
    bool knows(const std::string& text) const { return std::holds_alternative<TokenRecord>(store.find(sha256(text))); }
    std::string logged() {
        log.plain("(end)");
        return pipe.readUntil("(end)\n");
    }

    const ScratchFolder folder;
    test::TurnableClock clock;
    test::PipePair pipe;
    Log log{pipe.writeEnd(), LogLevel::debug};
    test::CountingTelemetry telemetry;
    FileTokenStore store{folder.file("t.yaml"), clock, log, telemetry};
    std::optional<std::vector<std::string>> gone; // of the last change
};

} // namespace

TEST_CASE("the start reads the file and says how many tokens there are") {
    Shop shop("tokens:\n" + listItem("a", "1", "  note: alice\n") + listItem("b", "2"));
    shop.load();
    CHECK(shop.logged() == "Loaded 2 API token(s) from " + shop.store.name() + "\n(end)\n");
    CHECK(shop.store.healthy());
    REQUIRE(shop.knows("1"));
    CHECK(std::get<TokenRecord>(shop.store.find(sha256("1"))).note == "alice");
    CHECK(std::holds_alternative<TokenUnknown>(shop.store.find(sha256("3"))));
    CHECK(std::holds_alternative<TokenUnknown>(shop.store.find(Sha256{})));
}

TEST_CASE("a file that is missing or broken at the start is an error") {
    Shop shop("tokens: [\n");
    CHECK_THROWS_AS(shop.store.load(), TokenStoreError);
    std::filesystem::remove(shop.store.name());
    CHECK_THROWS_AS(shop.store.load(), TokenStoreMissing);
}

TEST_CASE("what has expired at the start is removed, from the file too, and told") {
    Shop shop("tokens:\n" + listItem("a", "1") + listItem("b", "2", expired) + listItem("c", "3", expired));
    shop.load();
    CHECK(shop.logged() == "Loaded 3 API token(s) from " + shop.store.name() + "\nRemoved 2 expired token(s)\n(end)\n");
    CHECK(shop.knows("1"));
    CHECK_FALSE(shop.knows("2"));
    CHECK(TokenFile(shop.store.name()).read().size() == 1);
}

TEST_CASE("a token is expired from the very moment on") {
    for (const int seconds : {0, 1}) {
        DYNAMIC_SECTION(seconds << " s before its end") {
            Shop shop("tokens:\n" +
                      listItem("a", "1", "  expires_at: \"2024-11-19T07:06:4" + std::to_string(seconds) + "Z\"\n"));
            shop.load();
            CHECK(shop.knows("1") == (seconds > 0));
        }
    }
}

TEST_CASE("tokens of a file that cannot be written expire all the same") {
    Shop shop("tokens:\n" + listItem("a", "1", expired));
    std::filesystem::create_directory(shop.store.name() + ".lock"); // nobody can lock it
    shop.load();
    CHECK_FALSE(shop.knows("1"));
    CHECK(TokenFile(shop.store.name()).read().size() == 1);
    REQUIRE(shop.store.findGone(sha256("1")).has_value()); // U07: and say so
    CHECK(shop.store.findGone(sha256("1"))->why == GoneToken::Why::expired);
    CHECK(shop.logged().find("warning expired tokens stay in the file: ") != std::string::npos);
}

TEST_CASE("a change is in force after the next look, and what is gone is reported") {
    struct Row {
        const char* what;
        std::string after;
        std::vector<std::string> gone;
    };
    const std::string both = "tokens:\n" + listItem("a", "1") + listItem("b", "2");
    for (const Row& row : std::vector<Row>{
             {"a token more", both + listItem("c", "3"), {}},
             {"a token less", "tokens:\n" + listItem("a", "1"), {"b"}},
             {"no tokens", "tokens: []\n", {"a", "b"}},
             {"another token under the same id", "tokens:\n" + listItem("a", "new") + listItem("b", "2"), {"a"}},
             {"the same token under another id", "tokens:\n" + listItem("x", "1") + listItem("b", "2"), {"a"}},
             {"another database", "tokens:\n" + listItem("a", "1", "  database: other\n") + listItem("b", "2"), {"a"}},
             {"another expiry",
              "tokens:\n" + listItem("a", "1", "  expires_at: \"2030-01-01T00:00:00Z\"\n") + listItem("b", "2"),
              {"a"}},
             {"another order and form", "tokens:\n" + test::mapItem("b", "2") + test::mapItem("a", "1"), {}},
             {"another note", "tokens:\n" + listItem("a", "1", "  note: renamed\n") + listItem("b", "2"), {}}}) {
        DYNAMIC_SECTION(row.what) {
            Shop shop(both);
            shop.load();
            const auto generation = shop.store.generation();
            shop.write(row.after);
            shop.store.reload();
            REQUIRE(shop.gone.has_value());
            CHECK(*shop.gone == row.gone);
            CHECK(shop.store.generation() > generation);
            CHECK(shop.telemetry.counters[Counter::tokenReloads] == 1);
            CHECK(shop.logged().find("\n[AUTH] Reloaded " + shop.store.name() + "\n") != std::string::npos);
            for (const TokenEntry& entry : parseTokens(row.after, "")) {
                const auto found = shop.store.find(entry.digest);
                REQUIRE(std::holds_alternative<TokenRecord>(found));
                CHECK(std::get<TokenRecord>(found).note == entry.record.note);
            }
        }
    }
}

TEST_CASE("looking at a file that has not changed does nothing") {
    Shop shop("tokens:\n" + listItem("a", "1"));
    shop.load();
    const auto generation = shop.store.generation();
    for (int i = 0; i < 3; ++i) shop.store.reload();
    CHECK_FALSE(shop.gone.has_value());
    CHECK(shop.store.generation() == generation);
    CHECK(shop.telemetry.counters.empty());
}

TEST_CASE("a broken file leaves the last good tokens in force, is told once, and heals") {
    struct Row {
        const char* what;
        std::function<void(const Shop&)> spoil;
    };
    for (const Row& row :
         std::vector<Row>{{"broken YAML", [](const Shop& shop) { shop.write("tokens: [\n"); }},
                          {"half of a file", [](const Shop& shop) { shop.write("tokens:\n- id: \"a"); }},
                          {"a token twice",
                           [](const Shop& shop) { shop.write("tokens:\n" + listItem("a", "1") + listItem("b", "1")); }},
                          {"no file", [](const Shop& shop) { std::filesystem::remove(shop.store.name()); }},
                          {"an empty file", [](const Shop& shop) { shop.write(""); }}}) {
        DYNAMIC_SECTION(row.what) {
            Shop shop("tokens:\n" + listItem("a", "1"));
            shop.load();
            row.spoil(shop);
            for (int looks = 0; looks < 5; ++looks) shop.store.reload();
            CHECK_FALSE(shop.store.healthy());
            CHECK(shop.knows("1"));
            CHECK_FALSE(shop.gone.has_value());
            CHECK(shop.telemetry.counters[Counter::tokenReloadFailures] > 0);
            CHECK(occurrences(shop.logged(), "[AUTH] Failed to reload, the last good tokens stay in force: " +
                                                 shop.store.name()) == 1);

            shop.write("tokens:\n" + listItem("a", "1")); // exactly what it was
            shop.store.reload();
            CHECK(shop.store.healthy());
            CHECK(shop.knows("1"));
            CHECK(shop.telemetry.counters[Counter::tokenReloads] == 1);
        }
    }
}

TEST_CASE("another problem than the one before is told as well") {
    Shop shop("tokens: []\n");
    shop.load();
    for (const char* text : {"tokens: [\n", "tokens:\n- id: a\n", "tokens:\n- id: a\n# still wrong\n"}) {
        shop.write(text);
        for (int looks = 0; looks < 3; ++looks) shop.store.reload();
    }
    CHECK(occurrences(shop.logged(), "[AUTH] Failed to reload") == 2);
}

TEST_CASE("a file that others may read or write is told, once, and again when it comes to be so again") {
    Shop shop("tokens: []\n");
    shop.load();
    const auto look = [&](unsigned mode) {
        std::filesystem::permissions(shop.store.name(), static_cast<std::filesystem::perms>(mode));
        for (int looks = 0; looks < 3; ++looks) shop.store.reload();
    };
    for (const unsigned mode : {0640U, 0640U, 0600U, 0640U, 0622U}) look(mode);
    const std::string logged = shop.logged();
    CHECK(occurrences(logged, "warning " + shop.store.name() + ": has mode 0640, so others may read or write it") == 2);
    CHECK(occurrences(logged, "warning " + shop.store.name() + ": has mode 0622") == 1);
    CHECK(occurrences(logged, "warning ") == 3);
}

TEST_CASE("a token that is added while the start removes expired ones is not lost") {
    // The clock is asked between reading the file and removing from it: the moment at which another process writes.
    struct MeddlingClock final : Clock {
        WallTime wall() const override {
            if (!std::exchange(done, true)) TokenFile(file).add(sampleEntry("new", "new"), test::sampleTime);
            return test::TurnableClock().wall();
        }
        SteadyTime steady() const override { return {}; }
        std::string file;
        mutable bool done = false;
    };
    const ScratchFolder folder;
    const test::PipePair pipe;
    Log log(pipe.writeEnd(), LogLevel::debug);
    test::CountingTelemetry telemetry;
    MeddlingClock clock;
    clock.file = folder.write("t.yaml", "tokens:\n" + listItem("a", "1", expired) + listItem("b", "2"));
    FileTokenStore store(clock.file, clock, log, telemetry);
    store.load();
    store.reload();
    REQUIRE(TokenFile(clock.file).read().size() == 2);
    CHECK(std::holds_alternative<TokenRecord>(store.find(sha256("2"))));
    CHECK(std::holds_alternative<TokenRecord>(store.find(sha256("new"))));
}

TEST_CASE("U07: a token that expired before the start stays known as expired, and is never a token again") {
    const std::string text = "tokens:\n" + listItem("a", "1", "  note: alice\n" + expired) + listItem("b", "2");
    Shop first(text);
    first.load();
    Shop second(test::readText(first.store.name())); // the next start
    second.load();
    for (Shop* shop : {&first, &second}) {
        CHECK(std::holds_alternative<TokenUnknown>(shop->store.find(sha256("1"))));
        const auto gone = shop->store.findGone(sha256("1"));
        REQUIRE(gone.has_value());
        CHECK(gone->id == "a");
        CHECK(gone->note == "alice");
        CHECK(gone->why == GoneToken::Why::expired);
        CHECK(gone->expiresAt < gone->goneAt);
        CHECK(gone->goneAt == std::chrono::floor<std::chrono::seconds>(shop->clock.wall()));
        CHECK_FALSE(shop->store.findGone(sha256("2")).has_value());
        CHECK_FALSE(shop->store.findGone(sha256("3")).has_value());
    }
    CHECK(second.logged().find("Removed") == std::string::npos); // it was counted once
}

TEST_CASE("U07: a token that is removed while the server runs is known as removed") {
    Shop shop("tokens:\n" + listItem("a", "1") + listItem("b", "2"));
    shop.load();
    const auto named = [](const TokenEntry& entry) { return entry.record.id == "a"; };
    TokenFile(shop.store.name()).retireIf(named, {GoneToken::Why::removed, shop.clock.wall()});
    shop.store.reload();
    CHECK(shop.gone == std::vector<std::string>{"a"});
    CHECK_FALSE(shop.knows("1"));
    REQUIRE(shop.store.findGone(sha256("1")).has_value());
    CHECK(shop.store.findGone(sha256("1"))->why == GoneToken::Why::removed);
}

TEST_CASE("U07: what is in force is not gone, whatever the list says, and what is in the list only is not in force") {
    const std::string list = "removed:\n" + goneItem("a", "1", "removed", "2024-11-01T00:00:00Z");
    Shop back("tokens:\n" + listItem("a", "1") + list);
    back.load();
    CHECK(back.knows("1"));
    CHECK_FALSE(back.store.findGone(sha256("1")).has_value());
    Shop away("tokens: []\n" + list);
    away.load();
    CHECK_FALSE(away.knows("1"));
    CHECK(away.store.findGone(sha256("1")).has_value());
}

TEST_CASE("U07: of two records of one token the later one is what is so") {
    Shop shop("tokens: []\nremoved:\n" + goneItem("late", "1", "removed", "2024-11-02T00:00:00Z") +
              goneItem("early", "1", "expired", "2024-11-01T00:00:00Z"));
    shop.load();
    REQUIRE(shop.store.findGone(sha256("1")).has_value());
    CHECK(shop.store.findGone(sha256("1"))->id == "late");
}

TEST_CASE("E02: a reader takes out in memory what has expired, and neither writes nor locks a file") {
    const std::string text = "tokens:   # by hand\n" + listItem("a", "1", expired) + listItem("b", "2");
    Shop shop(text);
    shop.store.load(TokenStore::Access::read);
    CHECK(test::readText(shop.store.name()) == text);
    CHECK_FALSE(std::filesystem::exists(shop.store.name() + ".lock"));
    CHECK(shop.knows("2"));
    CHECK_FALSE(shop.knows("1"));
    REQUIRE(shop.store.findGone(sha256("1")).has_value());
    CHECK(shop.store.findGone(sha256("1"))->why == GoneToken::Why::expired);
    CHECK(shop.logged().find("Removed") == std::string::npos);
}

TEST_CASE("looking up goes on while the set is replaced, and always sees a whole set") {
    Shop shop("tokens:\n" + listItem("a", "1") + listItem("b", "2"));
    shop.load();
    std::atomic<bool> stop{false};
    std::atomic<int> missing{0}, looks{0};
    std::thread reader([&] {
        while (!stop) {
            missing += shop.knows("1") ? 0 : 1;
            ++looks;
        }
    });
    for (int i = 0; i < 100; ++i) {
        shop.write("tokens:\n" + listItem("a", "1") + listItem("b", std::to_string(i + 10)));
        shop.store.reload();
    }
    stop = true;
    reader.join();
    CHECK(missing == 0);
    CHECK(looks > 0);
    CHECK(shop.knows("109"));
    CHECK_FALSE(shop.knows("108"));
}
