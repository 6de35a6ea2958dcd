#include "cli/plugin_scaffold.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace gatehouse::cli;

TEST_CASE("a plugin's name is fit for a file, a target and a setting") {
    for (const char* good : {"a", "corp_guard", "v2"}) CHECK(isPluginName(good));
    for (const char* bad : {"", "Corp", "2v", "_a", "a-b", "a/b", "../a", "a b", "ä"}) CHECK_FALSE(isPluginName(bad));
    CHECK(isPluginName(std::string(40, 'a')));
    CHECK_FALSE(isPluginName(std::string(41, 'a')));
}

TEST_CASE("a scaffold holds what it takes, with the name everywhere and no mark left") {
    const auto filesOf = [](PluginKind kind) {
        std::vector<std::string> files;
        for (const auto& [file, text] : scaffoldOf("corp_guard", kind)) {
            files.push_back(file);
            CHECK(text.find('@') == std::string::npos);
            CHECK(text.find("corp_guard") != std::string::npos);
        }
        return files;
    };
    for (const PluginKind kind : {PluginKind::validator, PluginKind::backend})
        CHECK(filesOf(kind) == std::vector<std::string>{"CMakeLists.txt", "corp_guard.cpp", "corp_guard_test.cpp",
                                                        "gatehouse.yaml", "check.yaml", "README.md"});
}
