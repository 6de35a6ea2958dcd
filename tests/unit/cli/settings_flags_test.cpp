#include <catch2/catch.hpp>

#include <cstdlib>
#include <functional>

#include "cli/command.hpp"
#include "config/config_loader.hpp"
#include "support/string_console.hpp"

using namespace gatehouse;
using namespace gatehouse::cli;
using test::StringConsole;

namespace {

Config settings(const StringConsole& at, const std::vector<std::string>& words) {
    std::istringstream in;
    std::ostringstream out;
    return readSettings({"gatehouse", at.folder.path(), in, out, out, at.clock}, Arguments(words, settingsFlags()));
}

} // namespace

TEST_CASE("each flag overrides what the file says") {
    struct Row {
        const char* what;
        std::vector<std::string> words;
        std::function<bool(const Config&)> holds;
    };
    for (const Row& row : std::vector<Row>{
             {"nothing: the file holds",
              {},
              [](const Config& c) {
                  const auto beside = std::filesystem::path(c.file).parent_path() / "file";
                  return c.http.address == "file:1" && c.auth.enabled && !c.http.enabled &&
                         c.auth.tokenFile == beside.string();
              }},
             {"--addr", {"--addr", ":9"}, [](const Config& c) { return c.http.address == ":9"; }},
             {"--http", {"--http"}, [](const Config& c) { return c.http.enabled; }},
             {"--tls and its files",
              {"-tls", "-cert", "c", "-key", "k", "-chain", "h"},
              [](const Config& c) {
                  return c.http.tls.enabled && c.http.tls.certFile == "c" && c.http.tls.keyFile == "k" &&
                         c.http.tls.chainFile == "h";
              }},
             {"--no-auth", {"--no-auth"}, [](const Config& c) { return !c.auth.enabled; }},
             {"--debug", {"--debug"}, [](const Config& c) { return c.logLevel == LogLevel::debug; }},
             {"--token-file", {"--token-file=t"}, [](const Config& c) { return c.auth.tokenFile == "t"; }}}) {
        DYNAMIC_SECTION(row.what) {
            const StringConsole at;
            at.folder.write(
                "gatehouse.yaml",
                "http: {enabled: false, address: 'file:1'}\nauth: {token_file: file}\nlog: {level: error}\n");
            CHECK(row.holds(settings(at, row.words)));
        }
    }
}

TEST_CASE("flags win over the environment, the environment over the file") {
    const StringConsole at;
    at.folder.write("gatehouse.yaml", "auth: {token_file: file}\n");
    ::setenv("GATEHOUSE_AUTH_TOKEN_FILE", "environment", 1);
    const std::string fromEnvironment = settings(at, {}).auth.tokenFile;
    const std::string fromFlag = settings(at, {"-token-file", "flag"}).auth.tokenFile;
    ::unsetenv("GATEHOUSE_AUTH_TOKEN_FILE");
    CHECK(fromEnvironment == "environment");
    CHECK(fromFlag == "flag");
    CHECK(settings(at, {}).auth.tokenFile == at.folder.file("file"));
}

TEST_CASE("the file beside the executable is read, unless another is named") {
    const StringConsole at;
    const std::string other = at.folder.write("other.yaml", "auth: {token_file: other}\n");
    at.folder.write("gatehouse.yaml", "auth: {token_file: beside}\n");
    CHECK(settings(at, {}).auth.tokenFile == at.folder.file("beside"));
    CHECK(settings(at, {}).file == at.config);
    CHECK(settings(at, {"--config", other}).auth.tokenFile == at.folder.file("other"));
    CHECK_THROWS_AS(settings(at, {"--config", at.folder.file("none.yaml")}), ConfigError);
}
