// Writing token files. Reading them: token_file_test.cpp.
#include "tokens/token_file.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <set>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/sample_tokens.hpp"
#include "support/scratch_folder.hpp"

using namespace gatehouse;
using test::listItem;
using test::mapItem;
using test::modeOf;
using test::readText;
using test::sampleEntry;
using test::sampleTime;
using test::ScratchFolder;

namespace {

std::string ids(const std::vector<TokenEntry>& entries) {
    std::string all;
    for (const TokenEntry& entry : entries) all += entry.record.id + " ";
    return all;
}

auto named(const std::string& id) {
    return [id](const TokenEntry& entry) { return entry.record.id == id; };
}

std::string textWith(std::size_t tokens) {
    std::string text = "tokens:\n";
    for (std::size_t i = 1; i <= tokens; ++i) text += listItem("token-" + std::to_string(i), std::to_string(i));
    return text;
}

} // namespace

TEST_CASE("the first token makes the file and its folder, for the owner only") {
    const ScratchFolder folder;
    const TokenFile file(folder.file("new/tokens.yaml"));
    TokenEntry entry = sampleEntry("token-1", "one", sampleTime + std::chrono::hours(24));
    entry.record.note = "Production API";
    entry.record.database = "staging";
    file.add(entry, sampleTime);
    CHECK(modeOf(folder.file("new")) == 0700);
    CHECK(modeOf(file.path()) == 0600);
    CHECK(readText(file.path()) == "tokens:\n  - id: token-1\n    hash: \"" + hex(sha256("one")) +
                                       "\"\n    note: \"Production API\"\n    created_at: \"2024-10-30T10:15:30Z\"\n"
                                       "    expires_at: \"2024-10-31T10:15:30Z\"\n    database: staging\n");
}

TEST_CASE("what was added is read back, whatever its note is") {
    for (const char* note : {"", "plain", "a: b # c", "\"quotes\" and \\", "yes", "null", "~", "12", "- x",
                             "Grüße, 世界", "*", "{}", "[", "'", "2024-10-30T10:15:30Z", "<script>", " blanks "}) {
        DYNAMIC_SECTION('"' << note << '"') {
            const ScratchFolder folder;
            const TokenFile file(folder.file("t.yaml"));
            TokenEntry entry = sampleEntry("token-1", "one", sampleTime + std::chrono::hours(1));
            entry.record.note = note;
            entry.record.database = note;
            file.add(entry, sampleTime);
            file.add(sampleEntry("token-2", "two"), sampleTime); // the first is written a second time
            const auto entries = file.read();
            REQUIRE(entries.size() == 2);
            CHECK(entries[0].record.note == note);
            CHECK(entries[0].record.database == note);
            CHECK(entries[0].digest == entry.digest);
            CHECK(entries[0].record.createdAt == entry.record.createdAt);
            CHECK(entries[0].record.expiresAt == entry.record.expiresAt);
            CHECK(entries[1].record.expiresAt == never);
        }
    }
}

TEST_CASE("a rewrite keeps the form that was found, and every field that is not ours") {
    struct Row {
        const char* what;
        std::string text;
        std::vector<const char*> kept;
    };
    for (const Row& row : std::vector<Row>{
             {"a list",
              "version: 2\ntokens:\n" + listItem("old", "1", "  owner: alice\n  tags: [a, b]\n"),
              {"version: 2\n", "\n  - id: old\n", "    owner: alice\n", "tags:"}},
             {"a map",
              "version: 2\ntokens:\n" + mapItem("old", "1", "    owner: alice\n    annotation: their word\n"),
              {"version: 2\n", "\n  old:\n", "    owner: alice\n", "    annotation: their word\n"}},
             {"keys after the tokens",
              "tokens:\n" + listItem("old", "1") + "extra:\n  deep: {er: [1, two]}\n",
              {"extra:", "deep:", "er:", "two"}},
             {"an empty list", "tokens: []\nversion: 2\n", {"version: 2\n"}},
             {"an empty map", "tokens: {}\n", {}}}) {
        DYNAMIC_SECTION(row.what) {
            const ScratchFolder folder;
            const TokenFile file(folder.write("t.yaml", row.text));
            const bool map = row.text.find("- id") == std::string::npos && row.text.find("[]") == std::string::npos;
            const auto before = ids(file.read());
            file.add(sampleEntry("new", "2"), sampleTime);
            std::string text = readText(file.path());
            for (const char* part : row.kept) CHECK(text.find(part) != std::string::npos);
            CHECK(text.find(map ? "\n  new:\n" : "\n  - id: new\n") != std::string::npos);
            CHECK(ids(file.read()) == before + "new ");

            file.removeIf(named("new"));
            text = readText(file.path());
            for (const char* part : row.kept) CHECK(text.find(part) != std::string::npos);
            CHECK(ids(file.read()) == before);
        }
    }
}

TEST_CASE("a file that is broken is not touched") {
    for (const std::string& text : std::vector<std::string>{"", "tokens: [\n", "tokens:\n- id: a\n", "other: 1\n",
                                                            textWith(1) + listItem("token-1", "x")}) {
        DYNAMIC_SECTION('"' << text.substr(0, 20) << '"') {
            const ScratchFolder folder;
            const TokenFile file(folder.write("t.yaml", text));
            CHECK_THROWS_AS(file.add(sampleEntry("new", "new"), sampleTime), TokenStoreError);
            CHECK_THROWS_AS(file.removeIf([](const TokenEntry&) { return true; }), TokenStoreError);
            CHECK(readText(file.path()) == text);
        }
    }
}

TEST_CASE("an id is given once") {
    const ScratchFolder folder;
    const TokenFile file(folder.file("t.yaml"));
    file.add(sampleEntry("a", "1"), sampleTime);
    CHECK_THROWS_WITH(file.add(sampleEntry("a", "2"), sampleTime), file.path() + ": a exists already");
    CHECK(file.read().size() == 1);
}

TEST_CASE("the ten thousandth token is added, one more is refused") {
    const ScratchFolder folder;
    const TokenFile file(folder.write("t.yaml", textWith(9'999)));
    file.add(sampleEntry("last", "last"), sampleTime);
    const std::string full = readText(file.path());
    CHECK(file.read().size() == 10'000);
    CHECK_THROWS_WITH(file.add(sampleEntry("more", "more"), sampleTime), Catch::Contains("holds 10000 tokens already"));
    CHECK(readText(file.path()) == full);
}

TEST_CASE("tokens are removed and returned") {
    for (const bool map : {false, true}) {
        DYNAMIC_SECTION((map ? "from a map" : "from a list")) {
            const ScratchFolder folder;
            std::string text = "tokens:\n";
            for (const char* id : {"a", "b", "c"}) text += map ? mapItem(id, id) : listItem(id, id);
            const TokenFile file(folder.write("t.yaml", text));
            CHECK(ids(file.removeIf(named("b"))) == "b ");
            CHECK(ids(file.read()) == "a c ");
            CHECK(ids(file.removeIf([](const TokenEntry&) { return true; })) == "a c ");
            CHECK(file.read().empty());
            CHECK(readText(file.path()).find(map ? "{}" : "[]") != std::string::npos);
            CHECK(modeOf(file.path()) == 0600);
        }
    }
}

TEST_CASE("when nothing is to be removed nothing is written") {
    const ScratchFolder folder;
    const TokenFile file(folder.write("t.yaml", "tokens:   # by hand\n" + listItem("a", "a")));
    const std::string before = readText(file.path());
    const auto written = std::filesystem::last_write_time(file.path());
    CHECK(file.removeIf(named("b")).empty());
    CHECK(readText(file.path()) == before);
    CHECK(std::filesystem::last_write_time(file.path()) == written);
    CHECK_THROWS_AS(TokenFile(folder.file("none.yaml")).removeIf(named("a")), TokenStoreMissing);
}

TEST_CASE("U07: what is retired is remembered outside of the tokens, and what is only removed is not") {
    for (const bool map : {false, true}) {
        DYNAMIC_SECTION((map ? "from a map" : "from a list")) {
            const ScratchFolder folder;
            std::string text = "tokens:\n";
            for (const char* id : {"a", "b", "c"}) text += map ? mapItem(id, id) : listItem(id, id);
            const TokenFile file(folder.write("t.yaml", text));
            file.removeIf(named("b"));
            CHECK(readText(file.path()).find("removed") == std::string::npos);
            CHECK(ids(file.retireIf(named("a"), {GoneToken::Why::removed, sampleTime})) == "a ");
            CHECK(ids(file.read()) == "c ");
            const auto content = parseTokenFile(readText(file.path()), file.path(), sampleTime);
            REQUIRE(content.gone.size() == 1);
            CHECK(content.gone[0].id == "a");
            CHECK(content.gone[0].digest == sha256("a"));
            CHECK(content.gone[0].goneAt == sampleTime);
            const std::string before = readText(file.path());
            CHECK(file.retireIf(named("a"), {GoneToken::Why::removed, sampleTime}).empty());
            CHECK(readText(file.path()) == before);
        }
    }
}

TEST_CASE("U07: a file that has no room for why lets the token go all the same") {
    const ScratchFolder folder;
    const std::string start = "tokens:\n" + listItem("a", "a") + "extra: \"", end = "\"\n";
    for (const std::size_t left : {0, 1000}) {
        DYNAMIC_SECTION(left << " bytes left") {
            const std::size_t filling = (8 << 20) - left - start.size() - end.size();
            const TokenFile file(folder.write("t.yaml", start + std::string(filling, '.') + end));
            CHECK(file.retireIf(named("a"), {GoneToken::Why::removed, sampleTime}).size() == 1);
            const auto content = parseTokenFile(file.readText(), file.path(), sampleTime);
            CHECK(content.tokens.empty());
            CHECK(content.gone.size() == (left == 0 ? 0 : 1));
        }
    }
}

TEST_CASE("a token for which the file has no room is refused, and the file stays readable") {
    const ScratchFolder folder;
    const std::string start = "tokens: []\nextra: \"";
    const std::string text = start + std::string((8 << 20) - start.size() - 50, '.') + "\"\n";
    const TokenFile file(folder.write("t.yaml", text));
    CHECK_THROWS_WITH(file.add(sampleEntry("a", "a"), sampleTime), Catch::Contains("would be larger than 8 MiB"));
    CHECK(readText(file.path()) == text);
}

TEST_CASE("through a link the file it names is written, and the link stays") {
    const ScratchFolder folder;
    std::filesystem::create_directory(folder.path() / "real");
    folder.write("real/t.yaml", "tokens: []\n");
    std::filesystem::create_symlink("real/t.yaml", folder.path() / "link.yaml");
    const TokenFile file(folder.file("link.yaml"));
    file.add(sampleEntry("a", "a"), sampleTime);
    CHECK(std::filesystem::is_symlink(file.path()));
    CHECK(TokenFile(folder.file("real/t.yaml")).read().size() == 1);
    CHECK(file.removeIf(named("a")).size() == 1);
    CHECK(std::filesystem::is_symlink(file.path()));
}

TEST_CASE("writers at once lose nothing: threads and processes") {
    const ScratchFolder folder;
    const std::string path = folder.file("t.yaml");
    const auto addTen = [&](const std::string& who) {
        for (int i = 0; i < 10; ++i)
            TokenFile(path).add(sampleEntry(who + "-" + std::to_string(i), who + std::to_string(i)), sampleTime);
    };
    std::vector<pid_t> children;
    for (const char* who : {"p1", "p2"}) {
        const pid_t child = ::fork();
        if (child == 0) {
            try {
                addTen(who);
            } catch (...) {
                ::_exit(1);
            }
            ::_exit(0);
        }
        children.push_back(child);
    }
    std::vector<std::thread> threads;
    for (const char* who : {"t1", "t2", "t3"}) threads.emplace_back([&, who] { addTen(who); });
    for (auto& thread : threads) thread.join();
    for (const pid_t child : children) {
        int status = -1;
        ::waitpid(child, &status, 0);
        CHECK(status == 0);
    }
    std::set<std::string> found;
    for (const TokenEntry& entry : TokenFile(path).read()) found.insert(entry.record.id);
    CHECK(found.size() == 50);
}

TEST_CASE("adding and removing at once lose nothing") {
    const ScratchFolder folder;
    const TokenFile file(folder.write("t.yaml", textWith(20)));
    std::thread remover([&] {
        for (int i = 1; i <= 20; ++i) file.removeIf(named("token-" + std::to_string(i)));
    });
    for (int i = 0; i < 20; ++i)
        file.add(sampleEntry("new-" + std::to_string(i), "new" + std::to_string(i)), sampleTime);
    remover.join();
    const auto left = file.read();
    CHECK(left.size() == 20);
    for (const TokenEntry& entry : left) CHECK(entry.record.id.rfind("new-", 0) == 0);
}

TEST_CASE("a foreign field that contains itself is no crash") {
    const ScratchFolder folder;
    const std::string path = folder.write("t.yaml", "tokens: []\nextra: &a [*a]\n");
    const pid_t child = ::fork();
    if (child == 0) {
        const rlimit noCore{0, 0};
        ::setrlimit(RLIMIT_CORE, &noCore);
        ::signal(SIGSEGV, SIG_DFL);
        try {
            TokenFile(path).add(sampleEntry("a", "a"), sampleTime);
        } catch (const std::exception&) { // told: fine
        }
        ::_exit(0);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
}
