#include "http/header_fields.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace gatehouse::http;

TEST_CASE("a field is found by its name in any case, the first of several") {
    const HeaderFields fields{{"Accept", "a"}, {"X-One", "1"}, {"ACCEPT", "b"}};
    CHECK(fields.find("accept") == "a");
    CHECK(fields.find(HeaderName::accept) == "a");
    CHECK(fields.count("Accept") == 2);
    CHECK(fields.count("X-Two") == 0);
    CHECK_FALSE(fields.find("X-Two").has_value());
    CHECK_FALSE(fields.find(HeaderName::host).has_value());
}

TEST_CASE("a field that must be the only one of its name is none when there are two") {
    const HeaderFields fields{{"Host", "a"}, {"mcp-name", "n"}, {"Mcp-Name", "n"}};
    CHECK(fields.findOnly(HeaderName::host) == "a");
    CHECK_FALSE(fields.findOnly(HeaderName::mcpName).has_value());
    CHECK_FALSE(fields.findOnly(HeaderName::origin).has_value());
    CHECK(fields.isRepeated(HeaderName::mcpName));
    CHECK_FALSE(fields.isRepeated(HeaderName::host));
    CHECK(fields.has(HeaderName::mcpName));
    CHECK_FALSE(fields.has(HeaderName::origin));
}

TEST_CASE("cleared, fields leave nothing of the request before") {
    HeaderFields fields{{"Host", "a"}, {"Host", "b"}};
    fields.clear();
    CHECK(fields.empty());
    CHECK_FALSE(fields.has(HeaderName::host));
    fields.add({"Host", "c"});
    CHECK(fields.findOnly(HeaderName::host) == "c");
}

TEST_CASE("the last field that a head may have is found where it stands") {
    HeaderFields fields;
    while (fields.size() + 1 < HeaderFields::most) fields.add({"X", "1"});
    fields.add({"Origin", "o"});
    CHECK(fields.size() == HeaderFields::most);
    CHECK(fields.find(HeaderName::origin) == "o");
}

TEST_CASE("when the buffer moves, its fields move with it, and a value of nothing stays one") {
    std::string before = "Host: a";
    HeaderFields fields{{std::string_view(before).substr(0, 4), std::string_view(before).substr(6)},
                        {std::string_view(before).substr(0, 4), {}}};
    const std::string after = before;
    fields.rebase(before.data(), after.data());
    before.assign(before.size(), '#');
    CHECK(fields[0].name == "Host");
    CHECK(fields.find(HeaderName::host) == "a");
    CHECK(fields[1].value.data() == nullptr);
}
