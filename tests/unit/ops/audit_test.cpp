#include "ops/audit.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <system_error>
#include <vector>

#include <sys/stat.h>
#include <gatehouse/json.hpp>

#include "support/scratch_folder.hpp"
#include "support/turnable_clock.hpp"

using namespace gatehouse;
using namespace std::chrono_literals;
using test::ScratchFolder;

namespace {

const WallTime noon{std::chrono::milliseconds(1'732'017'600'007)}; // 2024-11-19T12:00:00.007Z

AuditEvent sampleDecision() {
    AuditEvent event;
    event.peer = "10.0.0.7";
    event.subject = "Production API";
    event.tokenId = "token-1";
    event.method = "tools/call";
    event.name = "query_database";
    event.outcome = Outcome::ok;
    event.took = 1'234'567ns;
    event.httpStatus = 200;
    return event;
}

std::vector<Json> linesOf(const std::string& file) {
    std::vector<Json> lines;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) lines.push_back(Json::parse(line));
    return lines;
}

} // namespace

TEST_CASE("an audit line says who, what, outcome and how long, in this order") {
    CHECK(auditLine(sampleDecision(), noon) ==
          R"({"time":"2024-11-19T12:00:00.007Z","peer":"10.0.0.7","subject":"Production API","token_id":"token-1",)"
          R"("method":"tools/call","name":"query_database","outcome":"ok","status":200,"ms":1.235})");
}

TEST_CASE("what is not known is left out") {
    AuditEvent event{};
    event.peer = "::1";
    event.method = "POST";
    event.outcome = Outcome::rejected;
    event.reason = "unknown";
    event.httpStatus = 401;
    CHECK(
        auditLine(event, noon) ==
        R"({"time":"2024-11-19T12:00:00.007Z","peer":"::1","method":"POST","outcome":"rejected","reason":"unknown","status":401,"ms":0.000})");
}

TEST_CASE("the time follows the clock, forth and back") {
    for (const auto& [by, text] :
         std::vector<std::pair<std::chrono::milliseconds, const char*>>{{0ms, "2024-11-19T12:00:00.007Z"},
                                                                        {992ms, "2024-11-19T12:00:00.999Z"},
                                                                        {993ms, "2024-11-19T12:00:01.000Z"},
                                                                        {-8ms, "2024-11-19T11:59:59.999Z"},
                                                                        {-43'200'007ms, "2024-11-19T00:00:00.000Z"}}) {
        DYNAMIC_SECTION(text) { CHECK(Json::parse(auditLine(sampleDecision(), noon + by)).at("time") == text); }
    }
}

TEST_CASE("a line is valid JSON on one line, whatever the caller sends") {
    const std::string everyByte = [] {
        std::string all;
        for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
        return all;
    }();
    int number = 0;
    for (const std::string& naughty : std::vector<std::string>{
             "\"", "\\", "a\nb", "\r\n{\"outcome\":\"ok\"}", "\",\"outcome\":\"ok", std::string("a\0b", 3), "\x1b[2J",
             "\xff\xfe", "\xc3", "\xed\xa0\x80", "\xf0\x9f\x98\x80", "\xe2\x80\xa8", "</script>", everyByte,
             std::string(127, 'a') + "\xc3\xa9", std::string(5000, 'x')}) {
        DYNAMIC_SECTION(++number << ": " << naughty.size() << " bytes, the first is "
                                 << static_cast<int>(static_cast<unsigned char>(naughty[0]))) {
            AuditEvent event = sampleDecision();
            event.peer = event.subject = event.tokenId = event.method = event.name = event.reason = naughty;
            const std::string line = auditLine(event, noon);
            CHECK(std::none_of(line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }));
            Json read;
            REQUIRE_NOTHROW(read = Json::parse(line));
            CHECK(read.size() == 10);
            CHECK(read.at("outcome") == "ok"); // not forged
            CHECK(read.at("method").get<std::string>().size() <= 128 * 3);
        }
    }
}

TEST_CASE("a long method or name is cut") {
    AuditEvent event = sampleDecision();
    const std::string text(500, 'm');
    event.method = event.name = text;
    const Json read = Json::parse(auditLine(event, noon));
    CHECK(read.at("method").get<std::string>().size() == 128);
    CHECK(read.at("name").get<std::string>().size() == 128);
}

TEST_CASE("T25: a token that a caller put elsewhere is not in the line, nor a part of it") {
    const std::string token = "gth_" + std::string(40, 'x');
    for (std::string_view AuditEvent::*member : {&AuditEvent::path, &AuditEvent::name, &AuditEvent::client})
        for (const std::string& before : {std::string("/api/v2/tokens/"), std::string(110, '/')}) {
            AuditEvent event = sampleDecision();
            const std::string text = before + token;
            event.*member = text;
            CHECK(auditLine(event, noon).find("xxxxxxxx") == std::string::npos);
        }
}

TEST_CASE("how long it took is told in milliseconds to the microsecond, rounded") {
    AuditEvent event = sampleDecision();
    for (const auto& [took, text] :
         std::vector<std::pair<std::chrono::nanoseconds, const char*>>{{499ns, "0.000"},
                                                                       {501ns, "0.001"},
                                                                       {999'600ns, "1.000"},
                                                                       {61s + 2ms + 30us, "61002.030"},
                                                                       {-5s, "0.000"}}) {
        event.took = took;
        CHECK_THAT(auditLine(event, noon), Catch::Contains(std::string(R"("ms":)") + text + "}"));
    }
}

TEST_CASE("decisions are appended to a file of the owner's only") {
    const ScratchFolder folder;
    const test::TurnableClock clock;
    const std::string file = folder.file("audit.jsonl");
    for (int opened = 1; opened <= 2; ++opened) {
        Audit audit(file, clock);
        audit.write(sampleDecision());
        audit.write(sampleDecision());
    }
    CHECK(linesOf(file).size() == 4);
    CHECK(linesOf(file).at(3).at("time") == "2024-11-19T07:06:40.000Z");
    CHECK(test::modeOf(file) == 0600);
}

TEST_CASE("without a file nothing is written") {
    const test::TurnableClock clock;
    Audit audit("", clock);
    audit.write(sampleDecision());
    CHECK(audit.dropped() == 0);
}

TEST_CASE("a file that cannot be written is told with its key and name") {
    const ScratchFolder folder;
    const test::TurnableClock clock;
    REQUIRE(::mkfifo(folder.file("fifo").c_str(), 0600) == 0);
    struct Row {
        const char* what;
        std::string file;
    };
    for (const Row& row : std::vector<Row>{{"in a folder that is not there", folder.file("nowhere/audit")},
                                           {"a folder", folder.path().string()},
                                           {"a pipe that nobody reads", folder.file("fifo")}}) {
        DYNAMIC_SECTION(row.what) {
            CHECK_THROWS_AS(Audit(row.file, clock), std::system_error);
            CHECK_THROWS_WITH(Audit(row.file, clock), Catch::Contains("audit.file: cannot write " + row.file));
        }
    }
}

TEST_CASE("lines that a full disk does not take are counted") {
    const test::TurnableClock clock;
    Audit audit("/dev/full", clock);
    audit.write(sampleDecision());
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (audit.dropped() == 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    CHECK(audit.dropped() == 1);
}
