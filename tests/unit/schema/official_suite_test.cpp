// The official cases of draft 2020-12, from the folder that GATEHOUSE_SCHEMA_TESTS names: all of the required ones.
// Hidden: the ctest unit.schema.official runs them where there is such a folder.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <catch2/catch.hpp>

#include "schema/json_schema.hpp"

using namespace gatehouse::schema;
using gatehouse::Json;
namespace fs = std::filesystem;

namespace {

Json read(const fs::path& file) {
    std::ifstream stream(file);
    return Json::parse(stream);
}

KnownSchemas readRemotes(const fs::path& folder) {
    KnownSchemas known;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.path().extension() == ".json")
            known["http://localhost:1234/" + fs::relative(entry.path(), folder).string()] = read(entry.path());
    return known;
}

struct Counter {
    std::size_t right = 0, all = 0, files = 0;
};

void runGroup(const std::string& file, const Json& group, const KnownSchemas& known, Counter& counter) {
    const std::string name = file + ": " + group["description"].get<std::string>();
    try {
        const JsonSchema schema = JsonSchema::compile(group["schema"], known);
        for (const Json& test : group["tests"]) {
            simdjson::dom::parser parser;
            const auto violation = schema.check(parser.parse(test["data"].dump()).value());
            const bool isRight = !violation == test["valid"].get<bool>();
            if (!isRight && violation) UNSCOPED_INFO(violation->instancePath << ": " << violation->message);
            if (!isRight) FAIL_CHECK(name << ": " << test["description"].get<std::string>());
            counter.right += isRight ? 1 : 0;
        }
    } catch (const std::exception& error) {
        FAIL_CHECK(name << ": " << error.what());
    }
    counter.all += group["tests"].size();
}

} // namespace

TEST_CASE("the required cases of the official suite", "[.official]") {
    const char* folder = std::getenv("GATEHOUSE_SCHEMA_TESTS");
    REQUIRE(folder != nullptr);
    const KnownSchemas known = readRemotes(fs::path(folder) / "remotes");
    Counter counter;
    for (const auto& entry : fs::directory_iterator(fs::path(folder) / "tests" / "draft2020-12")) {
        ++counter.files;
        for (const Json& group : read(entry.path())) runGroup(entry.path().filename().string(), group, known, counter);
    }
    std::cout << "JSON Schema 2020-12: " << counter.right << " of " << counter.all << " required cases in "
              << counter.files << " files\n";
    CHECK(counter.all > 1000);
    CHECK(counter.right == counter.all);
}
