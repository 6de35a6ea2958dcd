#include "config/setting_faults.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;

TEST_CASE("a fault is told with its source and key; what names no source is an error") {
    SettingFaults faults;
    CHECK(faults.empty());
    faults.add({"g.yaml:3", "log.level", "got 5"});
    faults.add({"", "", "no such file"});
    faults.add({"g.yaml:3", "log.level", "got 5"});
    CHECK(faults.list().size() == 2);
    CHECK(faults.printed() == "g.yaml:3: log.level: got 5\nERROR: no such file");
    CHECK(SettingFault{"X", "", "y"}.text() == "X: y");
}

TEST_CASE("a fault touches its key, what it is part of and its parts") {
    SettingFaults faults;
    faults.add({"", "auth.policy.rules[1].tool", "unknown"});
    faults.doubt("auth.validator");
    struct Row {
        const char* key;
        bool touched, covered;
    };
    for (const Row& row : std::initializer_list<Row>{{"auth.policy.rules[1].tool", true, true},
                                                     {"auth.policy.rules[1].tool.deeper", true, true},
                                                     {"auth.policy", true, false},
                                                     {"auth", true, false},
                                                     {"auth.policy.rules[1]", true, false},
                                                     {"auth.policy.rules[10]", false, false},
                                                     {"auth.policy.tests", false, false},
                                                     {"auth.validator", true, true},
                                                     {"auth.validators", false, false},
                                                     {"auth.validators.jwt", false, false}}) {
        INFO(row.key);
        CHECK(faults.touches(row.key) == row.touched);
        CHECK(faults.covers(row.key) == row.covered);
    }
    faults.doubt("");
    CHECK(faults.touches("http"));
    CHECK(faults.covers("http"));
}

TEST_CASE("a key without a place has that of what it stands in") {
    KeyPlaces places;
    places.set("a.b", "g.yaml:2");
    places.set("a.b.c[1]", "g.yaml:5");
    CHECK(places.of("a.b.c[1].d") == "g.yaml:5");
    CHECK(places.of("a.b.c[0]") == "g.yaml:2");
    CHECK(places.exactly("a.b") == "g.yaml:2");
    CHECK(places.exactly("a.b.c[0]").empty());
    CHECK(places.of("a").empty());
    CHECK(places.of("").empty());
    CHECK(parentKey("a.b[2]") == "a.b");
    CHECK(parentKey("a") == "");
}
