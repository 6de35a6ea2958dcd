#include "base/time_text.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace gatehouse;

namespace {

WallTime at(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

} // namespace

TEST_CASE("a time is written in UTC in four ways") {
    const WallTime time = at(1'730'283'330) + std::chrono::milliseconds(999);
    CHECK(rfc3339(time) == "2024-10-30T10:15:30Z");
    CHECK(dateTime(time) == "2024-10-30 10:15:30");
    CHECK(date(time) == "2024-10-30");
    CHECK(httpDate(time) == "Wed, 30 Oct 2024 10:15:30 GMT");
    CHECK(httpDate(at(784'111'777)) == "Sun, 06 Nov 1994 08:49:37 GMT"); // RFC 9110 5.6.7
}

TEST_CASE("RFC 3339 times are read") {
    struct Row {
        const char* what;
        const char* text;
        std::int64_t seconds;
    };
    for (const Row& row :
         std::vector<Row>{{"the epoch", "1970-01-01T00:00:00Z", 0},
                          {"UTC", "2024-10-30T10:15:30Z", 1'730'283'330},
                          {"small letters", "2024-10-30t10:15:30z", 1'730'283'330},
                          {"a blank for the T", "2024-10-30 10:15:30Z", 1'730'283'330},
                          {"east of Greenwich", "2024-10-30T12:15:30+02:00", 1'730'283'330},
                          {"west, over midnight", "2024-10-29T22:45:30-11:30", 1'730'283'330},
                          {"an unknown offset", "2024-10-30T10:15:30-00:00", 1'730'283'330},
                          {"a fraction is dropped", "2024-10-30T10:15:30.999999Z", 1'730'283'330},
                          {"a fraction with an offset", "2024-10-30T12:15:30.5+02:00", 1'730'283'330},
                          {"a leap day", "2024-02-29T00:00:00Z", 1'709'164'800},
                          {"a leap day of a full century", "2000-02-29T00:00:00Z", 951'782'400},
                          {"the day after February of no leap year", "2023-03-01T00:00:00Z", 1'677'628'800},
                          {"a leap second", "2016-12-31T23:59:60Z", 1'483'228'800},
                          {"before the epoch", "1969-12-31T23:59:59Z", -1},
                          {"far away", "9999-12-31T23:59:59Z", 253'402'300'799}}) {
        DYNAMIC_SECTION(row.what) {
            const auto time = parseRfc3339(row.text);
            REQUIRE(time.has_value());
            CHECK(*time == at(row.seconds));
        }
    }
}

TEST_CASE("what is no RFC 3339 time is refused") {
    for (const char* text : {"",
                             "2024-10-30",
                             "2024-10-30T10:15:30",
                             "2024-10-30T10:15Z",
                             "2023-02-29T00:00:00Z",
                             "1900-02-29T00:00:00Z",
                             "2024-02-30T00:00:00Z",
                             "2024-04-31T00:00:00Z",
                             "2024-13-01T00:00:00Z",
                             "2024-00-10T00:00:00Z",
                             "2024-01-00T00:00:00Z",
                             "2024-01-01T24:00:00Z",
                             "2024-01-01T00:60:00Z",
                             "2024-01-01T00:00:61Z",
                             "2024-01-01T00:00:00.Z",
                             "2024-01-01T00:00:00+0200",
                             "2024-01-01T00:00:00+24:00",
                             "2024-01-01T00:00:00+02:60",
                             "2024-01-01T00:00:00 02:00",
                             "2024-01-01T00:00:00ZZ",
                             "2024-01-01T00:00:00Z ",
                             " 2024-01-01T00:00:00Z",
                             "24-01-01T00:00:00Z    ",
                             "2024/01/01T00:00:00Z",
                             "2024-01-01X00:00:00Z",
                             "-024-01-01T00:00:00Z",
                             "2024-1a-01T00:00:00Z",
                             "2024-01-01T00.00.00Z",
                             "tomorrow",
                             "1730283330"}) {
        DYNAMIC_SECTION('"' << text << '"') { CHECK_FALSE(parseRfc3339(text).has_value()); }
    }
}

TEST_CASE("what was written is read back, on every day of a leap cycle") {
    for (std::int64_t day = 10'950; day < 10'950 + 1462; ++day) {
        const WallTime time = at(day * 86'400 + 3'723);
        const auto read = parseRfc3339(rfc3339(time));
        REQUIRE(read.has_value());
        REQUIRE(*read == time);
    }
}

// glibc writes the year 82 as "82", which nobody could read again.
TEST_CASE("C: a year has four digits, and every time that is written can be read") {
    for (const char* text :
         {"0082-04-05T02:05:19Z", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z"}) {
        const auto time = parseRfc3339(text);
        REQUIRE(time);
        CHECK(rfc3339(*time) == text);
    }
}
