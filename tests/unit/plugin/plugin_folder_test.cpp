#include "plugin/plugin_folder.hpp"

#include <catch2/catch.hpp>

#include "plugin/library.hpp"
#include "support/scratch_folder.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

std::string refusalOf(const std::filesystem::path& folder, PluginKind kind, const std::string& name) {
    try {
        findPlugin(folder, kind, name);
        return "";
    } catch (const PluginError& refusal) {
        return refusal.what();
    }
}

} // namespace

TEST_CASE("a plugin is found by its kind and name") {
    const ScratchFolder folder;
    const std::string backend = folder.write("gatehouse_backend_sql.so", "");
    const std::string validator = folder.write("gatehouse_validator_sql.so", "");
    CHECK(findPlugin(folder.path(), PluginKind::backend, "sql") == backend);
    CHECK(findPlugin(folder.path(), PluginKind::validator, "sql") == validator);
}

TEST_CASE("a full path is taken as it stands") {
    CHECK(findPlugin("/nowhere", PluginKind::backend, "/opt/mine.so") == "/opt/mine.so");
}

TEST_CASE("what is no plugin's name is refused, with the names that there are") {
    const ScratchFolder folder;
    folder.write("gatehouse_backend_sql.so", "");
    folder.write("gatehouse_backend_echo.so", "");
    folder.write("gatehouse_validator_jwt.so", "");
    folder.write("outside.so", "");
    for (const char* name : {"odd", "", "SQL", "sql.so", "../outside", "./sql", "sql/../sql", "relative/path.so"}) {
        DYNAMIC_SECTION('"' << name << '"') {
            const std::string refusal = refusalOf(folder.path(), PluginKind::backend, name);
            CHECK(refusal == "backend.plugin: expected a full path or one of: echo, sql (in " + folder.path().string() +
                                 "), got \"" + name + "\"");
        }
    }
    CHECK(refusalOf(folder.path(), PluginKind::validator, "odd")
              .find("auth.validator: expected a full path or one of: jwt") == 0);
}

TEST_CASE("a name that climbs out of a folder of the right name is refused, though the file is there") {
    const ScratchFolder folder;
    std::filesystem::create_directory(folder.path() / "gatehouse_backend_x");
    folder.write("outside.so", "");
    REQUIRE(std::filesystem::exists(folder.path() / "gatehouse_backend_x/../outside.so"));
    CHECK_FALSE(refusalOf(folder.path(), PluginKind::backend, "x/../outside").empty());
}

TEST_CASE("a folder without plugins, or none, has none") {
    const ScratchFolder folder;
    folder.write("readme.txt", "");
    CHECK(pluginsIn(folder.path()).empty());
    CHECK(pluginsIn(folder.file("absent")).empty());
    CHECK(refusalOf(folder.path(), PluginKind::backend, "sql").find("one of: none") != std::string::npos);
}

TEST_CASE("the libraries of a folder are listed sorted") {
    const ScratchFolder folder;
    const std::string b = folder.write("b.so", ""), a = folder.write("a.so", "");
    folder.write("c.txt", "");
    CHECK(pluginsIn(folder.path()) == std::vector<std::filesystem::path>{a, b});
}
