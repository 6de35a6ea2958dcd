#include "mcp/method_table.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace gatehouse::mcp;

TEST_CASE("a method is found in its era only") {
    MethodTable methods;
    const auto nothing = [](MethodCall&) { return CallEnd{}; };
    methods.add("old", MethodTable::In::legacy, nothing);
    methods.add("new", MethodTable::In::modern, nothing);
    methods.add("both", MethodTable::In::both, nothing);
    struct Row {
        const char* name;
        bool legacy, modern;
    };
    for (const Row& row : std::initializer_list<Row>{{"old", true, false},
                                                     {"new", false, true},
                                                     {"both", true, true},
                                                     {"Both", false, false},
                                                     {"none", false, false},
                                                     {"", false, false}}) {
        DYNAMIC_SECTION('"' << row.name << '"') {
            CHECK((methods.find(row.name, Era::legacy) != nullptr) == row.legacy);
            CHECK((methods.find(row.name, Era::modern) != nullptr) == row.modern);
        }
    }
}

TEST_CASE("every method of both eras is named once") {
    MethodTable methods;
    const auto nothing = [](MethodCall&) { return CallEnd{}; };
    methods.add("both", MethodTable::In::both, nothing);
    methods.add("old", MethodTable::In::legacy, nothing);
    methods.add("fresh", MethodTable::In::modern, nothing);
    CHECK(methods.names() == std::vector<std::string>{"both", "old", "fresh"});
}
