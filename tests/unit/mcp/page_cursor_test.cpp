#include "mcp/feature/page_cursor.hpp"

#include <catch2/catch.hpp>

#include <limits>

#include "support/turnable_clock.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace std::chrono_literals;

namespace {

const PagedList tools{"tools/list", "alice", 7};

struct Desk {
    test::TurnableClock clock;
    Sealer sealer{{}, "cursor", clock};
};

} // namespace

TEST_CASE("a cursor gives its offset back") {
    const Desk desk;
    for (const std::size_t offset :
         {std::size_t{0}, std::size_t{1}, std::size_t{50}, std::numeric_limits<std::size_t>::max()})
        CHECK(offsetOf(desk.sealer, tools, cursorFor(desk.sealer, tools, offset)) == offset);
}

TEST_CASE("a cursor is for one list and one caller") {
    const Desk desk;
    const std::string cursor = cursorFor(desk.sealer, tools, 50);
    struct Row {
        const char* what;
        PagedList list;
        bool good;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"the same", {"tools/list", "alice", 7}, true},
                                    {"another method", {"prompts/list", "alice", 7}, false},
                                    {"another caller", {"tools/list", "bob", 7}, false},
                                    {"no caller", {"tools/list", "", 7}, false},
                                    {"a changed list", {"tools/list", "alice", 8}, false},
                                    {"an older list", {"tools/list", "alice", 6}, false},
                                    {"the same letters, parted otherwise", {"tools/lis", "talice", 7}, false}}) {
        DYNAMIC_SECTION(row.what) { CHECK(offsetOf(desk.sealer, row.list, cursor).has_value() == row.good); }
    }
}

TEST_CASE("what we did not make is no cursor") {
    const Desk desk;
    const std::string cursor = cursorFor(desk.sealer, tools, 50);
    const Sealer elsewhere({}, "cursor", desk.clock);
    for (const std::string& bad :
         {std::string(), std::string("50"), std::string("v1."), cursor + "A", cursor.substr(1),
          cursor.substr(0, cursor.size() - 1), cursorFor(elsewhere, tools, 50), std::string(100'000, 'A')})
        CHECK_FALSE(offsetOf(desk.sealer, tools, bad).has_value());
}

TEST_CASE("a text of ours that is no number is no cursor either") {
    const Desk desk;
    const std::string bound = "page 7 10 tools/listalice";
    CHECK(offsetOf(desk.sealer, tools, desk.sealer.seal("50", bound, never)) == 50);
    for (const char* text : {"", "-1", "+1", " 1", "1 ", "1x", "99999999999999999999"})
        CHECK_FALSE(offsetOf(desk.sealer, tools, desk.sealer.seal(text, bound, never)).has_value());
}

TEST_CASE("a cursor is good for as long as its list") {
    Desk desk;
    const std::string cursor = cursorFor(desk.sealer, tools, 50);
    desk.clock.turn(24h * 365);
    CHECK(offsetOf(desk.sealer, tools, cursor) == 50);
}
